"""The command line as a script meets it: documents on standard output, one sentence for every mistake."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli.demo_state import latest_demo


def command(*words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "tui.cli.main", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env=kept | {"HOME": str(folder)} | variables,
    )


def refused(*words: str, folder: Path, **variables: str) -> str:
    """What a command that must fail said, without a traceback and with nothing on standard output."""
    done = command(*words, folder=folder, **variables)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_the_screen_needs_a_terminal(tmp_path: Path) -> None:
    assert "needs a terminal" in refused("demo", "--data-dir", str(tmp_path / "d"), folder=tmp_path)


def test_an_unknown_environment_is_named_with_those_there_are(tmp_path: Path) -> None:
    said = refused("run", "--env", "nope", "--data-dir", str(tmp_path / "d"), folder=tmp_path)
    assert "'nope'" in said
    assert "testnet" in said


def test_half_a_key_is_named(tmp_path: Path) -> None:
    words = ("status", "--env", "testnet", "--data-dir", str(tmp_path / "d"))
    said = refused(*words, folder=tmp_path, BINANCE_TESTNET_API_KEY="k" * 20)
    assert "BINANCE_TESTNET_API_SECRET is not set" in said


def test_a_plain_address_elsewhere_is_refused(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[environments.far.spot]\nrest = "http://example.org"\nws = "wss://example.org"\n')
    said = refused("status", "--env", "far", "--config", str(settings), folder=tmp_path)
    assert "example.org" in said
    assert "not encrypted" in said


@pytest.mark.parametrize(
    ("text", "words"), [("screen = [", "not valid TOML"), ("[screen]\nthem = 'x'", "did you mean 'theme'")]
)
def test_broken_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(text)
    said = refused("status", "--config", str(settings), folder=tmp_path)
    assert words in said
    assert "config.toml" in said


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert "does not exist" in refused("status", "--config", str(tmp_path / "no.toml"), folder=tmp_path)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused("status", "--data-dir", str(tmp_path / "file" / "below"), folder=tmp_path)
    assert "--data-dir" in said


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"Port {port} is in use" in refused("exchange", "--port", port, folder=tmp_path)


def test_a_state_file_that_is_none_is_named_and_kept(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    state.write_text("not a database")
    assert str(state) in refused("exchange", "--state", str(state), folder=tmp_path)
    assert state.read_text() == "not a database"


@pytest.mark.parametrize("report", ["status", "orders", "positions", "balances"])
def test_reports_are_one_document(tmp_path: Path, report: str) -> None:
    done = command(report, "--json", "--data-dir", str(tmp_path / "d"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    if report == "status":
        assert {link["product"]: (link["market"], link["user"]) for link in document["links"]} == {
            "spot": ("live", "live"),
            "usdm": ("live", "live"),
            "coinm": ("live", "live"),
        }
    elif report == "balances":
        held = {(row["product"], row["asset"]): row["free"] for row in document["balances"]}
        assert held["spot", "USDT"] == "100000.00000000"
    else:
        assert document == {report: []}


def test_what_the_demo_keeps_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    assert command("balances", "--data-dir", str(folder), folder=tmp_path).returncode == 0
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_the_demo_used_last_is_asked(tmp_path: Path) -> None:
    assert latest_demo(tmp_path) == 1
    for seed, when in ((7, 200), (3, 300), (5, 100)):
        state = tmp_path / f"demo-{seed}" / "exchange.sqlite"
        state.parent.mkdir()
        state.touch()
        os.utime(state, (when, when))
    assert latest_demo(tmp_path) == 3


def test_run_goes_where_the_settings_say_when_it_is_told_nothing(tmp_path: Path) -> None:
    assert "Missing option '--env'" in refused("run", "--data-dir", str(tmp_path / "d"), folder=tmp_path)
    config = tmp_path / "config.toml"
    config.write_text("[data]\nenvironment = 'nowhere'\n")
    said = refused("run", "--config", str(config), "--data-dir", str(tmp_path / "d"), folder=tmp_path)
    assert "there is no environment 'nowhere'" in said


@pytest.mark.parametrize(
    "words",
    [
        ("--data-dir", "{folder}", "keys", "list", "--json"),
        ("--data-dir={folder}", "--read-only", "keys", "--env", "testnet", "list", "--json"),
        ("--env", "testnet", "keys", "list", "--data-dir", "{folder}", "--json"),
    ],
)
def test_options_may_stand_before_the_command(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / "d"
    done = command(*(word.format(folder=folder) for word in words), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"keys": []}
    assert folder.exists()


def test_a_mistyped_command_behind_options_is_named(tmp_path: Path) -> None:
    said = refused("--data-dir", str(tmp_path / "d"), "stauts", folder=tmp_path)
    assert "No such command 'stauts'" in said
    assert "status" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_one_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tui.cli.main", "keys", "list", "--json", "--data-dir", str(tmp_path / "d")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "Error: output cannot be written: No space left on device\n"


def test_help_says_where_the_settings_are(tmp_path: Path) -> None:
    said = command("--help", folder=tmp_path, XDG_CONFIG_HOME=str(tmp_path / "mine")).stdout
    assert str(tmp_path / "mine" / "binance-tui" / "config.toml") in said


def test_an_output_of_few_letters_gets_marks_for_what_it_cannot_show(tmp_path: Path) -> None:
    """Where the locale is not UTF-8, `…` in a masked key stopped the list with a failure of the program's own."""
    variables = {"BINANCE_API_KEY": "k3Y" * 21, "BINANCE_API_SECRET": "s" * 64, "PYTHONIOENCODING": "latin-1"}
    done = command("keys", "list", "--data-dir", str(tmp_path / "d"), folder=tmp_path, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "k3Yk?Yk3Y" in done.stdout
