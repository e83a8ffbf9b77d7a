"""The widget under every pane: asks for lines on the paint clock and repaints only those that differ."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.domain.text import clean
from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui import palette
from tui.ui.actions import BY_ID, READ_ONLY, Situation, exists
from tui.ui.ascii_look import in_ascii, span_in_ascii, title_in_ascii
from tui.ui.front_buffer import FrontBuffer, Place, Row
from tui.ui.layout.composition import slot_of
from tui.ui.lines import Line, Span, fit
from tui.ui.titles import Tab, Title, tab_at
from tui.ui.view_state import ViewState


class LinePane(Widget, can_focus=True):
    """A pane made of whole lines.

    Subclasses implement `lines`, set the class variables, and take exactly `(desk, view)`; nothing else about painting
    concerns them. A Span's style is one palette name or several divided by spaces, later ones laid over earlier ones.
    Actions of the table are methods `action_NAME`; the keymap in `view.keymap` says which key calls which.
    """

    #: The id of the widget and the context of its actions.
    CONTEXT: ClassVar[str] = ""
    #: The id where several panes have one context; empty takes the context's.
    PLACE: ClassVar[str] = ""
    #: The digit and the word in the border; both empty for rows without a border.
    NUMBER: ClassVar[str] = ""
    LABEL: ClassVar[str] = ""

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(id=self.place_id or None, classes="pane" if self.NUMBER or self.LABEL else None)
        self.desk = desk
        self.view = view
        #: The short way to the terminal; None leaves all drawing to Textual.
        self.front: FrontBuffer | None = None
        self._rows_drawn: list[Row] = []
        self._styles_by_name: dict[str, Style] = {}
        self._title = Title(f"{self.NUMBER} {self.LABEL}".strip())

    def lines(self, width: int, height: int) -> list[Line]:
        """The rows to show in `width` x `height` cells, top first; fewer rows leave the rest blank."""
        raise NotImplementedError

    def paint(self) -> int:
        """Ask for the lines, repaint those that changed, and return how many did; none while the terminal lags."""
        if not self.size:
            return 0  # most panes of a frame, and cheaper to see than that nothing is left within the border
        width, height = self.content_size
        if not width or not height or self.is_terminal_behind or not self.is_on_screen:
            return 0
        wanted = self._wanted(width, height)
        place = self.place()
        drawn = self._rows_for(width, height)
        changed = 0
        for y, line in enumerate(wanted):
            if y < len(drawn) and drawn[y].line == line:
                continue
            row = Row(line, self._strip(line, width))
            if y == len(drawn):
                drawn.append(row)
                self.refresh(Region(0, y, width, 1))
            else:
                old, drawn[y] = drawn[y], row
                if self.front is not None and place is not None:
                    self.front.replace(place, y, old, row)
                else:
                    self.refresh(Region(0, y, width, 1))
            changed += 1
        return changed

    @property
    def place_id(self) -> str:
        """What the pane is known by: its context, or a name of its own where several have one context."""
        return self.PLACE or self.CONTEXT

    @property
    def is_terminal_behind(self) -> bool:
        """Whether nothing is drawn for now, because the terminal does not take what was drawn before."""
        return self.front is not None and self.front.is_behind

    def place(self) -> Place | None:
        """Where the front buffer can draw this pane now; None leaves it to Textual."""
        return self.front.place_of(self) if self.front is not None else None

    def render_line(self, y: int) -> Strip:
        """One finished row for Textual."""
        width, height = self.content_size
        drawn = self._rows_for(width, height)
        if len(drawn) != height:
            wanted = self._wanted(width, height)
            drawn += [Row(line, self._strip(line, width)) for line in wanted[len(drawn) :]]
        return drawn[y].strip if y < len(drawn) else Strip.blank(width, self.rich_style)

    def set_title(self, detail: str = "", right: str = "", kept: str = "") -> None:
        """Say what the pane shows, in the border after its name and at the right end; repaints only on a change.

        `kept` stands before the detail where the right end has no room. A change repaints the whole pane: live numbers
        belong in a line, not here.
        """
        if self.view.is_ascii:
            detail, right, kept = map(title_in_ascii, (detail, right, kept))
        title = self._title
        if (detail, right, kept) != (title.detail, title.right, title.kept):
            self._retitle(replace(title, detail=detail, right=right, kept=kept))

    def show_tabs(self, tabs: Sequence[Tab]) -> None:
        """Name the panes that share this place; none when the pane has a place of its own."""
        named = tuple(tabs)
        if named != self._title.tabs:
            self._retitle(replace(self._title, tabs=named))

    def show_letter(self, letter: str) -> None:
        """Put the letter that goes to this pane in front of its name, while one is waited for; "" takes it away."""
        if letter != self._title.letter:
            self._retitle(replace(self._title, letter=letter))

    def _retitle(self, title: Title) -> None:
        self._title = title
        self._draw_title()

    @property
    def tab_text(self) -> str:
        """What the pane is called when it shares a place: number, name and what it counts."""
        return f"{self.NUMBER} {self.LABEL}".strip()

    def notify_style_update(self) -> None:
        """Forget resolved colours when the theme changes."""
        super().notify_style_update()
        self._styles_by_name.clear()
        self._rows_drawn = []
        if self.front is not None:
            self.front.forget(self)

    def action_act(self, action_id: str) -> None:
        """Do an action of the table, or say why it cannot be done now."""
        action = BY_ID[action_id]
        situation = self.situation()
        reason = action.reason(situation) if exists(action, situation.session) else READ_ONLY
        if reason:
            self.view.intents.say(reason, Severity.WARNING)
            return
        handler = getattr(self, f"action_{action.name}")
        handler(action.argument) if action.argument else handler()
        self.paint()

    def situation(self) -> Situation:
        """What decides about this pane's actions; panes with a cursor on another symbol override `acting_symbol`."""
        store, symbol = self.desk.store, self.acting_symbol()
        instrument = store.instruments.get(symbol)
        return Situation(store.session, instrument.product if instrument else None, bool(store.held(symbol)))

    def take_key(self, event: events.Key) -> bool:
        """Use a key as text before it is looked up as an action; True when it has been used."""
        return False

    def action_for(self, key: str) -> str:
        """The id of this pane's action on a key, "" when it has none."""
        return self.view.keymap.on(key, self.contexts)

    @property
    def contexts(self) -> tuple[str, ...]:
        """Where the pane's actions stand in the table, the first to be asked first."""
        return (self.CONTEXT,)

    def copied(self) -> str:
        """What `y` copies from here, "" when nothing is chosen."""
        return ""

    def point(self, x: int, y: int) -> None:
        """Put the cursor where a click was, in cells of the content; never sends."""

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked on; the focus has come already."""
        at = event.get_content_offset(self)
        if at is not None:
            self.point(at.x, at.y)
            self.paint()
        elif event.y == 0:
            self.click_title(event.x)

    def click_title(self, x: int) -> None:
        """Go to the pane whose tab was clicked on, in cells from the left corner."""
        tab = tab_at(self._title.parts(self.outer_size.width - 6), x)
        if tab is not None and not tab.is_shown:
            self.view.intents.show_pane(tab.pane_id)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """A turn of the wheel is a press of the key for down."""
        self._turn("action_down", event)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """A turn of the wheel is a press of the key for up."""
        self._turn("action_up", event)

    def _turn(self, name: str, event: events.MouseEvent) -> None:
        move = getattr(self, name, None)
        if move is not None:
            event.stop()
            move()
            self.paint()

    @property
    def is_typing(self) -> bool:
        """Whether printable keys are text for this pane now, not actions."""
        return False

    @property
    def pinned(self) -> str:
        """The symbol that this place stays with whatever has the focus; "" while it is linked."""
        return next(iter(self.view.pinned(slot_of(self.place_id))), "")

    def acting_symbol(self) -> str:
        """The symbol that the pane's keys are about."""
        return self.pinned or self.view.symbol

    def on_mount(self) -> None:
        """Draw the border's text for the first time."""
        self._draw_title()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the border's text to the new width."""
        self._draw_title()

    def _wanted(self, width: int, height: int) -> list[Line]:
        wanted = list(self.lines(width, height)[:height])
        wanted.extend(() for _ in range(height - len(wanted)))
        return wanted

    def _rows_for(self, width: int, height: int) -> list[Row]:
        """The rows as last drawn, none of them when the pane has another size now."""
        rows = self._rows_drawn
        if len(rows) > height or (rows and rows[0].strip.cell_length != width):
            self._rows_drawn = rows = []
        return rows

    def _draw_title(self) -> None:
        if "pane" not in self.classes or not self.size.width:
            return
        room = self.outer_size.width - 6
        shown = in_ascii if self.view.is_ascii else str
        parts = self._title.parts(room)
        title = Content.assemble(*((shown(clean(part.text)), part.style) for part in parts))
        if self.view.is_ascii and title.cell_length > room:  # Textual would end it in …
            title = title.truncate(room - 1) + "~"
        self.border_title = title

    def _strip(self, line: Line, width: int) -> Strip:
        # The last line of defence: what comes from outside was cleaned where it came in.
        safe = (span if span.text.isprintable() else Span(clean(span.text), span.style) for span in line)
        if self.view.is_ascii:
            safe = (span_in_ascii(span) for span in safe)
        return Strip([Segment(span.text, self._style(span)) for span in fit(safe, width)], width)

    def _style(self, span: Span) -> Style:
        style = self._styles_by_name.get(span.style)
        if style is None:
            style = self.rich_style
            for name in span.style.split():
                style = style + palette.look(name, self.app.theme_variables)
            self._styles_by_name[span.style] = style
        return style
