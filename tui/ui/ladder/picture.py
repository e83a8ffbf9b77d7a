"""What the ladder draws at one moment: book, own orders, last print and traded sizes, all in price groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tui.domain.account import Position
from tui.domain.book import BookView
from tui.domain.increment import Increment
from tui.domain.instrument import Instrument
from tui.domain.market import Trade
from tui.domain.order import Order, OrderStatus, Side


@dataclass(frozen=True, slots=True)
class OwnLevel:
    """Own working orders of one side in one group; `mark` is `?` unknown, `…` on its way, `×` cancel asked, or ""."""

    side: Side
    quantity: Decimal
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LastPrint:
    """The newest trade's group and the side that took."""

    group: int
    aggressor: Side


@dataclass(frozen=True, slots=True)
class LadderPicture:
    """Plain values of one frame. `levels` is grouped, `touch` the exact best levels; sizes in lots."""

    instrument: Instrument
    ticks_per_group: int
    levels: BookView
    touch: BookView
    own: Mapping[int, tuple[OwnLevel, ...]] = field(default_factory=dict)
    last: LastPrint | None = None
    #: Lots traded by group while this symbol was shown.
    traded: Mapping[int, int] = field(default_factory=dict)
    entry_group: int | None = None
    entry_text: str = ""


def group_of(price: Decimal, side: Side, tick: Increment, ticks_per_group: int) -> int:
    """The group a price of this side is shown in: buys in the one below, sells in the one above."""
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return int((price / (tick.size * ticks_per_group)).to_integral_value(rounding))


def group_price(group: int, tick: Increment, ticks_per_group: int) -> Decimal:
    """The price written on a group's row."""
    return tick.value(group * ticks_per_group)


def own_levels(
    orders: Iterable[Order], symbol: str, tick: Increment, ticks_per_group: int
) -> dict[int, tuple[OwnLevel, ...]]:
    """Open limit orders of a symbol, summed by group and side."""
    found: dict[tuple[int, Side], OwnLevel] = {}
    for order in orders:
        if order.symbol != symbol or order.price is None or order.status.is_closed or order.trigger_price is not None:
            continue
        key = (group_of(order.price, order.side, tick, ticks_per_group), order.side)
        known = found.get(key)
        mark = _mark(order) or (known.mark if known else "")
        found[key] = OwnLevel(order.side, order.leaves + (known.quantity if known else 0), mark)
    levels: dict[int, tuple[OwnLevel, ...]] = {}
    for (group, _side), level in found.items():
        levels[group] = (*levels.get(group, ()), level)
    return levels


def _mark(order: Order) -> str:
    if order.status is OrderStatus.UNKNOWN:
        return "?"
    if order.cancel_requested:
        return "×"
    return "" if order.status.is_working else "…"


def last_print(trade: Trade | None, tick: Increment, ticks_per_group: int) -> LastPrint | None:
    """Where the newest trade is marked: on the row of the level it took from."""
    if trade is None:
        return None
    return LastPrint(group_of(trade.price, trade.aggressor.opposite, tick, ticks_per_group), trade.aggressor)


def entry(position: Position | None, instrument: Instrument, ticks_per_group: int) -> tuple[int | None, str]:
    """Group and words of the position's entry, (None, "") without a position."""
    if position is None or not position.quantity:
        return None, ""
    group = group_of(position.entry_price, Side.BUY, instrument.tick, ticks_per_group)
    sign = "+" if position.quantity > 0 else "−"
    return group, f"◆{sign}{instrument.quantity_text(abs(position.quantity))}"


def _group_taken(tick: int, is_buy: bool, ticks_per_group: int) -> int:
    return -(-tick // ticks_per_group) if is_buy else tick // ticks_per_group


#: Prices whose traded sizes are kept; beyond it the half farthest from the last print is forgotten.
MOST_TICKS = 4_000


class TradedSizes:
    """Lots traded at each tick since the symbol came into view; takes each print once.

    A print counts to the group of the level it took from: a buyer's to the asks, a seller's to the bids.
    """

    def __init__(self) -> None:
        self._by_tick: dict[tuple[int, bool], int] = {}
        self._by_group: dict[int, int] = {}
        self._ticks_per_group = 1
        self._seen_id: int | None = None

    def take(self, newest_first: Iterable[Trade], instrument: Instrument) -> None:
        """Count the prints that are newer than the last one counted."""
        newest = self._seen_id
        for trade in newest_first:
            if self._seen_id is not None and trade.trade_id <= self._seen_id:
                break
            newest = trade.trade_id if newest is None else max(newest, trade.trade_id)
            tick, is_buy = int(trade.price / instrument.tick.size), trade.aggressor is Side.BUY
            lots = int(trade.quantity / instrument.step.size)
            self._by_tick[tick, is_buy] = self._by_tick.get((tick, is_buy), 0) + lots
            group = _group_taken(tick, is_buy, self._ticks_per_group)
            self._by_group[group] = self._by_group.get(group, 0) + lots
        self._seen_id = newest
        if len(self._by_tick) > MOST_TICKS:
            self._forget_far(tick)

    def by_group(self, ticks_per_group: int) -> Mapping[int, int]:
        """Lots by group of this width; summed again only when the width changes."""
        if ticks_per_group != self._ticks_per_group:
            self._ticks_per_group = ticks_per_group
            self._sum()
        return self._by_group

    def _forget_far(self, tick: int) -> None:
        """Keep the half that is nearest to a tick."""
        near = sorted(self._by_tick, key=lambda at: abs(at[0] - tick))[: MOST_TICKS // 2]
        self._by_tick = {at: self._by_tick[at] for at in near}
        self._sum()

    def _sum(self) -> None:
        sums: dict[int, int] = {}
        for (tick, is_buy), lots in self._by_tick.items():
            group = _group_taken(tick, is_buy, self._ticks_per_group)
            sums[group] = sums.get(group, 0) + lots
        self._by_group = sums
