"""What a parsed line or a ticket means in the market of this moment: anchors become prices, sizes become lots."""

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest, OrderType, Side, TimeInForce
from tui.engine.commands import Arm, CancelEntries, CancelOrder, ClosePosition, Command, Halt, Lock, SubmitOrder
from tui.engine.store import Store
from tui.ui.actions import READ_ONLY
from tui.ui.command.grammar import (
    WRITE_WORDS,
    CancelLine,
    CloseLine,
    GrammarError,
    GroupLine,
    IntervalLine,
    OrderLine,
    ParsedLine,
    Price,
    Size,
    SymbolLine,
    WordLine,
)
from tui.ui.command.screen_words import ArrangeLine
from tui.ui.figures import plain_quantity
from tui.ui.figures import price as price_words
from tui.ui.order_words import cancel_words, request_words
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

ScreenLine = SymbolLine | GroupLine | IntervalLine | WordLine | ArrangeLine


@dataclass(frozen=True, slots=True)
class Intention:
    """What Enter will do, spelled out in `text`: commands for the engine, or a line that only the screen obeys."""

    text: str
    commands: tuple[Command, ...] = ()
    screen: ScreenLine | None = None

    @property
    def order(self) -> OrderRequest | None:
        """The order it sends, if it sends one."""
        first = self.commands[0] if self.commands else None
        return first.request if isinstance(first, SubmitOrder) else None


def resolve(line: ParsedLine, store: Store, view: ViewState) -> Intention:
    """The intention of a line; raises GrammarError where the session, market or account does not allow an answer."""
    if store.session.read_only and _writes(line):
        raise GrammarError(READ_ONLY)
    match line:
        case OrderLine():
            request = order_request(line, store, view)
            return Intention(request_words(request, store.instruments[request.symbol]), (SubmitOrder(request, True),))
        case CancelLine():
            return _cancel(line, store, view)
        case CloseLine():
            return _close(line, store, view)
        case SymbolLine():
            return Intention(f"show {line.symbol}", screen=line)
        case GroupLine():
            return Intention(f"group {line.ticks} ticks into a row of the ladder", screen=line)
        case IntervalLine():
            return Intention(f"candles of {line.interval}", screen=line)
        case ArrangeLine():
            return Intention(line.words, screen=line)
        case WordLine():
            return _word(line)
        case _:
            assert_never(line)


def _writes(line: ParsedLine) -> bool:
    if isinstance(line, WordLine):
        return line.word in WRITE_WORDS
    return isinstance(line, OrderLine | CancelLine | CloseLine)


def order_request(line: OrderLine, store: Store, view: ViewState) -> OrderRequest:
    """The order of an order line with its anchors resolved; raises GrammarError."""
    symbol = line.symbol or view.symbol
    instrument = _instrument(symbol, store)
    if line.reduce_only and not instrument.product.is_futures:
        raise GrammarError(f"{symbol} is spot, which has no reduce-only: leave out ro")
    price = None if line.price is None else price_of(line.price, line.side, instrument, store, view)
    _refuse_price_as_size(line, instrument, price, store, view)
    quantity, quote = _quantities(line, instrument, price, store, view)
    return OrderRequest(
        symbol=symbol,
        side=line.side,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        quantity=quantity,
        price=price,
        quote_quantity=quote,
        time_in_force=line.time_in_force,
        post_only=line.post_only,
        reduce_only=line.reduce_only,
    )


def price_of(price: Price, side: Side, instrument: Instrument, store: Store, view: ViewState) -> Decimal:
    """A price in quote units: numbers as typed, anchors rounded to a tick so that they are never more aggressive."""
    if not price.anchor:
        return price.number
    bid, ask = _touch(instrument, store, view)
    base = {"bid": bid, "ask": ask, "mid": (bid + ask) / 2}[price.anchor]
    moved = base * (1 + price.percent / 100) + instrument.tick.size * price.ticks
    if moved <= 0:
        raise GrammarError(f"{price.anchor} moved that far is not above zero: move it less")
    return instrument.tick.round(moved, "down" if side is Side.BUY else "up")


def size_of(
    size: Size, side: Side, instrument: Instrument, price: Decimal | None, store: Store, view: ViewState
) -> Decimal:
    """A size in base units: base as typed, everything else rounded down to whole lots; raises GrammarError."""
    if size.unit == "base":
        return size.amount
    if size.unit == "position":
        position = store.positions.get(instrument.symbol)
        if position is None:
            raise GrammarError(f"no position in {instrument.symbol} to take {plain_quantity(size.amount)}% of")
        return _lots(abs(position.quantity) * size.amount / 100, instrument, f"{plain_quantity(size.amount)}%pos")
    if size.unit == "balance" and side is Side.SELL and not instrument.product.is_futures:
        free = _free(instrument, instrument.base, store)
        return _lots(free * size.amount / 100, instrument, f"{plain_quantity(size.amount)}%bal")
    at = price if price is not None else _touch(instrument, store, view)[1 if side is Side.BUY else 0]
    if size.unit == "preset":
        number = int(size.amount)
        if not 1 <= number <= len(view.size_presets):
            raise GrammarError(f"p{number} is no size preset: p1 to p{len(view.size_presets)}")
        worth, what = view.size_presets[number - 1], f"p{number}"
    elif size.unit == "quote":
        worth, what = size.amount, f"{plain_quantity(size.amount)}$"
    else:
        asset = instrument.margin_asset if instrument.product.is_futures else instrument.quote
        worth = _free(instrument, asset, store) * size.amount / 100
        what = f"{plain_quantity(size.amount)}%bal"
    return _lots(worth / instrument.notional(at, Decimal(1)), instrument, what)


def line_of(request: OrderRequest) -> str:
    """An order written as the line that would place it, for offering a corrected one; "" where no line says it."""
    if request.quantity is None and request.quote_quantity is None:
        return ""
    letter = "b" if request.side is Side.BUY else "s"
    size = f"{request.quantity:f}" if request.quantity is not None else f"{request.quote_quantity:f}$"
    words = [letter, size, request.symbol, "mkt" if request.price is None else f"@ {request.price:f}"]
    words += ["po"] if request.post_only else []
    words += ["ro"] if request.reduce_only else []
    if request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        words.append(request.time_in_force.lower())
    return " ".join(words)


def _quantities(
    line: OrderLine, instrument: Instrument, price: Decimal | None, store: Store, view: ViewState
) -> tuple[Decimal | None, Decimal | None]:
    """Base quantity, or the quote amount where the exchange itself spends one."""
    if line.size.unit == "quote" and price is None and line.side is Side.BUY and instrument.quote_quantity_allowed:
        return None, line.size.amount
    return size_of(line.size, line.side, instrument, price, store, view), None


def _refuse_price_as_size(
    line: OrderLine, instrument: Instrument, price: Decimal | None, store: Store, view: ViewState
) -> None:
    last = store.market(instrument.symbol).last_price()
    size = line.size.amount
    if line.size.unit != "base" or last is None or last < 5 or not last * 4 / 5 <= size <= last * 5 / 4:
        return
    if price is not None and last / 2 <= price <= last * 2:
        raise GrammarError(
            f"size {plain_quantity(size)} looks like a price of {instrument.symbol}: "
            f"for that worth in {instrument.quote} write {size:f}$"
        )
    letter = "b" if line.side is Side.BUY else "s"
    named = f" {line.symbol}" if line.symbol else ""
    other = f"{price:f}" if price is not None else f"p{view.preset + 1}"
    offer = f"{letter} {other}{named} @ {size:f}"
    raise GrammarError(f"size {plain_quantity(size)} looks like a price of {instrument.symbol}", offer)


def _lots(quantity: Decimal, instrument: Instrument, what: str) -> Decimal:
    rounded = instrument.step.round(quantity, "down")
    if rounded <= 0:
        raise GrammarError(f"{what} is less than the smallest size {instrument.step.size:f} {instrument.base}")
    return rounded


def _free(instrument: Instrument, asset: str, store: Store) -> Decimal:
    balance = store.balances.get((instrument.product, asset))
    if balance is None or balance.free <= 0:
        raise GrammarError(f"no free {asset} in {instrument.product.label}")
    return balance.free


def _touch(instrument: Instrument, store: Store, view: ViewState) -> tuple[Decimal, Decimal]:
    """Best bid and ask of a book that can be believed."""
    words = book_staleness(store, instrument.symbol, view.clock.monotonic_ns(), view.stale_after_ms)
    if words:
        raise GrammarError(f"{instrument.symbol}: {words}; give the price as a number")
    book = store.market(instrument.symbol).book.view(1)
    if book.best_bid is None or book.best_ask is None:
        raise GrammarError(f"{instrument.symbol} has no book on both sides; give the price as a number")
    return instrument.tick.value(book.best_bid), instrument.tick.value(book.best_ask)


def _instrument(symbol: str, store: Store) -> Instrument:
    instrument = store.instruments.get(symbol)
    if instrument is None:
        raise GrammarError("no symbol is shown: name one, or find it with /")
    return instrument


def _cancel(line: CancelLine, store: Store, view: ViewState) -> Intention:
    if line.everything:
        return Intention("CANCEL all entries of the account; protective orders stay", (CancelEntries(None),))
    if line.number is not None:
        orders = store.open_orders()
        if not 1 <= line.number <= len(orders):
            raise GrammarError(f"there is no order {line.number}: {len(orders)} are open", "x 1" if orders else "")
        order = orders[line.number - 1]
        return Intention(
            cancel_words(order, store.instruments.get(order.symbol)), (CancelOrder(order.client_order_id),)
        )
    symbol = line.symbol or view.symbol
    if line.side is None:
        return Intention(f"CANCEL entries of {symbol}; protective orders stay", (CancelEntries(symbol),))
    orders = [o for o in store.open_orders(symbol) if o.side is line.side and not o.is_protective]
    if not orders:
        raise GrammarError(f"no {line.side.lower()} entry is open in {symbol}")
    return Intention(
        f"CANCEL {len(orders)} {line.side} entries of {symbol}",
        tuple(CancelOrder(order.client_order_id) for order in orders),
    )


def _close(line: CloseLine, store: Store, view: ViewState) -> Intention:
    symbol = line.symbol or view.symbol
    instrument = _instrument(symbol, store)
    position = store.positions.get(symbol)
    if position is None:
        raise GrammarError(f"no position in {symbol}")
    side = position.side.opposite
    price = None if line.price is None else price_of(line.price, side, instrument, store, view)
    at = "MARKET" if price is None else f"LIMIT {price_words(instrument.tick, price)}"
    percent = f"{(line.fraction * 100).normalize():f}%"
    held = instrument.quantity_text(abs(position.quantity))
    text = f"CLOSE {percent} of {position.side} {held} {symbol}: {side} {at} reduce-only"
    return Intention(text, (ClosePosition(symbol, line.fraction, price, True),))


def _word(line: WordLine) -> Intention:
    match line.word:
        case "arm":
            return Intention("ARM: ladder keys send at once until locked", (Arm(),))
        case "lock":
            return Intention("LOCK: nothing is sent without review", (Lock("locked"),), line)
        case "halt":
            return Intention("HALT: cancel entries everywhere, lock, refuse new orders", (Halt(),))
        case "away":
            return Intention("lock the screen and forget the secret until you are back", (), line)
        case "keys":
            return Intention("API keys; changes are used at the next start", (), line)
        case "help" | "q":
            return Intention("help" if line.word == "help" else "quit; working orders stay at the exchange", (), line)
        case _:
            assert_never(line.word)
