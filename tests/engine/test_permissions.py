"""Sessions that may not write: read-only ones, and real money that nobody has confirmed."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from engine_table import PERP, SPOT, limit
from fake_client import FakeClient
from test_runtime import reply_to, wait

from tui.config import Settings
from tui.domain.order import LegRole, OrderChange, OrderListRequest, OrderStatus, order_from_request
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.algos.plan import TwapPlan
from tui.engine.commands import WRITES, Origin
from tui.engine.commands.account import (
    AddMargin,
    Borrow,
    Repay,
    SetHedgeMode,
    SetIsolated,
    SetLeverage,
    SetMultiAssets,
    Transfer,
)
from tui.engine.commands.answers import Result
from tui.engine.commands.automation import StartAlgo, StopAlgo
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    CancelOrders,
    ChangeOrder,
    ChangeOrders,
    ClosePosition,
    Flatten,
    Protect,
    ReversePosition,
    SetCountdown,
    SubmitOrder,
    SubmitOrderList,
    SubmitOrders,
)
from tui.engine.commands.safety import Arm, ConfirmEnvironment, Halt
from tui.engine.commands.views import FocusSymbol
from tui.engine.runtime import Runtime
from tui.engine.store import Link, Session, TradingState

LISTED = OrderListRequest(None, (limit(), limit()))

WRITING = [
    SubmitOrder(limit(), reviewed=True),
    SubmitOrder(limit()),
    SubmitOrders((limit(),), reviewed=True),
    SubmitOrderList(LISTED, reviewed=True),
    ChangeOrder("btui-1", OrderChange(D(1)), reviewed=True),
    ChangeOrders((("btui-1", OrderChange(D(1))),), reviewed=True),
    CancelOrder("btui-1"),
    CancelOrders(("btui-1",)),
    CancelEntries(None, include_protective=True),
    ClosePosition(PERP.symbol, D(1), reviewed=True),
    ReversePosition(PERP.symbol, reviewed=True),
    Flatten(reviewed=True),
    Protect(PERP.symbol, D(1), reviewed=True),
    SetLeverage(PERP.symbol, 5, reviewed=True),
    SetIsolated(PERP.symbol, True, reviewed=True),
    AddMargin(PERP.symbol, D(1), reviewed=True),
    SetHedgeMode(Product.USDM, True, reviewed=True),
    SetMultiAssets(Product.USDM, True, reviewed=True),
    Borrow("USDT", D(1), reviewed=True),
    Repay("USDT", D(1), reviewed=True),
    Transfer("USDT", D(1), True, reviewed=True),
    SetCountdown(PERP.symbol, 60_000),
    StartAlgo(TwapPlan(SPOT.symbol, Side.BUY, D(1), 60, 6), reviewed=True),
    StopAlgo(),
    Arm(),
    Halt(),
]


def started(session: Session) -> Runtime:
    engine = Runtime([lambda: FakeClient(SPOT)], Settings(), session, None)
    engine.start()
    wait(lambda: engine.store.focus is not None)
    wait(lambda: all(link.user is link.market is Link.LIVE for link in engine.store.links.values()))
    return engine


def test_every_writing_command_is_tried() -> None:
    assert {type(command) for command in WRITING} == set(WRITES)


@pytest.mark.parametrize("origin", list(Origin))
def test_a_read_only_engine_takes_nothing_that_writes(origin: Origin) -> None:
    engine = started(Session("demo", "main", False, read_only=True))
    try:
        for command in WRITING:
            reply = reply_to(engine, engine.send(command, origin))
            assert (reply.result, reply.refusal.rule) == (Result.REFUSED, "read-only"), command
        assert engine.store.session.trading is TradingState.LOCKED
        assert not engine.store.orders
        assert engine.preview(limit()).refusal.rule == "read-only"
        assert reply_to(engine, engine.send(FocusSymbol(SPOT.symbol), origin)).result is Result.DONE
    finally:
        assert engine.stop()


def test_real_money_is_confirmed_by_its_name_alone_and_once() -> None:
    engine = started(Session("live", "main", True, read_only=False, awaits_confirmation=True))
    try:
        for command in WRITING:
            if isinstance(command, Halt | StopAlgo):
                continue
            reply = reply_to(engine, engine.send(command, Origin.SCRIPT))
            assert (reply.result, reply.refusal.rule) == (Result.REFUSED, "unconfirmed"), command
            assert "type live" in reply.text
        assert engine.preview(limit()).refusal.rule == "unconfirmed"
        wrong = reply_to(engine, engine.send(ConfirmEnvironment("testnet"), Origin.KEY))
        assert wrong.result is Result.REFUSED
        assert engine.store.session.awaits_confirmation
        assert reply_to(engine, engine.send(ConfirmEnvironment("live"), Origin.KEY)).result is Result.DONE
        assert engine.preview(limit()).refusal is None
        assert reply_to(engine, engine.send(SubmitOrder(limit(), reviewed=True), Origin.KEY)).result is Result.DONE
    finally:
        assert engine.stop()


def test_what_takes_back_entries_waited_for_the_name_of_the_environment() -> None:
    engine = started(Session("live", "main", True, read_only=False, awaits_confirmation=True))
    try:
        entry, exit_ = (order_from_request(limit(), Product.SPOT, name, 1) for name in ("entry", "exit"))
        exit_ = replace(exit_, role=LegRole.STOP_LOSS)
        engine.store.orders = {
            one.client_order_id: replace(one, status=OrderStatus.NEW, order_id=7) for one in (entry, exit_)
        }
        for kept in (
            CancelOrder("exit"),
            CancelOrders(("entry", "exit")),
            CancelEntries(None, include_protective=True),
        ):
            assert reply_to(engine, engine.send(kept, Origin.KEY)).refusal.rule == "unconfirmed", kept
        for taken in (StopAlgo(), CancelOrder("entry"), CancelEntries("BTCUSDT"), Halt()):
            reply = reply_to(engine, engine.send(taken, Origin.KEY))
            assert reply.result is Result.DONE, (taken, reply.text)
        assert engine.store.orders["entry"].status is OrderStatus.CANCELED
        assert engine.store.orders["exit"].status is OrderStatus.NEW
        assert engine.store.session.trading is TradingState.HALTED
        assert engine.store.session.awaits_confirmation
    finally:
        assert engine.stop()
