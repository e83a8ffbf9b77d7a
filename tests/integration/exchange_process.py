"""The embedded exchange as a process that tests may kill."""

import json
import socket
import subprocess
import sys
import time
from contextlib import closing

PROGRAM = (
    "import sys; from pathlib import Path; from tui.exchange.run import run_exchange;"
    "port, state = int(sys.argv[1]), Path(sys.argv[2]);"
    "sys.exit(run_exchange(seed=7, port=port, state_path=state, faults=True, die_with_parent=True))"
)

#: The same, with room for programs that start and trade all day long in a minute, and counters of a whole day.
ROOMY = (
    "import tui.exchange.run as run; from tui.exchange.limits import RateLimit;"
    "kinds = ('REQUEST_WEIGHT', 'DAY', 1), ('ORDERS', 'DAY', 1);"
    "run.SPOT_LIMITS = run.FUTURES_LIMITS = tuple(RateLimit(*kind, 1_000_000) for kind in kinds);"
)


def free_ports() -> int:
    """The first of three neighbouring free ports."""
    for first in range(20_000 + time.monotonic_ns() % 20_000, 60_000, 7):
        try:
            for port in range(first, first + 3):
                with closing(socket.socket()) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


class ExchangeProcess:
    """The embedded exchange, which can be killed and started again on the same ports with the same state."""

    def __init__(self, state, *, roomy: bool = False) -> None:
        program = ROOMY + PROGRAM if roomy else PROGRAM
        self._words = [sys.executable, "-c", program, str(free_ports()), str(state)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
