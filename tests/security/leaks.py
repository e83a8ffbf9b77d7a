"""Finds secrets where none may be: the marks themselves, what is derived from them, and what looks like a signature."""

import base64
import re
from collections.abc import Iterable
from pathlib import Path

#: A piece of a secret this long, anywhere, is a leak.
_PIECE = 12
#: Signatures (64 hex digits, 88 or 344 characters of base64) and listen keys (60 and more) are runs longer than this.
_RUN = re.compile(rb"[A-Za-z0-9+=_\-]{56,}")


def derived(secret: str) -> set[bytes]:
    """The secret in pieces, and in every encoding it may have passed through."""
    raw = secret.strip().encode()
    body = b"".join(line for line in raw.splitlines() if b"-----" not in line)
    pieces = {body[at : at + _PIECE] for at in range(len(body) - _PIECE + 1)}
    encoded = {base64.b64encode(body[shift:])[:24] for shift in range(3)}
    return pieces | encoded | {body.hex().encode()[:24], body[::-1][:_PIECE]}


def leaks_in(text: bytes, marks: Iterable[str]) -> list[bytes]:
    """Every leak found in a text."""
    found = [run for run in _RUN.findall(text) if len(set(run)) > 8]
    return found + [mark for secret in marks for mark in derived(secret) if mark in text]


def written_below(folder: Path, *, but: Iterable[str]) -> dict[str, bytes]:
    """Every file below a folder with its content, except those whose name begins with one of `but`."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(tuple(but)))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command_lines(pid: int) -> bytes:
    """The command lines of a process and all its descendants, as `ps` shows them."""
    shown = Path(f"/proc/{pid}/cmdline").read_bytes()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            shown += command_lines(int(child))
    return shown


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
