"""Days of trading at random, on an exchange where much goes wrong; a failing one tells its steps.

`DAYS=3000 pytest tests/engine/test_trading_laws.py` trades that many on each account, from `FIRST_DAY` on.
"""

import os
import shutil
from random import Random

import pytest
from futures_day import FuturesDay
from virtual_time import VirtualTime

DAYS = int(os.environ.get("DAYS", "60"))
FIRST_DAY = int(os.environ.get("FIRST_DAY", "0"))

ACCOUNTS = {
    "one-way": lambda seed, path: FuturesDay(Random(seed), path, is_hedge=False),
    "hedge": lambda seed, path: FuturesDay(Random(seed), path, is_hedge=True),
}


@pytest.fixture
def virtual_time(monkeypatch):
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.01, 0.02))
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._SHORTEST_S", 0.005)
    monkeypatch.setattr("tui.engine.halt._AGAIN_S", (0.02,))
    return VirtualTime(monkeypatch)


@pytest.mark.timeout(120 + DAYS)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_laws_hold_whatever_the_day_brings(account, virtual_time, tmp_path) -> None:
    traded = 0
    for seed in range(FIRST_DAY, FIRST_DAY + DAYS):
        day = ACCOUNTS[account](seed, tmp_path / str(seed) / "journal.sqlite")
        broken = virtual_time.run(day.trade())
        story = "\n".join(day.exchange.steps)
        assert not broken, f"day {seed} ({account}) broke:\n{chr(10).join(broken)}\n\n{story}"
        traded += len(day.exchange.trades_done)
        shutil.rmtree(tmp_path / str(seed))
    assert traded > DAYS or DAYS < 60, "too little was traded to prove anything"


def test_a_day_is_the_same_each_time(virtual_time, tmp_path) -> None:
    told = []
    for path in (tmp_path / "once.sqlite", tmp_path / "again.sqlite"):
        day = ACCOUNTS["one-way"](FIRST_DAY, path)
        virtual_time.run(day.trade())
        told.append([step.split()[0] for step in day.exchange.steps])
    assert told[0] == told[1]
    assert len(told[0]) > 20
