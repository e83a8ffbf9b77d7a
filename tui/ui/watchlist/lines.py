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


def columns_for(width: int, rows: Sequence[WatchRow], order: str = "") -> tuple[Column[WatchRow], ...]:
    """The columns, that of the order marked; where whole names would leave no room for the shape of the day, coins
    alone name the symbols."""
    shorten = short_symbol if width < _COIN_BELOW else symbol_without_kind
    has_alerts = any(row.has_alert for row in rows)
    lasts = max((len(_last(row).text) for row in rows), default=7)
    room = width - 2 - 7 - lasts - 3 - has_alerts
    if _widest(rows, shorten) + _SPARK_LEAST > room:
        shorten = short_symbol
    spark_cells = max(_SPARK_LEAST, min(8, room - _widest(rows, shorten)))

    def name(row: WatchRow) -> Span:
        alert = ("!" if row.has_alert else " ") if has_alerts else ""
        return Span(alert + shorten(row.symbol, row.instrument), "strong" if row.is_shown else "")

    def named(text: str, by: str, arrow: str = "▼") -> str:
        return f"{text}{arrow}" if order == by else text

    return (
        Column(named("sym" if shorten is short_symbol else "symbol", "symbol", "▲"), name, 5),
        Column("last", _last, 7, is_right=True),
        Column(named("24h %", "change"), _change, 7, is_right=True, priority=1),
        Column("", lambda row: Span(sparkline(row.shape, spark_cells), "sparkline"), spark_cells, priority=2),
        Column(named("vol", "volume"), _turnover, 5, is_right=True, priority=3),
        Column(named("fund %", "funding"), _funding, 7, is_right=True, priority=4),
    )


def _widest(rows: Sequence[WatchRow], shorten: Callable[[str, Instrument | None], str]) -> int:
    return max((len(shorten(row.symbol, row.instrument)) for row in rows), default=0)


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
