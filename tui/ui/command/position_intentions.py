"""What lines about working orders and positions mean: each a command with its words."""

from decimal import Decimal

from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderChange, OrderRequest
from tui.domain.order_change import change_kind
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands import Command
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    CancelOrders,
    ChangeOrder,
    ClosePosition,
    Protect,
    ReversePosition,
    SubmitOrder,
)
from tui.engine.market_pieces import closing_note
from tui.engine.store import Store
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import CancelLine, ChangeLine, CloseLine, ProtectLine, ReverseLine, TrailLine
from tui.ui.command.values import Around, instrument_of, position_of, price_of, size_of
from tui.ui.figures import price as price_words
from tui.ui.order_words import cancel_words, request_words
from tui.ui.view_state import ViewState

Spelled = tuple[str, Command]

_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})


def cancel(line: CancelLine, store: Store, view: ViewState) -> Spelled:
    """Orders taken back; raises GrammarError where there are none."""
    kept = "" if line.protective else "; protective orders stay"
    which = "orders, protective ones too," if line.protective else "entries"
    if line.everything:
        return f"CANCEL all {which} of the account{kept}", CancelEntries(None, line.protective)
    if line.number is not None:
        order = numbered(line.number, store)
        return cancel_words(order, store.instruments.get(order.symbol)), CancelOrder(order.client_order_id)
    symbol = line.symbol or view.symbol
    if line.side is None and line.above is None and line.below is None:
        return f"CANCEL {which} of {symbol}{kept}", CancelEntries(symbol, line.protective)
    orders = [one for one in store.open_orders(symbol) if line.protective or not one.is_protective]
    said = _narrowed(line, orders, symbol, store, view)
    if not said[1]:
        raise GrammarError(f"no {said[0]} are open in {symbol}")
    names = tuple(one.client_order_id for one in said[1])
    return f"CANCEL {len(names)} {said[0]} of {symbol}", CancelOrders(names)


def _narrowed(
    line: CancelLine, orders: list[Order], symbol: str, store: Store, view: ViewState
) -> tuple[str, list[Order]]:
    if line.side is not None:
        return f"{line.side.value} entries", [one for one in orders if one.side is line.side]
    instrument = instrument_of(symbol, store)
    bound = line.above or line.below
    assert bound is not None
    at = price_of(bound, Side.BUY, instrument, store, view)
    prices = [(one, one.price if one.price is not None else one.trigger_price) for one in orders]
    words = price_words(instrument.tick, at)
    if line.above is not None:
        return f"entries above {words}", [one for one, price in prices if price is not None and price > at]
    return f"entries below {words}", [one for one, price in prices if price is not None and price < at]


def numbered(number: int, store: Store) -> Order:
    """The open order with this number, as the orders pane counts them; raises GrammarError."""
    orders = store.open_orders()
    if not 1 <= number <= len(orders):
        raise GrammarError(f"there is no order {number}: {len(orders)} are open", "x 1" if orders else "")
    return orders[number - 1]


def change(line: ChangeLine, store: Store, view: ViewState) -> Spelled:
    """Another price, size or trigger, with what becomes of the place in the queue; raises GrammarError."""
    order = numbered(line.number, store)
    instrument = instrument_of(order.symbol, store)
    price = None if line.price is None else price_of(line.price, order.side, instrument, store, view)
    trigger = None if line.trigger is None else price_of(line.trigger, order.side, instrument, store, view)
    quantity = None if line.size is None else size_of(line.size, order.side, instrument, order.price, store, view)
    asked = OrderChange(price, quantity, trigger)
    words = [f"CHANGE {order.side.value} {instrument.quantity_text(order.quantity)} {order.symbol}:"]
    if price is not None:
        before = "" if order.price is None else f"{price_words(instrument.tick, order.price)} to "
        words.append(f"price {before}{price_words(instrument.tick, price)}")
    if trigger is not None:
        words.append(f"trigger to {price_words(instrument.tick, trigger)}")
    if quantity is not None:
        words.append(f"size to {instrument.quantity_text(quantity)}")
    words.append(f"; it {change_kind(order, asked).value}")
    return " ".join(words).replace(" ;", ";"), ChangeOrder(order.client_order_id, asked, reviewed=True)


def close(line: CloseLine, store: Store, view: ViewState) -> Spelled:
    """A position left, or part of it; raises GrammarError."""
    symbol = line.symbol or view.symbol
    instrument = instrument_of(symbol, store)
    position = position_of(symbol, store, line.position, unassigned=line.unassigned)
    side = position.side.opposite
    price = None if line.price is None else price_of(line.price, side, instrument, store, view, _around(position))
    at = "MARKET" if price is None else f"LIMIT {price_words(instrument.tick, price)}"
    percent = f"{(line.fraction * 100).normalize():f}%"
    text = (
        f"CLOSE {percent} of {_held(position, instrument)}: {side} {at}{'' if position.is_virtual else ' reduce-only'}"
    )
    command = ClosePosition(
        symbol,
        line.fraction,
        price,
        reviewed=True,
        position_side=position.position_side,
        unassigned=position.is_unassigned,
    )
    pieces = closing_note(command, store)
    return f"{text} in {pieces}" if pieces else text, command


def reverse(line: ReverseLine, store: Store, view: ViewState) -> Spelled:
    """A position the other way round; raises GrammarError."""
    symbol = line.symbol or view.symbol
    instrument = instrument_of(symbol, store)
    position = position_of(symbol, store, line.position)
    way = "short" if position.side is Side.BUY else "long"
    text = f"REVERSE {_held(position, instrument)}: {position.side.opposite} at MARKET until {way} as much"
    return text, ReversePosition(symbol, position.position_side, reviewed=True, held=position.quantity)


def protect(line: ProtectLine, store: Store, view: ViewState) -> Spelled:
    """A stop or a target for a whole position, or none any more; raises GrammarError."""
    symbol = line.symbol or view.symbol
    instrument = instrument_of(symbol, store)
    position = position_of(symbol, store, line.position)
    name = "STOP" if line.kind == "sl" else "TARGET"
    price = Decimal(0)
    words = f"{name} of {_held(position, instrument)}: none any more"
    if line.price is not None:
        around = _around(position, _stop_of(position, store))
        price = price_of(line.price, position.side.opposite, instrument, store, view, around)
        away = (price - position.entry_price) / position.entry_price * 100 if position.entry_price else Decimal(0)
        at = price_words(instrument.tick, price)
        words = (
            f"{name} of {_held(position, instrument)}: {position.side.opposite} all at {at} ({away:+.2f}% from entry)"
        )
    prices = {"stop_price" if line.kind == "sl" else "target_price": price}
    return words, Protect(symbol, position_side=position.position_side, reviewed=True, **prices)


def trail(line: TrailLine, store: Store, view: ViewState) -> Spelled:
    """A stop that trails a whole position; raises GrammarError."""
    symbol = line.symbol or view.symbol
    instrument = instrument_of(symbol, store)
    position = position_of(symbol, store, line.position)
    side = position.side.opposite
    start = None if line.start is None else price_of(line.start, side, instrument, store, view, _around(position))
    request = OrderRequest(
        symbol,
        side,
        OrderType.TRAILING_STOP_MARKET,
        abs(position.quantity),
        reduce_only=True,
        terms=Terms(activation_price=start, trailing_bps=line.trailing_bps, position_side=position.position_side),
    )
    return request_words(request, instrument), SubmitOrder(request, reviewed=True, protects=True)


def _held(position: Position, instrument: Instrument) -> str:
    way = "LONG" if position.side is Side.BUY else "SHORT"
    return f"{way} {instrument.quantity_text(abs(position.quantity))} {instrument.symbol}"


def _around(position: Position, stop: Decimal | None = None) -> Around:
    return Around(position.entry_price, stop, position.break_even_price, position.side)


def _stop_of(position: Position, store: Store) -> Decimal | None:
    """The trigger of the stop that guards a position, the nearest to its entry."""
    triggers = [
        one.trigger_price
        for one in store.open_orders(position.symbol)
        if one.type in _STOPS and one.is_protective and one.side is not position.side
        if one.trigger_price is not None and one.position_side is position.position_side
    ]
    return min(triggers, key=lambda price: abs(price - position.entry_price), default=None)
