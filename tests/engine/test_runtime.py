"""The engine in its thread, as a screen sees it."""

import json
import threading
import time
from decimal import Decimal

import pytest
from engine_table import SOON, limit
from fake_client import PERP, SPOT, FakeClient, position

from tui.binance.client import AccountState
from tui.config import Limits, Settings
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import SubmitOrder
from tui.engine.commands.safety import Arm, Lock, SetLimit
from tui.engine.commands.views import FocusSymbol
from tui.engine.journal import JournalError
from tui.engine.runtime import Runtime
from tui.engine.status import balances_document, orders_document, positions_document, status_document
from tui.engine.store import Link, Session, TradingState

D = Decimal


def wait(condition, timeout=30):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def reply_to(runtime, number):
    taken = []
    wait(lambda: taken.extend(runtime.replies()) or any(reply.command_id == number for reply in taken))
    return next(reply for reply in taken if reply.command_id == number)


@pytest.fixture
def runtime(tmp_path):
    made = []
    factories = [lambda one=one: made.append(FakeClient(one)) or made[-1] for one in (SPOT, PERP)]
    session = Session("demo", "main", False, False)
    engine = Runtime(factories, Settings(), session, tmp_path / "journal.sqlite", patience=SOON)
    engine.made = made
    yield engine
    assert engine.stop()


@pytest.fixture
def running(runtime):
    runtime.start()
    wait(lambda: runtime.store.focus is not None)
    wait(lambda: runtime.store.market("BTCUSDT").book.is_live)
    wait(lambda: all(link.user is link.market is Link.LIVE for link in runtime.store.links.values()))
    return runtime


def test_it_starts_looking_at_something_by_itself(running) -> None:
    assert running.store.focus == "BTCUSDT"
    assert running.store.watched == ("BTCUSDT", "BTCUSDT-PERP")


def test_a_command_goes_in_and_its_reply_comes_out(running) -> None:
    assert running.preview(limit()).refusal is None
    locked = reply_to(running, running.send(SubmitOrder(limit()), Origin.LADDER))
    assert (locked.result, locked.refusal.rule) == (Result.REFUSED, "locked")
    assert reply_to(running, running.send(Arm(), Origin.KEY)).result is Result.DONE
    sent = reply_to(running, running.send(SubmitOrder(limit()), Origin.LADDER))
    assert sent.result is Result.DONE
    assert running.store.orders[sent.client_order_id].status.is_working
    reply_to(running, running.send(Lock("focus lost"), Origin.KEY))
    assert running.store.session.trading is TradingState.LOCKED
    assert running.store.session.trading_reason == "focus lost"


def test_an_unknown_symbol_gets_a_sentence(running) -> None:
    reply = reply_to(running, running.send(FocusSymbol("NOSUCH"), Origin.KEY))
    assert reply.text == "NOSUCH is not a symbol of this exchange"


def test_a_limit_can_be_changed_for_the_session(running) -> None:
    assert running.preview(limit(quantity="0.5")).refusal is None
    reply_to(running, running.send(SetLimit("max.order.notional", D(20)), Origin.COMMAND_LINE))
    assert running.preview(limit(quantity="0.5")).refusal.rule == "max-notional"
    wrong = reply_to(running, running.send(SetLimit("max.order.notion", D(20)), Origin.COMMAND_LINE))
    assert "did you mean max.order.notional" in wrong.text


def test_a_read_only_session_cannot_be_armed(tmp_path) -> None:
    engine = Runtime([lambda: FakeClient(SPOT)], Settings(), Session("demo", "main", False, True), None)
    engine.start()
    assert reply_to(engine, engine.send(Arm(), Origin.KEY)).refusal.rule == "read-only"
    assert engine.stop()


def test_idle_arming_ends(tmp_path) -> None:
    settings = Settings(limits=Limits(armed_for_s=1))
    engine = Runtime([lambda: FakeClient(SPOT)], settings, Session("demo", "main", False, False), None)
    engine.start()
    reply_to(engine, engine.send(Arm(), Origin.KEY))
    assert engine.store.session.trading is TradingState.ARMED
    wait(lambda: engine.store.session.trading is TradingState.LOCKED)
    assert "nothing traded for 1 s" in engine.store.session.trading_reason
    assert engine.stop()


def test_stopping_closes_connections_and_refuses_what_comes_later(running) -> None:
    assert running.stop()
    assert all(client.closed for client in running.made)
    assert all(link.market is Link.DOWN for link in running.store.links.values())
    number = running.send(SubmitOrder(limit(), True), Origin.KEY)
    assert [reply.text for reply in running.replies() if reply.command_id == number] == [
        "The engine is not running: nothing was sent"
    ]


def test_a_broken_journal_fails_the_start(tmp_path) -> None:
    (tmp_path / "journal.sqlite").write_text("no database " * 200)
    session = Session("demo", "main", False, False)
    engine = Runtime([lambda: FakeClient(SPOT)], Settings(), session, tmp_path / "journal.sqlite")
    with pytest.raises(JournalError, match="cannot be used"):
        engine.start()
    assert engine.stop()


def test_a_client_that_cannot_be_made_is_told(tmp_path) -> None:
    def broken():
        raise ValueError("no such product")

    engine = Runtime([broken], Settings(), Session("demo", "main", False, False), None)
    engine.start()
    assert engine.stop()
    assert not engine.is_running
    assert "no such product" in engine.store.messages[0].text


def test_a_held_engine_makes_no_client_before_it_is_released(tmp_path) -> None:
    made = threading.Event()

    def make():
        made.set()
        return FakeClient(SPOT)

    engine = Runtime([make], Settings(), Session("demo", "main", False, False), None)
    engine.start(hold=True)
    assert engine.is_running
    assert not made.is_set()
    engine.release()
    assert made.wait(5)
    assert engine.stop()


def test_status_documents_are_plain_json_with_products(running) -> None:
    perp = running.made[1]
    perp.state = AccountState([], [position("2")])
    running._loop.call_soon_threadsafe(perp.user.on_positions, [position("2")])
    wait(lambda: running.store.positions)
    reply_to(running, running.send(SubmitOrder(limit(), True), Origin.SCRIPT))
    store = running.store
    documents = [status_document(store), orders_document(store), positions_document(store), balances_document(store)]
    status, orders, positions, balances = json.loads(json.dumps(documents))
    assert {link["product"] for link in status["links"]} == {"spot", "usdm"}
    assert orders["orders"][0]["price"] == "99.5"
    assert orders["orders"][0]["product"] == "spot"
    assert positions["positions"][0]["quantity"] == "2"
    assert balances["balances"][0]["free"] == "1000"
