"""The real program in a pseudo-terminal nobody looks at, and the embedded exchange beside it, as things to measure."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PROGRAM = [sys.executable, "-m", "tui.cli.main"]
#: Escape sequences, so that the text of the screen's bytes can be searched.
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][A-Z0-9]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[=>])")


class Screen:
    """A program on a terminal of `columns` x `rows` that is read at once; the newest bytes are kept."""

    KEPT_BYTES = 400_000

    def __init__(self, words: Sequence[str], variables: dict[str, str], columns: int = 200, rows: int = 50) -> None:
        self.fd, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._said = bytearray()
        self._more = threading.Condition()
        self._ended = False
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            words, stdin=inside, stdout=inside, stderr=inside, start_new_session=True, env=variables
        )
        os.close(inside)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._ended:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            with self._more:
                self._said += data
                del self._said[: -self.KEPT_BYTES]
                self._ended = not data
                self._more.notify_all()

    def seconds_until(self, pattern: str, timeout: float = 30.0) -> float:
        """Seconds from the start of the program until it has written this; raises AssertionError when it never does."""
        sought = re.compile(pattern.encode())
        deadline = time.monotonic() + timeout
        with self._more:
            while not sought.search(_ESCAPES.sub(b"", self._said)):
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    raise AssertionError(f"never wrote {pattern!r}: {_ESCAPES.sub(b'', self._said)[-2000:]!r}")
                self._more.wait(left)
            return time.perf_counter() - self.started

    def close(self) -> None:
        """Kill the program; more than once does no harm."""
        if self.fd < 0:
            return
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(timeout=5)
        os.close(self.fd)
        self.fd = -1


class Lab:
    """An exchange as a child, and programs connected to it as the environment `lab`; leave the block to end all."""

    def __init__(self, folder: Path, *, seed: int = 7, speed: float = 1.0) -> None:
        self.folder = folder
        words = [
            *PROGRAM,
            "exchange",
            "--seed",
            str(seed),
            "--speed",
            str(speed),
            "--data-dir",
            str(folder / "exchange"),
        ]
        words += ["--state", str(folder / "exchange.sqlite"), "--die-with-parent"]
        self.exchange = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.exchange.stdout is not None
        self.ready = json.loads(self.exchange.stdout.readline())
        self._screens: list[Screen] = []

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_: object) -> None:
        for screen in self._screens:
            screen.close()
        self.exchange.terminate()
        self.exchange.wait(10)
        for pipe in (self.exchange.stdin, self.exchange.stdout):
            if pipe is not None:
                pipe.close()

    def run(self, *, screen_settings: str = "", columns: int = 200, rows: int = 50) -> Screen:
        """The terminal program on this exchange; `screen_settings` are lines of its [screen] table."""
        config = self.folder / "config.toml"
        config.write_text("\n".join(["[screen]", screen_settings, *self._environment()]), encoding="utf-8")
        data = str(self.folder / "data")
        words = [*PROGRAM, "run", "--env", "lab", "--config", str(config), "--data-dir", data]
        screen = Screen(words, terminal_variables() | self._keys(), columns, rows)
        self._screens.append(screen)
        return screen

    def _environment(self) -> list[str]:
        lines = ["[environments.lab]", "real_money = false"]
        for product in ("spot", "usdm"):
            lines.append(f"[environments.lab.{product}]")
            lines += [f'{name} = "{address}"' for name, address in self.ready[product].items()]
        return lines

    def _keys(self) -> dict[str, str]:
        key = next(key for key in self.ready["keys"] if key["type"] == "HMAC")
        return {"BINANCE_LAB_API_KEY": key["api_key"], "BINANCE_LAB_API_SECRET": key["api_secret"]}


def terminal_variables() -> dict[str, str]:
    """The variables of a plain terminal with true colour, and nothing else of this one."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def resident_mb(pid: int) -> float:
    """Memory of a process that is in RAM and not shared with the system's page cache writers, in megabytes (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watched(pid: int, seconds: float, every_s: float, see: Callable[[float, float], None]) -> None:
    """Tell `see` the minutes gone by and the resident megabytes of a process, regularly."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        time.sleep(every_s)
        see((time.monotonic() - begun) / 60, resident_mb(pid))
