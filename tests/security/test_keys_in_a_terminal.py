"""A key added by paste in the running program: no byte of it is drawn, logged or left in a file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from exchange_process import ExchangeProcess
from leaks import derived, written_below
from terminal import Terminal
from test_terminal import PROGRAM, environment, is_ready, settings, type_line

from tui.keys.key_material import KeyKind, generate

API_KEY = "mArKeDkEy0" * 6 + "tail"
PEM = generate(KeyKind.ED25519).secret.reveal()
PASSPHRASE = "marked correct horse"


@pytest.fixture
def exchange(tmp_path: Path):
    process = ExchangeProcess(tmp_path / "exchange.sqlite")
    yield process
    process.kill()


def test_a_pasted_key_is_stored_and_no_byte_of_it_drawn(exchange: ExchangeProcess, tmp_path: Path) -> None:
    options = ["--env", "lab", "--config", str(settings(exchange, tmp_path)), "--data-dir", str(tmp_path / "data")]
    variables = environment(exchange) | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    terminal = Terminal([*PROGRAM, "run", *options], variables, 120, 36)

    def paste(text: str, shown: str | Callable[[str], bool]) -> None:
        terminal.press(f"\x1b[200~{text}\x1b[201~")
        terminal.wait(shown)
        terminal.press("\x1b[F", "enter")

    try:
        terminal.wait(is_ready)
        type_line(terminal, "keys", "changes are used at the next start")
        terminal.wait("No keys are stored")
        terminal.press("a")
        terminal.wait("ADD a key")
        terminal.press("ctrl+u", "lab", "enter")
        paste("second", " second")
        terminal.wait("all spot futures")
        terminal.press("\x1b[F", "enter")
        terminal.wait("For all")
        paste(API_KEY, "64 characters, not shown")
        terminal.wait("Secret, or private key in PEM")
        paste(PEM, f"{len(PEM)} characters, not shown")
        terminal.wait("New passphrase for the keyring file")
        paste(PASSPHRASE, "20 characters, not shown")
        terminal.wait("Once more")
        paste(PASSPHRASE, lambda screen: "Once more" in screen and "20 characters, not shown" in screen)
        terminal.wait("the ed25519 key mArK…tail is kept in")
        terminal.press("escape")
        terminal.wait("lab/second")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    finally:
        terminal.close()
    files = written_below(tmp_path / "data", but=())
    assert any(name.endswith("keyring.sealed") for name in files)
    marks = derived(API_KEY) | derived(PEM) | {PASSPHRASE.encode()}
    for where, content in {"screen": bytes(terminal.written), **files}.items():
        assert not [mark for mark in marks if mark in content], where
