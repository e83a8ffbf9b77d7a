"""One symbol's resting orders: first-in-first-out queues on price levels, in whole ticks and lots."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator

from tui.exchange.orders import ExchangeOrder

#: Told after every change of a level: whether it is a bid, its price, and its new absolute size.
LevelSink = Callable[[bool, int, int], None]


class RestingOrder:
    """One order on the book; `order` is None for the participants' quotes, which nobody asks about.

    `lots` are what the book shows. An iceberg also has `hidden` ones, which follow `peak` at a time. `group` is the
    owner's trade group, -1 for none.
    """

    __slots__ = ("after", "before", "group", "hidden", "is_bid", "lots", "order", "order_id", "owner", "peak", "price")

    def __init__(
        self,
        order_id: int,
        owner: str,
        is_bid: bool,
        price: int,
        lots: int,
        order: ExchangeOrder | None = None,
        peak: int = 0,
        group: int = -1,
    ) -> None:
        self.order_id = order_id
        self.owner = owner
        self.group = group
        self.is_bid = is_bid
        self.price = price
        self.lots = min(lots, peak) if peak else lots
        self.hidden = lots - self.lots
        self.peak = peak
        self.order = order
        self.before: RestingOrder | None = None
        self.after: RestingOrder | None = None


class PriceLevel:
    """A queue at one price; orders leave from anywhere in constant time."""

    __slots__ = ("first", "last", "lots", "price")

    def __init__(self, price: int) -> None:
        self.price = price
        self.lots = 0
        self.first: RestingOrder | None = None
        self.last: RestingOrder | None = None

    def append(self, order: RestingOrder) -> None:
        """Queue behind everybody else."""
        order.before, order.after = self.last, None
        if self.last is None:
            self.first = order
        else:
            self.last.after = order
        self.last = order
        self.lots += order.lots

    def unlink(self, order: RestingOrder) -> None:
        """Leave the queue, wherever in it the order stands."""
        if order.before is None:
            self.first = order.after
        else:
            order.before.after = order.after
        if order.after is None:
            self.last = order.before
        else:
            order.after.before = order.before
        order.before = order.after = None
        self.lots -= order.lots

    def __iter__(self) -> Iterator[RestingOrder]:
        order = self.first
        while order is not None:
            following = order.after
            yield order
            order = following


class RestingSide:
    """All levels of one side; prices ascend, so the best bid is last and the best ask first."""

    __slots__ = ("is_bid", "levels", "prices")

    def __init__(self, is_bid: bool) -> None:
        self.is_bid = is_bid
        self.levels: dict[int, PriceLevel] = {}
        self.prices: list[int] = []

    @property
    def best(self) -> PriceLevel | None:
        """The level that trades first."""
        if not self.prices:
            return None
        return self.levels[self.prices[-1 if self.is_bid else 0]]

    def outwards(self) -> Iterator[PriceLevel]:
        """Levels from the best price away; the side must not change meanwhile."""
        levels = self.levels
        for price in reversed(self.prices) if self.is_bid else self.prices:
            yield levels[price]

    def level(self, price: int) -> PriceLevel:
        """The level at a price, made when there was none."""
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = PriceLevel(price)
            insort(self.prices, price)
        return level

    def drop(self, price: int) -> None:
        """Forget an empty level."""
        del self.levels[price]
        del self.prices[bisect_left(self.prices, price)]

    def depth(self, limit: int) -> list[tuple[int, int]]:
        """Price and size of the best `limit` levels, best first."""
        levels = self.levels
        prices = self.prices[: -limit - 1 : -1] if self.is_bid else self.prices[:limit]
        return [(price, levels[price].lots) for price in prices]


class MatchingBook:
    """Both sides of one symbol; every change of a level is told to the sink at once."""

    __slots__ = ("_sink", "asks", "bids", "orders")

    def __init__(self, sink: LevelSink) -> None:
        self.bids = RestingSide(True)
        self.asks = RestingSide(False)
        self.orders: dict[int, RestingOrder] = {}
        self._sink = sink

    def side(self, is_bid: bool) -> RestingSide:
        """Bids or asks."""
        return self.bids if is_bid else self.asks

    def add(self, order: RestingOrder) -> None:
        """Rest an order that does not cross the other side."""
        level = self.side(order.is_bid).level(order.price)
        level.append(order)
        self.orders[order.order_id] = order
        self._sink(order.is_bid, order.price, level.lots)

    def remove(self, order: RestingOrder) -> None:
        """Take an order off; KeyError when it is not on the book."""
        del self.orders[order.order_id]
        side = self.side(order.is_bid)
        level = side.levels[order.price]
        level.unlink(order)
        if not level.lots:
            side.drop(order.price)
        self._sink(order.is_bid, order.price, level.lots)

    def grow(self, order: RestingOrder, lots: int) -> None:
        """Add lots to the order that is last in its queue; nobody is passed over by that."""
        level = self.side(order.is_bid).levels[order.price]
        if level.last is not order:
            raise ValueError("only the last order of a queue may grow")
        order.lots += lots
        level.lots += lots
        self._sink(order.is_bid, order.price, level.lots)

    def reduce(self, order: RestingOrder, lots: int) -> None:
        """Take visible lots off an order; it keeps its place, and leaves when nothing remains.

        An iceberg whose visible part is gone shows the next part, behind everybody else at its price.
        """
        if lots >= order.lots:
            if order.hidden:
                self._show_next(order)
                return
            self.remove(order)
            order.lots = 0
            return
        order.lots -= lots
        level = self.side(order.is_bid).levels[order.price]
        level.lots -= lots
        self._sink(order.is_bid, order.price, level.lots)

    def cut(self, order: RestingOrder, lots: int) -> None:
        """Make an order smaller without a trade: hidden lots go first, and what remains keeps its place."""
        from_hidden = min(lots, order.hidden)
        order.hidden -= from_hidden
        if lots > from_hidden:
            self.reduce(order, lots - from_hidden)

    def _show_next(self, order: RestingOrder) -> None:
        level = self.side(order.is_bid).levels[order.price]
        level.unlink(order)
        order.lots = min(order.peak, order.hidden)
        order.hidden -= order.lots
        level.append(order)
        self._sink(order.is_bid, order.price, level.lots)
