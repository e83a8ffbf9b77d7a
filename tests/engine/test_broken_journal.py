"""A journal that fails: nothing new is sent, what is there can be taken back, and the trader is told why."""

import contextlib
import sqlite3
import time
from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import SPOT, FakeClient, position
from test_brackets import PERP, started

from tui.config import Settings
from tui.domain.order import OrderChange, OrderStatus
from tui.domain.order_terms import Side
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, ChangeOrder, ChangeOrders, ClosePosition
from tui.engine.commands.safety import Halt
from tui.engine.journal import JournalError
from tui.engine.runtime import Runtime
from tui.engine.store import Session

D = Decimal


def is_full(table) -> None:
    """The disk takes no page more."""
    [pages] = table.journal._db.execute("PRAGMA page_count").fetchone()
    table.journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with contextlib.suppress(JournalError):
        while True:
            table.journal.write_event("filler", "", "x" * 4_000)


def is_held(table) -> None:
    """Another program has the file to itself."""
    table.journal._db.execute("PRAGMA busy_timeout = 0")
    table.other = sqlite3.connect(table.journal.path, isolation_level=None)
    table.other.execute("BEGIN EXCLUSIVE")


def is_corrupt(table) -> None:
    """A table is gone."""
    table.journal._db.execute("DROP TABLE intents")


@pytest.mark.parametrize("breaks", [is_full, is_held, is_corrupt])
async def test_nothing_is_sent_and_all_can_be_taken_back(open_table, breaks) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        table.perp.user.on_positions([position("1")])
        placed = await table.submit(limit(symbol=PERP))
        breaks(table)
        for refused in (
            await table.submit(limit("99.1", symbol=PERP)),
            await table.do(ClosePosition(PERP, reviewed=True)),
        ):
            assert (refused.result, refused.refusal.rule) == (Result.REFUSED, "journal")
            assert str(table.journal.path) in refused.text
        assert len(table.perp.placed) == 1
        assert table.said("cannot be used")
        assert (await table.do(CancelOrder(placed.client_order_id))).result is Result.DONE
        assert table.order(placed.client_order_id).status is OrderStatus.CANCELED
        assert (await table.do(Halt())).result is Result.DONE
        if breaks is is_held:
            table.other.close()


async def test_an_entry_was_changed_without_being_written_down(open_table) -> None:
    async with open_table(PERP, duplicate_window_ms=0) as table:
        table.perp.user.on_positions([position("1")])
        entries = [(await table.submit(limit(price, symbol=PERP))).client_order_id for price in ("99", "98")]
        exit_ = (await table.submit(limit("105", "1", Side.SELL, PERP, reduce_only=True))).client_order_id
        is_held(table)
        bigger, shrunk = OrderChange(quantity=D(2)), OrderChange(quantity=D("0.5"))
        assert (await table.do(ChangeOrder(entries[0], bigger, reviewed=True))).refusal.rule == "journal"
        both = await table.do(ChangeOrders(tuple((name, bigger) for name in (*entries, exit_)), reviewed=True))
        assert both.result is Result.REFUSED
        assert (await table.do(ChangeOrder(exit_, shrunk, reviewed=True))).result is Result.DONE
        assert {order.client_order_id for order, _ in table.perp.changed} == {exit_}
        table.other.close()


async def test_a_halt_waited_for_the_journal_with_every_order(open_table, monkeypatch) -> None:
    """Each line that could not be written held the engine up as long as it may, before the cancel was sent."""
    monkeypatch.setattr("tui.engine.journal._WAIT_FOR_LOCK_S", 0.2)
    async with open_table(PERP, duplicate_window_ms=0) as table:
        for digit in range(8):
            await table.submit(limit(f"99.{digit}", symbol=PERP))
        other = sqlite3.connect(table.journal.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert (await table.do(Halt())).result is Result.DONE
        assert time.monotonic() - begun < 2.0, "one wait of 0.2 s, not three for each of eight orders"
        assert len(table.perp.cancelled) == 8
        other.close()
        assert (await table.submit(limit("98", symbol=PERP))).refusal.rule == "halted"
        assert table.journal.audit(limit=1)[0].outcome.startswith("halted"), "it writes again"


async def test_exits_that_cannot_be_written_down_are_told_and_placed_once_they_can(open_table, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.01,))
    async with open_table(PERP, duplicate_window_ms=0) as table:
        trade = await started(table)
        is_held(table)
        trade.fill(trade.entry, "1", True, "1")
        await until(lambda: table.said("Bracket of BTCUSDT-PERP: journal"))
        assert trade.stops == []
        table.other.close()
        await until(lambda: trade.stops and trade.targets)
        assert len(trade.orders(trade.stops[0].role)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        'UPDATE intents SET known = \'{"product": "sp\'',
        "UPDATE brackets SET body = '{}'",
        "UPDATE intents SET known = '[]'",
    ],
)
async def test_a_journal_with_an_unreadable_order_ended_the_engine_without_a_word(open_table, damage) -> None:
    async with open_table(PERP) as table:
        await started(table)
        table.journal._db.execute(damage)
        path = table.journal.path
    engine = Runtime([lambda: FakeClient(SPOT)], Settings(), Session("demo", "main", False, False), path)
    with pytest.raises(JournalError, match=str(path)):
        engine.start()
    assert not engine.is_running


def test_a_journal_that_fails_later_ended_the_engine_without_a_word(tmp_path, monkeypatch) -> None:
    async def breaks(session):
        raise JournalError("journal x cannot be used (disk I/O error): repair or move the file away")

    monkeypatch.setattr("tui.engine.session.TradingSession.start", breaks)
    engine = Runtime([lambda: FakeClient(SPOT)], Settings(), Session("demo", "main", False, False), tmp_path / "j")
    engine.start()
    engine._thread.join(5.0)
    assert any("disk I/O error" in message.text for message in engine.store.messages)
    assert engine.stop()
