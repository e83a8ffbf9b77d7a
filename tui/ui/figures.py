"""Numbers as a trader reads them: grouped thousands, sizes that fit, signs, ages and clock times."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from tui.domain.increment import Increment

#: What stands where a number is not known.
UNKNOWN = "—"

#: What stands where there is no room for a number, nor for a rounded one.
CUT = "…"

#: How much of a value may be rounded away with its thousands: 823k is never 1M.
_ROUNDING = Decimal("0.05")

_DAY_MS = 86_400_000
_YEAR_MS = 360 * _DAY_MS

_POWERS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def grouped(text: str) -> str:
    """Plain number text with commas between thousands: `64212.40` becomes `64,212.40`."""
    head, point, tail = text.partition(".")
    sign = ""
    if head[:1] in ("-", "+"):
        sign, head = head[0].replace("-", "−"), head[1:]
    if len(head) > 3:
        head = f"{int(head):,}"
    return f"{sign}{head}{point}{tail}"


def price(tick: Increment, value: Decimal | None) -> str:
    """A price with the decimals of its tick and grouped thousands."""
    return UNKNOWN if value is None else grouped(tick.format(value))


def near_price(tick: Increment, value: Decimal | None) -> str:
    """A price that is no order's (a mark, an average, a liquidation price), rounded to the decimals of the tick."""
    if value is None:
        return UNKNOWN
    return grouped(f"{value.quantize(Decimal(1).scaleb(-tick.decimals), ROUND_HALF_EVEN):f}")


def amount(value: Decimal | None, decimals: int = 2) -> str:
    """An amount of money with fixed decimals; a dust amount that would read as zero says so."""
    if value is None:
        return UNKNOWN
    quantum = Decimal(1).scaleb(-decimals)
    rounded = value.quantize(quantum, ROUND_HALF_EVEN)
    if value and not rounded:
        return f"<{quantum:f}" if value > 0 else f"−<{quantum:f}"
    return grouped(f"{rounded:f}")


def signed(value: Decimal | None, decimals: int = 2, unit: str = "") -> str:
    """An amount with its sign always written: `+82.53`, `−12.40`; zero carries none."""
    if value is None:
        return UNKNOWN
    text = grouped(f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN):f}")
    is_zero = not text.strip("−0.,")
    text = text.lstrip("−") if is_zero else text
    return f"+{text}{unit}" if value > 0 and not is_zero else f"{text}{unit}"


def plain_quantity(value: Decimal) -> str:
    """A quantity with all its decimals and no trailing zeros."""
    return grouped(f"{value.normalize():f}")


def rounded(text: str, decimals: int) -> str:
    """A non-negative plain number with exactly so many decimals; a size above zero never reads as zero."""
    if len(text.partition(".")[2]) == decimals:
        return text
    value, quantum = Decimal(text), Decimal(1).scaleb(-decimals)
    shown = value.quantize(quantum, ROUND_HALF_EVEN)
    return f"<{quantum:f}" if value and not shown else f"{shown:f}"


def fitted(text: str, cells: int) -> str:
    """A non-negative plain number in at most `cells` characters, as exact as fits; … where none would be true.

    Decimals are rounded away first, then thousands become k, M, B, T. A size above zero never reads as zero.
    """
    if len(text) <= cells:
        return text
    value = Decimal(text)
    whole = len(text.partition(".")[0])
    decimals = max(0, cells - whole - 1)
    if whole <= cells:
        shown = f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN):f}"
        if value and not Decimal(shown):
            return f"<{Decimal(1).scaleb(-max(0, cells - 3)):f}" if cells > 1 else CUT
        if len(shown) <= cells:
            return shown
    return _powered(value, cells)


def separated(text: str, cells: int) -> str:
    """A plain number in at most `cells` characters as `fitted`, with its thousands apart where there is room."""
    shown = fitted(text, cells)
    apart = grouped(shown) if shown[-1:].isdigit() and shown[0].isdigit() else shown
    return apart if len(apart) <= cells else shown


def _powered(value: Decimal, cells: int) -> str:
    for power, letter in reversed(_POWERS):
        scaled = value / power
        if scaled >= 1000 and letter != "T":
            continue
        for decimals in (2, 1, 0):
            shown = scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
            text = f"{shown:f}{letter}"
            if len(text) <= cells and abs(shown - scaled) <= scaled * _ROUNDING:
                return text
    return CUT


def compact(value: Decimal, cells: int = 6) -> str:
    """Any non-negative amount in a few characters: `982.4`, `18.2B`."""
    text = f"{value.normalize():f}"
    return text if len(text) <= cells and value < 1000 else fitted(f"{value:f}", min(cells, 6))


def duration(milliseconds: float) -> str:
    """An age: `00:14`, `01:12:40`, `3d 04h`."""
    seconds = max(0, int(milliseconds // 1000))
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    if days:
        return f"{days}d {hours:02d}h"
    if hours:
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    return f"{minutes:02d}:{seconds:02d}"


def short_duration(milliseconds: float, cells: int) -> str:
    """An age in few characters, its smallest unit left out where that has no room: `01:38`, `12h34`, `3d04h`, `30d`."""
    text = duration(milliseconds)
    if len(text) <= cells:
        return text
    hours, minutes = divmod(int(milliseconds // 60_000), 60)
    days, rest = divmod(hours, 24)
    forms = (f"{days}d{rest:02d}h", f"{days}d") if days else (f"{hours}h{minutes:02d}", f"{hours}h")
    return next((form for form in forms if len(form) <= cells), CUT)


def moment(epoch_ms: int, now_ms: int) -> str:
    """When something happened, UTC: the time of a day that is today, else day and minute: `20 Jul 14:03`."""
    if epoch_ms // _DAY_MS == now_ms // _DAY_MS:
        return clock(epoch_ms)
    day = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{day:%d %b %H:%M}" if now_ms - epoch_ms < _YEAR_MS else f"{day:%d %b %Y}"


def clock(epoch_ms: int) -> str:
    """UTC time of day: `14:03:22`."""
    seconds = epoch_ms // 1000 % 86_400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
