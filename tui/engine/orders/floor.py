"""What everybody who deals with orders has at hand."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tui.binance.client import ProductClient
from tui.config import Options
from tui.domain.order import Order
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.guards import Bench
from tui.engine.holdings import Holdings
from tui.engine.journal import AuditNote, Journal, JournalError
from tui.engine.messages import Messages
from tui.engine.orders.announcements import describe
from tui.engine.orders.ledger import Ledger
from tui.engine.store import Store
from tui.engine.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on asking. A request on its way may land until the exchange's receive window is over.

    `delays_s` are the waits before each question, the last one repeating; an order is given up after `denials` answers
    "does not exist", and not before `window_ms` after it was written down.
    """

    delays_s: tuple[float, ...] = (1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0)
    denials: int = 3
    window_ms: int = 10_000

    def delays(self) -> Iterator[float]:
        """Waits without end."""
        yield from self.delays_s
        while True:
            yield self.delays_s[-1]


@dataclass(slots=True)
class News:
    """Who wants to hear what of a product: its account agrees with the exchange, or not; what is held has changed.

    `before_live` is awaited before an account counts as live; its errors are tried again like any other.
    """

    before_live: list[Callable[[Product], Awaitable[None]]] = field(default_factory=list)
    live: list[Callable[[Product], None]] = field(default_factory=list)
    down: list[Callable[[Product], None]] = field(default_factory=list)
    positions: list[Callable[[Product], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Floor:
    """The parts of one session that orders pass through.

    `settled` is told of an order whose outcome has become known, by reply or by asking.
    """

    clients: Mapping[Product, ProductClient]
    store: Store
    bench: Bench
    ledger: Ledger
    journal: Journal
    tasks: Tasks
    clock: Clock
    messages: Messages
    patience: Patience
    options: Options
    settled: Callable[[Order], None]
    news: News = field(default_factory=News)
    holdings: Holdings = field(default_factory=Holdings)

    def client(self, order: Order) -> ProductClient:
        """The client that serves an order."""
        return self.clients[order.product]

    def describe(self, order: Order) -> str:
        """The order in one phrase, in its symbol's decimals."""
        return describe(order, self.store.instruments.get(order.symbol))

    def note(self, kind: str, client_order_id: str, text: str = "") -> None:
        """Write down what must not be kept from happening by a broken journal: a cancel, a refusal."""
        try:
            self.journal.write_event(kind, client_order_id, text)
        except JournalError as error:
            self.messages.error(str(error))

    def note_asked(self, asked: AuditNote, client_order_id: str = "") -> None:
        """Write down who asked for what, where it is not an order's intent that says so."""
        try:
            self.journal.write_asked(asked, client_order_id)
        except JournalError as error:
            self.messages.error(str(error))
