"""When waiting spot orders fire, told from the whole history of prices at once (spot API docs, FAQ "Trailing stop")."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from venues import limit, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry

BUY, SELL = Side.BUY, Side.SELL
START = 91_200

prices = st.lists(st.integers(-12, 12).map(lambda step: START + 50 * step), max_size=25)


def is_activated(kind: str, side: Side, price: int, stop: int) -> bool:
    """Whether a price has come to the stop price."""
    rises = (kind == "STOP_LOSS") == (side is BUY)
    return price >= stop if rises else price <= stop


def fires_at(kind: str, side: Side, stop: int | None, delta: int | None, history: list[int]) -> int | None:
    """The index of the trade that triggers the order, None where none does."""
    begun = next(
        (at for at, price in enumerate(history) if stop is None or is_activated(kind, side, price, stop)), None
    )
    if begun is None or delta is None:
        return begun
    for at in range(begun + 1, len(history)):
        seen, turn = history[begun : at + 1], Fraction(delta, 10_000)
        if side is SELL and history[at] <= max(seen) * (1 - turn):
            return at
        if side is BUY and history[at] >= min(seen) * (1 + turn):
            return at
    return None


@given(
    kind=st.sampled_from(["STOP_LOSS", "TAKE_PROFIT"]),
    side=st.sampled_from(Side),
    stop=st.integers(-8, 8).map(lambda step: START + 50 * step) | st.none(),
    delta=st.sampled_from([None, 10, 25, 50, 100]),
    history=prices,
)
@example(kind="STOP_LOSS", side=SELL, stop=None, delta=50, history=[91_200, 91_300, 90_850, 90_800])
@example(kind="TAKE_PROFIT", side=BUY, stop=91_000, delta=25, history=[91_100, 91_000, 90_900, 91_150])
def test_a_waiting_order_fires_on_the_first_trade_that_should(kind, side, stop, delta, history):
    assume(stop is not None or delta is not None)
    venue, _ = spot_venue()

    def trade(price: int) -> None:
        venue.place("bob", limit(SELL, "0.1", str(price)))
        venue.place("cleo", limit(BUY, "0.1", str(price)))

    trade(START)
    wanted = SpotEntry(
        "BTCUSDT", side, kind, quantity=D("0.1"), stop_price=None if stop is None else D(stop), trailing_delta=delta
    )
    if stop is not None and is_activated(kind, side, START, stop):
        with pytest.raises(Rejection, match="-2010 Order would trigger immediately"):
            venue.place("ann", wanted)
        return
    order = venue.place("ann", wanted)
    expected_at = fires_at(kind, side, stop, delta, history)
    for at, price in enumerate(history):
        assert order.is_waiting, f"fired before {at}"
        trade(price)
        if at == expected_at:
            break
    assert order.is_waiting == (expected_at is None)
