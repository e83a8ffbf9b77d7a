"""A row of small bars for the shape of a series."""

from collections.abc import Sequence
from decimal import Decimal

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[Decimal], cells: int) -> str:
    """The last value of each of `cells` equal stretches, lowest to highest of the series; blank without two values."""
    if len(values) < 2 or cells <= 0:
        return " " * max(0, cells)
    count = min(cells, len(values))
    picked = [values[(i + 1) * len(values) // count - 1] for i in range(count)]
    low, high = min(picked), max(picked)
    if low == high:
        return (_LEVELS[3] * count).rjust(cells)
    return "".join(_LEVELS[int((value - low) / (high - low) * 7)] for value in picked).rjust(cells)
