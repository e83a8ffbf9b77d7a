"""The embedded exchange as a child process of the demo."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.cli.folders import private_file

READY_WITHIN_S = 30.0
_ANSWERS_WITHIN_S = 2.0


class ExchangeStartError(Exception):
    """The embedded exchange did not start; the text is its own last words."""


def running_exchange(state: Path) -> dict[str, Any] | None:
    """The line of addresses and keys of the exchange that keeps this state now; None when none answers."""
    import urllib.request  # a tenth of the way to the first frame, and seldom needed

    try:
        ready: dict[str, Any] = json.loads(_notice(state).read_bytes())
        with urllib.request.urlopen(f"{ready['spot']['rest']}/api/v3/ping", timeout=_ANSWERS_WITHIN_S):
            return ready
    except (OSError, ValueError, KeyError):
        return None


def _notice(state: Path) -> Path:
    """Where the demo says, for other commands of the same user, how to reach its exchange."""
    return state.with_suffix(".running.json")


@dataclass(slots=True)
class ExchangeProcess:
    """A running exchange; it ends by itself when this process is gone, because it watches the pipe to it."""

    child: subprocess.Popen[bytes]
    state: Path
    log: Path

    @classmethod
    def start(cls, state: Path, seed: int, *, port: int = 0, speed: float = 1.0) -> "ExchangeProcess":
        """Start it and return at once; `ready` waits for it. What it has to say goes to a log beside its state."""
        log = private_file(state.with_suffix(".log"))
        words = ["exchange", "--seed", str(seed), "--port", str(port), "--speed", str(speed), "--state", str(state)]
        with log.open("wb") as errors:
            child = subprocess.Popen(
                [sys.executable, "-m", "tui.cli.main", *words, "--die-with-parent"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={name: value for name, value in os.environ.items() if not name.startswith("BINANCE_")},
                start_new_session=True,  # ctrl+c in the terminal must reach the screen, not the exchange
            )
        return cls(child, state, log)

    def ready(self) -> dict[str, Any]:
        """Its one line of addresses and keys; raises ExchangeStartError when it ends or says nothing in time."""
        assert self.child.stdout is not None
        deadline = time.monotonic() + READY_WITHIN_S
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.child.stdout], [], [], max(0.0, deadline - time.monotonic()))
            part = self.child.stdout.readline() if readable else b""
            if not part:
                self.child.kill()
                self.child.wait()
                said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise ExchangeStartError(said[-1] if said else "the embedded exchange did not start")
            line += part
        ready: dict[str, Any] = json.loads(line)
        with private_file(_notice(self.state)).open("wb") as notice:
            notice.write(line)
        return ready

    def stop(self) -> None:
        """End it in order, so that it saves the account; kill it if it does not go."""
        _notice(self.state).unlink(missing_ok=True)
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                pipe.close()
