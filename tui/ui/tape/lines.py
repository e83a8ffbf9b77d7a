"""The tape as lines: who takes how much of it, then prints newest first."""

from collections.abc import Sequence
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.ui.figures import price, separated
from tui.ui.lines import Line, Span, fit
from tui.ui.tape.prints import Entry, Liquidated, Missed, Print, buy_share, prints_among

#: Least value of a print in quote units; `+` and `-` walk along.
THRESHOLDS = tuple(Decimal(n) for n in (0, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000))

_POWERS = ((1_000_000, "M"), (1_000, "k"))

#: A print this many times the average of those shown stands out.
_LARGE = 4


def threshold_text(worth: Decimal) -> str:
    """A threshold in a few characters: `500`, `10k`, `1M`."""
    return next((f"{worth // power:f}{letter}" for power, letter in _POWERS if worth >= power), f"{worth:f}")


def share_line(share: int | None, width: int) -> Line:
    """The buyers' share as a number and as a bar of arrows."""
    if share is None:
        return fit((Span(" no prints yet", "dim"),), width)
    text = f" {share}% buy "
    room = max(0, width - len(text) - 1)
    bought = round(room * share / 100)
    return fit((Span(text, "heading"), Span("▲" * bought, "up"), Span("▼" * (room - bought), "down")), width)


def tape_lines(entries: Sequence[Entry], instrument: Instrument, width: int, height: int, note: str = "") -> list[Line]:
    """The share line and as many entries as fit; `note` takes the share's place when they cannot be believed."""
    prints = prints_among(entries)
    first = fit((Span(f" {note} ", "stale"),), width) if note else share_line(buy_share(prints), width)
    shown = entries[: max(0, height - 1)]
    seen = prints_among(shown)
    average = sum((each.quantity for each in seen), Decimal(0)) / len(seen) if seen else Decimal(0)
    prices = [price(instrument.tick, each.price) for each in shown if not isinstance(each, Missed)]
    price_cells = max((len(text) for text in prices), default=1)
    lines = [first]
    for each in shown:
        match each:
            case Missed():
                lines.append(_missed_line(each, width))
            case Liquidated():
                lines.append(_liquidated_line(each, instrument, width, price_cells, is_old=bool(note)))
            case Print():
                lines.append(_print_line(each, instrument, width, price_cells, average, is_old=bool(note)))
    return lines


def _time(time_ms: int, width: int) -> str:
    seconds = time_ms // 1_000
    return f"{seconds // 60 % 60:02d}:{seconds % 60:02d}" if width >= 24 else f"{seconds % 60:02d}"


def _missed_line(each: Missed, width: int) -> Line:
    """A line across the tape: what is above and below it does not follow on each other."""
    text = f" {each.count} {'trade' if each.count == 1 else 'trades'} missed "
    if len(text) > width:
        text = f" {each.count}? "
    left = max(0, (width - len(text)) // 2)
    right = max(0, width - left - len(text))
    return fit((Span("┄" * left, "warn"), Span(text, "warn"), Span("┄" * right, "warn")), width)


def _liquidated_line(each: Liquidated, instrument: Instrument, width: int, price_cells: int, *, is_old: bool) -> Line:
    """The side is the order's: a long that is lost is sold."""
    time, style = _time(each.time_ms, width), "dim" if is_old else "liquidation"
    arrow = "▲" if each.side is Side.BUY else "▼"
    room = width - len(time) - 1 - price_cells - 5
    size = separated(instrument.quantity_text(each.quantity), max(1, min(room, 9)))
    gap = " " if room - len(size) >= 2 else ""
    tail = f"LIQ {size}".rjust(width - len(time) - 1 - len(gap) - price_cells)
    text = f"{arrow}{gap}{price(instrument.tick, each.price):>{price_cells}}{tail}"
    return fit((Span(time, "dim"), Span(text, style)), width)


def _print_line(
    each: Print, instrument: Instrument, width: int, price_cells: int, average: Decimal, *, is_old: bool
) -> Line:
    time = _time(each.time_ms, width)
    is_buy = each.aggressor is Side.BUY
    style = "dim" if is_old else "up" if is_buy else "down"
    weight = f"{style} last" if each.quantity >= average * _LARGE and not is_old else ""
    room = width - len(time) - 1 - 1 - price_cells - 1
    size = separated(instrument.quantity_text(each.quantity), max(1, room - 2 if room > 8 else room))
    gap = " " if width - len(time) - 2 - price_cells - len(size) >= 2 else ""
    tail = width - len(time) - 1 - len(gap) - price_cells
    count = f"×{each.count}" if each.count > 1 and tail - len(size) >= 5 else ""
    return fit(
        (
            Span(time, "dim"),
            Span("▲" if is_buy else "▼", style),
            Span(f"{gap}{price(instrument.tick, each.price):>{price_cells}}", style),
            Span(f" {count}"[: max(0, tail - len(size))] if count else "", "dim"),
            Span(size.rjust(tail - (len(count) + 1 if count else 0)), weight or style),
        ),
        width,
    )
