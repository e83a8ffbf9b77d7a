"""Orders that take from the books of every dollar (examples of Binance's FAQ on smart order routing)."""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venues import spot_venue

from tui.domain.order_terms import Side
from tui.exchange.accounts.names import FEES, HOUSE
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry

BUY, SELL = Side.BUY, Side.SELL
ASKS = (("BTCUSDT", 3, 92800), ("BTCUSDT", 3, 92500), ("BTCUSDC", 1, 92000), ("BTCUSDC", 1, 90000))


def floor(*resting: tuple[str, int, int], side: Side = SELL, maker: str = "bob"):
    venue, told = spot_venue()
    for asset in ("BTC", "USDT", "USDC"):
        venue.spot.deposit(HOUSE, asset, D(10) ** 9)
    venue.spot.deposit(maker, "USDC", D(1_000_000))
    for symbol, quantity, price in resting:
        venue.place(maker, SpotEntry(symbol, side, "LIMIT", "GTC", D(quantity), price=D(price)))
    return venue, told


def routed(side: Side, quantity: object, price: int | None = None, tif: str | None = None, **more) -> SpotEntry:
    kind = "LIMIT" if price else "MARKET"
    tif = tif or ("GTC" if price else None)
    limit = D(price) if price else None
    return SpotEntry("BTCUSDT", side, kind, tif, D(str(quantity)), price=limit, uses_sor=True, **more)


def test_the_best_price_of_all_books_is_taken_first_and_paid_in_the_orders_own_quote():
    venue, told = floor(*ASKS)
    order = venue.place("ann", routed(BUY, 5, 93000))
    assert order.state is OrderState.FILLED
    prices = [(execution.price_ticks // 100, execution.lots // 10**5) for execution in order.executions]
    assert prices == [(90000, 1), (92000, 1), (92500, 3)]
    spent = D(90000 + 92000 + 3 * 92500)
    assert venue.spot.free("ann", "USDT") == 1_000_000 - spent
    assert "USDC" not in venue.spot.balances("ann")
    assert [trade.listing.symbol for trade in told.trades] == ["BTCUSDC", "BTCUSDC", "BTCUSDT"]
    assert venue.spot.free("bob", "USDC") == 1_000_000 + D("0.999") * (90000 + 92000)


def test_selling_always_brings_the_quote_of_the_orders_symbol():
    venue, _ = floor(("BTCUSDT", 1, 89500), ("BTCUSDC", 1, 91000), ("BTCUSDC", 1, 90500), side=BUY)
    order = venue.place("ann", routed(SELL, 2, 89000))
    assert [execution.price_ticks for execution in order.executions] == [9_100_000, 9_050_000]
    assert venue.spot.free("ann", "USDT") == 1_000_000 + D("0.999") * (91000 + 90500)


def test_what_no_book_fills_rests_in_the_orders_own_or_expires():
    venue, _ = floor(*ASKS)
    order = venue.place("ann", routed(BUY, 3, 92000))
    assert (order.state, order.leaves) == (OrderState.PARTIALLY_FILLED, 100_000)
    assert venue.best("BTCUSDT")[0] == (9_200_000, 100_000)
    taken = venue.place("cleo", routed(BUY, 7))
    assert (taken.state, taken.filled_lots, taken.expiry_reason) == (
        OrderState.EXPIRED, 600_000, "INSUFFICIENT_LIQUIDITY",
    )  # fmt: skip


@pytest.mark.parametrize(("tif", "quantity", "filled"), [("IOC", 3, 200_000), ("FOK", 3, 0), ("FOK", 2, 200_000)])
def test_times_in_force_look_at_all_books(tif, quantity, filled):
    venue, _ = floor(*ASKS)
    assert venue.place("ann", routed(BUY, quantity, 92000, tif)).filled_lots == filled


def test_a_market_order_needs_what_it_costs_in_all_books_together():
    venue, _ = floor(("BTCUSDT", 3, 92500), ("BTCUSDC", 9, 92000))
    with pytest.raises(Rejection, match="insufficient balance"):
        venue.place("ann", routed(BUY, 11))
    assert venue.place("ann", routed(BUY, "10.5")).state is OrderState.FILLED


def test_own_orders_in_another_book_are_prevented_too():
    venue, _ = floor(("BTCUSDC", 1, 90000), ("BTCUSDT", 1, 91000), maker="ann")
    order = venue.place("ann", routed(BUY, 1, 92000, self_trade_prevention="EXPIRE_TAKER"))
    assert (order.state, order.filled_lots) == (OrderState.EXPIRED_IN_MATCH, 0)


def test_a_transfer_between_two_quotes_made_the_one_out_of_the_other():
    venue, _ = floor()
    for account in ("ann", "bob"):
        venue.dealer.groups.put(account, 1)
    venue.place(
        "bob", SpotEntry("BTCUSDC", SELL, "LIMIT", "GTC", D(1), price=D(90000), self_trade_prevention="TRANSFER")
    )
    house = {asset: venue.spot.free(HOUSE, asset) for asset in ("BTC", "USDT", "USDC")}
    order = venue.place("ann", routed(BUY, 1, 90000, self_trade_prevention="TRANSFER"))
    assert (order.state, order.prevented_lots) == (OrderState.EXPIRED_IN_MATCH, 100_000)
    assert (venue.spot.free("ann", "USDT"), venue.spot.free("bob", "USDC")) == (910_000, 1_090_000)
    gained = {asset: venue.spot.free(HOUSE, asset) - before for asset, before in house.items()}
    assert gained == {"BTC": 0, "USDT": 90_000, "USDC": -90_000}


def test_symbols_without_a_sibling_are_not_routed():
    venue, _ = floor()
    with pytest.raises(Rejection, match="-1013"):
        venue.place("ann", SpotEntry("BNBUSDT", BUY, "MARKET", quantity=D(1), uses_sor=True))


steps = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cleo"]),
        st.sampled_from(["BTCUSDT", "BTCUSDC"]),
        st.sampled_from(list(Side)),
        st.integers(1, 40),
        st.integers(-5, 5),
        st.sampled_from(["GTC", "GTC", "IOC", "FOK", "MARKET"]),
        st.booleans(),
        st.sampled_from(["NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"]),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_routing_conserves_every_asset(played):
    venue, _ = floor()
    for account in ("ann", "bob", "cleo"):
        venue.spot.deposit(account, "USDC", D(1_000_000))
        venue.dealer.groups.put(account, 1 if account != "cleo" else 2)

    def totals():
        sums: dict[str, D] = {}
        for account in ("ann", "bob", "cleo", HOUSE, FEES):
            for asset, amounts in venue.spot.balances(account).items():
                assert min(amounts) >= 0
                sums[asset] = sums.get(asset, D(0)) + sum(amounts)
        return sums

    before = totals()
    for account, symbol, side, lots, offset, tif, routes, mode in played:
        is_market = tif == "MARKET"
        entry = SpotEntry(
            symbol, side, "MARKET" if is_market else "LIMIT", None if is_market else tif, lots * D("0.01"),
            price=None if is_market else D(90_000 + offset), self_trade_prevention=mode, uses_sor=routes,
        )  # fmt: skip
        try:
            order = venue.place(account, entry)
        except Rejection:
            continue
        assert sum(execution.lots for execution in order.executions) == order.filled_lots
        assert totals() == before
        if routes and not is_market and order.state.is_open:
            bests = [venue.best(name)[1 if side is BUY else 0] for name in ("BTCUSDT", "BTCUSDC")]
            for best in bests:
                assert best is None or (best[0] > order.price_ticks if side is BUY else best[0] < order.price_ticks)
