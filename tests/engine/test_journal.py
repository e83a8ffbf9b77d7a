"""The journal survives its program, keeps its secrets from other users, and names what is wrong with it."""

import json
import sqlite3
import stat
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import fill_of, report

from tui.domain.order import OrderStatus, order_from_request
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.commands import Origin
from tui.engine.commands.orders import CancelOrder
from tui.engine.journal import AuditNote, Journal, JournalError


def an_order(name="btui-1-1"):
    return order_from_request(limit(), Product.SPOT, name, 1_000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "journal.sqlite"


def test_an_intent_is_on_disk_when_the_call_returns(path) -> None:
    with Journal(path, "demo", "main", Clock()) as journal:
        journal.write_intent(an_order(), "ladder", False, ("read-only", "locked"))
        other = sqlite3.connect(path)
        row = other.execute("SELECT client_order_id, origin, guards, closed FROM intents").fetchone()
        other.close()
    assert row == ("btui-1-1", "ladder", '["read-only","locked"]', 0)


def test_orders_not_closed_come_back_exactly(path) -> None:
    working = replace(
        an_order(), status=OrderStatus.NEW, order_id=9, filled=Decimal("0.05"), counted_fills=frozenset({3})
    )
    closed = an_order("btui-1-2")
    with Journal(path, "demo", "main", Clock()) as journal:
        for order in (working, closed):
            journal.write_intent(replace(order, status=OrderStatus.INTENT), "key", True, ())
        journal.write_known(working)
        journal.write_known(replace(closed, status=OrderStatus.CANCELED))
        journal.write_report(report(working))
    with Journal(path, "demo", "main", Clock()) as journal:
        assert journal.unfinished() == [working]


def test_an_order_waited_for_the_disk_when_the_log_beside_the_journal_was_full(path) -> None:
    with Journal(path, "demo", "main", Clock()) as journal:
        before = path.stat().st_size
        for number in range(600):
            journal.write_intent(an_order(f"btui-1-{number}"), "key", True, ())
        assert path.stat().st_size == before
        assert journal.is_merge_due
        journal.merge()
        assert path.stat().st_size > before
        assert not journal.is_merge_due
        assert len(journal.unfinished()) == 600


def test_a_journal_in_memory_is_never_merged() -> None:
    with Journal(None, "demo", "main", Clock()) as journal:
        for number in range(300):
            journal.write_event("note", str(number), "")
        assert not journal.is_merge_due


def test_accounts_and_environments_do_not_mix(path) -> None:
    with Journal(path, "demo", "main", Clock()) as journal:
        journal.write_intent(an_order(), "key", True, ())
    for scope in (("live", "main"), ("demo", "second")):
        with Journal(path, *scope, Clock()) as journal:
            assert journal.unfinished() == []


def test_only_the_owner_may_read_it(path) -> None:
    with Journal(path, "demo", "main", Clock()) as journal:
        journal.write_intent(an_order(), "key", True, ())
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_no_journal_is_named(path) -> None:
    path.parent.mkdir()
    path.write_text("not a database, " * 100)
    with pytest.raises(JournalError, match=r"journal\.sqlite cannot be used"):
        Journal(path, "demo", "main", Clock())


def test_a_locked_journal_says_who_is_to_blame(path, monkeypatch) -> None:
    monkeypatch.setattr("tui.engine.journal._WAIT_FOR_LOCK_S", 0.05)
    with Journal(path, "demo", "main", Clock()) as journal:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalError, match="another program holds it"):
            journal.write_intent(an_order(), "key", True, ())
        other.close()
        journal.write_intent(an_order(), "key", True, ())


async def test_without_a_journal_nothing_is_sent(open_table) -> None:
    async with open_table() as table:
        table.journal.close()
        outcome = await table.submit(limit())
        assert outcome.refusal.rule == "journal"
        assert table.spot.placed == []
        assert table.store.orders == {}


DAY_MS = 86_400_000


class At(Clock):
    """A clock that stands where it is put."""

    def __init__(self, now_ms) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms


def test_what_is_old_is_forgotten_but_never_an_open_order_or_an_execution(path) -> None:
    clock = At(100 * DAY_MS)
    filled = replace(an_order("btui-closed"), status=OrderStatus.FILLED, order_id=3)
    held = replace(an_order("btui-bracket"), status=OrderStatus.FILLED, group="kept together")
    with Journal(path, "demo", "main", clock) as journal:
        for order in (an_order("btui-open"), filled, held):
            journal.write_intent(replace(order, status=OrderStatus.INTENT), "key", True, ())
            journal.write_report(report(order))
            journal.write_known(order)
        journal.write_bracket("kept together", "{}", False)
        journal.write_fill(fill_of(filled, 7))
        assert journal.prune() == 0
        assert not journal.is_merge_due
        clock.at_ms += 91 * DAY_MS
        assert journal.prune() == 3
        assert journal.is_merge_due
        assert journal.prune() == 0
        assert [order.client_order_id for order in journal.unfinished()] == ["btui-open"]
        assert journal.orders_of("kept together") == [held]
        assert [fill.trade_id for fill in journal.fills()] == [7]
        assert not journal.has("btui-closed")
        events = journal._db.execute("SELECT client_order_id FROM events").fetchall()
        assert events == [("btui-open",)]


def test_of_many_old_events_few_are_forgotten_at_a_time_so_that_no_order_waits_for_long(path) -> None:
    clock = At(100 * DAY_MS)
    with Journal(path, "demo", "main", clock) as journal:
        rows = [(clock.at_ms, "demo", "main", f"btui-{n}", "report", "{}") for n in range(5_000)]
        words = "INSERT INTO events (time_ms, environment, account, client_order_id, kind, body) VALUES (?,?,?,?,?,?)"
        journal._db.execute("BEGIN")
        journal._db.executemany(words, rows)
        journal._db.execute("COMMIT")
        clock.at_ms += 91 * DAY_MS
        assert [journal.prune() for _ in range(4)] == [2_000, 2_000, 1_000, 0]


def test_the_audit_says_who_asked_for_what_and_what_the_guards_said(path) -> None:
    clock = At(1_000)
    with Journal(path, "demo", "main", clock) as journal:
        journal.write_intent(an_order(), "ladder", False, ("read-only", "locked"))
        clock.at_ms = 2_000
        journal.write_known(replace(an_order(), status=OrderStatus.REJECTED, reason="-2010 no money"))
        journal.write_asked(AuditNote("ticket", "BUY 9 BTCUSDT", True, ("read-only",), "max-notional: too much"))
        refused, sent = journal.audit()
        assert (sent.who, sent.what, sent.passed) == (
            "ladder",
            "BUY 0.1 BTCUSDT LIMIT @ 99.5",
            ("read-only", "locked"),
        )
        assert sent.outcome == "rejected: -2010 no money"
        assert (refused.time_ms, refused.who, refused.reviewed) == (2_000, "ticket", True)
        assert refused.outcome == "max-notional: too much"
        assert journal.audit(since_ms=1_500) == [refused]


def test_executions_are_kept_with_their_fees_and_corrected_in_place(path) -> None:
    order = replace(an_order(), order_id=5)
    estimated, whole = replace(fill_of(order, 7), is_estimated=True), fill_of(order, 7)
    with Journal(path, "demo", "main", Clock()) as journal:
        for fill in (estimated, whole, fill_of(order, 8)):
            journal.write_fill(fill)
        assert [fill.trade_id for fill in journal.fills()] == [7, 8]
        assert not journal.fills()[0].is_estimated
        assert journal.fills(since_ms=whole.time_ms + 60_000) == []
        journal.remove_fill(whole)
        assert [fill.trade_id for fill in journal.fills()] == [8]


def test_a_journal_of_an_older_program_is_brought_up_to_date(path) -> None:
    with Journal(path, "demo", "main", Clock()) as journal:
        journal.write_intent(an_order(), "key", True, ())
    old = sqlite3.connect(path)
    for statement in (
        "DROP INDEX intents_by_list",
        "ALTER TABLE intents DROP COLUMN list",
        "DROP TABLE fills",
        "DROP TABLE brackets",
        "PRAGMA user_version = 0",
    ):
        old.execute(statement)
    # What an older program wrote of an order says less.
    known = json.loads(old.execute("SELECT known FROM intents").fetchone()[0])
    for name in ("terms", "group", "role", "replaces", "filled_before", "expires_here", "terms_as_of"):
        del known[name]
    old.execute("UPDATE intents SET known = ?", (json.dumps(known),))
    old.commit()
    old.close()
    with Journal(path, "demo", "main", Clock()) as journal:
        assert journal.unfinished() == [an_order()]
        assert journal.fills() == journal.open_brackets() == journal.orders_of("nothing") == []


async def test_commands_and_refusals_are_in_the_audit(open_table) -> None:
    async with open_table(max_order_notional=Decimal(100)) as table:
        sent = await table.submit(limit())
        await table.submit(limit(quantity="5"))
        await table.do(CancelOrder(sent.client_order_id), Origin.ORDERS)
        entries = table.journal.audit()
        asked = next(entry for entry in entries if entry.who == "orders")
        refused = next(entry for entry in entries if entry.outcome.startswith("max-notional"))
        order = next(entry for entry in entries if entry.client_order_id)
        assert (len(entries), asked.what.split()[0]) == (3, "CancelOrder")
        assert "symbol-rules" in refused.passed
        assert (order.client_order_id, order.outcome) == (sent.client_order_id, "canceled")
