"""What a guard looks at: the order somebody wants, and everything around it at one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tui.config import Limits
from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, OrderRequest
from tui.engine.commands.answers import Refusal
from tui.engine.dollars import DOLLARS, DollarWorth
from tui.engine.holdings import leaves_what_is_held
from tui.engine.product_rules import Setting
from tui.engine.store import LinkHealth, Market, Session, Store
from tui.engine.symbol_rules import reference_price


@dataclass(frozen=True, slots=True)
class Intent:
    """An order somebody wants sent. `is_close` compares closes of one position regardless of their size.

    `role` is the order's part in a list; `changes` is the client id of the order it takes the place of; `enlarges_net`
    is set where closing a virtual position makes the exchange's net position larger: that is no way out. `piece` is the
    largest size in which a whole goes out, `part` the number of a piece.
    """

    request: OrderRequest
    reviewed: bool
    is_close: bool = False
    role: LegRole = LegRole.NONE
    changes: str = ""
    enlarges_net: bool = False
    piece: Decimal | None = None
    part: int = 0

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Equal for intents that are taken for the same."""
        request, terms = self.request, self.request.terms
        if self.is_close:
            return ("close", request.symbol, request.side, terms.position_side, self.part)
        size = (request.quantity, request.quote_quantity, request.price, terms.trigger_price, request.close_position)
        what = (request.symbol, request.side, request.type, self.role, self.changes, terms.position_side)
        return (*what, self.part, *size)

    @property
    def shrinks(self) -> bool:
        """Whether the order can only make a position smaller."""
        return (self.request.only_shrinks or self.is_close) and not self.enlarges_net


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything a guard may look at, taken at one moment; `repeated_ms` is the age of an equal intent, if any."""

    instrument: Instrument
    store: Store
    limits: Limits
    link: LinkHealth
    setting: Setting
    market: Market
    is_focused: bool
    now_ns: int
    repeated_ms: float | None

    @property
    def session(self) -> Session:
        """Who trades where, and whether keys may send."""
        return self.store.session

    def in_dollars(self, value: Decimal) -> Decimal | None:
        """What a value in quote units is worth; None where no market says."""
        worth = DollarWorth(self.store)(self.instrument.quote)
        return None if worth is None else value * worth

    def is_way_out(self, intent: Intent) -> bool:
        """Whether an order leaves risk: it can only shrink a position, is an exit, or sells coins that are held."""
        if intent.shrinks or intent.role.is_exit:
            return True
        is_coin = not self.instrument.product.is_futures
        return is_coin and leaves_what_is_held(intent.request, self.instrument, self.store)


Guard = Callable[[Intent, Circumstances], Refusal | None]


def order_notional(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    """Value of an order in quote units at its own price, or at the touch; None where there is no price."""
    if request.quote_quantity is not None:
        return request.quote_quantity
    price = judged_price(request, instrument, market)
    if price is None or request.quantity is None:
        return None
    return instrument.notional(price, request.quantity)


def judged_price(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    """The price an order is valued at: its own, unless the exchange takes another; then what it would meet."""
    is_own = request.terms.price_match is None and request.terms.peg_price is None
    return (request.price if is_own else None) or reference_price(request, instrument, market)


def value_words(value: Decimal, quote: str, dollars: Decimal) -> str:
    """A value in quote units as a trader reads it, with its worth where the quote is no dollar."""
    said = f"{value:,.2f} {quote}"
    return said if quote in DOLLARS else f"{said} (about {dollars:,.0f} dollars)"
