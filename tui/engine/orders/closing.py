"""The orders that leave positions: a part, all of it, the other way round, or out of everything."""

from tui.domain.account import Position, position_key
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.engine.commands.answers import Refusal
from tui.engine.commands.orders import ClosePosition
from tui.engine.store import Store

#: The group of orders that leave everything: what is left of virtual positions is then closed against each other.
FLATTEN = "flatten"


def held_position(
    store: Store, symbol: str, side: PositionSide = PositionSide.BOTH, *, unassigned: bool = False
) -> Position | Refusal:
    """The position somebody means; where long and short are both held, the side must be said.

    `unassigned` means what no virtual position explains.
    """
    instrument = store.instruments.get(symbol)
    if instrument is None:
        return Refusal("unknown-symbol", f"{symbol} is not a symbol of this exchange")
    if not instrument.product.is_futures:
        text = f"{symbol} is a {instrument.product.label} symbol and has no position: sell the coins instead"
        return Refusal("no-position", text)
    held = store.held(symbol)
    if unassigned:
        held = [position for position in held if position.is_unassigned]
    elif side is not PositionSide.BOTH:
        held = [position for position in held if position.key == position_key(symbol, side)]
    if not held:
        which = "unassigned " if unassigned else "" if side is PositionSide.BOTH else f"{side.value.lower()} "
        return Refusal("no-position", f"There is no {which}position in {symbol}")
    if len(held) > 1:
        words = " and ".join("unassigned" if one.is_unassigned else _word(one) for one in held)
        return Refusal("position-side", f"{symbol} is held {words}: say which is meant")
    return held[0]


def _word(position: Position) -> str:
    return "long" if position.side is Side.BUY else "short"


def closing_request(store: Store, command: ClosePosition) -> OrderRequest | Refusal:
    """The order that closes the asked part of a position, rounded down to the symbol's step."""
    position = held_position(store, command.symbol, command.position_side, unassigned=command.unassigned)
    if isinstance(position, Refusal):
        return position
    if not 0 < command.fraction <= 1:
        return Refusal("fraction", f"{command.fraction * 100:f} % cannot be closed: give more than 0 and at most 100 %")
    instrument = store.instruments[command.symbol]
    held = abs(position.quantity)
    quantity = held if command.fraction == 1 else instrument.step.round(held * command.fraction, "down")
    if quantity <= 0:
        percent = (command.fraction * 100).normalize()
        smallest = instrument.quantity_text(instrument.step.size)
        return Refusal("fraction", f"{percent:f} % of {held} {command.symbol} is less than its step {smallest}")
    return OrderRequest(
        symbol=command.symbol,
        side=position.side.opposite,
        type=OrderType.MARKET if command.price is None else OrderType.LIMIT,
        quantity=quantity,
        price=command.price,
        reduce_only=True,
        terms=Terms(position_side=position.position_side),
    )


def flattening_requests(store: Store) -> list[OrderRequest]:
    """The market orders that close every position of the account: of virtual ones the net that the exchange holds."""
    return [
        OrderRequest(
            position.symbol,
            position.side.opposite,
            OrderType.MARKET,
            abs(position.quantity),
            reduce_only=True,
            terms=Terms(position_side=position.position_side),
        )
        for position in store.positions.values()
        if position.quantity and position.symbol in store.instruments
    ]


def not_loaded(store: Store) -> list[str]:
    """Symbols that are held and that the settings left out, so that nothing can be sent for them."""
    held = {position.symbol for position in store.positions.values() if position.quantity}
    return sorted(held - store.instruments.keys())


def not_assigned(position: Position, what: str) -> Refusal | None:
    """Why what no virtual position explains is only there to be closed."""
    if not position.is_unassigned:
        return None
    text = f"{position.symbol}: what is unassigned belongs to no virtual position and is not {what}: close it"
    return Refusal("virtual-position", text)


def reversing_requests(position: Position) -> tuple[OrderRequest, OrderRequest]:
    """The market orders that turn a position round: one that closes it, and one that opens as much the other way."""
    size, side, opened = abs(position.quantity), position.side.opposite, PositionSide.BOTH
    if position.position_side is not PositionSide.BOTH:
        opened = PositionSide.LONG if side is Side.BUY else PositionSide.SHORT
    closes = OrderRequest(
        position.symbol,
        side,
        OrderType.MARKET,
        size,
        reduce_only=True,
        terms=Terms(position_side=position.position_side),
    )
    opens = OrderRequest(position.symbol, side, OrderType.MARKET, size, terms=Terms(position_side=opened))
    return closes, opens
