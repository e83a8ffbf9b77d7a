"""Trades of the account with itself: two executions of two orders that carry one number."""

import sqlite3
from dataclasses import replace
from decimal import Decimal

from engine_table import limit
from fake_client import SPOT, fill_of, report

from tui.domain.order import OrderStatus, order_from_request
from tui.domain.order_terms import Side
from tui.engine.clock import Clock
from tui.engine.journal import Journal

D = Decimal


async def traded_with_itself(table):
    """A resting buy that a sell of the same account met; returns both executions."""
    halves = []
    for side, price in ((Side.BUY, "99.5"), (Side.SELL, "99.6")):
        name = (await table.submit(limit(price, "0.5", side))).client_order_id
        halves.append(replace(fill_of(table.order(name), 7, "0.5", "99.5"), side=side))
    for half in halves:
        order = table.order(half.client_order_id)
        table.spot.user.on_order_report(report(order, OrderStatus.FILLED, "0.5", fill=half, average_price=D("99.5")))
    return halves


async def test_of_a_trade_with_oneself_one_half_alone_was_counted(open_table) -> None:
    """Bug: the second half was taken for the first told again; the day, the fees and the history lacked it."""
    async with open_table() as table:
        halves = await traded_with_itself(table)
        assert sorted(fill.side for fill in table.store.fills) == [Side.BUY, Side.SELL]
        table.session._floor.ledger.add_fills(halves)
        assert len(table.store.fills) == 2, "told again it is the same"
        assert sorted(fill.side for fill in table.journal.fills()) == [Side.BUY, Side.SELL]
        await table.session._summary.bring_up_to_date()
        day = table.store.results["BTCUSDT"]
        assert (day.result, day.fees) == (D("-0.02"), D("0.02")), "nothing but two fees"
    async with open_table() as table:
        await table.session._summary.bring_up_to_date()
        assert table.store.results["BTCUSDT"] == day


def test_a_journal_that_kept_one_half_is_brought_up_to_date(tmp_path) -> None:
    path = tmp_path / "journal.sqlite"
    one = fill_of(order_from_request(limit(), SPOT.product, "a", 1), 7)
    with Journal(path, "demo", "main", Clock()) as journal:
        journal.write_fill(one)
        [body] = [row[0] for row in journal._db.execute("SELECT body FROM fills")]
    old = sqlite3.connect(path)
    old.execute("DROP TABLE fills")
    old.execute(
        "CREATE TABLE fills (environment TEXT NOT NULL, account TEXT NOT NULL, product TEXT NOT NULL, symbol TEXT NOT"
        " NULL, trade_id INTEGER NOT NULL, time_ms INTEGER NOT NULL, body TEXT NOT NULL,"
        " PRIMARY KEY (environment, account, product, symbol, trade_id)) WITHOUT ROWID"
    )
    old.execute("INSERT INTO fills VALUES ('demo', 'main', 'spot', 'BTCUSDT', 7, ?, ?)", (one.time_ms, body))
    old.execute("PRAGMA user_version = 3")
    old.commit()
    old.close()
    with Journal(path, "demo", "main", Clock()) as journal:
        assert journal.fills() == [one]
        assert journal.has_fill(one)
        assert not journal.has_fill(replace(one, order_id=99))
        journal.write_fill(replace(one, order_id=99))
        assert len(journal.fills()) == 2
