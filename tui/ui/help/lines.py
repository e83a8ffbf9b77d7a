"""The help as pure lines: the pane's own keys, the global ones, the command line."""

from textwrap import wrap

from tui.ui.actions import GLOBAL, ROWS, ROWS_CONTEXTS, Action, Situation, in_context
from tui.ui.command.grammar import COMMANDS, WRITE_WORDS
from tui.ui.command.vocabulary import MORE, WORDS
from tui.ui.help.shown import SHOWN
from tui.ui.keymap import DEFAULT_KEYMAP, Keymap
from tui.ui.lines import Line, Span
from tui.ui.pane_names import PANES

#: Panes that only stand where they were called to have no letter of the `g` jump.
_CALLED_LABELS = {"keys": "API keys"}

_DANGER_MARK = {"view": " ", "arm": "!", "cancel": "−", "trade": "$"}

#: Widths from which keys have room for several, and actions for their name in the settings.
_ROOMY, _NAMED = 60, 100
_KEYS, _KEYS_NARROW = 14, 8

#: What the marks beside the keys mean.
LEGEND = "$ trades   − cancels   ! arms"


def help_lines(
    context: str, situation: Situation, wanted: str, keymap: Keymap = DEFAULT_KEYMAP, width: int = 160
) -> list[Line]:
    """All help for a pane whose text holds `wanted`, reasons beside what cannot be done now, in lines of `width`."""
    label = next((name for pane_id, _, _, name in PANES if pane_id == context), _CALLED_LABELS.get(context, ""))
    session = situation.session
    sections = [(label, in_context(context, session))] if label else []
    if context in ROWS_CONTEXTS:
        sections.append(("Rows", in_context(ROWS, session)))
    sections.append(("Everywhere", [a for a in in_context(GLOBAL, session) if not a.id.startswith("pane.number_")]))
    lines = _section(f"Command  {wanted.lower()}", _asked_rows(wanted, width))
    for title, actions in sections:
        found = [action for action in actions if _matches(action, wanted, keymap)]
        rows = [line for action in found for line in _rows(action, situation, keymap, width)]
        lines += _section(title, rows)
        if title == label:
            lines += _section(f"{label} shows", _shown_rows(context, wanted, width))
    lines += _section("The rows at the top show", _shown_rows("", wanted, width))
    commands = [
        line
        for name, usage, text in COMMANDS
        if not (session.read_only and name in WRITE_WORDS)
        if wanted.lower() in f"{name} {usage} {text}".lower()
        for line in _command_rows(usage, text, width)
    ]
    return lines + _section("Command line  :", commands)


def _section(title: str, rows: list[Line]) -> list[Line]:
    return [(Span(f" {title}", "heading"),), *rows, ()] if rows else []


def _shown_rows(context: str, wanted: str, width: int) -> list[Line]:
    """Columns, marks and short forms of a pane, and what they mean."""
    column = 18
    rows: list[Line] = []
    for what, text in SHOWN.get(context, ()):
        if wanted.lower() in f"{what} {text}".lower():
            first, *more = wrap(text, max(16, width - 4 - column))
            rows.append((Span(f"   {what:<{column}} ", "strong"), Span(first)))
            rows += [(Span(" " * (4 + column)), Span(part)) for part in more]
    return rows


def _matches(action: Action, wanted: str, keymap: Keymap) -> bool:
    return wanted.lower() in f"{action.id} {keymap.all_text(action.id)} {action.text}".lower()


def _rows(action: Action, situation: Situation, keymap: Keymap, width: int) -> list[Line]:
    """Mark, keys and text of an action; the text goes on under itself where it does not fit."""
    reason = action.reason(situation)
    column = _KEYS if width >= _ROOMY else _KEYS_NARROW
    keys = f"{keymap.all_text(action.id):<{column}} "
    tone = "dim" if reason else ""
    said = f"{action.text}  ({reason})" if reason else action.text
    first, *more = wrap(said, max(16, width - 4 - column)) or [""]
    name = [Span(f" {action.id}", "dim")] if width >= _NAMED and not reason else []
    mark = Span(f" {_DANGER_MARK[action.danger]} ", "warn")
    rows: list[Line] = [(mark, Span(keys, tone or "key"), Span(f"{first:<56}" if name else first, tone), *name)]
    return rows + [(Span(" " * (4 + column)), Span(part, tone)) for part in more]


def _asked_rows(wanted: str, width: int) -> list[Line]:
    """All there is to say of the one command that was asked for, first of all."""
    name = WORDS.get(wanted.lower())
    rows = [row for one, usage, text in COMMANDS if one == name for row in _command_rows(usage, text, width)]
    for text in MORE.get(name or "", ()):
        rows += [(Span(f"   {part}", "dim"),) for part in wrap(text, max(16, width - 6))]
    return rows


def _command_rows(usage: str, text: str, width: int) -> list[Line]:
    """How a line is written, and what it does beside or under it."""
    if width >= _NAMED:
        return [(Span(f"   {usage:<50} ", "key"), Span(text, "dim"))]
    room = max(16, width - 6)
    written = [(Span(f"   {part}", "key"),) for part in wrap(usage, room)]
    return [*written, *((Span(f"     {part}", "dim"),) for part in wrap(text, room))]
