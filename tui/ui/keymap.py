"""Which key does what: the table's own keys, a preset's, and the trader's, judged together once at start.

A pane may use a key that means something everywhere: inside the pane it then means what the pane says. Only keys that
must always work (HALT, quit, lock, cancel entries) are closed to panes.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from tui.domain.text import clean
from tui.ui.actions import ACTIONS, BY_ID, GLOBAL, ROWS, ROWS_CONTEXTS, Action, Danger
from tui.ui.key_names import UnusableKeyError, key_text, keys_text, parse_key

#: What a preset changes of the table's own keys.
PRESETS: dict[str, dict[str, tuple[str, ...]]] = {
    "default": {},
    # One hand on the digits and letters around WASD; closing and centring beside them.
    "scalper": {
        "ladder.join_bid": ("d",),
        "ladder.join_ask": ("f",),
        "ladder.close": ("c", "delete"),
        "ladder.cancel": ("x", "backspace"),
        "ladder.centre": ("space", "e"),
    },
    "vim": {
        "pane.jump": ("apostrophe",),
        "pane.next": ("tab", "ctrl+w"),
        "rows.first": ("home", "g"),
        "rows.last": ("end", "G"),
        "rows.page_up": ("pageup", "ctrl+u"),
        "rows.page_down": ("pagedown", "ctrl+d"),
        "ladder.page_up": ("pageup", "ctrl+u"),
        "ladder.page_down": ("pagedown", "ctrl+d"),
    },
}

#: What a newcomer from elsewhere must know of a preset.
PRESET_NOTES = {
    "scalper": "Esc locks and never closes a position, unlike in other scalping terminals.",
    "vim": "' goes to a pane by its letter; g and G are the first and the last row.",
}

#: Actions that must not be without a key.
_NEVER_UNBOUND = ("app.quit", "trade.halt", "cmd.open")

#: What unbinds an action, beside an empty list.
_NONE = "none"


class Keymap:
    """Keys of every action; made by `build_keymap`."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]], preset: str = "default") -> None:
        self._keys = {action.id: keys.get(action.id, action.keys) for action in ACTIONS}
        self.preset = preset
        self._by_context: dict[str, dict[str, str]] = {}
        for action in ACTIONS:
            own = self._by_context.setdefault(action.context, {})
            for key in self._keys[action.id]:
                own.setdefault(key, action.id)

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the one to name first."""
        return self._keys[action_id]

    def on(self, key: str, contexts: Iterable[str]) -> str:
        """The id of the action on a key in the first context that has one, "" when none has."""
        return next((found for context in contexts if (found := self._by_context.get(context, {}).get(key))), "")

    def text(self, action_id: str) -> str:
        """The first key of an action as a person writes it; `unbound` without one."""
        keys = self._keys[action_id]
        return key_text(keys[0]) if keys else "unbound"

    def all_text(self, action_id: str) -> str:
        """Every key of an action as a person writes them."""
        return keys_text(self._keys[action_id])


def build_keymap(preset: str, wanted: Mapping[str, str | Sequence[str]]) -> tuple[Keymap, list[str]]:
    """The keymap of a preset with the trader's own keys, and a sentence for each entry that is left out."""
    complaints: list[str] = []
    if preset not in PRESETS:
        complaints.append(f"there is no key preset {clean(preset, 40)!r}: {', '.join(PRESETS)}; default is used")
        preset = "default"
    base = {action.id: PRESETS[preset].get(action.id, action.keys) for action in ACTIONS}
    chosen: dict[str, tuple[str, ...]] = {}
    for action_id, written in wanted.items():
        try:
            chosen[action_id] = _parsed(action_id, [written] if isinstance(written, str) else written)
        except UnusableKeyError as error:
            complaints.append(clean(f"[keys] {action_id}: {error}"))
    while True:
        keys = base | chosen
        clash = _first_clash(keys, chosen)
        if clash is None:
            return Keymap(keys, preset), complaints
        action_id, words = clash
        complaints.append(f"[keys] {action_id}: {words}; it keeps {keys_text(base[action_id])}")
        del chosen[action_id]


def _parsed(action_id: str, written: Sequence[str]) -> tuple[str, ...]:
    action = BY_ID.get(action_id)
    if action is None:
        near = get_close_matches(action_id, BY_ID, n=1)
        raise UnusableKeyError("there is no such action" + (f"; did you mean {near[0]}?" if near else ""))
    keys = tuple(parse_key(each) for each in written if each.strip().lower() != _NONE)
    if not keys and action_id in _NEVER_UNBOUND:
        raise UnusableKeyError(f"it must have a key; it keeps {keys_text(action.keys)}")
    for key in keys:
        if action.danger is not Danger.VIEW and len(key) == 1 and key.isupper():
            raise UnusableKeyError(f"{key!r} cannot be used: Shift never makes a key more dangerous")
        if action.priority and len(key_text(key)) == 1:
            raise UnusableKeyError(f"{key!r} cannot be used: it must work while text is typed; take F1 to F9, F12 or ^")
    if action_id == "trade.disarm":
        return ("escape", *keys)
    return keys


def _first_clash(keys: Mapping[str, tuple[str, ...]], chosen: Mapping[str, object]) -> tuple[str, str] | None:
    """The first of the trader's own entries whose key another action has, with words; None when there is none."""
    for action_id in chosen:
        for other in ACTIONS:
            if other.id == action_id or not _collide(BY_ID[action_id], other):
                continue
            shared = next((key for key in keys[action_id] if key in keys[other.id]), None)
            if shared is not None:
                return action_id, f"{key_text(shared)} already means {other.text!r} ({other.id})"
    return None


def _collide(one: Action, other: Action) -> bool:
    """Whether two actions must not share a key."""
    if one.context == other.context:
        return True
    contexts = {one.context, other.context}
    if GLOBAL in contexts:
        shared = one if one.context == GLOBAL else other
        return shared.must_work
    return ROWS in contexts and bool(contexts & ROWS_CONTEXTS)


#: The table's own keys.
DEFAULT_KEYMAP = Keymap({})
