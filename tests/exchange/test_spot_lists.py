"""Order lists: what the fate of one order does to the others."""

from decimal import Decimal as D

import pytest
from venues import limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry

BUY, SELL = Side.BUY, Side.SELL


def maker(side: Side, price: str, quantity: str | None = "1", **more: object) -> SpotEntry:
    size = None if quantity is None else D(quantity)
    return SpotEntry("BTCUSDT", side, "LIMIT_MAKER", quantity=size, price=D(price), **more)


def stop(side: Side, price: str, quantity: str | None = "1", **more: object) -> SpotEntry:
    size = None if quantity is None else D(quantity)
    return SpotEntry("BTCUSDT", side, "STOP_LOSS", quantity=size, stop_price=D(price), **more)


@pytest.fixture
def told_venue():
    venue, told = spot_venue()
    told.lists = []
    venue.spot_orders.lists.listeners.append(lambda change: told.lists.append((change.status_type, change.order_list)))
    return venue, told


def states(found) -> list[tuple[str, str]]:
    return [(order.state.value, order.expiry_reason) for order in found.orders]


def oco(venue, account: str = "ann"):
    return venue.spot_orders.lists.place(account, "OCO", None, [maker(SELL, "93000"), stop(SELL, "90000")])


def test_an_oco_locks_once_and_tells_of_both(told_venue):
    venue, told = told_venue
    found = oco(venue)
    assert venue.spot.locked("ann", "BTC") == 1
    assert [order.type for order in found.orders] == ["STOP_LOSS", "LIMIT_MAKER"]
    assert [change.execution_type for change in told.orders] == ["NEW", "NEW"]
    assert [status for status, _ in told.lists] == ["EXEC_STARTED"]


def test_a_fill_of_one_leg_even_in_part_ends_the_other(told_venue):
    venue, told = told_venue
    found = oco(venue)
    venue.place("bob", limit(BUY, "0.4", "93000"))
    assert states(found) == [("EXPIRED", "OCO_TRIGGER"), ("PARTIALLY_FILLED", "NONE")]
    assert (found.is_done, told.lists[-1][0]) == (True, "ALL_DONE")
    assert venue.spot.locked("ann", "BTC") == D("0.6")


def test_a_triggered_stop_ends_the_limit_order_before_it_trades(told_venue):
    venue, _ = told_venue
    found = oco(venue)
    venue.place("bob", limit(BUY, "5", "90000"))
    venue.place("cleo", market(SELL, "0.1"))
    assert states(found) == [("FILLED", "NONE"), ("EXPIRED", "OCO_TRIGGER")]
    assert venue.depth("BTCUSDT", 5)[2] == []
    assert venue.spot.locked("ann", "BTC") == 0


def test_cancelling_one_leg_cancels_the_list(told_venue):
    venue, told = told_venue
    found = oco(venue)
    venue.cancel("ann", "BTCUSDT", found.orders[0].order_id, None, "bye")
    assert states(found) == [("CANCELED", "NONE")] * 2
    assert {order.client_order_id for order in found.orders} == {"bye"}
    assert told.lists[-1][0] == "ALL_DONE"
    assert venue.spot.locked("ann", "BTC") == 0


@pytest.mark.parametrize(
    ("entries", "refusal"),
    [
        ([maker(SELL, "90000"), stop(SELL, "89000")], "-2010 The relationship of the prices"),
        ([maker(SELL, "93000"), stop(SELL, "92000")], "-2010 The relationship of the prices"),
        ([maker(SELL, "93000"), maker(SELL, "94000")], "-1168"),
        ([stop(SELL, "93000"), maker(SELL, "90000")], "-1197"),
        ([maker(BUY, "93000"), stop(BUY, "90000")], "-1165"),
        ([maker(SELL, "93000"), limit(SELL, "1", "90000")], "-1158"),
        ([maker(SELL, "93000", "21"), stop(SELL, "90000", "21")], "-2010 Account has insufficient balance"),
        ([maker(SELL, "93000", client_order_id="x"), stop(SELL, "90000", client_order_id="x")], "-2010 Duplicate"),
    ],
)
def test_pairs_that_are_refused(told_venue, entries, refusal):
    venue, told = told_venue
    with pytest.raises(Rejection) as refused:
        venue.spot_orders.lists.place("ann", "OCO", None, [SpotEntry.of(entry) for entry in entries])
    assert str(refused.value).startswith(refusal)
    assert (told.orders, told.lists, venue.spot.locked("ann", "BTC")) == ([], [], 0)


def test_a_pending_order_waits_for_the_whole_working_order(told_venue):
    venue, _ = told_venue
    working = SpotEntry.of(limit(BUY, "1", "91000"))
    found = venue.spot_orders.lists.place("ann", "OTO", "mine", [working, maker(SELL, "93000")])
    pending = found.orders[1]
    venue.place("bob", limit(SELL, "0.4", "91000"))
    assert pending.state is OrderState.PENDING_NEW
    assert venue.depth("BTCUSDT", 5)[2] == []
    venue.place("bob", limit(SELL, "0.6", "91000"))
    assert pending.state is OrderState.NEW
    assert venue.depth("BTCUSDT", 5)[2] == [(9_300_000, 100_000)]
    assert not found.is_done
    venue.place("bob", limit(BUY, "1", "93000"))
    assert (pending.state, found.is_done) == (OrderState.FILLED, True)


def test_a_working_order_that_ends_takes_the_pending_ones_along(told_venue):
    venue, _ = told_venue
    working = SpotEntry.of(limit(BUY, "1", "91000", tif="IOC"))
    pending = [maker(SELL, "93000"), stop(SELL, "90000")]
    found = venue.spot_orders.lists.place("ann", "OTOCO", None, [working, *pending])
    assert states(found)[0] == ("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")
    assert states(found)[1:] == [("EXPIRED", "OTO_PHASE_ONE_EXPIRED")] * 2
    assert found.is_done


def test_a_pending_order_without_funds_expires_as_rejected(told_venue):
    venue, _ = told_venue
    working = SpotEntry.of(limit(BUY, "1", "91000"))
    found = venue.spot_orders.lists.place("ann", "OTO", None, [working, maker(SELL, "93000", "25")])
    venue.place("bob", limit(SELL, "1", "91000"))
    assert states(found) == [("FILLED", "NONE"), ("EXPIRED", "REJECTED")]


def test_an_opo_sells_what_was_bought_less_commission(told_venue):
    venue, _ = told_venue
    working = SpotEntry.of(limit(BUY, "1", "91000"))
    pair = [maker(SELL, "93000", None), stop(SELL, "90000", None)]
    found = venue.spot_orders.lists.place("ann", "OPOCO", None, [working, *pair])
    assert [order.lacks_quantity for order in found.orders] == [False, True, True]
    venue.place("bob", limit(SELL, "0.5", "91000"))
    assert venue.spot.locked("ann", "BTC") == D("0.4995")
    venue.place("bob", limit(SELL, "0.5", "91000"))
    assert [order.lots for order in found.pending] == [99_900, 99_900]
    assert venue.spot.locked("ann", "BTC") == D("0.999")
    venue.cancel("ann", "BTCUSDT", found.pending[0].order_id, None)
    assert venue.spot.balances("ann")["BTC"] == (D("20.999"), 0)


def test_cancelling_a_partly_filled_opo_frees_what_was_bought(told_venue):
    venue, _ = told_venue
    found = venue.spot_orders.lists.place(
        "ann", "OPO", None, [SpotEntry.of(limit(BUY, "1", "91000")), maker(SELL, "93000", None)]
    )
    venue.place("bob", limit(SELL, "0.5", "91000"))
    venue.cancel("ann", "BTCUSDT", found.orders[0].order_id, None)
    assert venue.spot.balances("ann")["BTC"] == (D("20.4995"), 0)


@pytest.mark.parametrize(
    ("working", "pending", "code"),
    [
        (limit(SELL, "1", "93000"), maker(SELL, "94000", None), -1222),
        (limit(BUY, "1", "90000"), maker(BUY, "89000", None), -1223),
    ],
)
def test_an_opo_buys_first_and_sells_then(told_venue, working, pending, code):
    venue, _ = told_venue
    with pytest.raises(Rejection) as refused:
        venue.spot_orders.lists.place("ann", "OPO", None, [SpotEntry.of(working), pending])
    assert refused.value.code == code


def test_a_list_name_is_free_again_when_its_list_is_done(told_venue):
    venue, _ = told_venue
    pair = [maker(SELL, "93000", "0.1"), stop(SELL, "90000", "0.1")]
    found = venue.spot_orders.lists.place("ann", "OCO", "same", pair)
    with pytest.raises(Rejection, match="Duplicate"):
        venue.spot_orders.lists.place("ann", "OCO", "same", pair)
    venue.cancel("ann", "BTCUSDT", found.orders[0].order_id, None)
    again = venue.spot_orders.lists.place("ann", "OCO", "same", pair)
    assert venue.spot_orders.lists.memory.find("ann", None, "same") is again
