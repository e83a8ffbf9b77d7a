"""One product as its server sees it: the venue with everything that stands around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.faults import Faults, Snapshot
from tui.exchange.limits import FUTURES_WORDS, SPOT_WORDS, Budget, RateLimit
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection
from tui.exchange.server.listen_keys import ListenKeys
from tui.exchange.server.notation import Notation
from tui.exchange.tape import Tape

if TYPE_CHECKING:
    from tui.exchange.server.margin_desk import MarginDesk
    from tui.exchange.server.usdm_downloads import Download
    from tui.exchange.venue import Venue

#: Binance spot API docs, rate limits, 2026-07-21.
SPOT_LIMITS = (
    RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 6_000),
    RateLimit("ORDERS", "SECOND", 10, 100),
    RateLimit("ORDERS", "DAY", 1, 200_000),
    RateLimit("RAW_REQUESTS", "MINUTE", 5, 300_000),
)
#: Binance USD-M futures docs, rate limits, 2026.
FUTURES_LIMITS = (
    RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 2_400),
    RateLimit("ORDERS", "MINUTE", 1, 1_200),
    RateLimit("ORDERS", "SECOND", 10, 300),
)


def _tell_nobody(account_id: str, event: dict[str, object]) -> None:
    """Before a server stands there is nobody to tell."""


def _keep_nothing() -> None:
    """Without a state file nothing outlives the process."""


def _raw(limits: Sequence[RateLimit]) -> RateLimit | None:
    return next((limit for limit in limits if limit.kind == "RAW_REQUESTS"), None)


@dataclass(slots=True)
class Desk:
    """A venue, its tape, its keys, its limits. `clocks` gives the times a request may be stamped by."""

    venue: "Venue"
    tape: Tape
    authenticator: Authenticator
    limits: Sequence[RateLimit]
    clocks: Callable[[], tuple[int, ...]]
    faults: Faults = field(default_factory=Faults)
    #: Tells an account an event of its user data.
    announce: Callable[[str, dict[str, object]], None] = _tell_nobody
    #: Makes what an order did outlive the process, before its answer leaves.
    keep: Callable[[], None] = _keep_nothing
    budget: Budget = field(init=False)
    listen_keys: ListenKeys = field(init=False)
    notations: dict[str, Notation] = field(init=False)
    #: Where this product's server is reached.
    address: str = ""
    #: Futures only: files made of accounts' histories, by number.
    downloads: "dict[str, Download]" = field(default_factory=dict)
    #: Futures only: the desk of the other product, whose candles are served here too.
    neighbour: "Desk | None" = None
    #: Spot only: the desks of futures, by the names their wallets have in transfers.
    futures: "dict[str, Desk]" = field(default_factory=dict)
    margin: "MarginDesk | None" = None

    def __post_init__(self) -> None:
        """Derive what follows from the listings and the limits."""
        orders = [limit for limit in self.limits if limit.kind == "ORDERS"]
        words = FUTURES_WORDS if self.product.is_futures else SPOT_WORDS
        self.budget = Budget(self.limits[0], orders, _raw(self.limits), words)
        self.listen_keys = ListenKeys("/dapi" if self.product is Product.COINM else "/fapi")
        self.notations = {symbol: Notation(listing) for symbol, listing in self.venue.listings.items()}
        self.venue.life.on_listed.append(self._list)

    def _list(self, listing: Listing) -> None:
        self.notations[listing.symbol] = Notation(listing)
        self.tape.add(listing)

    @property
    def product(self) -> Product:
        """Which product this is."""
        return self.venue.product

    def now_ms(self) -> int:
        """Exchange time."""
        return self.venue.clock.now_ms() + self.faults.clock_skew_ms

    def snapshot(self, symbol: str, limit: int) -> Snapshot:
        """A book for REST: update id, bids and asks in ticks and lots."""
        return self.faults.snapshot(symbol, lambda: self.venue.depth(symbol, limit), limit)

    def listing(self, symbol: str) -> Listing:
        """The listing of a symbol; raises -1121."""
        found = self.venue.listings.get(symbol)
        if found is None:
            raise Rejection(-1121, "Invalid symbol.")
        return found
