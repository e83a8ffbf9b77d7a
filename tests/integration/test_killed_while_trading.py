"""The program is killed with SIGKILL at random moments: no order is lost, none sent twice, no position left bare.

`KILLS=300 pytest tests/integration/test_killed_while_trading.py` kills it as often as you like, on each product.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from exchange_process import ExchangeProcess

KILLS = int(os.environ.get("KILLS", "11"))
VICTIM = Path(__file__).with_name("kill_victim.py")


class Victim:
    """A process that forks lives; `heard` is what the present one says."""

    def __init__(self, *words) -> None:
        words = [sys.executable, str(VICTIM), *map(str, words)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._rest = b""

    def live(self) -> int:
        self.process.stdin.write(b"live\n")
        self.process.stdin.flush()
        return self.hear(20)["pid"]

    def hear(self, seconds):
        """The next line, None where none comes in time."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                return None
            self._rest += os.read(self.process.stdout.fileno(), 65_536)
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def until_dead(self):
        said = []
        while not said or "dead" not in said[-1]:
            said.append(self.hear(20))
            assert said[-1] is not None, "the life did not end"
        return said


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    process = ExchangeProcess(tmp_path_factory.mktemp("killed") / "exchange.sqlite", roomy=True)
    yield process
    process.kill()


@pytest.fixture
def victim(exchange, tmp_path, product, symbol, what):
    ready = tmp_path / "ready.json"
    ready.write_text(json.dumps(exchange.ready))
    one = Victim(ready, tmp_path / "journal.sqlite", product, symbol, what)
    yield one
    one.process.kill()
    one.process.wait()
    one.process.stdin.close()
    one.process.stdout.close()


@pytest.mark.timeout(60 + KILLS * 10)
@pytest.mark.parametrize(
    ("product", "symbol", "what"),
    [
        ("spot", "BTCUSDT", "orders"),
        ("usdm", "BTCUSDT-PERP", "orders"),
        ("coinm", "BTCUSD-PERP", "orders"),
        ("usdm", "ETHUSDT-PERP", "brackets"),
    ],
)
def test_whenever_it_is_killed_nothing_is_lost_and_nothing_is_doubled(victim) -> None:
    chance, compared = random.Random(7), 0
    for number in range(KILLS + 1):
        life = victim.live()
        said = []
        if number == KILLS or chance.random() < 0.7:
            # Most lives are killed while they trade; the last one is only asked whether all is well.
            while not any("trading" in line for line in said):
                line = victim.hear(20)
                assert line is not None, "the life came to nothing"
                said.append(line)
                assert not line.get("wrong"), line
                assert "dead" not in line, "the life ended by itself"
            time.sleep(chance.uniform(0.0, 0.15))
        else:  # the others while they recover
            time.sleep(chance.uniform(0.0, 0.5))
        os.kill(life, signal.SIGKILL)
        said += victim.until_dead()
        for line in said:
            assert not line.get("wrong"), line
            compared += line.get("compared", 0)
    assert compared > 3 * KILLS, "too little was traded to prove anything"
