"""Prices without a screen: what a line says, and what it says when the price is old."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from tui.cli.watch import watch_line
from tui.domain.increment import Increment
from tui.domain.instrument import Instrument
from tui.domain.market import Ticker
from tui.domain.product import Product
from tui.engine.store import Link, LinkHealth, Session, Stamped, Store

D = Decimal


def store_with(last: str) -> Store:
    store = Store(Session("demo", "main", False, True))
    store.instruments["BTCUSDT"] = Instrument(
        product=Product.SPOT,
        symbol="BTCUSDT",
        native="BTCUSDT",
        base="BTC",
        quote="USDT",
        margin_asset="USDT",
        tick=Increment(D("0.01")),
        step=Increment(D("0.001")),
        min_quantity=D("0.001"),
        max_quantity=D(100),
        max_market_quantity=D(100),
        min_notional=D(5),
    )
    ticker = Ticker(D(last), D(60_000), D(65_000), D(59_000), D(1_000), D(2_500_000_000), 0)
    store.market("BTCUSDT").ticker = Stamped(ticker, 1, 0, 0)
    store.links[Product.SPOT] = LinkHealth(market=Link.LIVE, market_heard_ns=1_000_000_000)
    return store


def test_a_line_says_price_change_and_volume() -> None:
    line = watch_line(store_with("63000"), "BTCUSDT", 1_500_000_000, 3_000)
    assert line.split() == ["BTCUSDT", "63,000.00", "▲", "+5.00%", "vol", "2.50B", "USDT"]


def test_an_old_price_is_called_stale() -> None:
    line = watch_line(store_with("63000"), "BTCUSDT", 9_000_000_000, 3_000)
    assert "STALE" in line
    assert "▲" not in line


def test_watching_goes_on_until_nobody_reads(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "tui.cli.main",
        "watch",
        "BTCUSDT",
        "BTCUSDT-PERP",
        "--data-dir",
        str(tmp_path / "d"),
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(2)]
        program.stdout.close()
        assert program.wait(timeout=20) == 0
    assert [line.split()[0] for line in lines] == ["BTCUSDT", "BTCUSDT-PERP"]


def test_an_unlisted_symbol_is_named_with_its_neighbours(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tui.cli.main", "watch", "btcfoo", "--data-dir", str(tmp_path / "d")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "BTCFOO is not listed here; there are BTCUSD-PERP" in done.stderr
    assert "Traceback" not in done.stderr
