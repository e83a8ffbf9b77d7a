"""The whole history of an order as the journal has it: who asked, what the guards said, all the exchange told of it.

An order that was changed by replacing it is one story under several client ids: those before and after it belong to it.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tui.domain.order import Fill, Order, OrderReport
from tui.engine.journal import AuditNote

#: Orders that took each other's place are followed no farther than this.
_LONGEST_CHAIN = 50

_INTENT = "SELECT time_ms, origin, reviewed, guards, intended, known FROM intents WHERE environment = ? AND account = ?"


@dataclass(frozen=True, slots=True)
class OrderKey:
    """Which order is meant; `order_id` is the exchange's number, for executions that name no client id."""

    symbol: str
    client_order_id: str
    order_id: int = 0


@dataclass(frozen=True, slots=True)
class Intended:
    """The order as it was written down before it was sent: `who` is an `Origin`, `passed` the guards in order."""

    time_ms: int
    who: str
    reviewed: bool
    passed: tuple[str, ...]
    order: Order


@dataclass(frozen=True, slots=True)
class Stated:
    """What the exchange said of it, and when that was heard by our clock."""

    time_ms: int
    report: OrderReport


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else that was written down: a command (`asked` says whose), or a request that left (`kind`)."""

    time_ms: int
    kind: str
    text: str
    asked: AuditNote | None = None


HistoryEntry = Intended | Stated | Noted


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """What is known of one order: entries and executions oldest first, `orders` as they were last written.

    `is_read` is False until the journal was read; `problem` says why it could not be.
    """

    wanted: OrderKey
    orders: tuple[Order, ...] = ()
    entries: tuple[HistoryEntry, ...] = ()
    fills: tuple[Fill, ...] = ()
    is_read: bool = False
    problem: str = ""


def read_history(path: Path, scope: tuple[str, str], wanted: OrderKey) -> OrderHistory:
    """All that the journal of one account (environment, account) has of an order; blocks while it reads."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            intents = _chain(database, scope, wanted)
            orders = tuple(order for _, order in intents)
            names = {wanted.client_order_id, *(order.client_order_id for order in orders)} - {""}
            entries = [*(entry for entry, _ in intents), *_events(database, scope, sorted(names))]
            fills = _fills(database, scope, wanted, orders)
    except (sqlite3.Error, msgspec.DecodeError) as error:
        return OrderHistory(wanted, is_read=True, problem=f"the journal {path} cannot be read: {error}")
    entries.sort(key=lambda entry: entry.time_ms)
    return OrderHistory(wanted, orders, tuple(entries), fills, is_read=True)


def _chain(database: sqlite3.Connection, scope: tuple[str, str], wanted: OrderKey) -> list[tuple[Intended, Order]]:
    """The order that is meant with those whose place it took and those that took its, oldest first."""
    found: dict[str, tuple[Intended, Order]] = {}
    asked: list[tuple[str, ...]]
    if wanted.client_order_id:
        asked = [("client_order_id = ?", wanted.client_order_id)]
    else:
        asked = [("symbol = ? AND instr(known, ?)", wanted.symbol, f'"order_id":{wanted.order_id},')]
    while asked and len(found) < _LONGEST_CHAIN:
        condition, *values = asked.pop()
        for row in database.execute(f"{_INTENT} AND {condition}", (*scope, *values)):
            intent, order = _intent(row)
            if order.client_order_id in found:
                continue
            found[order.client_order_id] = intent, order
            if order.replaces:
                asked.append(("client_order_id = ?", order.replaces))
            asked.append(("symbol = ? AND instr(known, ?)", order.symbol, f'"replaces":"{order.client_order_id}"'))

    def came_before(order: Order) -> int:
        """How many stand before it: orders that took each other's place within a millisecond are not told by time."""
        before = found.get(order.replaces)
        return 1 + came_before(before[1]) if before is not None else 0

    return sorted(found.values(), key=lambda each: (each[0].time_ms, came_before(each[1])))


def _intent(row: Sequence[Any]) -> tuple[Intended, Order]:
    time_ms, who, reviewed, guards, intended, known = row
    passed = tuple(msgspec.json.decode(guards, type=list[str]))
    order = msgspec.json.decode(intended, type=Order)
    return Intended(time_ms, who, bool(reviewed), passed, order), msgspec.json.decode(known, type=Order)


def _events(database: sqlite3.Connection, scope: tuple[str, str], names: Sequence[str]) -> list[HistoryEntry]:
    """What was written under these client ids, and the commands that name them."""
    if not names:
        return []
    named = f"client_order_id IN ({', '.join('?' * len(names))})"
    told = " OR ".join("instr(body, ?)" for _ in names)
    words = (
        "SELECT time_ms, kind, body FROM events WHERE environment = ? AND account = ?"
        f" AND ({named} OR (kind = 'asked' AND ({told}))) ORDER BY number"
    )
    events = [_event(*row) for row in database.execute(words, (*scope, *names, *names))]
    return [event for event in events if not isinstance(event, Noted) or _names_one(event, names)]


def _names_one(event: Noted, names: Sequence[str]) -> bool:
    """Whether a command is about one of these orders, not about one whose name begins alike."""
    return event.asked is None or "{" not in event.text or any(f'"{name}"' in event.text for name in names)


def _event(time_ms: int, kind: str, body: str) -> HistoryEntry:
    if kind == "report":
        return Stated(time_ms, msgspec.json.decode(body, type=OrderReport))
    if kind == "asked":
        asked = msgspec.json.decode(body, type=AuditNote)
        return Noted(time_ms, kind, asked.what, asked)
    return Noted(time_ms, kind, body)


def _fills(
    database: sqlite3.Connection, scope: tuple[str, str], wanted: OrderKey, orders: Sequence[Order]
) -> tuple[Fill, ...]:
    """Executions of these orders; lists of executions name the exchange's number alone, never our id."""
    words = "SELECT body FROM fills WHERE environment = ? AND account = ? AND symbol = ? AND ({}) ORDER BY time_ms"
    marks = [f'"client_order_id":"{name}"' for name in {wanted.client_order_id, *(o.client_order_id for o in orders)}]
    marks += [f'"order_id":{number},' for number in {wanted.order_id, *(order.order_id or 0 for order in orders)}]
    marks = [mark for mark in marks if mark not in ('"client_order_id":""', '"order_id":0,')]
    if not marks:
        return ()
    condition = " OR ".join("instr(body, ?)" for _ in marks)
    rows = database.execute(words.format(condition), (*scope, wanted.symbol, *marks))
    return tuple(msgspec.json.decode(row[0], type=Fill) for row in rows)


def is_of(history: OrderHistory, order: Order) -> bool:
    """Whether an order is the one that is shown, or stands before or after it."""
    wanted, names = history.wanted, {one.client_order_id for one in history.orders} | {history.wanted.client_order_id}
    if order.client_order_id in names or (order.replaces and order.replaces in names):
        return True
    return bool(wanted.order_id) and (order.symbol, order.order_id) == (wanted.symbol, wanted.order_id)


def belongs(fill: Fill, orders: Sequence[Order]) -> bool:
    return any(
        fill.symbol == order.symbol
        and (fill.client_order_id == order.client_order_id or (order.order_id and fill.order_id == order.order_id))
        for order in orders
    )


def together(written: Sequence[Fill], known: Sequence[Fill]) -> tuple[Fill, ...]:
    """Each execution once, oldest first."""
    each = {fill.key: fill for fill in (*known, *written)}
    return tuple(sorted(each.values(), key=lambda fill: (fill.time_ms, fill.trade_id)))
