"""Size presets: dollars in every market, or base units where a symbol has its own."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, FakeDesk, instrument

from tui.domain.market import BookSnapshot
from tui.domain.order_terms import Side
from tui.ui.command.meanings import OrderLine, Size
from tui.ui.command.order_intentions import order_request
from tui.ui.command.values import GrammarError, size_of
from tui.ui.dollars import DollarWorth
from tui.ui.view_state import ViewState


def view(desk: FakeDesk) -> ViewState:
    return ViewState(size_presets=(D(100), D(500)), in_dollars=DollarWorth(desk.store), clock=desk.clock)


def test_a_preset_is_worth_as_many_dollars_against_bitcoin(desk: FakeDesk) -> None:
    against_btc = replace(instrument("ETHUSDT"), symbol="ETHBTC", quote="BTC")
    shown = view(desk)
    assert shown.preset_quantity(instrument("ETHUSDT"), D("3412.08")) == D("0.0293")
    assert shown.preset_quantity(against_btc, D("0.05314")) == D("0.0293")


def test_worth_is_found_either_way_round(desk: FakeDesk) -> None:
    worth = DollarWorth(desk.store)
    assert worth("USDC") == 1
    assert worth("BTC") == D("64212.40")
    assert worth("IDR") is None
    desk.store.instruments["USDTIDR"] = replace(instrument("ETHUSDT"), symbol="USDTIDR", base="USDT", quote="IDR")
    ticker = desk.store.market("ETHUSDT").ticker
    assert ticker is not None
    desk.store.market("USDTIDR").ticker = replace(ticker, value=replace(ticker.value, last=D(16_000)))
    assert worth("IDR") == 1 / D(16_000)


def test_no_size_is_made_up_where_nobody_knows_the_worth(desk: FakeDesk) -> None:
    unknown = replace(instrument("ETHUSDT"), symbol="ETHXYZ", quote="XYZ")
    shown = view(desk)
    assert shown.preset_quantity(unknown, D(10)) is None
    with pytest.raises(GrammarError, match="what XYZ is worth"):
        size_of(Size(D(1), "preset"), Side.BUY, unknown, D(10), desk.store, shown)
    shown.symbol_presets = {"ETHXYZ": (D("0.5"),)}
    assert shown.preset_quantity(unknown, D(10)) == D("0.5")
    assert size_of(Size(D(1), "preset"), Side.BUY, unknown, D(10), desk.store, shown) == D("0.5")
    with pytest.raises(GrammarError, match="p1 to p1"):
        size_of(Size(D(2), "preset"), Side.BUY, unknown, D(10), desk.store, shown)


def test_a_preset_is_never_less_than_the_smallest_order(desk: FakeDesk) -> None:
    shown = view(desk)
    shown.size_presets = (D("0.01"),)
    assert shown.preset_quantity(instrument(PERP), D(64_212)) == D("0.001")
    assert shown.preset_quantity(instrument(PERP), None) is None


def test_fifty_dollars_of_a_symbol_against_bitcoin_were_fifty_bitcoins(desk: FakeDesk) -> None:
    against_btc = replace(instrument("ETHUSDT"), symbol="ETHBTC", quote="BTC", quote_quantity_allowed=True)
    desk.store.instruments["ETHBTC"] = against_btc
    desk.store.market("ETHBTC").book.load(BookSnapshot(1, [(5, 10**6)], [(6, 10**6)], 1), [])
    shown = view(desk)
    lots = size_of(Size(D(50), "dollars"), Side.BUY, against_btc, D("0.05314"), desk.store, shown)
    # 50 / 64,212.40 is 0.000779 BTC, at 0.05314 a coin.
    assert lots == D("0.0146")
    line = OrderLine(Side.BUY, Size(D(50), "dollars"), "ETHBTC", None)
    asked = order_request(line, desk.store, shown)
    assert (asked.quote_quantity, asked.quantity) == (
        None,
        against_btc.step.round(D("0.000778665677968") / D("0.06"), "down"),
    )
    in_dollars = order_request(replace(line, symbol="ETHUSDT"), desk.store, shown)
    assert (in_dollars.quote_quantity, in_dollars.quantity) == (D(50), None)


def test_dollars_of_what_nobody_can_value_are_refused(desk: FakeDesk) -> None:
    unknown = replace(instrument("ETHUSDT"), symbol="ETHXYZ", quote="XYZ")
    with pytest.raises(GrammarError, match=r"50\$ is in dollars.*what XYZ is worth: give the size in ETH"):
        size_of(Size(D(50), "dollars"), Side.BUY, unknown, D(10), desk.store, view(desk))
