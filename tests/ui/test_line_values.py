"""Prices and sizes of a line in a market: what they are counted from, which way, and of which money."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk

from tui.domain.account import Balance, Position
from tui.domain.book import BookSnapshot
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.store import AccountSummary, Link
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import Price, Size
from tui.ui.command.values import Around, position_of, price_of, size_of
from tui.ui.view_state import ViewState

BUY, SELL = Side.BUY, Side.SELL
LONG = Around(D(100), D(98), profit=BUY)
SHORT = Around(D(100), D(102), profit=SELL)


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    desk.store.positions, desk.store.balances = {}, {}
    return ViewState(symbol=PERP, clock=desk.clock)


def hold(desk: FakeDesk, *positions: Position) -> None:
    desk.store.positions = {one.key: one for one in positions}


def keep(desk: FakeDesk, product: Product, asset: str, free: str) -> None:
    desk.store.balances[(product, asset)] = Balance(product, asset, D(free), D(0), 1)


def position(quantity: str, side=PositionSide.BOTH) -> Position:
    return Position(Product.USDM, PERP, D(quantity), D(50), 1, position_side=side)


def priced(desk, view, price: Price, around: Around = LONG, side: Side = SELL, symbol: str = PERP) -> D:
    return price_of(price, side, desk.store.instruments[symbol], desk.store, view, around)


def sized(desk, view, size: Size, side=BUY, symbol=PERP, price="100", around=LONG, **changes) -> D:
    instrument = replace(desk.store.instruments[symbol], **changes)
    return size_of(size, side, instrument, D(price), desk.store, view, around)


@pytest.mark.parametrize(
    ("price", "long", "short"),
    [
        (Price("", percent=D(-1)), "99", "101"),
        (Price("", ticks=-20), "98", "102"),
        (Price("", risks=D(2)), "104", "96"),
        (Price("", percent=D(1), risks=D(1)), "103", "97"),
        (Price("entry", percent=D(-1)), "99", "99"),
        (Price("entry", risks=D(1)), "102", "98"),
        (Price("be"), "100", "100"),
        (Price("", D("101.23")), "101.23", "101.23"),
    ],
)
def test_what_counts_from_the_entry_goes_towards_profit_or_loss(desk, view, price, long, short) -> None:
    assert priced(desk, view, price, LONG) == D(long)
    assert priced(desk, view, price, SHORT, BUY) == D(short)


def test_where_a_position_breaks_even_else_where_it_was_entered(desk, view) -> None:
    assert priced(desk, view, Price("be"), replace(LONG, break_even=D("100.3"))) == D("100.3")
    assert priced(desk, view, Price("entry"), replace(LONG, break_even=D("100.3"))) == D(100)
    hold(desk, position("1"))
    assert priced(desk, view, Price("entry"), Around()) == D(50)
    assert priced(desk, view, Price("be"), Around()) == D(50)


@pytest.mark.parametrize("around", [Around(D(100)), Around(stop=D(98)), Around(D(100), D(100))])
def test_without_a_way_to_a_stop_there_is_neither_r_nor_risk(desk, view, around) -> None:
    hold(desk, position("1"))
    with pytest.raises(GrammarError, match="R is the distance"):
        priced(desk, view, Price("bid", risks=D(1)), around)
    with pytest.raises(GrammarError, match="needs a stop"):
        sized(desk, view, Size(D(1), "risk"), around=around)


def test_prices_that_nobody_can_believe_are_to_be_typed(desk, view) -> None:
    market = desk.store.market(PERP)
    assert priced(desk, view, Price("bid")) == D("64212.0")
    market.mark = market.ticker = None
    market.trades.clear()
    for anchor in ("mark", "last"):
        with pytest.raises(GrammarError, match=f"no {anchor} price"):
            priced(desk, view, Price(anchor))
    market.book.load(BookSnapshot(1, [(642_120, 1)], [], 1), [])
    with pytest.raises(GrammarError, match="no book on both sides"):
        priced(desk, view, Price("bid"))
    desk.store.links[Product.USDM] = replace(desk.store.links[Product.USDM], market=Link.DOWN)
    with pytest.raises(GrammarError, match="market link down"):
        priced(desk, view, Price("bid"))


def test_the_position_meant_is_the_only_one_or_the_one_named(desk, view) -> None:
    with pytest.raises(GrammarError, match="no position in"):
        position_of(PERP, desk.store)
    long, short = position("2", PositionSide.LONG), position("-1", PositionSide.SHORT)
    hold(desk, long, short)
    assert position_of(PERP, desk.store, PositionSide.LONG) == long
    assert position_of(PERP, desk.store, PositionSide.SHORT) == short
    with pytest.raises(GrammarError, match="held long and short: say long or short"):
        position_of(PERP, desk.store)
    hold(desk, long)
    assert position_of(PERP, desk.store) == long
    with pytest.raises(GrammarError, match="no position in"):
        position_of(PERP, desk.store, PositionSide.SHORT)
    with pytest.raises(GrammarError, match="no position in"):
        position_of(PERP, desk.store, unassigned=True)


def test_a_share_of_a_position_is_of_its_size_whichever_way_it_is(desk, view) -> None:
    half = Size(D(50), "position")
    with pytest.raises(GrammarError, match="to take 50% of"):
        sized(desk, view, half)
    for quantity in ("3", "-3"):
        hold(desk, position(quantity))
        assert sized(desk, view, half) == D("1.5")


def test_a_share_of_the_balance_is_of_what_the_order_pays_with(desk, view) -> None:
    quarter = Size(D(25), "balance")
    keep(desk, Product.SPOT, "USDT", "1000")
    keep(desk, Product.SPOT, "BTC", "8")
    keep(desk, Product.USDM, "USDT", "2000")
    assert sized(desk, view, quarter, BUY, SPOT) == D("2.5")
    assert sized(desk, view, quarter, SELL, SPOT) == D(2)
    assert sized(desk, view, quarter, BUY) == sized(desk, view, quarter, SELL) == D(5)
    inverse = {"contract_size": D(10), "margin_asset": "BTC", "product": Product.COINM, "quote": "USD"}
    keep(desk, Product.COINM, "BTC", "2")
    # A quarter of 2 BTC is worth 50 dollars at 100: five contracts of ten.
    assert sized(desk, view, quarter, **inverse) == D(5)


def test_nothing_free_says_where_and_how_to_bring_some(desk, view) -> None:
    share = Size(D(25), "balance")
    keep(desk, Product.USDM, "USDT", "0")
    with pytest.raises(GrammarError, match=r"^no free USDT in [^:]+$"):
        sized(desk, view, share)
    with pytest.raises(GrammarError, match=r"transfer 100 USDT in$"):
        sized(desk, view, share, symbol=SPOT, product=Product.MARGIN)


def test_a_size_of_risk_costs_its_share_of_the_account_on_the_way_to_the_stop(desk, view) -> None:
    percent = Size(D(1), "risk")
    desk.store.summary = AccountSummary("USDT", D(10_000), D(9_000), D(0), D(0), D(0), D(0), D(0), 1)
    assert sized(desk, view, percent) == sized(desk, view, percent, SELL, around=SHORT) == D(50)
    desk.store.summary = None
    keep(desk, Product.USDM, "USDT", "400")
    keep(desk, Product.SPOT, "USDT", "90000")
    assert sized(desk, view, percent) == D(2), "the wallet that loses it, where the whole is not known"
    inverse = {"contract_size": D(10), "margin_asset": "BTC", "product": Product.COINM, "quote": "USD"}
    keep(desk, Product.COINM, "BTC", "2")
    # From 100 to 80 a contract of ten dollars loses 10 × (1/80 − 1/100) = 0.025 BTC of the 0.2 at risk.
    assert sized(desk, view, Size(D(10), "risk"), around=Around(D(100), D(80)), **inverse) == D(8)
    keep(desk, Product.USDM, "USDT", "0")
    with pytest.raises(GrammarError, match="worth of the account is not known in USDT"):
        sized(desk, view, percent)


def test_less_than_a_lot_is_no_size(desk, view) -> None:
    keep(desk, Product.USDM, "USDT", "0.1")
    with pytest.raises(GrammarError, match="less than the smallest size"):
        sized(desk, view, Size(D(1), "balance"))
