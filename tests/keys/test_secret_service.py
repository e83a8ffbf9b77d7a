"""A real Secret Service on a bus of its own; only where BINANCE_TUI_SECRET_SERVICE is set, because it needs
gnome-keyring and dbus-run-session (Debian: gnome-keyring, dbus-daemon)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")

pytestmark = pytest.mark.skipif(
    "BINANCE_TUI_SECRET_SERVICE" not in os.environ or not all(map(shutil.which, NEEDED)),
    reason="opt-in: set BINANCE_TUI_SECRET_SERVICE where gnome-keyring and dbus-run-session are installed",
)

UNLOCKED = 'printf "login passphrase" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'

KEEPS = """
import pathlib, sys
from tui.keys.key_material import KeyKind, generate
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn

folder = pathlib.Path(sys.argv[1])
store = KeyStore(folder, lambda is_new: 1 / 0)
made = generate(KeyKind.RSA)
assert store.keyrings.choose(None) is KeptIn.SYSTEM
key = store.add("live", "main", "markedApiKey" * 5, made, kept_in=KeptIn.SYSTEM)
assert KeyStore(folder, lambda is_new: 1 / 0).read(key).secret.reveal() == made.secret.reveal()
replaced = store.add("live", "main", "anotherApiKey" * 5, made, kept_in=KeptIn.SYSTEM)
assert store.keyrings.get(KeptIn.SYSTEM, key.item) is None
assert store.read(replaced).api_key == "anotherApiKey" * 5
store.remove(replaced)
assert store.keyrings.get(KeptIn.SYSTEM, replaced.item) is None
print("kept")
"""

LOCKED = """
import pathlib, sys
import secretstorage
from tui.keys.key_material import read_material
from tui.keys.keyrings import KeyringUnusableError
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn

store = KeyStore(pathlib.Path(sys.argv[1]), lambda is_new: 1 / 0)
key = store.add("live", "main", "markedApiKey" * 5, read_material("markedSecret" * 5), kept_in=KeptIn.SYSTEM)
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
try:
    store.read(key)
except KeyringUnusableError as error:
    print(error)
"""


def in_session(shell: str, program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Python in a D-Bus session whose home is a folder."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    (folder / "run").mkdir(mode=0o700)
    return subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", shell, "sh", sys.executable, "-c", program, str(folder / "data")],
        capture_output=True,
        text=True,
        timeout=60,
        env=kept | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")},
    )


def test_keys_are_kept_replaced_and_removed(tmp_path: Path) -> None:
    done = in_session(UNLOCKED, KEEPS, tmp_path)
    assert done.stdout == "kept\n", done.stderr
    for path in (tmp_path / "data").iterdir():
        assert b"ApiKey" not in path.read_bytes()


def test_a_locked_collection_is_said(tmp_path: Path) -> None:
    done = in_session(UNLOCKED, LOCKED, tmp_path)
    assert "the system's keyring is locked" in done.stdout, done.stderr
    assert "marked" not in done.stdout
