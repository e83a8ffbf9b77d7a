"""Which prices the ladder shows: a window that follows the touch, or stands still under the trader's cursor."""

from typing import NamedTuple

from tui.domain.book import BookView


class LadderWindow(NamedTuple):
    """Contiguous price rows, counted in groups.

    `top` is the group of the first row; a group's price is its number times the ticks per group. The spread line lies
    directly below the row of group `pin`.
    """

    top: int
    pin: int

    def split(self, rows: int) -> int:
        """How many price rows stand above the spread line, of `rows` in all."""
        return min(rows, max(0, self.top - self.pin + 1))

    def holds(self, group: int, rows: int) -> bool:
        """Whether a group has a row."""
        return self.top - rows < group <= self.top


def touch_groups(view: BookView, ticks_per_group: int) -> tuple[int | None, int | None]:
    """Groups of best bid and best ask of a grouped view; bids count to the group below them, asks to the one above."""
    bid, ask = view.best_bid, view.best_ask
    return (
        None if bid is None else bid // ticks_per_group,
        None if ask is None else -(-ask // ticks_per_group),
    )


def pin_between(bid_group: int | None, ask_group: int | None) -> int | None:
    """The group the spread line lies below: half way through a wide spread; None for an empty book."""
    if bid_group is None:
        return ask_group
    if ask_group is None:
        return bid_group + 1
    return bid_group + 1 + (ask_group - bid_group - 1) // 2


def centred(pin: int, rows: int) -> LadderWindow:
    """A window with the spread line in the middle."""
    return LadderWindow(pin + rows // 2 - 1, pin)


def following(before: LadderWindow | None, pin: int, rows: int) -> LadderWindow:
    """The window that keeps the touch in its middle quarter; prices stand still while the touch stays there."""
    if before is not None:
        split = before.top - pin + 1
        if rows * 3 // 8 <= split <= rows - rows * 3 // 8:
            return LadderWindow(before.top, pin)
    return centred(pin, rows)


def showing(before: LadderWindow, group: int, rows: int) -> LadderWindow:
    """The window moved by as few rows as make `group` visible."""
    if group > before.top:
        return before._replace(top=group)
    if group <= before.top - rows:
        return before._replace(top=group + rows - 1)
    return before


def regrouped(before: LadderWindow, pin: int, cursor: int, cursor_before: int, rows: int) -> LadderWindow:
    """The window after the grouping changed, with the cursor's group kept on the screen row where it was.

    A row below the spread line stands one lower on the screen than among the prices.
    """
    screen_row = before.top - cursor_before + (cursor_before < before.pin)
    row = min(rows - 1, max(0, screen_row - (cursor < pin)))
    return LadderWindow(cursor + row, pin)
