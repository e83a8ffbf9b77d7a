"""The watchlist as a table: last price, change, shape of the last while, and where the account is involved."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.ui.figures import UNKNOWN, price, signed
from tui.ui.lines import Span
from tui.ui.sparkline import sparkline
from tui.ui.symbols import short_symbol, symbol_without_kind
from tui.ui.table import Column

#: Narrower than this, symbols against USDT go by their coin alone; narrower than that, perpetuals end in `·P`.
_COIN_BELOW, _SHORT_BELOW = 26, 44


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


def columns_for(width: int) -> tuple[Column[WatchRow], ...]:
    """The columns; a narrow list shortens names and keeps last prices."""
    spark_cells = 5 if width < _SHORT_BELOW else 8

    def name(row: WatchRow) -> Span:
        text = row.symbol
        if width < _SHORT_BELOW:
            shorten = short_symbol if width < _COIN_BELOW else symbol_without_kind
            text = shorten(row.symbol, row.instrument)
        return Span(text, "strong" if row.is_shown else "")

    return (
        Column("sym" if width < _COIN_BELOW else "symbol", name, 5 if width < _COIN_BELOW else 8),
        Column("last", _last, 7, is_right=True),
        Column("24h %", _change, 7, is_right=True, priority=1),
        Column("", lambda row: Span(sparkline(row.shape, spark_cells), "sparkline"), spark_cells, priority=2),
    )
