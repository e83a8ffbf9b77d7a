"""The tape as lines: who takes how much of it, then prints newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.market import Trade
from tui.domain.order import Side
from tui.ui.figures import fitted, price
from tui.ui.lines import Line, Span, fit

#: Least value of a print in quote units; `+` and `-` walk along.
THRESHOLDS = tuple(Decimal(n) for n in (0, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000))

#: Prints of one side at one price this close together are one taker's and are shown as one.
MERGED_WITHIN_MS = 100

#: A print this many times the average of those shown stands out.
_LARGE = 4


@dataclass(frozen=True, slots=True)
class Print:
    """Trades of one taker at one price, merged."""

    price: Decimal
    quantity: Decimal
    aggressor: Side
    time_ms: int


def merged(newest_first: Iterable[Trade]) -> list[Print]:
    """Neighbouring trades of the same side and price, close in time, as one; newest first."""
    prints: list[Print] = []
    for trade in newest_first:
        last = prints[-1] if prints else None
        if (
            last is not None
            and last.price == trade.price
            and last.aggressor is trade.aggressor
            and last.time_ms - trade.time_ms <= MERGED_WITHIN_MS
        ):
            prints[-1] = Print(last.price, last.quantity + trade.quantity, last.aggressor, last.time_ms)
        else:
            prints.append(Print(trade.price, trade.quantity, trade.aggressor, trade.time_ms))
    return prints


def at_least(prints: Iterable[Print], worth: Decimal, instrument: Instrument) -> list[Print]:
    """Prints worth so much in quote units or more."""
    return [each for each in prints if not worth or instrument.notional(each.price, each.quantity) >= worth]


def buy_share(prints: Sequence[Print]) -> int | None:
    """Percent of the quantity that buyers took; None without prints."""
    total = sum((each.quantity for each in prints), Decimal(0))
    bought = sum((each.quantity for each in prints if each.aggressor is Side.BUY), Decimal(0))
    return round(100 * bought / total) if total else None


def share_line(share: int | None, width: int) -> Line:
    """The buyers' share as a number and as a bar of arrows."""
    if share is None:
        return fit((Span(" no prints yet", "dim"),), width)
    text = f" {share}% buy "
    room = max(0, width - len(text) - 1)
    bought = round(room * share / 100)
    return fit((Span(text, "heading"), Span("▲" * bought, "up"), Span("▼" * (room - bought), "down")), width)


def tape_lines(prints: Sequence[Print], instrument: Instrument, width: int, height: int, note: str = "") -> list[Line]:
    """The share line and as many prints as fit; `note` takes the share's place when they cannot be believed."""
    first = fit((Span(f" {note} ", "stale"),), width) if note else share_line(buy_share(prints), width)
    shown = prints[: max(0, height - 1)]
    average = sum((each.quantity for each in shown), Decimal(0)) / len(shown) if shown else Decimal(0)
    price_cells = max((len(price(instrument.tick, each.price)) for each in shown), default=1)
    return [first, *(_print_line(each, instrument, width, price_cells, average, is_old=bool(note)) for each in shown)]


def _print_line(
    each: Print, instrument: Instrument, width: int, price_cells: int, average: Decimal, *, is_old: bool
) -> Line:
    seconds = each.time_ms // 1_000
    time = f"{seconds // 60 % 60:02d}:{seconds % 60:02d}" if width >= 24 else f"{seconds % 60:02d}"
    is_buy = each.aggressor is Side.BUY
    style = "dim" if is_old else "up" if is_buy else "down"
    weight = f"{style} last" if each.quantity >= average * _LARGE and not is_old else ""
    room = width - len(time) - 1 - 1 - price_cells - 1
    size = fitted(instrument.quantity_text(each.quantity), max(1, room - 2 if room > 8 else room))
    gap = " " if width - len(time) - 2 - price_cells - len(size) >= 2 else ""
    return fit(
        (
            Span(f"{time}", "dim"),
            Span("▲" if is_buy else "▼", style),
            Span(f"{gap}{price(instrument.tick, each.price):>{price_cells}}", style),
            Span(size.rjust(width - len(time) - 1 - len(gap) - price_cells), weight or style),
        ),
        width,
    )
