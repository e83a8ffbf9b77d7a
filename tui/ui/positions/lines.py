"""Positions as a table: size, entry, mark, liquidation, profit, and what protects them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order
from tui.domain.order_terms import Side
from tui.engine.protection import STOPS, TARGETS, leaving, waits_to_trail
from tui.ui.figures import UNKNOWN, duration, grouped, near_price, signed
from tui.ui.lines import Span
from tui.ui.margin_money import margin_text, profit_text
from tui.ui.symbols import short_symbol
from tui.ui.table import Column

#: Width from which symbols are named in full.
_WHOLE_NAMES = 100


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One position with its market; `mark` is the newest known, `mark_age_ms` set when that is too old to trust."""

    position: Position
    instrument: Instrument | None
    mark: Decimal | None
    mark_age_ms: float | None
    stop: Decimal | None
    target: Decimal | None
    now_ms: int
    #: What the symbol brought today, fees and funding included, in the account's currency.
    day: Decimal | None = None
    #: How much of the size no stop would close.
    bare: Decimal = Decimal(0)
    #: The stop that trails the price, None where none does.
    trail: Order | None = None
    #: What the exchange holds of virtual positions, with the one liquidation price there is.
    is_net: bool = False

    @property
    def profit(self) -> Decimal | None:
        """Unrealised profit in the margin asset at the mark."""
        return self.position.profit(self.mark) if self.mark else None

    @property
    def margin(self) -> Decimal | None:
        """Margin behind the position: as told, else by leverage from the entry; none is behind a virtual one alone."""
        position, profit = self.position, self.profit
        if position.isolated_wallet is not None and profit is not None:
            return position.isolated_wallet + profit
        if position.margin:
            return position.margin
        return None if position.is_virtual else self._initial_margin(position.entry_price)

    def _initial_margin(self, price: Decimal | None) -> Decimal | None:
        """The worth at a price over the leverage, in the margin asset."""
        leverage = self.position.leverage
        if not leverage or self.instrument is None or not price:
            return None
        worth = self.instrument.notional(price, abs(self.position.quantity)) / leverage
        return worth / price if self.instrument.is_inverse else worth

    @property
    def risk_multiple(self) -> Decimal | None:
        """The move so far over the way from entry to stop; None without a stop on the losing side."""
        position = self.position
        if not self.mark or not self.stop or not position.entry_price:
            return None
        way = position.entry_price - self.stop
        at_risk = way if position.quantity > 0 else -way
        move = self.mark - position.entry_price
        return (move if position.quantity > 0 else -move) / at_risk if at_risk > 0 else None

    @property
    def return_percent(self) -> Decimal | None:
        """Profit in percent of the initial margin at the mark (Binance, "How to calculate unrealized PNL and ROI%")."""
        profit = self.profit
        margin = None if self.position.is_virtual else self._initial_margin(self.mark)
        margin = margin or self.margin
        return profit / margin * 100 if profit is not None and margin else None


def protection(orders: Iterable[Order], position: Position) -> tuple[Decimal | None, Decimal | None]:
    """Prices of the stop and the target that protect a position; a target may be a plain limit order.

    Of several stops the one that is met first counts. Orders that the exchange is not known to hold protect nothing.
    """
    stops, target = [], None
    for order in leaving(orders, position):
        if order.type in STOPS:
            stops.append(order.trigger_price)
        elif order.type in TARGETS:
            target = order.trigger_price
        elif order.role is LegRole.TAKE_PROFIT:
            target = order.price
    first = max if position.quantity > 0 else min
    return first((stop for stop in stops if stop is not None), default=None), target


def trailing(orders: Iterable[Order], position: Position) -> Order | None:
    """The stop that trails the price behind a position, None where none does."""
    return next((order for order in leaving(orders, position) if order.terms.trailing_bps), None)


def trail_words(order: Order, instrument: Instrument | None, mark: Decimal | None) -> str:
    """`trail 0.50%`, and while it waits the price from which it will: `0.50% from 65,000.0`."""
    offset = f"{Decimal(order.terms.trailing_bps or 0) / 100:.2f}%"
    begins = order.terms.activation_price
    if begins is None or not waits_to_trail(order, mark):
        return f"trail {offset}"
    return f"{offset} from {near_price(instrument.tick, begins) if instrument else grouped(f'{begins:f}')}"


def _stop(row: PositionRow) -> Span:
    cell, is_waiting = _tick(row, row.stop), False
    if row.stop is None and row.trail is not None:
        cell = Span(trail_words(row.trail, row.instrument, row.mark))
        is_waiting = waits_to_trail(row.trail, row.mark)
    if cell.text == UNKNOWN or not row.bare:
        return cell
    return Span(cell.text if is_waiting else f"part {cell.text}", "warn")


def _tick(row: PositionRow, value: Decimal | None, style: str = "") -> Span:
    if value is None or not value:
        return Span(UNKNOWN, "dim")
    return Span(near_price(row.instrument.tick, value) if row.instrument else grouped(f"{value.normalize():f}"), style)


def _symbol(row: PositionRow) -> Span:
    """The symbol; virtual positions stand below the net position that the exchange knows."""
    if row.position.is_virtual:
        return Span(
            "  unassigned" if row.position.is_unassigned else "  virtual", "warn" if row.position.is_unassigned else ""
        )
    return Span(f"{row.position.symbol} net" if row.is_net else row.position.symbol, "strong")


def _short_symbol(row: PositionRow) -> Span:
    text, style = _symbol(row)
    short = short_symbol(row.position.symbol, row.instrument)
    return Span(text.replace(row.position.symbol, short), style)


def _side(row: PositionRow) -> Span:
    if not row.position.quantity:
        return Span("flat", "dim")
    return Span("LONG", "bid") if row.position.side is Side.BUY else Span("SHORT", "ask")


def size_text(row: PositionRow) -> str:
    """The size without its sign, in the symbol's decimals."""
    size = abs(row.position.quantity)
    return grouped(row.instrument.quantity_text(size) if row.instrument else f"{size.normalize():f}")


def _mark(row: PositionRow) -> Span:
    cell = _tick(row, row.mark, "stale" if row.mark_age_ms is not None else "")
    return Span(f"{cell.text} {duration(row.mark_age_ms)} old", "stale") if row.mark_age_ms is not None else cell


def _gain(row: PositionRow, text: str) -> Span:
    profit = row.profit
    if profit is None:
        return Span(UNKNOWN, "dim")
    if row.mark_age_ms is not None:
        return Span(text, "dim")
    return Span(text, "up" if profit > 0 else "down" if profit < 0 else "")


def _profit(row: PositionRow) -> Span:
    return _gain(row, UNKNOWN if row.profit is None else profit_text(row.profit, row.instrument))


def _return(row: PositionRow) -> Span:
    value = row.return_percent
    return Span(UNKNOWN, "dim") if value is None else _gain(row, signed(value, 2, "%"))


def _day(row: PositionRow) -> Span:
    tone = "" if not row.day else "up" if row.day > 0 else "down"
    return Span(signed(row.day), tone or "dim")


def _multiple(row: PositionRow) -> Span:
    value = row.risk_multiple
    return Span(UNKNOWN, "dim") if value is None else _gain(row, signed(value, 1))


def _adl(row: PositionRow) -> Span:
    rank = row.position.adl_quantile
    return Span(UNKNOWN, "dim") if rank is None else Span(f"{rank}/4", "error" if rank >= 4 else "dim")


def _leverage(row: PositionRow) -> Span:
    kind = "I" if row.position.is_isolated else "C"
    return Span(f"{row.position.leverage}x {kind}" if row.position.leverage else UNKNOWN, "dim")


def _realized(row: PositionRow) -> Span:
    value = row.position.realized if row.position.is_virtual else None
    return Span(UNKNOWN if value is None else profit_text(value, row.instrument), "dim")


def _margin(row: PositionRow) -> Span:
    return Span(margin_text(row.margin, row.instrument))


COLUMNS: tuple[Column[PositionRow], ...] = (
    Column("symbol", _symbol, 8),
    Column("side", _side, 5),
    Column("size", lambda row: Span(size_text(row)), 6, is_right=True),
    Column("entry", lambda row: _tick(row, row.position.entry_price), 8, is_right=True),
    Column("mark", _mark, 8, is_right=True),
    Column("liq", lambda row: _tick(row, row.position.liquidation_price), 8, is_right=True, priority=1),
    Column("lev", _leverage, 5, is_right=True, priority=4),
    Column("margin", _margin, 8, is_right=True, priority=5, is_pointed=True),
    Column("uPnL", _profit, 8, is_right=True, is_pointed=True),
    Column("ROE", _return, 7, is_right=True, priority=2),
    Column("R", _multiple, 4, is_right=True, priority=9),
    Column("SL", _stop, 8, is_right=True, priority=6),
    Column("TP", lambda row: _tick(row, row.target), 8, is_right=True, priority=7),
    Column("even", lambda row: _tick(row, row.position.break_even_price, "dim"), 8, is_right=True, priority=10),
    Column("today", _day, 8, is_right=True, priority=11),
    Column("ADL", _adl, 3, is_right=True, priority=12),
    Column("age", lambda row: Span(duration(row.now_ms - row.position.time_ms), "dim"), 5, is_right=True, priority=8),
)

#: What a virtual position has realised, fees apart, since it is kept.
WITH_VIRTUAL: tuple[Column[PositionRow], ...] = (
    *COLUMNS,
    Column("realised", _realized, 8, is_right=True, priority=3, is_pointed=True),
)


def columns_for(width: int, *, has_virtual: bool) -> tuple[Column[PositionRow], ...]:
    """The columns; in a narrow pane coins alone name the symbols."""
    columns = WITH_VIRTUAL if has_virtual else COLUMNS
    return columns if width >= _WHOLE_NAMES else (Column("sym", _short_symbol, 5), *columns[1:])
