"""What protects a position: the working orders that can only shrink it, and how much of it no stop would close."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.order import Order
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.store import Store

#: Which types protect against loss, and which take a profit.
STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_MARKET})
TARGETS = frozenset({OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})

#: Begins the group of orders that protect a whole position: each stands at the exchange on its own.
PROTECT = "protect "


def leaving(orders: Iterable[Order], position: Position) -> Iterator[Order]:
    """Orders known to work that can only shrink this position."""
    for order in orders:
        is_its = order.symbol == position.symbol and order.position_side is position.position_side
        if is_its and order.side is not position.side and order.is_protective and order.status.is_working:
            yield order


def is_stop(order: Order) -> bool:
    """Whether an order limits a loss."""
    return order.type in STOPS or bool(order.terms.trailing_bps)


def guards_coins(order: Order, store: Store) -> bool:
    """Whether an order of spot or margin is the stop of coins that are held (or owed), or falls with such a stop.

    No order there says of itself that it only closes; cancelling one leg of a list takes the stop along.
    """
    if order.product.is_futures:
        return False
    together = [order]
    if order.list_id is not None:
        together += [one for one in store.open_orders(order.symbol) if _is_list_of(order, one)]
    return any(is_stop(one) and _leaves_coins(one, store) for one in together)


def _is_list_of(order: Order, other: Order) -> bool:
    return (other.product, other.list_id) == (order.product, order.list_id)


def _leaves_coins(order: Order, store: Store) -> bool:
    instrument = store.instruments.get(order.symbol)
    if instrument is None:
        # A symbol that is not loaded does not tell its coin: spot sells what is held, of margin nothing is known.
        return order.side is Side.SELL or order.product is not Product.SPOT
    wallet = store.wallet(instrument, instrument.base)
    net = Decimal(0) if wallet is None else wallet.net
    held = net if order.side is Side.SELL else -net
    return held >= order.leaves > 0


def waits_to_trail(order: Order, mark: Decimal | None) -> bool:
    """Whether a trailing stop still waits for the price it begins at, and so protects from nothing yet."""
    begins = order.terms.activation_price
    if order.is_triggered or order.is_trailing or begins is None or not order.terms.trailing_bps:
        return False
    return mark is None or (mark < begins if order.side is Side.SELL else mark > begins)


def bare(orders: Iterable[Order], position: Position, mark: Decimal | None = None) -> Decimal:
    """How much of a position no working stop would close while the mark stands here."""
    stops = [order for order in leaving(orders, position) if is_stop(order) and not waits_to_trail(order, mark)]
    if any(order.close_position for order in stops):
        return Decimal(0)
    return max(Decimal(0), abs(position.quantity) - sum((order.leaves for order in stops), Decimal(0)))
