"""The journal: every intent before it is sent, every statement after, in SQLite, so that a killed program knows.

Write-ahead logging without fsync per commit: what was committed survives the death of the program; a power cut may
lose the last moments, which the exchange is then asked for.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from tui.domain.order import Fill, Order, OrderReport
from tui.domain.product import Product
from tui.domain.virtual import VirtualPositions
from tui.engine.clock import Clock
from tui.engine.journal_file import open_file

T = TypeVar("T")

_WAIT_FOR_LOCK_S = 1.0
#: Waited while the file is known to be held by another program.
_WAIT_AGAIN_MS = 5

#: Days that closed orders and events are kept; executions are kept for good.
KEPT_DAYS = 90
#: Writes after which the log beside the file is merged into it.
_MERGED_AT_ONCE = 200
_DAY_MS = 86_400_000
_PRUNED_AT_ONCE = 2_000

#: One execution of an account, by what `_key` tells of it.
_THIS_FILL = "environment = ? AND account = ? AND product = ? AND symbol = ? AND trade_id = ? AND order_id = ?"


class JournalError(Exception):
    """The journal cannot be read or written; nothing may be sent. The text names the file, the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who asked for what, when, and what the guards said.

    `who` is an `Origin`; `passed` names the guards passed in order; `outcome` is the order's state now, or why it was
    refused.
    """

    time_ms: int
    who: str
    what: str
    reviewed: bool
    passed: tuple[str, ...]
    outcome: str
    client_order_id: str = ""


class AuditNote(msgspec.Struct, frozen=True):
    """The body of an event that tells of a command, or of a refusal."""

    who: str
    what: str
    reviewed: bool = False
    passed: tuple[str, ...] = ()
    outcome: str = ""


class Journal:
    """One account's journal in a file that several programs may share; used by one thread.

    A path of None keeps it in memory, for sessions that never send. Raises JournalError from every method.
    """

    def __init__(self, path: Path | None, environment: str, account: str, clock: Clock) -> None:
        self.path = path
        self._scope = (environment, account)
        self._clock = clock
        self._unmerged = 0
        self._is_held = False
        try:
            self._db = open_file(path, _WAIT_FOR_LOCK_S)
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def is_merge_due(self) -> bool:
        """Whether enough was written since the last merge."""
        return self.path is not None and self._unmerged >= _MERGED_AT_ONCE

    def merge(self) -> None:
        """Bring what was written from the log beside the file into the file; in any thread, and no write waits for it.

        SQLite would do it within the write that fills the log, which then waits for the disk: an order would be late.
        """
        self._unmerged = 0
        try:
            with closing(sqlite3.connect(str(self.path), timeout=_WAIT_FOR_LOCK_S)) as database:
                database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            raise self._error(error) from error

    def write_intent(self, order: Order, origin: str, reviewed: bool, guards: tuple[str, ...]) -> None:
        """Write an order down before it is sent, with who asked and which guards it passed; one commit."""
        text = _json(order)
        self._write(
            "INSERT INTO intents (client_order_id, environment, account, time_ms, product, symbol, origin, reviewed,"
            " guards, intended, known, list) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order.client_order_id,
                *self._scope,
                self._clock.now_ms(),
                order.product.value,
                order.symbol,
                origin,
                int(reviewed),
                _json(guards),
                text,
                text,
                order.group,
            ),
        )

    def write_known(self, order: Order) -> None:
        """Write down what is known of an order of ours now; orders placed elsewhere have no intent to update."""
        self._write(
            "UPDATE intents SET known = ?, closed = ? WHERE client_order_id = ?",
            (_json(order), int(order.status.is_closed), order.client_order_id),
        )

    def write_report(self, report: OrderReport) -> None:
        """Write down one statement of the exchange."""
        self.write_event("report", report.client_order_id, _json(report))

    def write_event(self, kind: str, client_order_id: str, text: str) -> None:
        """Write down anything else that happened: a refusal, a request to cancel, an outcome not known."""
        self._write(
            "INSERT INTO events (time_ms, environment, account, client_order_id, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
            (self._clock.now_ms(), *self._scope, client_order_id, kind, text),
        )

    def write_asked(self, asked: AuditNote, client_order_id: str = "") -> None:
        """Write down a command, or one that was refused."""
        self.write_event("asked", client_order_id, _json(asked))

    def write_fill(self, fill: Fill) -> None:
        """Write down an execution; a fuller statement about the same one takes its place."""
        self._write(
            "INSERT OR REPLACE INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*self._scope, *_key(fill), fill.time_ms, _json(fill)),
        )

    def has_fill(self, fill: Fill) -> bool:
        """Whether an execution was written down before."""
        return bool(self._read(f"SELECT 1 FROM fills WHERE {_THIS_FILL}", (*self._scope, *_key(fill))))

    def write_virtual(self, positions: VirtualPositions, fill: Fill | None = None) -> None:
        """Write down virtual positions together with the execution that made them, both or neither."""
        self._write("BEGIN IMMEDIATE", ())
        try:
            if fill is not None:
                self.write_fill(fill)
            self._write(
                "INSERT OR REPLACE INTO virtual VALUES (?, ?, ?, ?, ?)",
                (*self._scope, positions.product.value, positions.symbol, _json(positions)),
            )
            self._write("COMMIT", ())
        except JournalError:
            self._db.rollback()
            raise

    def virtual(self) -> list[VirtualPositions]:
        """This account's virtual positions as they were last written."""
        words = "SELECT body FROM virtual WHERE environment = ? AND account = ? ORDER BY product, symbol"
        return [self.decoded(row[0], VirtualPositions) for row in self._read(words, self._scope)]

    def remove_fill(self, fill: Fill) -> None:
        """Take back an execution that was inferred and is now told by the exchange."""
        self._write(f"DELETE FROM fills WHERE {_THIS_FILL}", (*self._scope, *_key(fill)))

    def write_bracket(self, name: str, text: str, closed: bool) -> None:
        """Write down how orders that the program itself holds together stand."""
        self._write(
            "INSERT INTO brackets VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET body = excluded.body, closed = excluded.closed",
            (name, *self._scope, self._clock.now_ms(), text, int(closed)),
        )

    def has(self, client_order_id: str) -> bool:
        """Whether an order of this name was ever written down."""
        return bool(self._read("SELECT 1 FROM intents WHERE client_order_id = ?", (client_order_id,)))

    def unfinished(self) -> list[Order]:
        """This account's orders not known to be closed, oldest first, as they were last known."""
        rows = self._read(
            "SELECT known FROM intents WHERE closed = 0 AND environment = ? AND account = ? ORDER BY time_ms, rowid",
            self._scope,
        )
        return [self.decoded(row[0], Order) for row in rows]

    def numbers(self, product: Product, limit: int) -> list[tuple[str, str, int]]:
        """Client id, symbol and the exchange's number of this account's newest closed orders of a product."""
        words = (
            "SELECT client_order_id, symbol, CASE WHEN json_valid(known) THEN json_extract(known, '$.order_id') END"
            " FROM intents WHERE rowid IN (SELECT rowid FROM intents WHERE closed = 1 AND environment = ?"
            " AND account = ? AND product = ? ORDER BY time_ms DESC LIMIT ?)"
        )
        rows = self._read(words, (*self._scope, product.value, limit))
        return [(name, symbol, number) for name, symbol, number in rows if number]

    def orders_of(self, group: str) -> list[Order]:
        """All orders of one list or bracket, closed ones too, oldest first."""
        words = "SELECT known FROM intents WHERE list = ? AND environment = ? AND account = ? ORDER BY time_ms, rowid"
        return [self.decoded(row[0], Order) for row in self._read(words, (group, *self._scope))]

    def open_brackets(self) -> list[str]:
        """What was written of brackets that are not closed, oldest first."""
        words = "SELECT body FROM brackets WHERE closed = 0 AND environment = ? AND account = ? ORDER BY time_ms, rowid"
        return [row[0] for row in self._read(words, self._scope)]

    def latest(self, kind: str) -> list[str]:
        """What was written last of each thing of a kind (an algo, an alert), in the order it was written."""
        words = (
            "SELECT body FROM events WHERE number IN (SELECT MAX(number) FROM events WHERE kind = ?"
            " AND environment = ? AND account = ? GROUP BY client_order_id) ORDER BY number"
        )
        return [row[0] for row in self._read(words, (kind, *self._scope))]

    def fills(self, since_ms: int = 0, until_ms: int | None = None) -> list[Fill]:
        """Executions from one time to another, fees included, oldest first."""
        rows = self._read(
            "SELECT body FROM fills WHERE environment = ? AND account = ? AND time_ms >= ? AND time_ms <= ?"
            " ORDER BY time_ms, trade_id",
            (*self._scope, since_ms, 2**62 if until_ms is None else until_ms),
        )
        return [self.decoded(row[0], Fill) for row in rows]

    def traded(self, product: Product) -> list[str]:
        """Symbols of a product with an execution in the journal, in the order of their names."""
        words = "SELECT MIN(symbol) FROM fills WHERE environment = ? AND account = ? AND product = ? AND symbol > ?"
        found: list[str] = []
        # Name after name by the key: as many executions as there are would have to be passed over.
        while (row := self._read(words, (*self._scope, product.value, found[-1] if found else ""))[0][0]) is not None:
            found.append(row)
        return found

    def audit(self, since_ms: int = 0, limit: int = 1_000) -> list[AuditEntry]:
        """Who asked for what since a time, newest first: orders with the guards they passed, refusals, commands."""
        intents = self._read(
            "SELECT time_ms, origin, reviewed, guards, known FROM intents"
            " WHERE environment = ? AND account = ? AND time_ms >= ? ORDER BY time_ms DESC LIMIT ?",
            (*self._scope, since_ms, limit),
        )
        asked = self._read(
            "SELECT time_ms, client_order_id, body FROM events WHERE kind = 'asked' AND environment = ? AND account = ?"
            " AND time_ms >= ? ORDER BY number DESC LIMIT ?",
            (*self._scope, since_ms, limit),
        )
        entries = [self._sent(*row) for row in intents] + [self._asked(*row) for row in asked]
        return sorted(entries, key=lambda entry: entry.time_ms, reverse=True)[:limit]

    def prune(self, days: int = KEPT_DAYS) -> int:
        """Forget some of what is older, never an open order or what was said of one; returns how much was forgotten.

        Call again until it returns zero; each call takes a few milliseconds.
        """
        before_ms = self._clock.now_ms() - days * _DAY_MS
        events = self._write(
            "DELETE FROM events WHERE number IN (SELECT number FROM events WHERE time_ms < ? AND client_order_id"
            " NOT IN (SELECT client_order_id FROM intents WHERE closed = 0) ORDER BY number LIMIT ?)",
            (before_ms, _PRUNED_AT_ONCE),
        )
        intents = self._write(
            "DELETE FROM intents WHERE rowid IN (SELECT rowid FROM intents WHERE closed = 1 AND time_ms < ?"
            " AND list NOT IN (SELECT name FROM brackets WHERE closed = 0) ORDER BY rowid LIMIT ?)",
            (before_ms, _PRUNED_AT_ONCE),
        )
        brackets = self._write("DELETE FROM brackets WHERE closed = 1 AND time_ms < ?", (before_ms,))
        if events or intents:  # thousands in one write
            self._unmerged += _MERGED_AT_ONCE
        return events + intents + brackets

    def _sent(self, time_ms: int, origin: str, reviewed: int, guards: str, known: str) -> AuditEntry:
        order = self.decoded(known, Order)
        words = (order.side.value, f"{order.quantity or order.quote_quantity:f}", order.symbol, order.type.value)
        what = " ".join(words) + (f" @ {order.price:f}" if order.price else "")
        outcome = order.status.value.lower() + (f": {order.reason}" if order.reason else "")
        passed = tuple(msgspec.json.decode(guards, type=list[str]))
        return AuditEntry(time_ms, origin, what, bool(reviewed), passed, outcome, order.client_order_id)

    def _asked(self, time_ms: int, client_order_id: str, body: str) -> AuditEntry:
        asked = self.decoded(body, AuditNote)
        return AuditEntry(time_ms, asked.who, asked.what, asked.reviewed, asked.passed, asked.outcome, client_order_id)

    def decoded(self, text: str, type_: type[T]) -> T:
        """What a text of this file says; raises JournalError for one that says nothing of the kind."""
        try:
            return msgspec.json.decode(text, type=type_)
        except msgspec.DecodeError as error:
            raise self._error(error) from error

    def _read(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _write(self, statement: str, values: tuple[object, ...]) -> int:
        self._unmerged += 1
        try:
            count = self._db.execute(statement, values).rowcount
        except sqlite3.Error as error:
            if "locked" in str(error):
                self._note_holder(is_held=True)
            raise self._error(error) from error
        self._note_holder(is_held=False)
        return count

    def _note_holder(self, *, is_held: bool) -> None:
        """Wait for another program once, not with every cancel that it would then hold up in turn."""
        if is_held is self._is_held:
            return
        self._is_held = is_held
        self._db.execute(f"PRAGMA busy_timeout = {_WAIT_AGAIN_MS if is_held else int(_WAIT_FOR_LOCK_S * 1_000)}")

    def _error(self, error: Exception) -> JournalError:
        if "locked" in str(error):
            remedy = "another program holds it; close that program"
        else:
            remedy = "repair or move the file away; orders still open at the exchange will be found there"
        return JournalError(f"journal {self.path or 'in memory'} cannot be used ({error}): {remedy}")


def _key(fill: Fill) -> tuple[str, str, int, int]:
    product, symbol, trade_id, order_id = fill.key
    return product.value, symbol, trade_id, order_id


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
