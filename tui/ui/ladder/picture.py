"""What the ladder draws at one moment: book, own orders, last print and traded sizes, all in price groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tui.domain.book import BookView
from tui.domain.increment import Increment
from tui.domain.instrument import Instrument
from tui.domain.market import Trade
from tui.domain.order import Order, OrderStatus
from tui.domain.order_terms import Side
from tui.engine.store import Store
from tui.ui.own_marks import OwnMark, alert_marks, held_marks, order_mark


@dataclass(frozen=True, slots=True)
class OwnLevel:
    """Own working orders of one side in one group.

    `mark` is `?` unknown, `…` on its way, `×` cancel asked, `~` change asked, or "".
    """

    side: Side
    quantity: Decimal
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LevelMark:
    """Something of the trader's at a price that is no working order; `glyph` stands for it where a cell must do."""

    text: str
    glyph: str
    style: str


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
    #: Entry, liquidation, triggers and alerts by group.
    marks: Mapping[int, tuple[LevelMark, ...]] = field(default_factory=dict)
    #: Lots put to a level (above zero) or taken away without trading (below) lately; None while nobody looks.
    changes: Mapping[int, int] | None = None


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
    if order.change_requested:
        return "~"
    return "" if order.status.is_working else "…"


def last_print(trade: Trade | None, tick: Increment, ticks_per_group: int) -> LastPrint | None:
    """Where the newest trade is marked: on the row of the level it took from."""
    if trade is None:
        return None
    return LastPrint(group_of(trade.price, trade.aggressor.opposite, tick, ticks_per_group), trade.aggressor)


_GLYPHS = {"entry": "◆", "liquidation": "×", "stop_mark": "¤", "alert": "!"}


def level_marks(
    own: Iterable[OwnMark], instrument: Instrument, ticks_per_group: int
) -> dict[int, tuple[LevelMark, ...]]:
    """Own prices that are no working orders, by group; what liquidates first, then triggers, entries and alerts."""
    marks: dict[int, tuple[LevelMark, ...]] = {}
    order = list(_GLYPHS)
    for mark in sorted(own, key=lambda mark: (mark.style == "alert", order.index(mark.style) == 0)):
        glyph = _GLYPHS[mark.style]
        text = f"{glyph}{mark.size}" if mark.style == "entry" else f"{mark.word} {mark.size}".strip()
        group = group_of(mark.price, Side.BUY, instrument.tick, ticks_per_group)
        marks[group] = (*marks.get(group, ()), LevelMark(text, glyph, mark.style))
    return marks


def own_marks(store: Store, instrument: Instrument) -> list[OwnMark]:
    """Entries, liquidation prices, triggers and alerts of a symbol."""
    symbol = instrument.symbol
    marks = held_marks(store, instrument)
    marks += [mark for order in store.open_orders(symbol) if (mark := order_mark(order, instrument)) is not None]
    return marks + alert_marks(store.alerts.values(), symbol)
