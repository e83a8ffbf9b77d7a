"""The help as pure lines: the pane's own keys, the global ones, the command line."""

from tui.ui.actions import GLOBAL, ROWS, ROWS_CONTEXTS, Action, Situation, in_context
from tui.ui.command.grammar import COMMANDS, WRITE_WORDS
from tui.ui.keymap import DEFAULT_KEYMAP, Keymap
from tui.ui.lines import Line, Span
from tui.ui.pane_names import PANES

#: Panes that only stand where they were called to have no letter of the `g` jump.
_CALLED_LABELS = {"keys": "API keys"}

_DANGER_MARK = {"view": " ", "arm": "!", "cancel": "−", "trade": "$"}

#: What the marks beside the keys mean.
LEGEND = "$ trades   − cancels   ! arms"


def help_lines(context: str, situation: Situation, wanted: str, keymap: Keymap = DEFAULT_KEYMAP) -> list[Line]:
    """All help for a pane whose text holds `wanted`, reasons beside what cannot be done now."""
    label = next((name for pane_id, _, _, name in PANES if pane_id == context), _CALLED_LABELS.get(context, ""))
    session = situation.session
    sections = [(label, in_context(context, session))] if label else []
    if context in ROWS_CONTEXTS:
        sections.append(("Rows", in_context(ROWS, session)))
    sections.append(("Everywhere", [a for a in in_context(GLOBAL, session) if not a.id.startswith("pane.number_")]))
    lines: list[Line] = []
    for title, actions in sections:
        rows = [_row(action, situation, keymap) for action in actions if _matches(action, wanted, keymap)]
        lines += _section(title, rows)
    commands: list[Line] = [
        (Span(f"   {usage:<50} ", "key"), Span(text, "dim"))
        for name, usage, text in COMMANDS
        if not (session.read_only and name in WRITE_WORDS)
        if wanted.lower() in f"{name} {usage} {text}".lower()
    ]
    return lines + _section("Command line  :", commands)


def _section(title: str, rows: list[Line]) -> list[Line]:
    return [(Span(f" {title}", "heading"),), *rows, ()] if rows else []


def _matches(action: Action, wanted: str, keymap: Keymap) -> bool:
    return wanted.lower() in f"{action.id} {keymap.all_text(action.id)} {action.text}".lower()


def _row(action: Action, situation: Situation, keymap: Keymap) -> Line:
    keys = f"{keymap.all_text(action.id):<14} "
    reason = action.reason(situation)
    mark = Span(f" {_DANGER_MARK[action.danger]} ", "warn")
    if reason:
        return (
            mark,
            Span(keys, "faint"),
            Span(action.text, "faint"),
            Span(f"  ({reason})", "warn"),
        )
    return (mark, Span(keys, "key"), Span(action.text))
