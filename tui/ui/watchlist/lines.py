"""The watchlist as a table: last price, change, shape of the last while, turnover, funding, and the account's marks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.ui.figures import UNKNOWN, fitted, price, signed
from tui.ui.lines import Span
from tui.ui.sparkline import sparkline
from tui.ui.symbols import short_symbol, symbol_without_kind
from tui.ui.table import Column

#: Narrower than this, symbols against USDT go by their coin alone.
_COIN_BELOW = 26

_SPARK_LEAST = 4

#: Cells that the last price has at least, and those of a name that is cut because of it.
_LAST, _NAME_LEAST = 7, 4


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One symbol; `is_stale` where its market link cannot be believed. `funding` is a fraction, None on spot."""

    symbol: str
    instrument: Instrument | None
    last: Decimal | None
    change_percent: Decimal | None
    shape: Sequence[Decimal]
    is_shown: bool
    has_position: bool
    has_order: bool
    is_stale: bool
    turnover: Decimal | None = None
    funding: Decimal | None = None
    has_alert: bool = False


def account_mark(row: WatchRow) -> Span:
    """Whether the account holds a position or has an order working there."""
    if row.has_position:
        return Span("●", "entry")
    return Span("○", "accent") if row.has_order else Span(" ")


def _last(row: WatchRow) -> Span:
    if row.last is None or row.instrument is None:
        return Span(UNKNOWN, "dim")
    return Span(price(row.instrument.tick, row.last), "dim" if row.is_stale else "")


def _change(row: WatchRow) -> Span:
    if row.is_stale:
        return Span("STALE", "stale")
    change = row.change_percent
    if change is None:
        return Span(UNKNOWN, "dim")
    text = signed(change, 2)
    arrow, style = ("▲", "up") if text[0] == "+" else ("▼", "down") if text[0] == "−" else ("=", "dim")
    return Span(f"{arrow}{text.lstrip('+−'):>6}", style)


def _turnover(row: WatchRow) -> Span:
    if row.turnover is None:
        return Span(UNKNOWN, "dim")
    return Span(fitted(f"{row.turnover:.0f}", 5), "dim" if row.is_stale else "")


def _funding(row: WatchRow) -> Span:
    if row.funding is None:
        return Span("", "dim")
    return Span(signed(row.funding * 100, 4), "dim" if row.is_stale else "down" if row.funding < 0 else "")


class WatchCells:
    """The cells of rows as they were drawn last: a row that is the same object looks the same."""

    def __init__(self) -> None:
        self._figures: dict[str, tuple[WatchRow, tuple[Span, ...]]] = {}
        self._sparks: dict[str, tuple[object, int, Span]] = {}
        self._names: dict[str, tuple[Instrument | None, str, str]] = {}

    def figures(self, row: WatchRow) -> tuple[Span, ...]:
        """Last price, change, turnover and funding."""
        held = self._figures.get(row.symbol)
        if held is None or held[0] is not row:
            held = self._figures[row.symbol] = (row, (_last(row), _change(row), _turnover(row), _funding(row)))
        return held[1]

    def spark(self, row: WatchRow, cells: int) -> Span:
        """The shape of the last while."""
        held = self._sparks.get(row.symbol)
        if held is None or held[0] is not row.shape or held[1] != cells:
            held = (row.shape, cells, Span(sparkline(row.shape, cells), "sparkline"))
            self._sparks[row.symbol] = held
        return held[2]

    def name(self, row: WatchRow, *, is_short: bool) -> str:
        """The symbol, or its coin alone."""
        held = self._names.get(row.symbol)
        if held is None or held[0] is not row.instrument:
            whole, short = symbol_without_kind(row.symbol, row.instrument), short_symbol(row.symbol, row.instrument)
            held = self._names[row.symbol] = (row.instrument, whole, short)
        return held[2] if is_short else held[1]


def _shares(room: int, lasts: Sequence[str]) -> tuple[bool, int]:
    """Whether the thousands of prices stand apart, and how many cells that leaves to names: a price is never cut."""
    longest = max((len(text) for text in lasts), default=_LAST)
    is_apart = room - longest >= _NAME_LEAST
    if not is_apart:
        longest = max(len(text.replace(",", "")) for text in lasts)
    return is_apart, max(_NAME_LEAST, room - max(_LAST, longest))


def columns_for(
    width: int, rows: Sequence[WatchRow], order: str = "", cells: WatchCells | None = None
) -> tuple[Column[WatchRow], ...]:
    """The columns, that of the order marked; where whole names would leave no room for the shape of the day, coins
    alone name the symbols."""
    drawn = cells or WatchCells()
    has_alerts = any(row.has_alert for row in rows)
    lasts = max((len(drawn.figures(row)[0].text) for row in rows), default=_LAST)
    room = width - 2 - 7 - lasts - 3 - has_alerts
    widest = max((len(drawn.name(row, is_short=False)) for row in rows), default=0)
    is_short = width < _COIN_BELOW or widest + _SPARK_LEAST > room
    if is_short:
        widest = max((len(drawn.name(row, is_short=True)) for row in rows), default=0)
    spark_cells = max(_SPARK_LEAST, min(8, room - widest))
    #: There may be no room for the column that says STALE, so the price has a mark as well.
    mark = int(is_short and any(row.is_stale for row in rows))
    is_apart, name_cells = _shares(width - 3 - has_alerts - mark, [drawn.figures(row)[0].text for row in rows])

    def name(row: WatchRow) -> Span:
        alert = ("!" if row.has_alert else " ") if has_alerts else ""
        text = drawn.name(row, is_short=is_short)
        shown = text if len(text) <= name_cells else f"{text[: name_cells - 1]}…"
        return Span(alert + shown, "strong" if row.is_shown else "")

    def last(row: WatchRow) -> Span:
        text, style = drawn.figures(row)[0]
        shown = text if is_apart else text.replace(",", "")
        return Span(f"?{shown}" if is_short and row.is_stale else shown, style)

    def named(text: str, by: str, arrow: str = "▼") -> str:
        return f"{text}{arrow}" if order == by else text

    return (
        Column(named("sym" if is_short else "symbol", "symbol", "▲"), name, 5),
        Column("last", last, _LAST, is_right=True),
        Column(named("24h %", "change"), lambda row: drawn.figures(row)[1], 7, is_right=True, priority=1),
        Column("", lambda row: drawn.spark(row, spark_cells), spark_cells, priority=2),
        Column(named("vol", "volume"), lambda row: drawn.figures(row)[2], 5, is_right=True, priority=3),
        Column(named("fund %", "funding"), lambda row: drawn.figures(row)[3], 7, is_right=True, priority=4),
    )


def ordered(rows: Iterable[WatchRow], order: str) -> list[WatchRow]:
    """The rows by a column, largest first and unknown last; names in the alphabet's order."""
    if order == "symbol":
        return sorted(rows, key=lambda row: row.symbol)
    pick = _FIGURES.get(order)
    if pick is None:
        return list(rows)
    return sorted(rows, key=lambda row: ((value := pick(row)) is None, -(value or 0)))


_FIGURES: dict[str, Callable[[WatchRow], Decimal | None]] = {
    "change": lambda row: row.change_percent,
    "volume": lambda row: row.turnover,
    "funding": lambda row: row.funding,
}
