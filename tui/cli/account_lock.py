"""One program trades on an account; a second is told of the first and may look on.

The lock is the operating system's (`flock`), so that it ends with the program however that ends; what stands in the
file only says who holds it. Where the file system has no locks, a holder that still runs counts as holding it.
"""

import errno
import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import msgspec

_log = logging.getLogger(__name__)

_HELD = (errno.EAGAIN, errno.EACCES)
_LONGEST = 1_000


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock; `since_s` in epoch seconds."""

    pid: int
    since_s: int


class AccountHeldError(Exception):
    """Another program trades on the account."""

    def __init__(self, holder: Holder | None) -> None:
        since = time.strftime("%H:%M", time.localtime(holder.since_s)) if holder else ""
        who = f"process {holder.pid}, since {since}" if holder else "which one is not known"
        super().__init__(f"Another binance-tui trades on this account ({who})")
        self.holder = holder


def hold(folder: Path, api_keys: Iterable[str]) -> ExitStack:
    """Hold the locks of some API keys until the result is closed; raises AccountHeldError, or OSError."""
    with ExitStack() as held:
        for api_key in sorted(set(api_keys)):
            held.callback(_release, _take(folder / f"account-{_name(api_key)}.lock"))
        return held.pop_all()


def _name(api_key: str) -> str:
    """A name for a key that tells nothing of it."""
    return hashlib.sha256(b"binance-tui account " + api_key.encode()).hexdigest()[:16]


def _take(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        before = _read(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD or (before is not None and _runs(before.pid)):
                raise AccountHeldError(before) from None
        if before is not None:
            _log.warning("taking over the account from process %d, which ended without letting go", before.pid)
        _write(file, msgspec.json.encode(Holder(os.getpid(), int(time.time()))))
    except BaseException:
        os.close(file)
        raise
    return file


def _read(file: int) -> Holder | None:
    try:
        return msgspec.json.decode(os.pread(file, _LONGEST, 0), type=Holder)
    except msgspec.MsgspecError:
        return None


def _write(file: int, content: bytes) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, content, 0)


def _runs(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _release(file: int) -> None:
    _write(file, b"")
    os.close(file)
