"""The journal survives its program, keeps its secrets from other users, and names what is wrong with it."""

import sqlite3
import stat
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import report

from tui.domain.order import OrderStatus, order_from_request
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.journal import Journal, JournalError


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
