"""Two programs on one account: noticed, named, and forgotten when the first is gone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tui.cli import account_lock
from tui.cli.account_lock import AccountHeldError, Holder, hold

PROGRAM = """
import sys, pathlib
from tui.cli.account_lock import hold
held = hold(pathlib.Path(sys.argv[1]), ["key"])
print("held", flush=True)
sys.stdin.read()
held.close()
"""


def other(folder: Path) -> "subprocess.Popen[bytes]":
    """Another program that holds the account until its standard input ends."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"held\n"
    return program


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    with other(tmp_path) as first:
        with pytest.raises(AccountHeldError, match=f"process {first.pid}, since"):
            hold(tmp_path, ["another", "key"])
        hold(tmp_path, ["another"]).close()
        first.stdin.close()
        first.wait()
        first.stdin = None
    hold(tmp_path, ["key"]).close()


def test_a_killed_holder_is_taken_over_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with other(tmp_path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        hold(tmp_path, ["key"]).close()
        assert f"from process {first.pid}, which ended" in caplog.text


def test_an_orderly_end_leaves_no_trace_of_a_holder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        hold(tmp_path, ["key"]).close()
    assert caplog.text == ""


def test_the_name_of_the_lock_tells_nothing_of_the_key(tmp_path: Path) -> None:
    with hold(tmp_path, ["markedApiKey", "markedApiKey"]):
        files = list(tmp_path.iterdir())
    assert len(files) == 1
    assert "marked" not in files[0].name
    assert b"marked" not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("pid", "is_held"),
    [(os.getppid(), True), (2**22 + 1, False), (os.getpid(), False)],
    ids=["another", "nobody", "this one"],
)
def test_without_locks_of_the_file_system_a_running_holder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pid: int, is_held: bool
) -> None:
    def unsupported(file: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    hold(tmp_path, ["key"]).close()
    next(tmp_path.iterdir()).write_bytes(msgspec.json.encode(Holder(pid, 0)))
    monkeypatch.setattr(account_lock.fcntl, "flock", unsupported)
    if is_held:
        with pytest.raises(AccountHeldError):
            hold(tmp_path, ["key"])
    else:
        hold(tmp_path, ["key"]).close()


def test_a_file_that_says_nonsense_is_no_holder(tmp_path: Path) -> None:
    hold(tmp_path, ["key"]).close()
    next(tmp_path.iterdir()).write_bytes(b"\xff{")
    hold(tmp_path, ["key"]).close()
