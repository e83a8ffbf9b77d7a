"""Orders that wait for the last price: stops, take profits, and both of them trailing."""

from collections.abc import Callable

from tui.domain.order_terms import Side
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.spot.order import SpotOrder

_WHOLE = 10_000


class Triggers:
    """Watches the tape for waiting orders. What has triggered is handed out by `take_triggered`, in trading order.

    `moved` is told of trailing orders whose extreme changed.
    """

    def __init__(self, moved: Callable[[SpotOrder], None]) -> None:
        self._moved = moved
        self._waiting: dict[str, dict[int, SpotOrder]] = {}
        self._triggered: dict[int, SpotOrder] = {}

    def wait(self, order: SpotOrder) -> None:
        """Watch the last price for an order."""
        order.is_waiting = True
        self._waiting.setdefault(order.listing.symbol, {})[order.order_id] = order

    def forget(self, order: SpotOrder) -> None:
        """The order waits no more."""
        order.is_waiting = False
        self._waiting.get(order.listing.symbol, {}).pop(order.order_id, None)
        self._triggered.pop(order.order_id, None)

    def take_triggered(self) -> SpotOrder | None:
        """The next order whose price has come."""
        if not self._triggered:
            return None
        order = next(iter(self._triggered.values()))
        self.forget(order)
        return order

    def on_trade(self, trade: PublicTrade) -> None:
        """Look at every order that waits for this symbol's price."""
        waiting = self._waiting.get(trade.listing.symbol)
        for order in waiting.values() if waiting else ():
            if order.order_id in self._triggered:
                continue
            extreme = order.extreme_ticks
            if reaches(order, trade.price_ticks, trade.time_ms):
                self._triggered[order.order_id] = order
            elif order.extreme_ticks != extreme:
                self._moved(order)

    def on_level(self, change: LevelChanged) -> None:
        """Only trades trigger."""

    def on_order(self, change: OrderChanged) -> None:
        """Only trades trigger."""

    def on_account(self, change: AccountChanged) -> None:
        """Only trades trigger."""


def reaches(order: SpotOrder, price_ticks: int, time_ms: int) -> bool:
    """Whether a trade at this price triggers the order; a trailing one activates and follows meanwhile.

    Binance spot API docs, FAQ "Trailing stop", 2026-07-21: the trade that activates is the first extreme.
    """
    if order.trailing_delta is None:
        return passes(order, price_ticks)
    if not order.extreme_ticks:
        if order.stop_ticks and not passes(order, price_ticks):
            return False
        order.extreme_ticks, order.trailing_ms = price_ticks, time_ms
        return False
    if order.side is Side.SELL:
        order.extreme_ticks = max(order.extreme_ticks, price_ticks)
        return price_ticks * _WHOLE <= order.extreme_ticks * (_WHOLE - order.trailing_delta)
    order.extreme_ticks = min(order.extreme_ticks, price_ticks)
    return price_ticks * _WHOLE >= order.extreme_ticks * (_WHOLE + order.trailing_delta)


def passes(order: SpotOrder, price_ticks: int) -> bool:
    """Whether a price has come to the order's stop price."""
    return price_ticks >= order.stop_ticks if order.triggers_above else price_ticks <= order.stop_ticks
