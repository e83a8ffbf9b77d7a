"""The journal's file: its tables, made private, and brought up to date where an older program made it."""

import os
import sqlite3
from pathlib import Path

_VERSION = 4

#: Pages in the log beside the file at which SQLite itself merges it, if nobody did: 40 MB.
_PAGES_UNMERGED = 10_000

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS intents (
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
    )""",
    "CREATE INDEX IF NOT EXISTS open_intents ON intents (environment, account) WHERE closed = 0",
    """CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time_ms INTEGER NOT NULL,
        environment TEXT NOT NULL,
        account TEXT NOT NULL,
        client_order_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS fills (
        environment TEXT NOT NULL,
        account TEXT NOT NULL,
        product TEXT NOT NULL,
        symbol TEXT NOT NULL,
        trade_id INTEGER NOT NULL,
        time_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (environment, account, product, symbol, trade_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS fills_by_time ON fills (environment, account, time_ms)",
    """CREATE TABLE IF NOT EXISTS brackets (
        name TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        account TEXT NOT NULL,
        time_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        closed INTEGER NOT NULL DEFAULT 0
    )""",
)

#: Orders that belong together carry a name since version 2.
_GROUP = (
    "ALTER TABLE intents ADD COLUMN list TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX IF NOT EXISTS intents_by_list ON intents (list) WHERE list <> ''",
)

#: Positions kept here over a net one, since version 3.
_VIRTUAL = (
    """CREATE TABLE IF NOT EXISTS virtual (
        environment TEXT NOT NULL,
        account TEXT NOT NULL,
        product TEXT NOT NULL,
        symbol TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (environment, account, product, symbol)
    ) WITHOUT ROWID""",
)

#: Executions are told apart by their orders too, since version 4: a trade with oneself has one number for both.
_HALVES = (
    "ALTER TABLE fills RENAME TO fills_by_number",
    """CREATE TABLE fills (
        environment TEXT NOT NULL,
        account TEXT NOT NULL,
        product TEXT NOT NULL,
        symbol TEXT NOT NULL,
        trade_id INTEGER NOT NULL,
        order_id INTEGER NOT NULL,
        time_ms INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (environment, account, product, symbol, trade_id, order_id)
    ) WITHOUT ROWID""",
    """INSERT INTO fills SELECT environment, account, product, symbol, trade_id,
        COALESCE(CASE WHEN json_valid(body) THEN json_extract(body, '$.order_id') END, 0), time_ms, body
        FROM fills_by_number""",
    "DROP TABLE fills_by_number",
    "CREATE INDEX IF NOT EXISTS fills_by_time ON fills (environment, account, time_ms)",
)


def open_file(path: Path | None, wait_for_lock_s: float) -> sqlite3.Connection:
    """The file with all its tables; None keeps it in memory. Raises OSError or sqlite3.Error."""
    if path is not None:
        _make_private(path)
    database = sqlite3.connect(path or ":memory:", timeout=wait_for_lock_s, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(f"PRAGMA wal_autocheckpoint={_PAGES_UNMERGED}")
        _bring_up_to_date(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _bring_up_to_date(database: sqlite3.Connection) -> None:
    if _version(database) >= _VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    version = _version(database)  # another program may have done it meanwhile
    if version < _VERSION:
        begins = (*_SCHEMA, *_GROUP) if version < 2 else ()
        for statement in (*begins, *(_VIRTUAL if version < 3 else ()), *_HALVES):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _make_private(path: Path) -> None:
    """Make the file readable by its owner alone, before SQLite would make it with the usual rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
