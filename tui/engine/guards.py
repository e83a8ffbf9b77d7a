"""What every order must pass before it is sent, in one order for every path.

Each guard is a named function from an intent and the circumstances to a refusal or nothing. Orders that can only
shrink a position skip the guards on size; nothing skips the symbol's rules.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui.config import Limits
from tui.domain.instrument import Instrument
from tui.engine.account_guards import conditional_room, day_loss, head_room, open_orders_limit, position_limit
from tui.engine.circumstances import Circumstances, Guard, Intent, judged_price, order_notional, value_words
from tui.engine.clock import Clock
from tui.engine.commands.answers import Refusal
from tui.engine.price_guard import market_slippage, price_distance
from tui.engine.product_rules import Setting
from tui.engine.store import Link, LinkHealth, Session, Store, TradingState
from tui.engine.symbol_rules import symbol_rules
from tui.engine.virtual_guard import enlarges_net, virtual_position


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first refusal, or None, and the names of the guards passed before it."""

    refusal: Refusal | None
    passed: tuple[str, ...]


def read_only(intent: Intent, now: Circumstances) -> Refusal | None:
    """A session that only looks."""
    if now.session.read_only:
        return Refusal("read-only", "This session is read-only: start without --read-only to trade")
    return None


def unconfirmed(intent: Intent, now: Circumstances) -> Refusal | None:
    """Real money that the trader has not yet confirmed to mean."""
    return confirmation_refusal(now.session)


def locked(intent: Intent, now: Circumstances) -> Refusal | None:
    """Without review only an armed session sends, and only until its time is up."""
    session = now.session
    is_armed = session.trading is TradingState.ARMED and now.now_ns < session.armed_until_ns
    if is_armed or intent.reviewed or session.trading is TradingState.HALTED:
        return None
    return Refusal("locked", "LOCKED: review the order and press Enter, or arm with t")


def halted(intent: Intent, now: Circumstances) -> Refusal | None:
    """After a halt only a reviewed order that shrinks a position is sent, or that sells coins which are held."""
    if now.session.trading is not TradingState.HALTED or (intent.reviewed and now.is_way_out(intent)):
        return None
    return Refusal("halted", "HALTED: no new orders until armed again with t; positions can be closed after review")


def barred(intent: Intent, now: Circumstances) -> Refusal | None:
    """A contract that could not be set up as the settings want it; a position in it can be left."""
    why = now.store.barred.get(intent.request.symbol)
    if why is None or intent.shrinks:
        return None
    return Refusal("set-up", f"{intent.request.symbol} is not traded: {why}")


def stale_market(intent: Intent, now: Circumstances) -> Refusal | None:
    """The book the trader looks at must be true and fresh; to get out of a position its link must be.

    Elsewhere a live quote will do for an order with a price of its own: that is what its distance is judged by.
    """
    limit_ms, product = now.limits.stale_after_ms, now.instrument.product.label
    if intent.role.is_exit:
        return None  # what protects a position is placed whatever is known of the market
    if now.link.market is Link.DOWN:
        return Refusal("stale-market", f"{product} market data is DOWN: nothing is sent until it is back")
    age_ms = (now.now_ns - now.link.market_heard_ns) / 1e6
    if now.link.market is Link.STALE or (limit_ms and age_ms > limit_ms):
        text = f"{product} market data is STALE: not heard for {age_ms / 1000:.1f} s (limits.stale_after_ms {limit_ms})"
        return Refusal("stale-market", text)
    if now.market.book.is_live:
        return None
    if not now.is_focused:
        if intent.shrinks or (now.market.quote is not None and intent.request.price is not None):
            return None
        symbol = now.instrument.symbol
        return Refusal("stale-market", f"The book of {symbol} is not being followed: switch to it first with /{symbol}")
    return Refusal("stale-market", f"The book of {now.instrument.symbol} is being rebuilt: wait until it is LIVE")


def stale_account(intent: Intent, now: Circumstances) -> Refusal | None:
    """Orders and positions must be known to be as shown, but for what the exchange itself cuts to a position."""
    limit_ms, product = now.limits.stale_after_ms, now.instrument.product.label
    if _is_cut_there(intent, now):
        return None
    if now.link.user in (Link.DOWN, Link.SYNCING):
        state = now.link.user.value.upper()
        return Refusal("stale-account", f"{product} account stream is {state}: nothing is sent until it is LIVE")
    age_ms = (now.now_ns - now.link.user_heard_ns) / 1e6
    if now.link.user is Link.STALE or (limit_ms and age_ms > limit_ms):
        text = (
            f"{product} account stream is STALE: not heard for {age_ms / 1000:.1f} s (limits.stale_after_ms {limit_ms})"
        )
        return Refusal("stale-account", text)
    return None


def _is_cut_there(intent: Intent, now: Circumstances) -> bool:
    """Whether the exchange lets the order close what is held at that moment and no more (execution semantics 19.4)."""
    request, product = intent.request, now.instrument.product
    if not product.is_futures:
        return False
    is_hedged = product in now.store.hedge_modes
    return request.reduce_only or request.close_position or (is_hedged and request.only_shrinks)


def exchange_rules(intent: Intent, now: Circumstances) -> Refusal | None:
    """Tick, step, smallest and largest size and value, price band, and what the product can do at all."""
    request = intent.request if intent.piece is None else replace(intent.request, quantity=intent.piece)
    refusal = symbol_rules(request, now.instrument, now.market, now.setting)
    return refusal or conditional_room(intent, now)


def max_quantity(intent: Intent, now: Circumstances) -> Refusal | None:
    """The trader's own largest quantity."""
    limit, request = now.limits.max_order_quantity, intent.request
    if not limit or intent.shrinks:
        return None
    quantity = request.quantity
    if quantity is None:  # an amount of quote buys what the book gives for it
        price = judged_price(request, now.instrument, now.market)
        if not price:
            return Refusal("max-quantity", f"The size of this order is not known: {request.symbol} has no price yet")
        quantity = now.instrument.step.round((request.quote_quantity or Decimal(0)) / price, "up")
    if quantity <= limit:
        return None
    text = (
        f"{quantity:f} {now.instrument.unit} is more than your largest order of {limit.normalize():f}"
        f" (limits.max_order_quantity; set max.order.quantity {quantity:f} allows it)"
    )
    return Refusal("max-quantity", text)


def max_notional(intent: Intent, now: Circumstances) -> Refusal | None:
    """The trader's own largest value of one order, in dollars whatever it is quoted in."""
    limit, request, quote = now.limits.max_order_notional, intent.request, now.instrument.quote
    if not limit or intent.shrinks:
        return None
    notional = order_notional(request, now.instrument, now.market)
    if notional is None:
        return Refusal("max-notional", f"The value of this order is not known: {request.symbol} has no price yet")
    value = now.in_dollars(notional)
    if value is None:
        text = f"The value of this order is not known: no market says what {quote} is worth in dollars"
        return Refusal("max-notional", f"{text} (limits.max_order_notional; set max.order.notional 0 is none)")
    if value <= limit:
        return None
    text = (
        f"{value_words(notional, quote, value)} is more than your largest order value of {limit.normalize():,f} dollars"
        f" (limits.max_order_notional; set max.order.notional {value.to_integral_value('ROUND_UP'):f} allows it)"
    )
    return Refusal("max-notional", text)


def duplicate(intent: Intent, now: Circumstances) -> Refusal | None:
    """The same order twice within a moment is a held key or a slip."""
    window_ms = now.limits.duplicate_window_ms
    if now.repeated_ms is None or now.repeated_ms >= window_ms:
        return None
    text = (
        f"The same order was asked for {now.repeated_ms:.0f} ms ago: wait {window_ms} ms before repeating it"
        " (limits.duplicate_window_ms)"
    )
    return Refusal("duplicate", text)


def distance(intent: Intent, now: Circumstances) -> Refusal | None:
    """A price too far from the middle of the book, or from its trigger."""
    limit = now.limits.price_distance_percent
    return price_distance(intent.request, now.instrument, now.market, limit, leaves=intent.shrinks)


def slippage(intent: Intent, now: Circumstances) -> Refusal | None:
    """A market order that would trade too far from the middle of the book, judged by the book of this moment."""
    if intent.shrinks:
        return None
    return market_slippage(intent.request, now.instrument, now.market, now.limits.slippage_percent)


GUARDS: tuple[tuple[str, Guard], ...] = (
    ("read-only", read_only),
    ("unconfirmed", unconfirmed),
    ("locked", locked),
    ("halted", halted),
    ("set-up", barred),
    ("stale-market", stale_market),
    ("stale-account", stale_account),
    ("virtual-position", virtual_position),
    ("symbol-rules", exchange_rules),
    ("max-quantity", max_quantity),
    ("max-notional", max_notional),
    ("max-position", position_limit),
    ("max-open-orders", open_orders_limit),
    ("day-loss", day_loss),
    ("rate-limit", head_room),
    ("duplicate", duplicate),
    ("price-distance", distance),
    ("slippage", slippage),
)


def _with_reason(refusal: Refusal, intent: Intent) -> Refusal:
    """A close that is judged like an entry says why."""
    if not intent.enlarges_net or refusal.rule == "virtual-position":
        return refusal
    text = f"{refusal.text}. Closing this virtual position enlarges the exchange's net position"
    return replace(refusal, text=text)


def write_refusal(session: Session) -> Refusal | None:
    """Why this session sends nothing at all, whatever is asked for."""
    if session.read_only:
        return Refusal("read-only", "This session is read-only: start without --read-only to trade")
    return confirmation_refusal(session)


def confirmation_refusal(session: Session) -> Refusal | None:
    """Why a session with real money sends nothing yet."""
    if not session.awaits_confirmation:
        return None
    return Refusal("unconfirmed", f"REAL MONEY: type {session.environment} and Enter first, once for this start")


class Bench:
    """Judges intents against the store of this moment and remembers what was sent lately."""

    def __init__(self, store: Store, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        #: Whether the exchange keeps the end of GTD orders where it can (`execution.use_gtd`).
        self.keeps_gtd = True
        self._store = store
        self._clock = clock
        self._sent: dict[tuple[object, ...], int] = {}

    @property
    def barred(self) -> dict[str, str]:
        """Contracts that are not traded in this session, and why."""
        return self._store.barred

    def judge(self, intent: Intent) -> Verdict:
        """Run the guards in order until one refuses; changes nothing, may be called from any thread."""
        symbol = intent.request.symbol
        instrument = self._store.instruments.get(symbol)
        if instrument is None:
            return Verdict(Refusal("unknown-symbol", f"{symbol} is not a symbol of this exchange"), ())
        if self._store.is_virtual(instrument.product) and intent.shrinks and not intent.role.is_exit:
            intent = replace(intent, enlarges_net=enlarges_net(intent.request, self._store))
        now = self._circumstances(intent, instrument)
        passed: list[str] = []
        for name, guard in GUARDS:
            refusal = guard(intent, now)
            if refusal is not None:
                return Verdict(_with_reason(refusal, intent), tuple(passed))
            passed.append(name)
        return Verdict(None, tuple(passed))

    def too_large(self, intent: Intent) -> Refusal | None:
        """Whether the position would become larger than the trader allows; no other guard is asked."""
        return position_limit(intent, self._circumstances(intent, self._store.instruments[intent.request.symbol]))

    def remember(self, intent: Intent) -> None:
        """Take note of an intent that is being sent."""
        now_ns = self._clock.monotonic_ns()
        window_ns = self.limits.duplicate_window_ms * 1_000_000
        self._sent = {key: sent_ns for key, sent_ns in self._sent.items() if now_ns - sent_ns < window_ns}
        self._sent[intent.fingerprint] = now_ns

    def renew(self, intent: Intent, refusal: Refusal) -> None:
        """A repetition starts the window afresh, so that a held key sends once however long it is held."""
        if refusal.rule == "duplicate":
            self.remember(intent)

    def setting(self, instrument: Instrument) -> Setting:
        """What the product's rules look at beside an order."""
        link = self._store.links.get(instrument.product, LinkHealth())
        return Setting(
            now_ms=self._clock.now_ms() + link.clock_offset_ms,
            keeps_gtd=self.keeps_gtd,
            is_hedged=instrument.product in self._store.hedge_modes,
            is_virtual=self._store.is_virtual(instrument.product),
        )

    def _circumstances(self, intent: Intent, instrument: Instrument) -> Circumstances:
        store, now_ns = self._store, self._clock.monotonic_ns()
        sent_ns = self._sent.get(intent.fingerprint)
        link = store.links.get(instrument.product, LinkHealth())
        return Circumstances(
            instrument=instrument,
            store=store,
            limits=self.limits,
            link=link,
            setting=self.setting(instrument),
            market=store.market(instrument.symbol),
            is_focused=store.focus == instrument.symbol,
            now_ns=now_ns,
            repeated_ms=None if sent_ns is None else (now_ns - sent_ns) / 1e6,
        )
