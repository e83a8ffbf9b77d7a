"""The embedded exchange as a child process of the demo."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.cli.folders import private_file
from tui.keys.environment_variables import without_secrets

READY_WITHIN_S = 30.0

#: Products, each on a port of its own.
_PRODUCTS = 3
_PORT_TRIES = 20

#: Pairs that play money can be traded on isolated margin from the start; Binance opens them on its website.
_ISOLATED = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT")
_LOOK_EVERY_S = 0.25

#: So many deaths within a minute are no accident.
_DEATHS_BORNE, _DEATHS_WITHIN_S = 4, 60.0
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
    #: What starts it again, on the same ports.
    words: list[str]

    @classmethod
    def start(cls, state: Path, seed: int, *, port: int = 0, speed: float = 1.0, mirror: str = "") -> "ExchangeProcess":
        """Start it and return at once; `ready` waits for it. What it has to say goes to a log beside its state."""
        log = private_file(state.with_suffix(".log"))
        log.write_bytes(b"")
        port = port or _free_ports()
        words = ["exchange", "--seed", str(seed), "--port", str(port), "--speed", str(speed), "--state", str(state)]
        words += [f"--isolated={symbol}" for symbol in _ISOLATED]
        words += ["--mirror", mirror] if mirror else []
        return cls(_spawn(words, log), state, log, words)

    def start_again(self) -> None:
        """Start it anew after it has died: same accounts, same addresses; `ready` waits for it."""
        self._close_pipes()
        self.child = _spawn(self.words, self.log)

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
                raise ExchangeStartError(said[-1] if said else f"the embedded exchange did not start; see {self.log}")
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
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                pipe.close()


def _spawn(words: list[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "tui.cli.main", *words, "--die-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=without_secrets(os.environ),
            start_new_session=True,  # ctrl+c in the terminal must reach the screen, not the exchange
        )


def _free_ports() -> int:
    """The first of as many free ports in a row as the exchange has products; 0 lets it take any."""
    for _ in range(_PORT_TRIES):
        with ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                for port in range(first + 1, first + _PRODUCTS):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except (OSError, OverflowError):
                continue
            return int(first)
    return 0


class Watchman:
    """Starts a demo's exchange again when it dies, from a thread of its own, and tells what it did."""

    def __init__(self, exchange: ExchangeProcess, tell: Callable[[str], object]) -> None:
        self._exchange, self._tell = exchange, tell
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="exchange watchman", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it die from now on."""
        self._ended.set()
        self._thread.join(READY_WITHIN_S)

    def _watch(self) -> None:
        died: deque[float] = deque(maxlen=_DEATHS_BORNE)
        while not self._ended.wait(_LOOK_EVERY_S):
            status = self._exchange.child.poll()
            if status is None:
                continue
            died.append(time.monotonic())
            if len(died) == _DEATHS_BORNE and died[-1] - died[0] < _DEATHS_WITHIN_S:
                self._tell(
                    f"the exchange has died {_DEATHS_BORNE} times within a minute: quit and see {self._exchange.log}"
                )
                return
            self._tell(f"the exchange has died (status {status}) and is being started again; nothing is sent meanwhile")
            try:
                self._exchange.start_again()
                self._exchange.ready()
            except ExchangeStartError as error:
                self._tell(f"the exchange does not start again: {error}")
            else:
                self._tell("the exchange runs again; orders are compared with it")
