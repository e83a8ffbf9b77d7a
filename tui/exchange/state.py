"""What survives a restart, in one SQLite file: accounts, orders, last prices and keys."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

from tui.domain.product import Product
from tui.exchange.accounts.names import HOUSE, ROUNDING
from tui.exchange.accounts.positions import Position
from tui.exchange.accounts.spot import InsufficientBalanceError
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.keys import ApiKey
from tui.exchange.order_registry import REMEMBERED
from tui.exchange.orders import ExchangeOrder, Execution
from tui.exchange.state_rows import execution_of, execution_row, holding_of, number_of, order_of, order_row
from tui.exchange.venue import Venue

_VERSION = 2

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE keys (type TEXT PRIMARY KEY, api_key TEXT NOT NULL, account TEXT NOT NULL, secret TEXT NOT NULL,
  private_key TEXT);
CREATE TABLE symbols (product TEXT, symbol TEXT, price TEXT NOT NULL, trade_id INTEGER NOT NULL,
  PRIMARY KEY (product, symbol));
CREATE TABLE balances (product TEXT, account TEXT, asset TEXT, amount TEXT NOT NULL,
  PRIMARY KEY (product, account, asset));
CREATE TABLE positions (product TEXT, account TEXT, symbol TEXT, quantity TEXT NOT NULL, cost TEXT NOT NULL,
  fees TEXT NOT NULL, leverage INTEGER NOT NULL, isolated INTEGER NOT NULL, isolated_wallet TEXT NOT NULL,
  updated_ms INTEGER NOT NULL, side TEXT NOT NULL, realized TEXT NOT NULL,
  PRIMARY KEY (product, account, symbol, side));
CREATE TABLE orders (product TEXT, order_id INTEGER, client_order_id TEXT NOT NULL, account TEXT NOT NULL,
  symbol TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL, time_in_force TEXT NOT NULL,
  price_ticks INTEGER NOT NULL, lots INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
  state TEXT NOT NULL, filled_lots INTEGER NOT NULL, filled_quote TEXT NOT NULL, quote_budget TEXT,
  reduce_only INTEGER NOT NULL, prevention TEXT NOT NULL, expiry_reason TEXT NOT NULL,
  original_client_order_id TEXT, more TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (product, order_id));
CREATE TABLE documents (product TEXT, kind TEXT, id INTEGER, body TEXT NOT NULL, PRIMARY KEY (product, kind, id));
CREATE TABLE executions (product TEXT, order_id INTEGER, trade_id INTEGER, price_ticks INTEGER NOT NULL,
  lots INTEGER NOT NULL, is_maker INTEGER NOT NULL, commission TEXT NOT NULL, commission_asset TEXT NOT NULL,
  time_ms INTEGER NOT NULL, realized_profit TEXT NOT NULL, PRIMARY KEY (product, order_id, trade_id));
"""

#: From version 1, which knew neither hedge mode nor documents.
_UPGRADE = """
ALTER TABLE positions RENAME TO former_positions;
CREATE TABLE positions (product TEXT, account TEXT, symbol TEXT, quantity TEXT NOT NULL, cost TEXT NOT NULL,
  fees TEXT NOT NULL, leverage INTEGER NOT NULL, isolated INTEGER NOT NULL, isolated_wallet TEXT NOT NULL,
  updated_ms INTEGER NOT NULL, side TEXT NOT NULL, realized TEXT NOT NULL,
  PRIMARY KEY (product, account, symbol, side));
INSERT INTO positions SELECT *, 'BOTH', '0' FROM former_positions;
DROP TABLE former_positions;
ALTER TABLE orders ADD COLUMN more TEXT NOT NULL DEFAULT '{}';
CREATE TABLE documents (product TEXT, kind TEXT, id INTEGER, body TEXT NOT NULL, PRIMARY KEY (product, kind, id));
"""

#: Sets of accounts that a futures ledger keeps.
_FLAGS = ("hedged", "multi_assets", "fee_burners")

_BEGIN_ANEW = "Move it away to begin with a new account (demo and paper: --fresh)."
_STOP_OTHER = "Stop that one, or choose another file."


class StateError(Exception):
    """A state file that cannot be used; the text names it and the remedy."""

    def __init__(self, path: Path, problem: str, remedy: str = _BEGIN_ANEW) -> None:
        super().__init__(f"The exchange's state file {path} cannot be used: {problem}. {remedy}")
        self.path = path


class State:
    """The file of one exchange, held for as long as it runs; every method raises StateError when the file fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dirty: dict[Product, dict[int, ExchangeOrder]] = {}
        self._forgotten: dict[Product, list[int]] = {}
        self.is_dirty = False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)
        except OSError as error:
            raise StateError(path, error.strerror or str(error)) from error
        self._file = sqlite3.connect(path, timeout=0.5)
        with self._reading():
            self._open()

    def _open(self) -> None:
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        version = self._file.execute("PRAGMA user_version").fetchone()[0]
        tables = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version == 0 and tables == 0:
            self._file.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version == 1:
            self._file.executescript(f"BEGIN; {_UPGRADE} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version != _VERSION:
            raise StateError(self.path, f"it has version {version}, this program knows version {_VERSION}")
        problem = self._file.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise StateError(self.path, f"it is damaged ({problem})")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn whatever the file may be wrong in into a StateError, and let go of it."""
        try:
            yield
        except StateError:
            self._file.close()
            raise
        except (sqlite3.Error, ArithmeticError, InsufficientBalanceError, KeyError, ValueError) as error:
            self._file.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise StateError(self.path, "another exchange is using it", _STOP_OTHER) from error
            if isinstance(error, sqlite3.Error):
                raise StateError(self.path, str(error)) from error
            raise StateError(self.path, f"its contents do not fit together ({error})") from error

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever saved here."""
        return self._meta("saved_ms") is None

    def steps(self) -> int:
        """Market steps made when last saved."""
        with self._reading():
            return int(self._meta("steps") or 0)

    def keys(self) -> list[ApiKey]:
        """The keys saved last."""
        with self._reading():
            rows = self._file.execute("SELECT type, api_key, account, secret, private_key FROM keys ORDER BY rowid")
            return [ApiKey(*row) for row in rows]

    def prices(self, product: Product) -> dict[str, Decimal]:
        """Last price of every symbol."""
        with self._reading():
            rows = self._file.execute("SELECT symbol, price FROM symbols WHERE product = ?", (product,))
            return {symbol: holding_of(price) for symbol, price in rows}

    def watch(self, venue: Venue) -> None:
        """Notice from now on which orders of a venue need saving."""
        self._dirty[venue.product] = {}
        self._forgotten[venue.product] = []
        venue.registry.on_forgotten.append(self._note_forgotten)
        venue.add_listener(_Watch(self, self._dirty[venue.product]))
        venue.documents.changed = self._note_change

    def load(self, venue: Venue) -> None:
        """Give a venue its accounts and orders back; open orders return to the book in their old sequence."""
        with self._reading():
            rows = self._file.execute("SELECT kind, id, body FROM documents WHERE product = ?", (venue.product,))
            venue.documents.restore(rows)
            self._load_counters(venue)
            self._load_accounts(venue)
            self._load_orders(venue)
            venue.restore_documents()

    def save(self, venues: list[Venue], keys: list[ApiKey], steps: int, now_ms: int) -> None:
        """Write everything that changed, in one transaction."""
        try:
            with self._file:
                meta = [("saved_ms", str(now_ms)), ("steps", str(steps))]
                self._file.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta)
                rows = [(key.type, key.api_key, key.account_id, key.secret_or_public, key.private_key) for key in keys]
                self._file.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)", rows)
                for venue in venues:
                    self._save_counters(venue)
                    self._save_accounts(venue)
                    self._save_orders(venue)
                    self._save_documents(venue)
        except sqlite3.Error as error:
            raise StateError(self.path, str(error)) from error
        self.is_dirty = False

    def _note_change(self) -> None:
        self.is_dirty = True

    def _note_forgotten(self, order: ExchangeOrder) -> None:
        self._forgotten[order.listing.product].append(order.order_id)
        self.is_dirty = True

    def close(self) -> None:
        """Forget orders beyond the memory and let go of the file."""
        with suppress(sqlite3.Error), self._file:
            for product in Product:
                self._file.execute(
                    "DELETE FROM orders WHERE product = ?1 AND state NOT IN ('NEW', 'PARTIALLY_FILLED', 'PENDING_NEW') "
                    "AND order_id <= "
                    "(SELECT order_id FROM orders WHERE product = ?1 ORDER BY order_id DESC LIMIT 1 OFFSET ?2)",
                    (product, REMEMBERED),
                )
            self._file.execute(
                "DELETE FROM executions WHERE (product, order_id) NOT IN (SELECT product, order_id FROM orders)"
            )
        self._file.close()

    def _meta(self, name: str) -> str | None:
        row = self._file.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _load_counters(self, venue: Venue) -> None:
        venue.last_order_id = int(self._meta(f"order_id/{venue.product}") or 0)
        rows = self._file.execute("SELECT symbol, trade_id FROM symbols WHERE product = ?", (venue.product,))
        for symbol, trade_id in rows:
            if symbol in venue.books:
                venue.books[symbol].last_trade_id = trade_id
        if venue.futures is not None:
            for name in _FLAGS:
                getattr(venue.futures, name).update((self._meta(f"{name}/{venue.product}") or "").split())
        if venue.spot is not None:
            venue.spot.pays_fees_in_bnb = set((self._meta("pays_fees_in_bnb") or "").split())

    def _save_counters(self, venue: Venue) -> None:
        meta = [(f"order_id/{venue.product}", str(venue.last_order_id))]
        if venue.futures is not None:
            flags = ((name, sorted(getattr(venue.futures, name))) for name in _FLAGS)
            meta += [(f"{name}/{venue.product}", " ".join(accounts)) for name, accounts in flags]
        if venue.spot is not None:
            meta.append(("pays_fees_in_bnb", " ".join(sorted(venue.spot.pays_fees_in_bnb))))
        self._file.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta)
        rows = [(venue.product, name, str(book.last_price), book.last_trade_id) for name, book in venue.books.items()]
        self._file.executemany("INSERT OR REPLACE INTO symbols VALUES (?, ?, ?, ?)", rows)

    def _load_accounts(self, venue: Venue) -> None:
        rows = self._file.execute("SELECT account, asset, amount FROM balances WHERE product = ?", (venue.product,))
        for account_id, asset, amount in rows:
            if venue.spot is not None:
                venue.spot.deposit(account_id, asset, holding_of(amount))
            elif venue.futures is not None:
                may_owe = account_id in (HOUSE, ROUNDING) or account_id in venue.futures.multi_assets
                read = number_of if may_owe else holding_of
                venue.futures.credit(account_id, asset, read(amount))
        if venue.futures is None:
            return
        rows = self._file.execute(
            "SELECT account, symbol, quantity, cost, fees, leverage, isolated, isolated_wallet, updated_ms, side, "
            "realized FROM positions WHERE product = ?",
            (venue.product,),
        )
        for account_id, symbol, quantity, cost, fees, leverage, isolated, wallet, updated_ms, side, realized in rows:
            if symbol not in venue.listings:
                raise KeyError(f"{symbol} is not listed")
            position = Position(
                number_of(quantity),
                number_of(cost),
                number_of(fees),
                leverage,
                bool(isolated),
                number_of(wallet),
                updated_ms,
                number_of(realized),
            )
            venue.futures.restore(account_id, symbol, side, position)

    def _save_accounts(self, venue: Venue) -> None:
        balances: list[tuple[str, ...]] = []
        positions: list[tuple[str | int, ...]] = []
        if venue.spot is not None:
            for account in venue.spot.accounts():
                for asset, (free, locked) in venue.spot.balances(account).items():
                    balances.append((venue.product, account, asset, str(free + locked)))
        elif venue.futures is not None:
            for account in venue.futures.accounts():
                wallet = {asset: venue.futures.wallet(account, asset) for asset in venue.futures.assets(account)}
                balances += [(venue.product, account, asset, str(amount)) for asset, amount in wallet.items()]
                for symbol, side, held in venue.futures.configurations(account):
                    amounts = (str(held.quantity), str(held.cost), str(held.fees), held.leverage, int(held.is_isolated))
                    ending = (str(held.isolated_wallet), held.updated_ms, side, str(held.realized))
                    positions.append((venue.product, account, symbol, *amounts, *ending))
        self._file.executemany("INSERT OR REPLACE INTO balances VALUES (?, ?, ?, ?)", balances)
        self._file.executemany(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", positions
        )

    def _load_orders(self, venue: Venue) -> None:
        executions: dict[int, list[Execution]] = {}
        rows = self._file.execute(
            "SELECT order_id, trade_id, price_ticks, lots, is_maker, commission, commission_asset, time_ms, "
            "realized_profit FROM executions WHERE product = ? ORDER BY order_id, trade_id",
            (venue.product,),
        )
        for order_id, *values in rows:
            executions.setdefault(order_id, []).append(execution_of(*values))
        rows = self._file.execute("SELECT * FROM orders WHERE product = ? ORDER BY order_id", (venue.product,))
        for row in rows:
            order = order_of(row, venue.listings)
            order.executions = executions.get(order.order_id, [])
            venue.resume(order)

    def _save_orders(self, venue: Venue) -> None:
        dirty = self._dirty[venue.product]
        marks = ", ".join("?" * 21)
        self._file.executemany(
            f"INSERT OR REPLACE INTO orders VALUES ({marks})", [order_row(order) for order in dirty.values()]
        )
        rows = [
            (venue.product, order.order_id, *execution_row(execution))
            for order in dirty.values()
            for execution in order.executions
        ]
        self._file.executemany("INSERT OR REPLACE INTO executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        dirty.clear()
        self._delete_forgotten(venue.product)

    def _delete_forgotten(self, product: Product) -> None:
        """Let orders beyond the memory go from the file as well; a long run would fill it without end."""
        gone = [(product, order_id) for order_id in self._forgotten[product]]
        self._file.executemany("DELETE FROM orders WHERE product = ? AND order_id = ?", gone)
        self._file.executemany("DELETE FROM executions WHERE product = ? AND order_id = ?", gone)
        self._forgotten[product].clear()

    def _save_documents(self, venue: Venue) -> None:
        changed = venue.documents.take_changes()
        rows = [(venue.product, kind, number, body) for kind, number, body in changed if body is not None]
        self._file.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", rows)
        gone = [(venue.product, kind, number) for kind, number, body in changed if body is None]
        self._file.executemany("DELETE FROM documents WHERE product = ? AND kind = ? AND id = ?", gone)


class _Watch:
    """Listens to a venue for what must be saved."""

    def __init__(self, state: State, dirty: dict[int, ExchangeOrder]) -> None:
        self._state = state
        self._dirty = dirty

    def on_trade(self, trade: PublicTrade) -> None:
        """Prints are not kept."""

    def on_level(self, change: LevelChanged) -> None:
        """The participants' book is made anew."""

    def on_order(self, change: OrderChanged) -> None:
        """Keep the order."""
        self._dirty[change.order.order_id] = change.order
        self._state.is_dirty = True

    def on_account(self, change: AccountChanged) -> None:
        """Keep the accounts."""
        self._state.is_dirty = True
