"""The settings screen: every option, its value and origin; Enter changes one and writes the settings file."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from textual import events

from tui.config import Settings, SettingsError
from tui.config_options import Option, options_of, write_option
from tui.engine.commands import Desk, Origin
from tui.engine.commands.safety import SetLimit
from tui.engine.limit_names import NAMES, with_limit
from tui.engine.store import Severity
from tui.ui.command.line_edit import LineEdit
from tui.ui.fuzzy import fuzzy_score
from tui.ui.lines import BLANK, Line, Span, fit, spread
from tui.ui.picker import PickerPane
from tui.ui.view_state import ViewState

_LIMITS = {f"limits.{field}": name for name, field in NAMES.items()}

#: Width from which the origin has a column.
_ROOMY = 66
_SET_HERE = "set here"


class SettingsPane(PickerPane[Option]):
    """Lists options; a guard's limit changes at once, the theme too, everything else from the next start on."""

    CONTEXT = "settings"
    LABEL = "Settings"
    PROMPT = " find "
    NOTHING = " no option has these letters in this order"
    DETAIL_ROWS = 6

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.settings = Settings()
        self.config_file: Path | None = None
        self.origins: Mapping[str, str] = {}
        #: Choices of options that no type knows, by path.
        self.choices: Mapping[str, Sequence[str]] = {}
        #: Options that take effect at once, by path.
        self.at_once: Mapping[str, Callable[[str], None]] = {}
        self.edit: LineEdit | None = None
        self._complaint = ""
        self._now: dict[str, str] = {}
        self._listed: list[Option] = []

    def begin(self, query: str = "") -> None:
        """Read where everything comes from, anew."""
        self._list_anew()
        self.edit, self._complaint = None, ""
        super().begin(query)

    def options(self) -> Sequence[Option]:
        """Every option as it stands."""
        self._list_anew()
        return self._listed

    def found(self) -> Sequence[Option]:
        """Options whose path, value, origin or text hold the letters."""
        query = self.query_line.text
        if not query:
            return self._listed
        scored = [
            (score, place, option)
            for place, option in enumerate(self._listed)
            if (score := fuzzy_score(query, f"{option.path} {option.value} {option.origin} {option.text}")) is not None
        ]
        return [row[-1] for row in sorted(scored, key=lambda row: row[:2])]

    def row(self, item: Option, width: int) -> Line:
        """Path, value and origin."""
        is_own = item.origin != "default"
        right = [Span(f" {item.origin:<20.20}", "accent" if is_own else "dim")] if width >= _ROOMY else []
        name = 44 if width >= 100 else 34 if width >= _ROOMY else 28
        left = fit((Span(item.path, "" if item.can_edit else "dim"),), name)
        value = [Span(" "), Span(item.value or "—", "strong" if is_own else "")]
        if not item.can_edit:
            value.append(Span("  by hand", "dim"))
        return spread([*left, *value], right, width)

    def detail(self, item: Option, width: int) -> list[Line]:
        """What the option is, or the line that changes it."""
        if self.edit is not None:
            keys = "Enter writes · Esc leaves" + (" · Tab next choice" if self._choices(item) else "")
            first: Line = (Span(f" {item.path} = ", "key"), *self.edit.spans("strong"))
            return [BLANK, first, (Span(f" {self._complaint or keys}", "error" if self._complaint else "dim"),)]
        room = max(20, width - 2)
        default = f"default {item.default or '—'} · {item.kind or 'a table'} · {self._how(item)}"
        words = [(Span(f" {part}"),) for part in textwrap.wrap(item.text, room)[:3]]
        return [BLANK, *words, *((Span(f" {part}", "dim"),) for part in textwrap.wrap(default, room))]

    def _how(self, item: Option) -> str:
        if item.origin.startswith(("--", "$")):
            return f"{item.origin} holds for this run"
        if not item.can_edit:
            return "written by hand in the settings file"
        if self.config_file is None:
            return "no settings file here: it can only be looked at"
        at_once = item.path in _LIMITS or item.path in self.at_once
        return f"Enter changes it, {'at once' if at_once else 'from the next start on'}"

    def take_key(self, event: events.Key) -> bool:
        """The line that changes an option takes every key while it is open."""
        if self.edit is None:
            return super().take_key(event)
        if event.key.startswith("f") and event.key[1:].isdigit():
            return False
        item, self._complaint = self.chosen, ""
        match event.key:
            case "escape":
                self.edit = None
            case "enter" if item is not None:
                self._write(item, self.edit.text)
            case "tab" | "shift+tab" if item is not None and (choices := self._choices(item)):
                at = choices.index(self.edit.text) if self.edit.text in choices else -1
                self.edit.text = choices[(at + (1 if event.key == "tab" else -1)) % len(choices)]
            case _:
                self.edit.press(event.key, event.character)
        self.paint()
        return True

    def choose(self, item: Option) -> None:
        """Open the line that changes it."""
        if not item.can_edit or self.config_file is None:
            self.view.intents.say(f"{item.path}: {self._how(item)}", Severity.WARNING)
            return
        self.edit = LineEdit(item.value)
        self.edit.is_selected = True

    def _choices(self, item: Option) -> Sequence[str]:
        return item.choices or self.choices.get(item.path, ())

    def _write(self, item: Option, written: str) -> None:
        assert self.config_file is not None
        try:
            limit = _LIMITS.get(item.path)
            if limit is not None and written.strip().replace(".", "", 1).isdecimal():
                with_limit(self.settings.limits, limit, Decimal(written.strip()))
            if self._choices(item) and written.strip() not in self._choices(item):
                raise SettingsError(f"choose one of {', '.join(self._choices(item))}")
            write_option(self.config_file, item.path, written)
        except (SettingsError, ValueError) as error:
            self._complaint = str(error)
            return
        self.edit = None
        if limit is not None:
            self.desk.send(SetLimit(limit, Decimal(written.strip())), Origin.KEY)
            self.view.take_limit(limit, Decimal(written.strip()))
        elif item.path in self.at_once:
            self.at_once[item.path](written.strip())
        when = "at once" if limit is not None or item.path in self.at_once else "from the next start on"
        self.view.intents.say(f"{item.path} = {written.strip()}: written, {when}")
        self._now[item.path] = written.strip()
        self._list_anew()

    def _list_anew(self) -> None:
        options = options_of(self.settings, self.config_file, self.origins)
        self._listed = [
            replace(option, value=self._now[option.path], origin=_SET_HERE) if option.path in self._now else option
            for option in options
        ]
