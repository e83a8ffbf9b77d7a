"""Numbers typed into a row of a table: fields with a caret, on the symbol's tick and step."""

from decimal import Decimal, InvalidOperation

from textual import events

from tui.domain.instrument import Instrument
from tui.ui.command.line_edit import LineEdit
from tui.ui.lines import Line, Span

_TEXT = frozenset("0123456789.,")

#: What a distance from the entry is typed with besides.
_DISTANCE = frozenset("%t+-")

#: The field that counts in steps; all others are prices.
SIZE = "qty"


class EditError(Exception):
    """What is typed makes no change; the text says why and what to do."""


class RowEdit:
    """The fields of one row under edit; a field just entered is replaced by the first key.

    `takes_distances` lets `1%` and `20t` be typed as well.
    """

    def __init__(self, key: str, fields: dict[str, LineEdit], *, takes_distances: bool = False) -> None:
        self._text = _TEXT | _DISTANCE if takes_distances else _TEXT
        self.key = key
        self.fields = fields
        self.at = next(iter(fields))
        fields[self.at].is_selected = True

    def step(self, by: int) -> None:
        """To the next or previous field, round the end."""
        names = list(self.fields)
        self.at = names[(names.index(self.at) + by) % len(names)]
        self.fields[self.at].is_selected = True

    def take(self, event: events.Key, instrument: Instrument) -> bool:
        """Use a key for the fields: digits, caret, Tab, arrows for ticks; True when it must not mean anything else."""
        match event.key:
            case "tab" | "shift+tab":
                self.step(1 if event.key == "tab" else -1)
            case "up" | "down":
                self.nudge(1 if event.key == "up" else -1, instrument)
            case _:
                is_text = event.character is not None and event.character in self._text
                if is_text or not event.is_printable:
                    return self.fields[self.at].press(event.key, event.character if is_text else None)
        return True

    def nudge(self, ticks: int, instrument: Instrument) -> None:
        """The field under the cursor some ticks or steps more; what is no number stays."""
        edit, increment = self.fields[self.at], instrument.step if self.at == SIZE else instrument.tick
        try:
            value = _number(edit.text, self.at)
        except EditError:
            return
        moved = increment.round(value, "nearest") + increment.size * ticks
        edit.text = increment.format(max(increment.size, moved))
        edit.is_selected = True

    def value(self, name: str, instrument: Instrument) -> Decimal | None:
        """The number in a field, None without such a field or text; raises EditError for one that cannot be sent."""
        line = self.fields.get(name)
        if line is None or not line.text.strip():
            return None
        value = _number(line.text, name)
        increment = instrument.step if name == SIZE else instrument.tick
        if value < 0 or (not value and name == SIZE):
            raise EditError(f"{name} must be above zero")
        rounded = increment.round(value, "nearest")
        if not rounded and value:
            raise EditError(f"{name} {value:f} is less than its step {increment.format(increment.size)}")
        if rounded != value:
            raise EditError(f"{name} {value:f} is off its step: try {increment.format(rounded)}")
        return value

    def line(self, what: Span, meaning: Span) -> Line:
        """The row while it is edited: what it is, its fields, what Enter would do, the keys."""
        spans = [Span("▶ ", "strong"), what, Span(" ")]
        for name, line in self.fields.items():
            spans.append(Span(f" {name} ", "dim"))
            spans += line.spans("field") if name == self.at else [Span(line.text or "none", "strong"), Span(" ")]
        spans += [Span("  → ", "dim"), meaning, Span("  Enter", "key"), Span(" review", "dim")]
        return (*spans, Span("  Tab", "key"), Span(" field  ", "dim"), Span("Esc", "key"), Span(" leave", "dim"))


def _number(text: str, name: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        raise EditError(f"{name} {text.strip()!r} is not a number") from None
