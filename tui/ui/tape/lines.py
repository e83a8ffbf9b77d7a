"""The tape as lines: who takes how much of it, then prints newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.ui.figures import grouped, price, separated
from tui.ui.lines import Line, Span, fit
from tui.ui.tape.prints import Entry, Liquidated, Missed, Print, buy_share, prints_among

#: Least value of a print in quote units; `+` and `-` walk along.
THRESHOLDS = tuple(Decimal(n) for n in (0, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000))

_POWERS = ((1_000_000, "M"), (1_000, "k"))

#: A print this many times the average of those shown stands out.
_LARGE = 4

#: Cells of a size that prices leave, and of a pane from which times have minutes.
_SIZE, _WITH_MINUTES = 5, 24

#: Cells for sizes from which one of them stands before the price instead.
_WITH_GAP = 7


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


@dataclass(frozen=True, slots=True)
class _Look:
    """What the lines of one frame have in common; `is_apart` says that thousands of prices stand apart."""

    instrument: Instrument
    width: int
    has_minutes: bool
    is_apart: bool
    price_cells: int
    is_old: bool

    @property
    def gap(self) -> str:
        """What stands between the arrow and the price of every line."""
        return " " if self._behind > _WITH_GAP else ""

    @property
    def tail(self) -> int:
        """Cells behind the price."""
        return self._behind - len(self.gap)

    @property
    def _behind(self) -> int:
        return self.width - len(self.time(0)) - 1 - self.price_cells

    def time(self, time_ms: int) -> str:
        seconds = time_ms // 1_000
        return f"{seconds // 60 % 60:02d}:{seconds % 60:02d}" if self.has_minutes else f"{seconds % 60:02d}"

    def price(self, value: Decimal) -> str:
        text = price(self.instrument.tick, value) if self.is_apart else self.instrument.price_text(value)
        return text.rjust(self.price_cells)


def tape_lines(entries: Sequence[Entry], instrument: Instrument, width: int, height: int, note: str = "") -> list[Line]:
    """The share line and as many entries as fit; `note` takes the share's place when they cannot be believed."""
    prints = prints_among(entries)
    first = fit((Span(f" {note} ", "stale"),), width) if note else share_line(buy_share(prints), width)
    shown = entries[: max(0, height - 1)]
    seen = prints_among(shown)
    average = sum((each.quantity for each in seen), Decimal(0)) / len(seen) if seen else Decimal(0)
    look = _look(shown, instrument, width, is_old=bool(note))
    lines = [first]
    for each in shown:
        match each:
            case Missed():
                lines.append(_missed_line(each, width))
            case Liquidated():
                lines.append(_liquidated_line(each, look))
            case Print():
                lines.append(_print_line(each, look, average))
    return lines


def _look(shown: Sequence[Entry], instrument: Instrument, width: int, *, is_old: bool) -> _Look:
    """Minutes give way to sizes, and commas of prices after them."""
    longest = max(
        (instrument.price_text(each.price) for each in shown if not isinstance(each, Missed)), key=len, default=""
    )
    room = width - 2 - 2 - _SIZE
    is_apart = len(grouped(longest)) <= room
    cells = len(grouped(longest) if is_apart else longest)
    return _Look(instrument, width, width >= _WITH_MINUTES and cells + 3 <= room, is_apart, cells, is_old)


def _missed_line(each: Missed, width: int) -> Line:
    """A line across the tape: what is above and below it does not follow on each other."""
    text = f" {each.count} {'trade' if each.count == 1 else 'trades'} missed "
    if len(text) > width:
        text = f" {each.count}? "
    left = max(0, (width - len(text)) // 2)
    right = max(0, width - left - len(text))
    return fit((Span("┄" * left, "warn"), Span(text, "warn"), Span("┄" * right, "warn")), width)


def _liquidated_line(each: Liquidated, look: _Look) -> Line:
    """The side is the order's: a long that is lost is sold."""
    time, style = look.time(each.time_ms), "dim" if look.is_old else "liquidation"
    arrow = "▲" if each.side is Side.BUY else "▼"
    size = separated(look.instrument.quantity_text(each.quantity), max(1, min(look.tail - 5, 9)))
    text = f"{arrow}{look.gap}{look.price(each.price)}{f'LIQ {size}'.rjust(look.tail)}"
    return fit((Span(time, "dim"), Span(text, style)), look.width)


def _print_line(each: Print, look: _Look, average: Decimal) -> Line:
    is_buy = each.aggressor is Side.BUY
    style = "dim" if look.is_old else "up" if is_buy else "down"
    weight = f"{style} last" if each.quantity >= average * _LARGE and not look.is_old else ""
    size = separated(look.instrument.quantity_text(each.quantity), max(1, look.tail - 1))
    count = f" ×{each.count}" if each.count > 1 else ""
    if len(count) + 1 + len(size) > look.tail:
        count = ""
    return fit(
        (
            Span(look.time(each.time_ms), "dim"),
            Span("▲" if is_buy else "▼", style),
            Span(f"{look.gap}{look.price(each.price)}", style),
            Span(count, "dim"),
            Span(size.rjust(look.tail - len(count)), weight or style),
        ),
        look.width,
    )
