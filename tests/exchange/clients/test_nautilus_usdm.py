"""A trading node of nautilus_trader trades USD-M with nothing changed but addresses. Runs where it is installed."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.skipif(not find_spec("nautilus_trader"), reason="nautilus_trader is not installed"),
    pytest.mark.timeout(120),
]

PROGRAM = Path(__file__).with_name("nautilus_trading.py")


def test_a_node_hears_the_market_and_trades(ready: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], input=json.dumps(ready) + "\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["states"] == {"rests": "CANCELED", "takes": "FILLED", "post_only": "REJECTED", "closes": "FILLED"}
    assert said["positions"] == ["FLAT"]
