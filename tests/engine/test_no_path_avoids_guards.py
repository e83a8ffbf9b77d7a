"""Whatever is asked for, by whom and in which state: nothing reaches the wire that the guards have not passed."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import Table, limit
from fake_client import BOOK, PERP, position
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.config import Limits, Settings
from tui.domain.order import LegRole, OrderChange, OrderListRequest, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.algos.plan import ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.commands import Origin
from tui.engine.commands.automation import StartAlgo
from tui.engine.commands.orders import (
    ChangeOrder,
    ChangeOrders,
    ClosePosition,
    Flatten,
    Protect,
    ReversePosition,
    SubmitOrder,
    SubmitOrderList,
    SubmitOrders,
)
from tui.engine.store import Link, Session, TradingState

D = Decimal
P = PERP.symbol
_WIRE = ("place", "place_many", "change", "change_many", "test")


def market(quantity="0.1", side=Side.BUY, symbol=P, **changes) -> OrderRequest:
    return OrderRequest(symbol, side, OrderType.MARKET, D(quantity), **changes)


def bracket(reviewed) -> SubmitOrderList:
    entry = limit("99.5", "0.2", symbol=P)
    stop = replace(entry, side=Side.SELL, type=OrderType.STOP_MARKET, price=None, reduce_only=True)
    legs = (
        replace(stop, type=OrderType.MARKET_IF_TOUCHED, terms=Terms(trigger_price=D(103))),
        replace(stop, terms=Terms(trigger_price=D(98))),
    )
    return SubmitOrderList(OrderListRequest(entry, legs), reviewed)


#: Every command that can put an order on the wire or change one; `known` is a working order.
SENDING = {
    "submit": lambda seen: SubmitOrder(limit(symbol=P), seen),
    "submit on spot": lambda seen: SubmitOrder(limit(), seen),
    "submit several": lambda seen: SubmitOrders((limit("99.4", symbol=P), limit("99.3", symbol=P)), seen),
    "submit a list": bracket,
    "change": lambda seen: ChangeOrder("known", OrderChange(D("99.1")), seen),
    "change several": lambda seen: ChangeOrders((("known", OrderChange(D("99.2"))),), seen),
    "close": lambda seen: ClosePosition(P, reviewed=seen),
    "close a part at a price": lambda seen: ClosePosition(P, D("0.5"), D("100.5"), reviewed=seen),
    "reverse": lambda seen: ReversePosition(P, reviewed=seen),
    "flatten": lambda seen: Flatten(reviewed=seen),
    "protect": lambda seen: Protect(P, D(95), D(105), reviewed=seen),
    "scale": lambda seen: StartAlgo(ScalePlan(P, Side.BUY, D(1), D(99), D(98), 3), seen),
    "chase": lambda seen: StartAlgo(ChasePlan(P, Side.BUY, D(1)), seen),
    "twap": lambda seen: StartAlgo(TwapPlan(P, Side.BUY, D(1), 30, 3), seen),
    "iceberg": lambda seen: StartAlgo(IcebergPlan(P, Side.BUY, D(1), D(99), D("0.2")), seen),
}


def _read_only(table) -> None:
    table.store.session = replace(table.store.session, read_only=True)


def _unconfirmed(table) -> None:
    table.store.session = replace(table.store.session, awaits_confirmation=True)


def _halted(table) -> None:
    table.store.session = replace(table.store.session, trading=TradingState.HALTED)


def _armed(table) -> None:
    armed_until = table.clock.monotonic_ns() + 10**12
    table.store.session = replace(table.store.session, trading=TradingState.ARMED, armed_until_ns=armed_until)


def _no_links(table) -> None:
    for desk in table.session._desks:
        desk.market._connection = None
        desk._judged = lambda link, heard_ns: Link.DOWN
        desk._show_health()


def _blank_book(table) -> None:
    table.store.market(P).book.blank()
    table.store.market("BTCUSDT").book.blank()


def _locked(table) -> None:
    """As every session begins."""


STATES = {
    "locked": _locked,
    "armed": _armed,
    "halted": _halted,
    "read-only": _read_only,
    "unconfirmed": _unconfirmed,
    "no links": _no_links,
    "blank book": _blank_book,
}
LIMITS = {
    "wide": {},
    "small orders": {"max_order_notional": D("0.5")},
    "small position": {"max_position_notional": D("0.5")},
    "no open orders": {"max_open_orders": 1},
    "day lost": {"day_loss": D(1)},
    "no distance": {"price_distance_percent": D("0.0001"), "slippage_percent": D("0.0001")},
}


class Watched:
    """A session of which every verdict and every order on its way is kept."""

    def __init__(self, table) -> None:
        self.table = table
        self.passed: list[OrderRequest] = []
        self.sent: list[object] = []
        judge = table.bench.judge

        def judged(intent):
            verdict = judge(intent)
            if verdict.refusal is None:
                self.passed.append(intent.request)
            return verdict

        table.bench.judge = judged
        for client in (table.spot, table.perp):
            for name in _WIRE:
                self._watch(client, name)

    def _watch(self, client, name) -> None:
        done = getattr(client, name)

        async def watched(*what):
            first = what[0]
            self.sent += list(first) if isinstance(first, list | tuple) else [first]
            return await done(*what)

        setattr(client, name, watched)

    def unjudged(self) -> list[object]:
        """What went out without a verdict for just that symbol, side and size."""
        said = [(one.symbol, one.side, one.quantity) for one in self.passed]
        orders = [one[0] if isinstance(one, tuple) else one for one in self.sent]
        return [one for one in orders if (one.symbol, one.side, one.quantity) not in said]


def prepare(table) -> None:
    known = order_from_request(limit("99", "0.1", symbol=P), Product.USDM, "known", 1)
    table.session._floor.ledger.add(replace(known, status=OrderStatus.NEW, order_id=7))
    table.store.positions = {P: replace(position("0.3"), mark_price=D(100))}
    for symbol in (P, "BTCUSDT"):
        table.store.market(symbol).book.load(BOOK, [])


async def ask(tmp_path, names, state, limits, reviewed, origin) -> Watched:
    settings_ = Settings(limits=Limits(**LIMITS[limits]))
    table = Table(tmp_path / "j.sqlite", settings_, Session("demo", "main", False, False))
    try:
        await table.start(P)
        prepare(table)
        watched = Watched(table)
        STATES[state](table)
        for name in names:
            await table.do(SENDING[name](reviewed), origin)
        await asyncio.sleep(0)
        return watched
    finally:
        await table.session.close()
        table.journal.close()


@pytest.mark.parametrize("state", ["read-only", "unconfirmed"])
def test_a_session_that_must_not_send_sends_nothing_at_all(tmp_path, state) -> None:
    watched = asyncio.run(ask(tmp_path, list(SENDING), state, "wide", True, Origin.SCRIPT))
    assert watched.sent == []


def test_with_every_link_down_only_what_protects_a_position_is_sent(tmp_path) -> None:
    watched = asyncio.run(ask(tmp_path, list(SENDING), "no links", "wide", True, Origin.SCRIPT))
    assert {order.role for order in watched.sent} == {LegRole.STOP_LOSS, LegRole.TAKE_PROFIT}
    assert all(order.close_position for order in watched.sent)


def test_without_review_a_locked_session_sends_nothing(tmp_path) -> None:
    watched = asyncio.run(ask(tmp_path, list(SENDING), "locked", "wide", False, Origin.KEY))
    assert watched.sent == []


def test_the_commands_do_send_where_they_may(tmp_path) -> None:
    """Else the others would prove nothing."""
    watched = asyncio.run(ask(tmp_path, ["submit", "close", "protect", "scale"], "locked", "wide", True, Origin.TICKET))
    assert len(watched.sent) >= 6


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.sampled_from(list(SENDING)), min_size=1, max_size=4),
    state=st.sampled_from(list(STATES)),
    limits=st.sampled_from(list(LIMITS)),
    reviewed=st.booleans(),
    origin=st.sampled_from(list(Origin)),
)
def test_nothing_goes_out_that_no_guard_passed(tmp_path_factory, names, state, limits, reviewed, origin) -> None:
    folder = tmp_path_factory.mktemp("guards")
    watched = asyncio.run(ask(folder, names, state, limits, reviewed, origin))
    assert watched.unjudged() == []
