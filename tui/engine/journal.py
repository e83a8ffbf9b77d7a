"""The journal: every intent before it is sent, every statement after, in SQLite, so that a killed program knows.

Write-ahead logging without fsync per commit: what was committed survives the death of the program; a power cut may
lose the last moments, which the exchange is then asked for.
"""

import os
import sqlite3
from pathlib import Path
from types import TracebackType

import msgspec

from tui.domain.order import Order, OrderReport
from tui.engine.clock import Clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS intents (
    client_order_id TEXT PRIMARY KEY,
    environment TEXT NOT NULL,
    account TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    product TEXT NOT NULL,
    symbol TEXT NOT NULL,
    origin TEXT NOT NULL,
    reviewed INTEGER NOT NULL,
    guards TEXT NOT NULL,
    intended TEXT NOT NULL,
    known TEXT NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS open_intents ON intents (environment, account) WHERE closed = 0;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ms INTEGER NOT NULL,
    environment TEXT NOT NULL,
    account TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
"""

_WAIT_FOR_LOCK_S = 1.0


class JournalError(Exception):
    """The journal cannot be read or written; nothing may be sent. The text names the file, the cause and the remedy."""


class Journal:
    """One account's journal in a file that several programs may share; used by one thread.

    A path of None keeps it in memory, for sessions that never send. Raises JournalError from every method.
    """

    def __init__(self, path: Path | None, environment: str, account: str, clock: Clock) -> None:
        self.path = path
        self._scope = (environment, account)
        self._clock = clock
        try:
            if path is not None:
                _make_private(path)
            self._db = sqlite3.connect(path or ":memory:", timeout=_WAIT_FOR_LOCK_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
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

    def write_intent(self, order: Order, origin: str, reviewed: bool, guards: tuple[str, ...]) -> None:
        """Write an order down before it is sent, with who asked and which guards it passed; one commit."""
        text = _json(order)
        self._write(
            "INSERT INTO intents (client_order_id, environment, account, time_ms, product, symbol, origin, reviewed,"
            " guards, intended, known) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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

    def unfinished(self) -> list[Order]:
        """This account's orders not known to be closed, oldest first, as they were last known."""
        try:
            rows = self._db.execute(
                "SELECT known FROM intents WHERE closed = 0 AND environment = ? AND account = ? ORDER BY time_ms",
                self._scope,
            ).fetchall()
            return [msgspec.json.decode(row[0], type=Order) for row in rows]
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise self._error(error) from error

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> JournalError:
        if "locked" in str(error):
            remedy = "another program holds it; close that program"
        else:
            remedy = "repair or move the file away; orders still open at the exchange will be found there"
        return JournalError(f"journal {self.path or 'in memory'} cannot be used ({error}): {remedy}")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _make_private(path: Path) -> None:
    """Make the file readable by its owner alone, before SQLite would make it with the usual rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
