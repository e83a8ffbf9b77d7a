"""Two programs on one account, in two real terminals, with a stored key behind a passphrase."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from exchange_process import ExchangeProcess
from terminal import Terminal

PROGRAM = [sys.executable, "-m", "tui.cli.main"]


@pytest.fixture
def exchange(tmp_path: Path):
    process = ExchangeProcess(tmp_path / "exchange.sqlite")
    yield process
    process.kill()


@pytest.fixture
def run(exchange: ExchangeProcess, tmp_path: Path):
    """Opens the program on the exchange, with the exchange's Ed25519 key kept in the encrypted file."""
    settings = tmp_path / "config.toml"
    lines = ["[environments.lab]", "real_money = false"]
    for product in ("spot", "usdm"):
        lines += [f"[environments.lab.{product}]", *(f'{n} = "{url}"' for n, url in exchange.ready[product].items())]
    settings.write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "passphrase").write_text("correct horse")
    options = ["--env", "lab", "--config", str(settings), "--data-dir", str(tmp_path / "data")]
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    key = next(key for key in exchange.ready["keys"] if key["type"] == "ED25519")
    subprocess.run(
        [*PROGRAM, "keys", "add", *options],
        input=f"{key['api_key']}\n{key['private_key']}",
        env=variables | {"BINANCE_TUI_PASSPHRASE_FILE": str(tmp_path / "passphrase")},
        text=True,
        check=True,
        capture_output=True,
    )
    opened = []

    def start() -> Terminal:
        opened.append(Terminal([*PROGRAM, "run", *options], variables, 120, 36))
        opened[-1].wait("Passphrase of the keyring file:")
        opened[-1].press("correct horse\r")
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def test_the_second_looks_on_and_a_killed_first_is_forgotten(run) -> None:
    first = run()
    screen = first.wait("main ")
    assert "READ-ONLY" not in first.wait("LOCKED")
    second = run()
    said = second.wait("Look on, read-only?")
    assert f"process {first.program.pid}, since" in said
    assert "correct horse" not in said
    second.press("enter")
    second.wait("READ-ONLY")
    second.press("ctrl+q")
    assert second.end() == 0
    first.program.kill()
    first.end()
    third = run()
    screen = third.wait("LOCKED")
    assert "READ-ONLY" not in screen
    assert "Look on" not in screen
