"""How the ladder shares its width out, and what stands in each cell of a row."""

from typing import NamedTuple


class Columns(NamedTuple):
    """Cells of each column, left to right; one cell of cursor mark before, one of last-print mark after the price.

    `change` and `bar` stand on both sides, outside of the sizes.
    """

    own: int
    bar: int
    size: int
    price: int
    volume: int
    change: int = 0


#: Lines that are no price rows: the heading and the spread.
FIXED_LINES = 2

_CHANGE = 6

#: Cells beside the columns, and what sizes and own orders usually need.
_BETWEEN, _SIZE, _OWN = 5, 5, 6


def price_rows(height: int) -> int:
    """How many prices fit a pane of this height."""
    return max(0, height - FIXED_LINES)


def has_room_for(width: int, price_cells: int) -> bool:
    """Whether prices of this length leave enough room for sizes and own orders."""
    return width - _BETWEEN - price_cells >= 2 * _SIZE + _OWN


def columns(width: int, price_cells: int, *, has_changes: bool = False) -> Columns:
    """Share the width out: price, sizes and own orders first, then changes where wished, traded volume and bars."""
    between = _BETWEEN + price_cells
    size = 6 if width - between - 12 >= 7 else _SIZE if has_room_for(width, price_cells) else _SIZE - 1
    own = max(2, min(9, width - between - 2 * size))
    room = width - between - 2 * size - own
    change = _CHANGE if has_changes and room >= 2 * _CHANGE - 2 else 0
    if change:
        own, room = (own - 2, room + 2) if room < 2 * _CHANGE else (own, room)
        room -= 2 * change
    if room < 6:
        return Columns(own, 0, size + max(0, room // 2), price_cells, 0, change)
    volume = 0
    if room >= 10:
        own, room, volume = (own - 1, room + 1, 6) if room < 14 and own > 8 else (own, room, 9 if room >= 24 else 6)
    if room - volume >= 20:
        size, room = size + 2, room - 4
    return Columns(own, min(60, (room - volume) // 2), size, price_cells, volume, change)


def column_at(cells: Columns, x: int) -> str:
    """What stands in a cell of a price row: `own`, `bid`, `price`, `ask`, or "" for the traded sizes."""
    ends = (
        ("own", 1 + cells.own),
        ("bid", 1 + cells.own + cells.change + cells.bar + cells.size),
        ("price", 1 + cells.own + cells.change + cells.bar + cells.size + cells.price + 3),
        ("ask", 5 + cells.own + 2 * (cells.change + cells.bar + cells.size) + cells.price),
    )
    return next((name for name, end in ends if x < end), "")
