"""Keys typed and pasted at a real terminal: nothing of them appears on it, and nothing spills into the shell."""

import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tui.keys.key_material import KeyKind, generate

API_KEY = "markedApiKey" * 5
PEM = generate(KeyKind.ED25519).secret.reveal()
PASSPHRASE = "marked correct horse"


class Terminal:
    """A program whose controlling terminal is a pseudo-terminal."""

    def __init__(self, words: list[str], **variables: str) -> None:
        program = (
            "import fcntl, os, signal, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            # A terminal starts programs with ^C heard; whoever runs the tests may have it ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler);"
            "from tui.cli.main import main; sys.argv = sys.argv[1:]; main()"
        )
        self.outside, inside = pty.openpty()
        self.inside = inside
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        self.program = subprocess.Popen(
            [sys.executable, "-c", program, "binance-tui", *words],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=kept | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TERM": "xterm"} | variables,
        )
        self.text = ""

    def wait(self, words: str) -> None:
        """Wait until the terminal has shown some words."""
        deadline = time.monotonic() + 20
        while words not in self.text:
            assert time.monotonic() < deadline, f"never saw {words!r} in {self.text!r}"
            self.text += os.read(self.outside, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self.outside, text.encode())

    def end(self) -> int:
        return self.program.wait(timeout=20)

    def left(self) -> bytes:
        """What was typed and nobody has read: what a shell would take for commands."""
        os.set_blocking(self.inside, False)
        try:
            return os.read(self.inside, 4096)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.inside)
        os.close(self.outside)


@pytest.fixture
def adding(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(
        ["keys", "add", "--env", "testnet", "--data-dir", str(tmp_path / "data")], HOME=str(tmp_path / "home")
    )
    yield terminal
    terminal.close()


def test_a_pasted_pem_is_one_answer_and_nothing_of_it_is_shown(adding: Terminal, tmp_path: Path) -> None:
    adding.wait("API key (not shown): ")
    adding.type(f"{API_KEY}\n")
    adding.wait("Secret, or private key in PEM (not shown): ")
    adding.type(f"\x1b[200~{PEM}\x1b[201~\n")
    adding.wait("Choose a passphrase for the keyring file: ")
    adding.type(f"{PASSPHRASE}\n")
    adding.wait("Once more: ")
    adding.type(f"{PASSPHRASE}\n")
    adding.wait("the ed25519 key mark…iKey is kept in")
    adding.wait("Now: binance-tui keys check")
    assert adding.end() == 0
    for hidden in (API_KEY, *PEM.strip().splitlines(), PASSPHRASE):
        assert hidden not in adding.text
    assert stat_of(tmp_path / "data") == {0o700, 0o600}


def stat_of(folder: Path) -> set[int]:
    """Modes of a folder and all that is in it."""
    return {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_a_pem_pasted_at_the_wrong_question_does_not_spill_into_the_shell(adding: Terminal) -> None:
    adding.wait("API key (not shown): ")
    adding.type(PEM + "\n\n")
    adding.wait("this is a private key; the API key")
    assert adding.end() == 1
    assert adding.left() == b""
    assert not any(line in adding.text for line in PEM.strip().splitlines())


def test_the_terminal_shows_what_is_typed_again_after_ctrl_c(adding: Terminal) -> None:
    import termios

    adding.wait("API key (not shown): ")
    assert not termios.tcgetattr(adding.inside)[3] & termios.ECHO
    adding.type("\x03")
    assert adding.end() != 0
    assert termios.tcgetattr(adding.inside)[3] & termios.ECHO


def test_an_encrypted_pem_asks_for_its_passphrase_and_shows_nothing_of_it(adding: Terminal) -> None:
    key = load_pem_private_key(PEM.encode(), None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"marked sesame")).decode()
    adding.wait("API key (not shown): ")
    adding.type(f"{API_KEY}\n")
    adding.wait("Secret, or private key in PEM (not shown): ")
    adding.type(f"\x1b[200~{sealed}\x1b[201~\n")
    adding.wait("Passphrase of the private key (not shown): ")
    adding.type("marked sesame\n")
    adding.wait("Choose a passphrase for the keyring file: ")
    for question in ("Once more: ", "the ed25519 key mark…iKey is kept in"):
        adding.type(f"{PASSPHRASE}\n")
        adding.wait(question)
    assert adding.end() == 0
    assert "sesame" not in adding.text
