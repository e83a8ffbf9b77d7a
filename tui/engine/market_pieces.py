"""The sizes in which a market order goes out that leaves what is held and is larger than the exchange takes at once."""

from decimal import Decimal

from tui.domain.increment import Increment
from tui.domain.order import OrderRequest
from tui.domain.order_terms import OrderType
from tui.engine.commands.answers import Refusal
from tui.engine.commands.orders import ClosePosition
from tui.engine.holdings import leaves_what_is_held
from tui.engine.orders.closing import closing_request, flattening_requests
from tui.engine.store import Store


def cut(quantity: Decimal, step: Increment, most: Decimal) -> tuple[Decimal, ...]:
    """A size in as few pieces of at most so much as there can be, alike to one step: none is too small to be taken."""
    count, largest = step.count_of(quantity), step.count_of(step.round(most, "down"))
    share, rest = divmod(count, -(-count // largest))
    return tuple(step.value(share + (number < rest)) for number in range(-(-count // largest)))


def piece_sizes(request: OrderRequest, store: Store, *, is_close: bool = False) -> tuple[Decimal, ...]:
    """The sizes in which an order goes out; none where it goes as it is, or is refused as it is."""
    instrument = store.instruments.get(request.symbol)
    if instrument is None or request.type is not OrderType.MARKET or request.quantity is None:
        return ()
    most = instrument.max_market_quantity
    is_whole = request.quantity <= most or instrument.step.round(most, "down") <= 0
    if is_whole or not instrument.step.fits(request.quantity):
        return ()
    if not (is_close or leaves_what_is_held(request, instrument, store)):
        return ()
    return cut(request.quantity, instrument.step, most)


def pieces_note(sizes: tuple[Decimal, ...]) -> str:
    """What a trader should know of an order that goes out in pieces; "" of one that does not."""
    return f"goes as {len(sizes)} market orders of at most {max(sizes):f}, one after the other" if sizes else ""


def closing_note(command: ClosePosition, store: Store) -> str:
    """What a close goes as where one order is too small for it: `3 orders of at most 40.000`; else "".

    A size that is not known any more has no note: the answer says so.
    """
    request = closing_request(store, command)
    sizes = () if isinstance(request, Refusal) else piece_sizes(request, store, is_close=True)
    return f"{len(sizes)} orders of at most {max(sizes):f}" if sizes else ""


def flattening_count(store: Store) -> int:
    """How many orders it takes to leave every position."""
    return sum(len(piece_sizes(one, store, is_close=True)) or 1 for one in flattening_requests(store))
