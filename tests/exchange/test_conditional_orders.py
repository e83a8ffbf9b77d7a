from decimal import Decimal as D

import pytest
from contracts import Pit
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from test_futures_venue import BUY, SELL, quoted, requote
from venues import limit, market

from tui.domain.product import Product
from tui.exchange.conditional import AlgoOrder, AlgoState, follow, is_triggered, would_trigger
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection


def algo(side, kind: str, quantity: str | None = "0.5", **more) -> AlgoOrder:
    for name in ("price", "trigger_price", "activate_price", "callback_rate"):
        if name in more:
            more[name] = D(more[name])
    return AlgoOrder("BTCUSDT", side, kind, "ann", quantity=D(quantity) if quantity else None, **more)


def placed(**more: str):
    """A venue where ann is long, and the states her conditional orders go through."""
    venue, told = quoted(**more)
    venue.place("ann", market(BUY, "0.5"))
    states: list[AlgoState] = []
    venue.algos.listeners.append(lambda order: states.append(order.state))
    return venue, told, states


def print_at(venue, price: str) -> None:
    """A trade at this price, and the mark around it."""
    tick = D("0.1")
    requote(venue, str(D(price) - tick), price)
    venue.place("bob", market(BUY, "0.001"))
    venue.turn()


def test_a_stop_goes_through_its_whole_life():
    venue, _told, states = placed()
    stop = venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000", client_algo_id="sl", reduce_only=True))
    assert (stop.algo_id, stop.state) == (4_000_000_000_000_001, AlgoState.NEW)
    assert venue.open_orders("ann") == []
    print_at(venue, "90000.1")
    assert stop.state is AlgoState.NEW
    print_at(venue, "90000")
    assert states == [AlgoState.NEW, AlgoState.TRIGGERING, AlgoState.TRIGGERED, AlgoState.FINISHED]
    child = venue.order("ann", "BTCUSDT", stop.actual_order_id, None)
    assert (child.client_order_id, child.type, child.reduce_only) == ("sl", "MARKET", True)
    assert (stop.actual_quantity, stop.actual_price) == (D("0.5"), D("89999.9"))
    assert venue.futures.positions("ann") == []
    assert venue.algos.open_orders("ann") == []


def test_a_triggered_limit_order_is_cancelled_as_a_normal_one():
    venue, _, _states = placed()
    stop = venue.algos.place(algo(SELL, "STOP", price="91500", trigger_price="90500"))
    print_at(venue, "90400")
    assert stop.state is AlgoState.TRIGGERED
    with pytest.raises(Rejection, match="-2011"):
        venue.algos.cancel("ann", stop.algo_id, None)
    venue.cancel("ann", "BTCUSDT", stop.actual_order_id, None)
    assert (stop.state, stop.actual_quantity) == (AlgoState.FINISHED, 0)


def test_what_the_engine_refuses_is_rejected_with_its_reason():
    venue, _, _ = placed()
    stop = venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000", reduce_only=True))
    venue.place("ann", market(SELL, "0.5"))
    print_at(venue, "90000")
    assert (stop.state, stop.reject_reason) == (AlgoState.REJECTED, "ReduceOnly Order is rejected.")


@pytest.mark.parametrize(
    ("side", "kind", "more", "code"),
    [
        (SELL, "LIMIT", {"price": "90000"}, -1116),
        (SELL, "STOP_MARKET", {}, -1102),
        (SELL, "STOP_MARKET", {"trigger_price": "91000.1"}, -2021),
        (BUY, "STOP_MARKET", {"trigger_price": "91000.1"}, -2021),
        (SELL, "TAKE_PROFIT_MARKET", {"trigger_price": "90000"}, -2021),
        (BUY, "TAKE_PROFIT_MARKET", {"trigger_price": "92000"}, -2021),
        (SELL, "STOP", {"trigger_price": "90000"}, -1102),
        (SELL, "STOP", {"trigger_price": "90000", "price": "80000"}, -4184),
        (BUY, "STOP", {"trigger_price": "92000", "price": "99000"}, -4183),
        (SELL, "STOP", {"trigger_price": "90000", "price": "90000", "price_match": "QUEUE"}, -1106),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "price_match": "QUEUE"}, -5038),
        (SELL, "STOP", {"trigger_price": "90000", "price_match": "BEST"}, -5037),
        (SELL, "STOP_MARKET", {"trigger_price": "90000.05"}, -4014),
        (SELL, "STOP_MARKET", {"trigger_price": "-1"}, -4006),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "working_type": "LAST"}, -4031),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "close_position": True}, -4137),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "position_side": "LONG"}, -4061),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "time_in_force": "DAY"}, -1115),
        (SELL, "STOP_MARKET", {"trigger_price": "90000", "client_algo_id": "a b"}, -4015),
        (SELL, "TRAILING_STOP_MARKET", {}, -1102),
        (SELL, "TRAILING_STOP_MARKET", {"callback_rate": "0.09"}, -2007),
        (SELL, "TRAILING_STOP_MARKET", {"callback_rate": "20.1"}, -2007),
        (SELL, "TRAILING_STOP_MARKET", {"callback_rate": "1", "activate_price": "90000"}, -2021),
        (BUY, "TRAILING_STOP_MARKET", {"callback_rate": "1", "activate_price": "92000"}, -2021),
        (SELL, "TRAILING_STOP_MARKET", {"callback_rate": "1", "trigger_price": "90000"}, -1106),
    ],
)
def test_refusals(side, kind, more, code):
    venue, _, states = placed()
    with pytest.raises(Rejection) as refused:
        venue.algos.place(algo(side, kind, **more))
    assert refused.value.code == code
    assert states == []


def test_at_most_200_wait_and_their_client_ids_differ():
    venue, _, _ = placed()
    first = algo(SELL, "STOP_MARKET", trigger_price="90000", client_algo_id="x")
    venue.algos.place(first)
    with pytest.raises(Rejection, match="-4116"):
        venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000", client_algo_id="x"))
    for _ in range(199):
        venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000"))
    with pytest.raises(Rejection, match="-4045"):
        venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000"))
    venue.algos.cancel_all("ann", "BTCUSDT")
    assert venue.algos.open_orders("ann") == []


def test_closing_all_closes_once_and_takes_its_sibling_with_it():
    venue, _, _ = placed()
    stop = venue.algos.place(algo(SELL, "STOP_MARKET", None, trigger_price="90000", close_position=True))
    take = venue.algos.place(algo(SELL, "TAKE_PROFIT_MARKET", None, trigger_price="93000", close_position=True))
    with pytest.raises(Rejection, match="-4130"):
        venue.algos.place(algo(SELL, "STOP_MARKET", None, trigger_price="89000", close_position=True))
    venue.place("ann", market(BUY, "0.2"))
    print_at(venue, "90000")
    assert (stop.state, stop.actual_quantity, take.state) == (AlgoState.FINISHED, D("0.7"), AlgoState.EXPIRED)
    print_at(venue, "93000")
    assert venue.futures.positions("ann") == []


def test_a_position_closed_by_hand_ends_what_was_bound_to_it():
    venue, _, _ = placed()
    stop = venue.algos.place(algo(SELL, "STOP_MARKET", None, trigger_price="90000", close_position=True))
    plain = venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000"))
    bound = venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000", time_in_force="GTE_GTC"))
    venue.place("ann", market(SELL, "0.5"))
    assert [stop.state, plain.state, bound.state] == [AlgoState.EXPIRED, AlgoState.NEW, AlgoState.EXPIRED]
    with pytest.raises(Rejection, match="-4509"):
        venue.algos.place(algo(SELL, "STOP_MARKET", trigger_price="90000", time_in_force="GTE_GTC"))


def test_a_trailing_stop_follows_after_its_activation():
    venue, _, states = placed()
    trail = venue.algos.place(algo(SELL, "TRAILING_STOP_MARKET", callback_rate="1", activate_price="92000"))
    assert (states, trail.is_activated) == ([AlgoState.NEW], False)
    print_at(venue, "90000")
    assert trail.state is AlgoState.NEW
    print_at(venue, "92000")
    assert (states, trail.is_activated) == ([AlgoState.NEW, AlgoState.NEW], True)
    print_at(venue, "94000")
    print_at(venue, "93060.1")
    assert trail.state is AlgoState.NEW
    print_at(venue, "93060")
    assert trail.state is AlgoState.FINISHED


def test_working_type_says_which_price_counts():
    venue, _, _ = placed()
    by_mark = venue.algos.place(algo(SELL, "STOP_MARKET", "0.1", trigger_price="90000", working_type="MARK_PRICE"))
    by_last = venue.algos.place(algo(SELL, "STOP_MARKET", "0.1", trigger_price="90000"))
    requote(venue, "89000", "89000.1")
    venue.turn()
    assert (by_mark.state, by_last.state) == (AlgoState.FINISHED, AlgoState.FINISHED)


def test_price_protection_holds_a_trigger_back_while_mark_and_last_are_apart():
    venue, _, _ = placed()
    entry = {"trigger_price": "90000", "working_type": "MARK_PRICE"}
    held = venue.algos.place(algo(SELL, "STOP_MARKET", "0.1", price_protect=True, **entry))
    requote(venue, "85000", "85000.1")
    venue.turn()
    assert held.state is AlgoState.NEW
    venue.place("bob", market(BUY, "0.001"))
    assert held.state is AlgoState.FINISHED


def test_good_till_date_ends_conditional_and_normal_orders():
    venue, _told, _ = placed()
    until = venue.clock.now_ms() + 700_999
    stop = venue.algos.place(algo(SELL, "STOP", price="90000", trigger_price="90000", time_in_force="GTD",
                                  good_till_ms=until))  # fmt: skip
    order = venue.place("ann", limit(BUY, "0.5", "90000", tif="GTD", good_till_ms=until))
    assert stop.good_till_ms == order.good_till_ms == until // 1000 * 1000
    venue.turn()
    venue.clock.advance(701_000)
    venue.turn()
    assert (stop.state, order.state) == (AlgoState.EXPIRED, OrderState.EXPIRED)
    with pytest.raises(Rejection, match="-5040"):
        venue.place("ann", limit(BUY, "0.5", "90000", tif="GTD", good_till_ms=venue.clock.now_ms() + 600_000))
    with pytest.raises(Rejection, match="-1102"):
        venue.place("ann", limit(BUY, "0.5", "90000", tif="GTD"))


def test_in_hedge_mode_a_stop_closes_only_its_side():
    venue, _ = quoted()
    venue.set_hedged("ann", True)
    for side, name in ((BUY, "LONG"), (SELL, "SHORT")):
        venue.place("ann", market(side, "0.5", position_side=name))
    stop = venue.algos.place(
        algo(SELL, "STOP_MARKET", None, trigger_price="90000", close_position=True, position_side="LONG")
    )
    with pytest.raises(Rejection, match="-4136"):
        venue.algos.place(
            algo(BUY, "STOP_MARKET", None, trigger_price="93000", close_position=True, position_side="LONG")
        )
    print_at(venue, "90000")
    assert stop.state is AlgoState.FINISHED
    assert [(side, state.quantity) for _, side, state in venue.futures.positions("ann")] == [("SHORT", D("-0.5"))]


@pytest.mark.parametrize(
    ("side", "mode", "price"),
    [
        (BUY, "OPPONENT", "91000.1"),
        (BUY, "QUEUE", "91000"),
        (SELL, "OPPONENT", "91000"),
        (SELL, "QUEUE", "91000.1"),
        (BUY, "QUEUE_5", None),
    ],
)
def test_price_match_takes_its_price_from_the_book(side, mode, price):
    venue, _ = quoted()
    entry = limit(side, "0.5", "1", price_match=mode)
    with pytest.raises(Rejection, match="-1106"):
        venue.place("ann", entry)
    entry = replace(entry, price=None)
    if price is None:
        with pytest.raises(Rejection, match="-5041"):
            venue.place("ann", entry)
        return
    order = venue.place("ann", entry)
    assert (order.listing.tick.value(order.price_ticks), order.price_match) == (D(price), mode)


def test_a_countdown_cancels_unless_it_is_renewed():
    venue, _ = quoted()
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    now = venue.clock.now_ms
    venue.deadlines.count_down("ann", "BTCUSDT", 1_000, now())
    venue.clock.advance(900)
    venue.deadlines.count_down("ann", "BTCUSDT", 1_000, now())
    venue.clock.advance(900)
    venue.turn()
    assert order.state is OrderState.NEW
    venue.clock.advance(100)
    venue.turn()
    assert order.state is OrderState.CANCELED
    order = venue.place("ann", limit(BUY, "0.5", "90000"))
    venue.deadlines.count_down("ann", "BTCUSDT", 1_000, now())
    venue.deadlines.count_down("ann", "BTCUSDT", 0, now())
    venue.clock.advance(5_000)
    venue.turn()
    assert order.state is OrderState.NEW


prices = st.lists(st.integers(500, 1_500).map(D), min_size=1, max_size=40)


@given(st.sampled_from([BUY, SELL]), prices, st.sampled_from([D("0.1"), D(5), D(20)]), st.none() | st.integers(1, 2000))
def test_a_trailing_stop_triggers_exactly_when_the_price_turned_by_its_rate(side, seen, rate, activation):
    order = AlgoOrder("BTCUSDT", side, "TRAILING_STOP_MARKET", callback_rate=rate)
    order.activate_price = D(activation) if activation else None
    if would_trigger(order, seen[0]):
        return
    best = min if side is BUY else max
    for count, price in enumerate(seen, 1):
        follow(order, price)
        extreme = best(seen[:count])
        active = activation is None or (extreme <= activation if side is BUY else extreme >= activation)
        turn = extreme * (1 + rate / 100) if side is BUY else extreme * (1 - rate / 100)
        assert is_triggered(order, price) == (active and (price >= turn if side is BUY else price <= turn))


@pytest.mark.parametrize("product", [Product.USDM, Product.COINM])
def test_a_delivered_contract_takes_its_conditional_orders_with_it(product):
    pit = Pit(product, "ann", wallet="10000" if product is Product.USDM else "1")
    pit.clock.advance(-600_000)
    quantity = D("0.1") if product is Product.USDM else D(10)
    last = pit.venue.books[pit.dated].last_price
    stop = AlgoOrder(pit.dated, SELL, "STOP_MARKET", "ann", quantity=quantity, trigger_price=last // 2)
    pit.venue.algos.place(stop)
    pit.clock.advance(900_000)
    pit.venue.turn()
    assert stop.state is AlgoState.EXPIRED
    with pytest.raises(Rejection, match="-4141"):
        pit.venue.algos.place(
            AlgoOrder(pit.dated, SELL, "STOP_MARKET", "ann", quantity=quantity, trigger_price=last // 2)
        )


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "refusal"),
    [
        (BUY, "STOP_MARKET", "455001", r"-4210 Stop price can't be higher than 455000\.\d+\.$"),
        (SELL, "STOP_MARKET", "18199", r"-4211 Stop price can't be lower than 18200\.\d+\.$"),
    ],
)
def test_a_trigger_far_from_the_market_is_refused(side, kind, trigger, refusal):
    venue, _, _ = placed()
    with pytest.raises(Rejection, match=refusal):
        venue.algos.place(algo(side, kind, trigger_price=trigger))
