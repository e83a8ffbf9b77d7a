"""What can be said of this machine without asking anybody: terminal, keyring, files."""

import curses
import locale
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from tui.cli.folders import Folders, loose_paths
from tui.keys.environment_variables import without_secrets
from tui.keys.keyrings import KeyringAbsentError, KeyringUnusableError, system_keyring
from tui.keys.store import KeyStore, KeyStoreError
from tui.keys.stored_key import KeptIn

_SMALLEST = (80, 24)
_COMFORTABLE_ESCAPE_MS = 100


class State(StrEnum):
    """GOOD, worth a LOOK, or BAD: something will not work."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `words` and `remedy` are for people."""

    section: str
    name: str
    state: State
    words: str
    remedy: str = ""

    def document(self) -> dict[str, str]:
        """As a JSON object."""
        return {name: str(value) for name, value in asdict(self).items()}


def terminal_findings(variables: Mapping[str, str], *, is_terminal: bool) -> Iterator[Finding]:
    """Colours, size, characters and keys of the terminal on standard output."""
    if not is_terminal:
        yield Finding("terminal", "screen", State.LOOK, "standard output is no terminal", "run doctor in the terminal")
    term = variables.get("TERM", "")
    if term in ("", "dumb"):
        yield Finding(
            "terminal", "TERM", State.BAD, f"{term or 'not set'}", "set TERM, as in: export TERM=xterm-256color"
        )
        return
    colours, has_f12 = terminfo(term)
    yield _colours(variables, colours)
    if is_terminal:
        columns, rows = shutil.get_terminal_size()
        is_large = columns >= _SMALLEST[0] and rows >= _SMALLEST[1]
        remedy = "" if is_large else f"enlarge it to {_SMALLEST[0]}x{_SMALLEST[1]}"
        yield Finding("terminal", "size", State.GOOD if is_large else State.BAD, f"{columns}x{rows}", remedy)
    encoding = locale.getpreferredencoding(False)
    is_unicode = encoding.lower().replace("-", "") == "utf8"
    remedy = "" if is_unicode else "choose a UTF-8 locale, as in: export LC_ALL=C.UTF-8"
    yield Finding("terminal", "characters", State.GOOD if is_unicode else State.LOOK, encoding, remedy)
    yield _function_keys(term, has_f12)
    if "TMUX" in variables:
        yield _tmux()


def terminfo(term: str) -> tuple[int, bool]:
    """How many colours this process's terminal is said to have, and whether F12 is known; a guess where unknown."""
    try:
        curses.setupterm(term, 1)
        return curses.tigetnum("colors"), curses.tigetstr("kf12") is not None
    except curses.error:
        return 256 if "256" in term else 16, False


def _colours(variables: Mapping[str, str], count: int) -> Finding:
    if variables.get("NO_COLOR"):
        return Finding("terminal", "colours", State.LOOK, "none: NO_COLOR is set", "unset NO_COLOR to see colours")
    if variables.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding("terminal", "colours", State.GOOD, "16.7 million")
    if count >= 256:
        return Finding("terminal", "colours", State.GOOD, f"{count}", "export COLORTERM=truecolor, if it can do that")
    return Finding("terminal", "colours", State.LOOK, f"{max(count, 0)}", "set screen.theme to 'ansi' in the settings")


def _function_keys(term: str, has_f12: bool) -> Finding:
    if has_f12:
        return Finding("terminal", "keys", State.GOOD, f"F1 to F12 are known for {term}")
    return Finding("terminal", "keys", State.LOOK, f"F12 is not known for {term}", "^x ^x halts as F12 does")


def _tmux() -> Finding:
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-sv", "escape-time"],
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
            env=without_secrets(os.environ),
        )
        waits_ms = int(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return Finding("terminal", "tmux", State.LOOK, "does not tell its escape-time")
    if waits_ms <= _COMFORTABLE_ESCAPE_MS:
        return Finding("terminal", "tmux", State.GOOD, f"passes Esc on after {waits_ms} ms")
    remedy = "tmux set -s escape-time 25"
    return Finding("terminal", "tmux", State.LOOK, f"holds Esc back for {waits_ms} ms: locking is that late", remedy)


def keyring_findings(store: KeyStore) -> Iterator[Finding]:
    """Which keyring new keys would go to, and whether those that hold keys can be used; nothing is unlocked."""
    file = store.keyrings.file
    try:
        backend = system_keyring()
    except KeyringAbsentError:
        yield Finding("keyring", "system", State.GOOD, f"none; keys are kept encrypted in {file.path}")
    except KeyringUnusableError as error:
        yield Finding("keyring", "system", State.BAD, str(error))
    else:
        yield Finding("keyring", "system", State.GOOD, type(backend).__module__)
    try:
        is_used = any(key.kept_in is KeptIn.FILE for key in store.stored())
    except KeyStoreError as error:
        yield Finding("keyring", "accounts", State.BAD, str(error))
        return
    if file.exists:
        yield Finding("keyring", "file", State.GOOD, str(file.path))
    elif is_used:
        yield Finding("keyring", "file", State.BAD, f"{file.path} is gone, and holds keys", "restore it from a copy")


def file_findings(places: Folders) -> Iterator[Finding]:
    """Whether settings, state and logs are closed to others."""
    found = loose_paths(places)
    for loose in found:
        words = f"open to others on this machine (mode {loose.mode:04o})"
        yield Finding("files", str(loose.path), State.LOOK, words, loose.remedy)
    if not found:
        yield Finding("files", str(places.data), State.GOOD, "for you alone")
