"""Prices as whole ticks and sizes as whole lots, exactly, in both directions."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation, getcontext
from typing import Literal

Rounding = Literal["down", "up", "nearest"]

_MODES = {"down": ROUND_FLOOR, "up": ROUND_CEILING, "nearest": ROUND_HALF_EVEN}


class OffIncrementError(ValueError):
    """A value that is not a whole number of ticks or lots."""

    def __init__(self, value: Decimal | str, increment: Decimal) -> None:
        super().__init__(f"{value} is not a multiple of {increment.normalize():f}")
        self.value = value
        self.increment = increment


#: Characters of a plain number.
_PLAIN = frozenset("0123456789.-")

_TENS = [10**power for power in range(41)]


#: Up to here every whole number is a double of its own.
DOUBLES_COUNT_TO = 2**53


def parse_decimal(text: str) -> Decimal:
    """Read a plain decimal number; NaN, infinity, exponents and separators are refused with ValueError."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not value.is_finite() or not _PLAIN.issuperset(text):
        raise ValueError(f"{text!r} is not a plain number")
    return value


class Increment:
    """The smallest step of a price (a tick) or of a size (a lot).

    Counts are Python integers; values are Decimal; text always has the decimals of the step.
    """

    __slots__ = ("_divisor", "_scale", "_whole", "decimals", "size")

    #: Characters of a text; what Decimal cannot hold exactly with the decimals of the step is refused besides.
    _LONGEST = 40

    def __init__(self, size: Decimal) -> None:
        if not size.is_finite() or size <= 0:
            raise ValueError(f"increment must be positive, not {size}")
        self.size = size.normalize()
        exponent = self.size.as_tuple().exponent
        assert isinstance(exponent, int)
        self.decimals = max(0, -exponent)
        self._scale = 10**self.decimals
        self._divisor = int(self.size * self._scale)
        self._whole = exponent >= 0

    def __repr__(self) -> str:
        return f"Increment({self.size:f})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Increment) and other.size == self.size

    def __hash__(self) -> int:
        return hash(self.size)

    def count(self, text: str) -> int:
        """Turn wire text into a whole count; raises OffIncrementError when it is not one, ValueError when no number."""
        digits = text.removeprefix("-")
        if len(digits) > self._LONGEST or len(digits.partition(".")[0]) + self.decimals > getcontext().prec:
            raise ValueError(f"{text[:60]!r} is too large a number")
        count = self._count_digits(text)
        if count is None:
            count = self.count_of(parse_decimal(text))
        return count

    def _count_digits(self, text: str) -> int | None:
        """The count of plain digits without the cost of Decimal; None where only Decimal may judge the text."""
        head, _, tail = text.partition(".")
        digits = head + tail
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 40:
            return None
        excess = len(tail) - self.decimals
        if excess <= 0:
            units = int(digits) * _TENS[-excess]
        elif tail.strip("0") and tail[self.decimals :].strip("0"):
            return None
        else:
            units = int(digits[:-excess])
        count, rest = divmod(units, self._divisor)
        return None if rest else count

    @property
    def per_unit(self) -> float:
        """How many make a unit; zero where that is no whole number."""
        return float(self._scale) if self._divisor == 1 else 0.0

    def count_double(self, value: float) -> int:
        """The count whose text, of at most 15 digits, was read as this double; raises OffIncrementError as `count`.

        Exact: a count is taken only when dividing it gives back the very double, else Decimal judges.
        """
        count = int(value * self._scale / self._divisor + 0.5)
        if count * self._divisor < DOUBLES_COUNT_TO and count * self._divisor / self._scale == value:
            return count
        return self.count_of(Decimal(repr(value)))

    def count_of(self, value: Decimal) -> int:
        """Turn a Decimal into a whole count; raises OffIncrementError when it is not one."""
        quotient = value / self.size
        count = int(quotient)
        if count * self.size != value:
            raise OffIncrementError(value, self.size)
        return count

    def round(self, value: Decimal, rounding: Rounding = "nearest") -> Decimal:
        """The multiple nearest to value, or the one below or above it."""
        return (value / self.size).to_integral_value(_MODES[rounding]) * self.size

    def fits(self, value: Decimal) -> bool:
        """Whether value is a whole number of increments."""
        return value % self.size == 0

    def value(self, count: int) -> Decimal:
        """The Decimal that a count stands for."""
        return self.size * count

    def text(self, count: int) -> str:
        """The count as plain text with the decimals of the step, as the exchange writes it."""
        if self._whole:
            return str(count * self._divisor)
        units = count * self._divisor
        sign = "-" if units < 0 else ""
        head, tail = divmod(abs(units), self._scale)
        return f"{sign}{head}.{tail:0{self.decimals}d}"

    def format(self, value: Decimal) -> str:
        """A Decimal as plain text with the decimals of the step; more decimals are kept, never cut."""
        quantum = Decimal(1).scaleb(-self.decimals)
        rounded = value.quantize(quantum)
        return f"{rounded:f}" if rounded == value else f"{value.normalize():f}"
