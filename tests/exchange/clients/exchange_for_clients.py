"""An exchange in a process of its own, for clients that block."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_RUN = "from tui.exchange.run import run_exchange; run_exchange(seed=7, port=0)"


@contextmanager
def running_exchange() -> Iterator[dict[str, Any]]:
    """What the ready line said, while the exchange runs."""
    process = subprocess.Popen([sys.executable, "-c", _RUN], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def key_of(ready: dict[str, Any], kind: str = "HMAC") -> dict[str, str]:
    """One of the exchange's keys."""
    return next(key for key in ready["keys"] if key["type"] == kind)
