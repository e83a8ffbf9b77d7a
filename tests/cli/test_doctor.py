"""What doctor says of terminals, keyrings, hosts and keys; and what it never says."""

import json
from collections.abc import Callable
from pathlib import Path

import keyring.backends.null
import keyring.core
import pytest
from click.testing import Result

from tui.cli import doctor_local
from tui.cli.doctor import _clock
from tui.cli.doctor_local import State, terminal_findings

Command = Callable[..., Result]


def findings(result: Result) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["section"], row["name"]): row for row in json.loads(result.stdout)["findings"]}


def test_a_healthy_machine(command: Command, exchange_key, ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    api_key, secret = exchange_key("ED25519")
    command("keys", "add", "--env", "lab", stdin=f"{api_key}\n{secret}")
    done = command("doctor", "--json")
    assert done.exit_code == 0
    found = findings(done)
    assert found["keys", f"lab/main {api_key[:4]}…{api_key[-4:]}"]["state"] == "look"
    assert "not bound to an IP address" in done.stdout
    assert found["clock", "lab"]["state"] == "good"
    assert sum(section == "hosts" and row["state"] == "good" for (section, _), row in found.items()) == 6
    spoken = command("doctor")
    for text in (done.stdout, spoken.stdout):
        assert api_key not in text
        assert secret.splitlines()[1] not in text


def test_a_host_that_is_gone_and_a_keyring_that_forgets_are_bad(
    command: Command, lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.null.Keyring())
    lab.write_text("[environments.gone.spot]\nrest = 'http://127.0.0.1:9'\nws = 'ws://127.0.0.1:9'\n")
    done = command("doctor", "--json")
    assert done.exit_code == 1
    found = findings(done)
    assert found["hosts", "gone Spot REST 127.0.0.1:9"]["state"] == "bad"
    assert "connection refused" in found["hosts", "gone Spot streams 127.0.0.1:9"]["words"]
    assert "switched off" in found["keyring", "system"]["words"]


def test_an_unknown_environment_is_bad(command: Command) -> None:
    done = command("doctor", "--env", "nowhere")
    assert done.exit_code == 1
    assert "there is no environment 'nowhere'" in done.output


@pytest.mark.parametrize(
    ("variables", "known", "name", "state", "words"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, (8, True), "colours", State.GOOD, "16.7 million"),
        ({"TERM": "xterm-256color"}, (256, True), "colours", State.GOOD, "256"),
        ({"TERM": "vt100"}, (-1, False), "colours", State.LOOK, "0"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, (256, True), "colours", State.LOOK, "NO_COLOR"),
        ({"TERM": "dumb"}, (0, False), "TERM", State.BAD, "dumb"),
        ({}, (0, False), "TERM", State.BAD, "not set"),
        ({"TERM": "xterm"}, (8, True), "keys", State.GOOD, "F12"),
        ({"TERM": "vt100"}, (0, False), "keys", State.LOOK, "^x ^x"),
    ],
)
def test_terminals(variables, known, name: str, state: State, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_local, "terminfo", lambda term: known)
    found = {each.name: each for each in doctor_local.terminal_findings(variables, is_terminal=False)}
    assert found[name].state is state
    assert words in f"{found[name].words} {found[name].remedy}"


@pytest.mark.parametrize(("offset_ms", "state"), [(0, State.GOOD), (-899, State.GOOD), (5_000, State.LOOK)])
def test_a_clock_that_is_off_is_said(offset_ms: int, state: State) -> None:
    finding = _clock("lab", offset_ms)
    assert finding.state is state
    if state is State.LOOK:
        assert finding.words == "-5.0 s from the exchange's"


def test_what_tmux_is_asked_with_holds_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, seen = tmp_path / "tmux", tmp_path / "seen"
    program.write_text(f"#!/bin/sh\nenv > {seen}\necho 25\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("BINANCE_API_SECRET", "marked")
    found = list(terminal_findings({"TERM": "xterm", "TMUX": "here"}, is_terminal=False))
    assert "25 ms" in found[-1].words
    assert "marked" not in seen.read_text()
