"""The live panes' short way to the terminal: only the cells that changed, all panes of a frame in one write.

Textual keeps no picture of what the terminal shows: it sends every marked line whole, with all its colours, by way of
the compositor. Here a row is compared cell by cell with the row on the terminal, and the difference goes straight to
the driver, inside the marks of synchronised output. Textual stays the owner of the screen: whenever the terminal may
show something else than the pane's last rows (a repaint is due, the pane is hidden, clipped or covered, there is no
real terminal), `place_of` gives None and the pane marks its lines for Textual instead.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import category

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import SGR_STYLES, Strip
from textual.widget import Widget

from tui.ui.lines import Line

#: Writes the terminal has not taken yet at which frames are left out; one repaint by Textual alone is three.
_BEHIND_AT = 7

#: What takes each of Textual's first nine attributes (bold, dim, ... strike) away again.
_OFF = ("22", "22", "23", "24", "25", "25", "27", "28", "29")

#: Letters that can stand anywhere in a row of single cells: never marks that join the letter before them.
_UNSURE = frozenset({"Mn", "Me", "Mc", "Cf", "Cc", "Cs", "Co", "Cn"})


@dataclass(slots=True)
class Row:
    """One row of a pane: as asked for, as Textual draws it, and as cells."""

    line: Line
    strip: Strip
    #: A letter and a pen for each cell; both empty for a row that is only written whole, None before they are needed.
    cells: tuple[str, str] | None = None


class Place(NamedTuple):
    """Where a pane's content is on the terminal, and what Textual does to its lines on the way there."""

    pane: Widget
    region: Region
    top_in_pane: int
    background: Color
    filters: Sequence[LineFilter]


class _Pen(NamedTuple):
    """A way of drawing, as the parameters of an SGR sequence that select it after a reset."""

    attributes: frozenset[int]
    letters: str
    ground: str


_RESET = _Pen(frozenset(), "39", "49")


class FrontBuffer:
    """Writes differences between rows; one for an app, used by all its panes."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._depth = 0
        self._visible: object = None
        self._seen: dict[Widget, tuple[Region, int, Color] | None] = {}
        #: Pens are known by one character, so that a row of pens is a string and compares as fast as one.
        self._pen_of: dict[tuple[Style, Color], str] = {}
        self._pens: list[_Pen] = [_RESET]
        self._switches: dict[str, str] = {}
        self._single: set[str] = set(map(chr, range(32, 127)))
        self._said: list[str] = []
        self._x = self._y = -1
        self._pen = "\0"

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has stopped taking what was written: drawing more would in the end block the caller."""
        writer = getattr(self._app._driver, "_writer_thread", None)
        return writer is not None and writer._queue.qsize() >= _BEHIND_AT

    @contextmanager
    def frame(self) -> Iterator[None]:
        """Everything replaced in this block reaches the terminal as one picture; blocks may be nested."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._flush()

    def place_of(self, pane: Widget) -> Place | None:
        """Where differences of a pane can be written now; None when Textual must repaint it."""
        driver = self._app._driver
        if driver is None or not _is_terminal(self._app, driver) or self._is_repaint_due(pane):
            return None
        visible = pane.screen._compositor.visible_widgets
        if visible is not self._visible:
            # Textual makes a new mapping whenever anything moves.
            self._visible, self._seen = visible, {}
        if pane not in self._seen:
            self._seen[pane] = _content_in_sight(pane, visible)
        found = self._seen[pane]
        return None if found is None else Place(pane, *found, pane.get_line_filters())

    def forget(self, pane: Widget) -> None:
        """The style of a pane changed: look anew where it is, and how its styles are written."""
        self._seen.pop(pane, None)
        self._pen_of.clear()

    def replace(self, place: Place, y: int, old: Row, new: Row) -> None:
        """Change row `y` of a pane's content from what the terminal shows to what it shall show."""
        # Textual keeps finished lines: its copy of this one is old now.
        place.pane._styles_cache.set_dirty(Region(0, place.top_in_pane + y, 1, 1))
        x, top, width, _ = place.region
        was, now = self._cells(old, place), self._cells(new, place)
        with self.frame():
            if len(was[0]) == len(now[0]) == width:
                self._write_changed(was, now, x, top + y)
            else:
                self._write_whole(new, place, x, top + y)

    def _is_repaint_due(self, pane: Widget) -> bool:
        """Whether the terminal does not show the pane's last rows yet."""
        screen = pane.screen
        return bool(
            screen is not self._app.screen
            or pane._repaint_required
            or pane._repaint_regions
            or screen._layout_required
            or screen._repaint_required
            or screen._compositor._dirty_regions
        )

    def _cells(self, row: Row, place: Place) -> tuple[str, str]:
        if row.cells is None:
            letters, pens = [], []
            for text, style, _ in row.strip:
                letters.append(text)
                pens.append(self._pen_character(style or Style.null(), place) * len(text))
            text = "".join(letters)
            row.cells = (text, "".join(pens)) if self._is_single(text) else ("", "")
        return row.cells

    def _is_single(self, text: str) -> bool:
        """Whether each letter surely takes one cell of its own in every terminal."""
        for letter in set(text) - self._single:
            if cell_len(letter) != 1 or category(letter) in _UNSURE:
                return False
            self._single.add(letter)
        return True

    def _pen_character(self, style: Style, place: Place) -> str:
        known = self._pen_of.get((style, place.background))
        if known is None:
            # Filters work on styles alone: each is asked once for a style instead of once for each line.
            drawn = next(iter(_filtered(Strip([Segment("x", style)], 1), place))).style or Style.null()
            pen = _pen(drawn, self._app.console._color_system or ColorSystem.TRUECOLOR)
            if pen not in self._pens:
                self._pens.append(pen)
            known = self._pen_of[style, place.background] = chr(self._pens.index(pen))
        return known

    def _write_changed(self, was: tuple[str, str], now: tuple[str, str], left: int, y: int) -> None:
        letters, pens = now
        said = self._said
        for x, (before, after, pen_before, pen) in enumerate(zip(was[0], letters, was[1], pens, strict=True)):
            if before == after and pen_before == pen:
                continue
            if self._y != y or self._x != left + x:
                self._go(left + x, y, letters[max(0, self._x - left) : x], pens[max(0, self._x - left) : x])
            if pen != self._pen:
                said.append(self._switch(pen))
            said.append(after)
            self._x += 1
        self._forget_edge()

    def _write_whole(self, row: Row, place: Place, left: int, y: int) -> None:
        """The row as Textual would write it: widths of letters that terminals may disagree on are not reckoned with."""
        self._said.append(self._switch("\0") + f"\x1b[{y + 1};{left + 1}H")
        self._said.append(_filtered(row.strip, place).render(self._app.console))
        self._y = -1

    def _go(self, x: int, y: int, letters: str, pens: str) -> None:
        """Move the cursor by the shortest way; to the right that may be writing what stands there again."""
        if self._y < 0:
            move = f"\x1b[{y + 1};{x + 1}H"
        elif self._y == y and x > self._x:
            move = _by(x - self._x, "C")
            if len(letters) == x - self._x and len(letters.encode()) <= len(move) and not pens.strip(self._pen):
                move = letters
        else:
            move = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
            down, right = y - self._y, x - self._x
            if down >= 0:
                short = _by(down, "B") + (_by(right, "C") if right >= 0 else _by(-right, "D"))
                move = min(move, short, key=len)
        self._said.append(move)
        self._x, self._y = x, y

    def _forget_edge(self) -> None:
        """After the last column of the terminal the cursor is between two rows."""
        if self._x >= self._app.size.width:
            self._y = -1

    def _switch(self, pen: str) -> str:
        """What changes the pen in use to another, the shorter of both ways."""
        pair = self._pen + pen
        self._pen = pen
        if pair not in self._switches:
            old, new = self._pens[ord(pair[0])], self._pens[ord(pair[1])]
            self._switches[pair] = min(_changed(old, new), _anew(new), key=len)
        return self._switches[pair]

    def _flush(self) -> None:
        driver = self._app._driver
        if self._said and driver is not None:
            self._said.append(self._switch("\0"))
            picture = "".join(self._said)
            driver.write(f"{SYNC_START}{picture}{SYNC_END}" if self._app._sync_available else picture)
        self._said.clear()
        self._y = -1


def _is_terminal(app: App[Any], driver: Driver) -> bool:
    """Whether what is written is shown at once by a terminal that Textual fills."""
    is_drawing = app._running and not app._closed and not app._batch_count
    return is_drawing and not (app.is_headless or driver.is_inline or driver.is_web)


def _content_in_sight(pane: Widget, visible: Any) -> tuple[Region, int, Color] | None:
    """The content's region on the screen, its first line in the pane, its ground; None unless all of it is in sight."""
    if pane not in visible:
        return None
    region, clip = visible[pane]
    for widget, (other, other_clip) in visible.items():  # the nearest to the viewer first
        if widget is pane:
            break
        if other.intersection(other_clip).overlaps(region):
            return None
    gutter = pane.gutter
    if not clip.contains_region(region):
        return None
    return region.shrink(gutter), gutter.top, pane.background_colors[1]


def _filtered(strip: Strip, place: Place) -> Strip:
    for each in place.filters:
        strip = strip.apply_filter(each, place.background)
    return strip


def _pen(style: Style, colors: ColorSystem) -> _Pen:
    letters, ground = _RESET.letters, _RESET.ground
    if style.color is not None:
        letters = ";".join(style.color.downgrade(colors).get_ansi_codes())
    if style.bgcolor is not None:
        ground = ";".join(style.bgcolor.downgrade(colors).get_ansi_codes(foreground=False))
    attributes = style._attributes & style._set_attributes
    return _Pen(frozenset(bit for bit in range(len(SGR_STYLES)) if attributes & 1 << bit), letters, ground)


def _changed(old: _Pen, new: _Pen) -> str:
    """The step from one pen to another; from a reset when an attribute goes that has no opposite of its own."""
    gone = old.attributes - new.attributes
    if any(bit >= len(_OFF) for bit in gone):
        return _anew(new)
    off = {_OFF[bit] for bit in gone}
    codes = sorted(off)
    # Some opposites take two attributes away: the one that stays is put on again.
    codes += [
        SGR_STYLES[bit]
        for bit in sorted(new.attributes)
        if bit not in old.attributes or (bit < len(_OFF) and _OFF[bit] in off)
    ]
    codes += [new.letters] * (new.letters != old.letters) + [new.ground] * (new.ground != old.ground)
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _anew(pen: _Pen) -> str:
    codes = [SGR_STYLES[bit] for bit in sorted(pen.attributes)]
    codes += [pen.letters] * (pen.letters != _RESET.letters) + [pen.ground] * (pen.ground != _RESET.ground)
    return f"\x1b[0;{';'.join(codes)}m" if codes else "\x1b[m"


def _by(cells: int, direction: str) -> str:
    return "" if not cells else f"\x1b[{direction}" if cells == 1 else f"\x1b[{cells}{direction}"
