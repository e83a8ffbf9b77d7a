"""The watchlist as a table: last price, change, shape of the last while, and where the account is involved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.ui.figures import UNKNOWN, price, signed
from tui.ui.lines import Span
from tui.ui.sparkline import sparkline
from tui.ui.symbols import short_symbol, symbol_without_kind
from tui.ui.table import Column

#: Narrower than this, symbols against USDT go by their coin alone.
_COIN_BELOW = 26

_SPARK_LEAST = 4


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One symbol; `is_stale` where its market link cannot be believed."""

    symbol: str
    instrument: Instrument | None
    last: Decimal | None
    change_percent: Decimal | None
    shape: Sequence[Decimal]
    is_shown: bool
    has_position: bool
    has_order: bool
    is_stale: bool


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


def columns_for(width: int, rows: Sequence[WatchRow]) -> tuple[Column[WatchRow], ...]:
    """The columns; where whole names would leave no room for the shape of the day, coins alone name the symbols."""
    shorten = short_symbol if width < _COIN_BELOW else symbol_without_kind
    lasts = max((len(_last(row).text) for row in rows), default=7)
    room = width - 2 - 7 - lasts - 3
    if _widest(rows, shorten) + _SPARK_LEAST > room:
        shorten = short_symbol
    spark_cells = max(_SPARK_LEAST, min(8, room - _widest(rows, shorten)))

    def name(row: WatchRow) -> Span:
        return Span(shorten(row.symbol, row.instrument), "strong" if row.is_shown else "")

    return (
        Column("sym" if shorten is short_symbol else "symbol", name, 5),
        Column("last", _last, 7, is_right=True),
        Column("24h %", _change, 7, is_right=True, priority=1),
        Column("", lambda row: Span(sparkline(row.shape, spark_cells), "sparkline"), spark_cells, priority=2),
    )


def _widest(rows: Sequence[WatchRow], shorten: Callable[[str, Instrument | None], str]) -> int:
    return max((len(shorten(row.symbol, row.instrument)) for row in rows), default=0)
