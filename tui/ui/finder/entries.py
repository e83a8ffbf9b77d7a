"""What the palette lists: actions from the table, settings, themes, workspaces, words of the command line."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from tui.ui.actions import ACTIONS, GLOBAL, READ_ONLY, ROWS, Action, Danger, Situation, exists
from tui.ui.command.grammar import COMMANDS, WRITE_WORDS
from tui.ui.fuzzy import fuzzy_score
from tui.ui.keymap import Keymap


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose; `reason` says why it is off, "" when it is not; `run` never sends anything."""

    kind: str
    text: str
    run: Callable[[], None]
    keys: str = ""
    reason: str = ""
    #: What is searched beside kind and text.
    name: str = ""


def ranked(entries: Iterable[Entry], query: str) -> list[Entry]:
    """The entries that hold the query's letters, best first; those that are off come last among equals."""
    scored = []
    for place, entry in enumerate(entries):
        score = fuzzy_score(query, f"{entry.text} {entry.name} {entry.kind} {entry.keys}")
        if score is not None:
            scored.append((score, bool(entry.reason), place, entry))
    return [row[-1] for row in sorted(scored, key=lambda row: row[:-1])]


def action_entries(
    context: str,
    contexts: Sequence[str],
    situation: Callable[[str], Situation],
    keymap: Keymap,
    do: Callable[[Action, str], None],
) -> list[Entry]:
    """Global actions, those of the pane in use (`context`, with all `contexts` it hears), then other panes'.

    `do` is called with an action and the id of the pane it belongs to.
    """
    own = [action for action in ACTIONS if action.context in contexts]
    everywhere = [action for action in ACTIONS if action.context == GLOBAL]
    others = [action for action in ACTIONS if action.context not in (*contexts, GLOBAL, ROWS)]
    made = []
    for action in [*everywhere, *own, *others]:
        pane_id = context if action.context in (GLOBAL, ROWS) else action.context
        made.append(_entry(action, pane_id, situation(pane_id), keymap, do))
    return made


def _entry(
    action: Action, pane_id: str, situation: Situation, keymap: Keymap, do: Callable[[Action, str], None]
) -> Entry:
    reason = action.reason(situation) if exists(action, situation.session) else READ_ONLY
    kind = "everywhere" if action.context == GLOBAL else pane_id
    keys = keymap.all_text(action.id)
    return Entry(kind, action.text, lambda: do(action, pane_id), keys, reason, action.id)


def command_entries(*, read_only: bool, open_line: Callable[[str], None]) -> list[Entry]:
    """Words of the command line; choosing one begins the line with it."""
    return [
        Entry(
            "command line",
            usage,
            partial(open_line, f"{name} "),
            ":",
            READ_ONLY if read_only and name in WRITE_WORDS else "",
            text,
        )
        for name, usage, text in COMMANDS
    ]


def sends(action: Action) -> bool:
    """Whether an action may change the account, so that the palette only says which key does it."""
    return action.danger is not Danger.VIEW
