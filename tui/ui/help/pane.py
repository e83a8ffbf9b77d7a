"""The help as a pane that opens over the chart; typed letters filter it."""

from textwrap import wrap

from textual import events

from tui.engine.commands import Desk
from tui.ui.actions import Situation
from tui.ui.command.line_edit import LineEdit
from tui.ui.help.lines import LEGEND, help_lines
from tui.ui.keymap import PRESET_NOTES
from tui.ui.line_pane import LinePane
from tui.ui.lines import BLANK, Line, Span, spread
from tui.ui.view_state import ViewState


class HelpPane(LinePane):
    """Keys of the pane it was asked from, then the others."""

    CONTEXT = "help"
    LABEL = "Help"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.filter_line = LineEdit()
        #: What was wrong with keys and themes at the start.
        self.complaints: tuple[str, ...] = ()
        self._about = ""
        self._situation: Situation | None = None
        self._top = 0

    @property
    def is_typing(self) -> bool:
        """Printable keys are always the filter."""
        return True

    def begin(self, about: str, situation: Situation, wanted: str = "") -> None:
        """Open for a pane, with the situation that decides what is off."""
        self._about, self._situation, self._top = about, situation, 0
        self.filter_line.text = wanted
        self.paint()

    def lines(self, width: int, height: int) -> list[Line]:
        """The filter, then the help from where it is scrolled to."""
        content = help_lines(
            self._about, self._situation or self.situation(), self.filter_line.text, self.view.keymap, width
        )
        content = [*self._told(width), *content]
        self._top = max(0, min(self._top, len(content) - height + 2))
        left = [Span(" filter ", "dim"), *self.filter_line.spans("strong")]
        has_room = sum(len(span.text) for span in left) + len(LEGEND) + 3 <= width
        first = spread(left, [Span(f"{LEGEND} ", "dim")] if has_room else [], width)
        return [first, (), *content[self._top : self._top + height - 2]]

    def _told(self, width: int) -> list[Line]:
        """What was wrong at the start and what is to know of the preset, as far as it holds what is looked for."""
        wanted, preset = self.filter_line.text.lower(), self.view.keymap.preset
        wrong = [line for text in self.complaints if wanted in text.lower() for line in _wrapped(text, width)]
        notes = f"{preset} keys: {PRESET_NOTES[preset]}" if preset in PRESET_NOTES else ""
        said = wrap(notes, width - 4) if wanted in notes.lower() else []
        told = [*((Span(f" {part}", "accent"),) for part in said), BLANK] if said else []
        return [*([*wrong, BLANK] if wrong else []), *told]

    def take_key(self, event: events.Key) -> bool:
        """Letters filter, arrows scroll, Enter leaves."""
        match event.key:
            case "up" | "down":
                self._top += -1 if event.key == "up" else 1
            case "pageup" | "pagedown":
                self._top += -10 if event.key == "pageup" else 10
            case "enter":
                self.view.intents.leave()
            case _:
                if not self.filter_line.press(event.key, event.character):
                    return False
                self._top = 0
        self.paint()
        return True


def _wrapped(text: str, width: int) -> list[Line]:
    return [(Span(f" ! {part}" if not at else f"   {part}", "warn"),) for at, part in enumerate(wrap(text, width - 4))]
