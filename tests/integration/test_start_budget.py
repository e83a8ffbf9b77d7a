"""What a start asks of the exchange, by the exchange's own counters."""

import urllib.request

import pytest
from exchange_process import ExchangeProcess
from trader import PRODUCTS, Trader, wait

from tui.config import Screen, Settings
from tui.domain.product import Product

SPOT, USDM, COINM = PRODUCTS
TIME = {SPOT: "/api/v3/time", USDM: "/fapi/v1/time", COINM: "/dapi/v1/time"}


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    process = ExchangeProcess(tmp_path_factory.mktemp("exchange") / "exchange.sqlite", roomy=True)
    yield process
    process.kill()


def used(exchange, product: Product) -> int:
    """The weight that was used, this question included."""
    with urllib.request.urlopen(exchange.ready[product.value]["rest"] + TIME[product]) as answer:
        return int(answer.headers["X-MBX-USED-WEIGHT"])


def is_all_told(trader, symbol) -> bool:
    """Whether everything that a start asks for has been answered."""
    store, market = trader.store, trader.store.market(symbol)
    is_shown = market.book.is_live and market.trades and market.series
    is_charted = all(store.market(watched).sparkline for watched in store.watched)
    is_known = not market.instrument.product.is_futures or (symbol in store.brackets and market.open_interest)
    is_priced = market.instrument.product.is_futures or symbol in store.commissions
    day = store.summary and store.summary.day_result is not None
    return bool(trader.is_live() and is_shown and is_charted and is_known and is_priced and day)


def cost(exchange, journal, products, symbol) -> dict[str, int]:
    """What one start weighs: of spot, and of both futures together."""
    before = {product: used(exchange, product) for product in (SPOT, USDM)}
    trader = Trader(exchange, journal, settings=Settings(screen=Screen(symbol=symbol)), products=products)
    trader.runtime.start()
    try:
        wait(lambda: trader.store.focus == symbol)
        wait(lambda: is_all_told(trader, symbol))
    finally:
        assert trader.runtime.stop()
    spot, futures = (used(exchange, product) - weight - 1 for product, weight in before.items())
    return {"spot": spot, "futures": futures}


@pytest.mark.parametrize(
    ("products", "symbol", "first", "again"),
    [
        ((USDM,), "BTCUSDT-PERP", {"futures": 240}, {"futures": 200}),
        ((COINM,), "BTCUSD-PERP", {"futures": 240}, {"futures": 200}),
        ((SPOT,), "BTCUSDT", {"spot": 410}, {"spot": 340}),
        (PRODUCTS, "BTCUSDT-PERP", {"spot": 280, "futures": 400}, {"spot": 210, "futures": 330}),
    ],
)
def test_a_start_keeps_within_its_budget(exchange, tmp_path, products, symbol, first, again) -> None:
    for budget in (first, again):
        weighed = cost(exchange, tmp_path / "journal.sqlite", products, symbol)
        assert all(weighed[pool] <= budget.get(pool, 0) for pool in weighed), f"{weighed} of {budget}"
