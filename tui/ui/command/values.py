"""Prices and sizes of the language in the market of this moment: anchors become prices, sizes become lots."""

from dataclasses import dataclass
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product
from tui.engine.dollars import DOLLARS
from tui.engine.store import Store
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import Price, Size
from tui.ui.figures import plain_quantity
from tui.ui.staleness import book_staleness, market_staleness
from tui.ui.view_state import ViewState


@dataclass(frozen=True, slots=True)
class Around:
    """What a price may be counted from: the entry, the stop that makes R, and the side of what is protected.

    `profit` is the side towards which profit lies: BUY where the entry buys.
    """

    entry: Decimal | None = None
    stop: Decimal | None = None
    break_even: Decimal | None = None
    profit: Side | None = None


NOWHERE = Around()


def instrument_of(symbol: str, store: Store) -> Instrument:
    """A listed instrument; raises GrammarError."""
    instrument = store.instruments.get(symbol)
    if instrument is None:
        raise GrammarError("no symbol is shown: name one, or find it with /")
    return instrument


def position_of(
    symbol: str, store: Store, side: PositionSide = PositionSide.BOTH, *, unassigned: bool = False
) -> Position:
    """The position somebody means; raises GrammarError where there is none, or where several are held."""
    held = store.held(symbol)
    if unassigned:
        held = [one for one in held if one.is_unassigned]
    elif side is not PositionSide.BOTH:
        wanted = Side.BUY if side is PositionSide.LONG else Side.SELL
        held = [one for one in held if one.side is wanted and not one.is_unassigned]
    if not held:
        raise GrammarError(f"no position in {symbol}")
    if len(held) > 1:
        choices = ["unassigned" if one.is_unassigned else one.position_side.value.lower() for one in held]
        raise GrammarError(f"{symbol} is held {' and '.join(choices)}: say {' or '.join(choices)}")
    return held[0]


def touch(instrument: Instrument, store: Store, view: ViewState) -> tuple[Decimal, Decimal]:
    """Best bid and ask that can be believed, of the book or the quote; raises GrammarError."""
    bid, ask = store.market(instrument.symbol).touch()
    is_quoted = store.market(instrument.symbol).quote is not None
    staleness = market_staleness if is_quoted else book_staleness
    words = staleness(store, instrument.symbol, view.clock.monotonic_ns(), view.stale_after_ms)
    if words:
        raise GrammarError(f"{instrument.symbol}: {words}; give the price as a number")
    if bid is None or ask is None:
        raise GrammarError(f"{instrument.symbol} has no book on both sides; give the price as a number")
    return bid, ask


def price_of(
    price: Price, side: Side, instrument: Instrument, store: Store, view: ViewState, around: Around = NOWHERE
) -> Decimal:
    """A price in quote units: numbers as typed, anchors rounded to a tick so that they are never more aggressive."""
    if not price.anchor and price.number:
        return price.number
    base = _base(price, instrument, store, view, around)
    percent, ticks = price.percent, price.ticks
    towards = -1 if around.profit is Side.SELL else 1
    if not price.anchor:
        percent, ticks = percent * towards, ticks * towards
    moved = base * (1 + percent / 100) + instrument.tick.size * ticks
    if price.risks:
        moved += price.risks * towards * _risk(around)
    if moved <= 0:
        raise GrammarError(f"{price.anchor or 'entry'} moved that far is not above zero: move it less")
    rounded = instrument.tick.round(moved, "down" if side is Side.BUY else "up")
    if not rounded:
        raise GrammarError(f"{price.anchor or 'entry'} moved that far is less than a tick: move it less")
    return rounded


def _base(price: Price, instrument: Instrument, store: Store, view: ViewState, around: Around) -> Decimal:
    match price.anchor:
        case "bid" | "ask" | "mid":
            bid, ask = touch(instrument, store, view)
            return {"bid": bid, "ask": ask, "mid": (bid + ask) / 2}[price.anchor]
        case "mark" | "last":
            market = store.market(instrument.symbol)
            mark = market.mark.value.mark if market.mark is not None else None
            known = mark if price.anchor == "mark" else market.last_price()
            if known is None:
                raise GrammarError(f"{instrument.symbol} has no {price.anchor} price; give the price as a number")
            return known
    entry = around.entry if price.anchor != "be" else around.break_even or around.entry
    if entry is None:
        entry = position_of(instrument.symbol, store).entry_price
    return entry


def _risk(around: Around) -> Decimal:
    if around.entry is None or around.stop is None or around.entry == around.stop:
        raise GrammarError("R is the distance from the entry to the stop: give a stop first (sl PRICE)")
    return abs(around.entry - around.stop)


def size_of(
    size: Size,
    side: Side,
    instrument: Instrument,
    price: Decimal | None,
    store: Store,
    view: ViewState,
    around: Around = NOWHERE,
) -> Decimal:
    """A size in base units or contracts: typed as typed, all else rounded down to whole lots; raises GrammarError."""
    if size.unit == "base":
        return size.amount
    what = f"{plain_quantity(size.amount)}%"
    if size.unit == "position":
        if not store.held(instrument.symbol):
            raise GrammarError(f"no position in {instrument.symbol} to take {what} of")
        held = abs(position_of(instrument.symbol, store).quantity)
        return _lots(held * size.amount / 100, instrument, f"{what}pos")
    if size.unit == "risk":
        return _lots(_risked(size, instrument, store, around), instrument, f"{what}r")
    if size.unit == "balance" and side is Side.SELL and not instrument.product.is_futures:
        return _lots(_free(instrument, instrument.base, store) * size.amount / 100, instrument, f"{what}bal")
    at = price if price is not None else touch(instrument, store, view)[1 if side is Side.BUY else 0]
    if size.unit == "preset":
        index = int(size.amount)
        count = view.preset_count(instrument.symbol)
        if not 1 <= index <= count:
            raise GrammarError(f"p{index} is no size preset: p1 to p{count}")
        wanted = view.preset_size(instrument, at, index)
        if wanted is None:
            raise GrammarError(f"p{index} is in dollars, and no market says what {instrument.quote} is worth")
        return _lots(wanted, instrument, f"p{index}")
    if size.unit == "dollars":
        what = f"{plain_quantity(size.amount)}$"
        worth = size.amount / dollar_worth(instrument, view, what)
    else:
        asset = instrument.margin_asset if instrument.product.is_futures else instrument.quote
        worth = _free(instrument, asset, store) * size.amount / 100 * (at if instrument.is_inverse else 1)
        what = f"{what}bal"
    return _lots(worth / instrument.notional(at, Decimal(1)), instrument, what)


def dollar_worth(instrument: Instrument, view: ViewState, what: str) -> Decimal:
    """What a unit of the quote is worth in dollars, for a size given in them; raises GrammarError."""
    worth = view.in_dollars(instrument.quote)
    if not worth:
        raise GrammarError(
            f"{what} is in dollars, and no market says what {instrument.quote} is worth: give the size in"
            f" {instrument.unit}"
        )
    return worth


def _risked(size: Size, instrument: Instrument, store: Store, around: Around) -> Decimal:
    """So much that the way from entry to stop costs this share of the equity; fees come on top."""
    entry, stop = around.entry, around.stop
    if entry is None or stop is None or entry == stop:
        raise GrammarError("a size of risk needs a stop away from the entry: add sl PRICE")
    equity = _equity(instrument, store)
    if instrument.is_inverse:
        return equity * size.amount / 100 / (instrument.contract_size * abs(1 / entry - 1 / stop))
    return equity * size.amount / 100 / abs(entry - stop)


def _equity(instrument: Instrument, store: Store) -> Decimal:
    """The account's worth in the currency that the instrument wins and loses: all of it in dollars, else the wallet."""
    asset = instrument.margin_asset if instrument.product.is_futures else instrument.quote
    summary = store.summary
    if asset in DOLLARS and summary is not None and summary.equity is not None and summary.currency in DOLLARS:
        return summary.equity
    held = [one.net for key, one in store.balances.items() if key[0] is instrument.product and one.asset == asset]
    if not held or sum(held) <= 0:
        raise GrammarError(f"the worth of the account is not known in {asset}: give the size as a number")
    return sum(held, Decimal(0))


def _lots(quantity: Decimal, instrument: Instrument, what: str) -> Decimal:
    rounded = instrument.step.round(quantity, "down")
    if rounded <= 0:
        raise GrammarError(f"{what} is less than the smallest size {instrument.step.size:f} {instrument.unit}")
    return rounded


def _free(instrument: Instrument, asset: str, store: Store) -> Decimal:
    balance = store.wallet(instrument, asset)
    if balance is None or balance.free <= 0:
        remedy = ""
        if instrument.product in (Product.MARGIN, Product.ISOLATED_MARGIN):
            pair = f" {instrument.symbol}" if instrument.product is Product.ISOLATED_MARGIN else ""
            remedy = f": transfer 100 {asset} in{pair}"
        raise GrammarError(f"no free {asset} in {instrument.product.label}{remedy}")
    return balance.free
