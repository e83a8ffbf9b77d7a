"""The hint row, made from the action table for the pane that has the focus."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from string import ascii_letters, digits

from tui.engine.commands import Desk
from tui.engine.store import Session
from tui.ui.actions import GLOBAL, Action, Situation, in_context
from tui.ui.key_names import key_text
from tui.ui.keymap import DEFAULT_KEYMAP, Keymap
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span, fit, spread
from tui.ui.pane_names import PANES
from tui.ui.view_state import ViewState

#: Width from which the pane's own keys come right after the help's.
ROOMY = 100

#: Shown at the right end, and first to stay when there is little room.
_ALWAYS = ("trade.halt", "app.quit")

#: Rows that wait for a word.
_WORD_ROWS = frozenset({"confirm", "flatten"})

#: Where the pane's own keys go on while text is typed.
_FORM = "ticket"

#: Keys that a field of text takes for itself.
_TYPED = frozenset({*ascii_letters, *digits, "left_square_bracket", "right_square_bracket"})


class HintsPane(LinePane, can_focus=False):
    """Names the keys of the focused pane, then the global ones, as far as there is room."""

    CONTEXT = "hints"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.focused: LinePane | None = None
        #: What the command row above has no room for.
        self.rest: Callable[[int], Line | None] = lambda width: None
        #: While `g` waits for its letter.
        self.is_jumping = False
        #: Panes whose letter stands on their border meanwhile.
        self.in_sight: Sequence[str] = ()

    def lines(self, width: int, height: int) -> list[Line]:
        """The row of this moment."""
        if self.is_jumping:
            return [jump_line(width, self.in_sight)]
        if self.focused is not None and self.focused.CONTEXT == "command":
            is_review = not self.focused.is_typing
            return [self.rest(width) or line_hints(width, self.desk.store.session, is_review=is_review)]
        context = self.focused.CONTEXT if self.focused else ""
        if context in _WORD_ROWS:
            return [word_hints(width)]
        situation = self.focused.situation() if self.focused else self.situation()
        is_typing = self.focused is not None and self.focused.is_typing
        return [hint_line(context, situation, width, self.view.keymap, is_typing)]


@lru_cache(maxsize=64)
def hint_line(
    context: str, situation: Situation, width: int, keymap: Keymap = DEFAULT_KEYMAP, is_typing: bool = False
) -> Line:
    """Hints of a context and the global ones that can be done now; while text is typed, no key that would be text."""
    session = situation.session
    typed = _TYPED if is_typing else frozenset[str]()
    own = [action for action in in_context(context, session) if action.hint and set(keymap.keys(action.id)) - typed]
    if is_typing and context != _FORM:
        own = []  # the line that is typed in names its keys itself
    taken = {key for action in own for key in keymap.keys(action.id)} | typed
    shared = [
        action
        for action in in_context(GLOBAL, session)
        if action.hint and action.id not in _ALWAYS and not (set(keymap.keys(action.id)) <= taken)
    ]
    own_at = 1 if width >= ROOMY else 4  # narrow rows name the ways to everything else first
    ordered = [*shared[:own_at], *own, *shared[own_at:]]
    always = [action for action in in_context(GLOBAL, session) if action.id in _ALWAYS]
    possible = [action for action in always if not action.reason(situation) and keymap.keys(action.id)]
    right = [span for spans in _joined(possible, taken, [], keymap) for span in spans]
    room = width - sum(len(span.text) for span in right) - 1
    left: list[Span] = [Span(" ")]
    used = 1
    for spans in _joined([a for a in ordered if not a.reason(situation)], taken, own, keymap):
        cells = sum(len(span.text) for span in spans)
        if used + cells > room:
            break
        left += spans
        used += cells
    return spread(left, right, width)


def line_hints(width: int, session: Session, *, is_review: bool = False) -> Line:
    """The keys of a typed line, or of a review, which takes no other."""
    spans, keys = [Span(" ")], (("Enter", "do"), ("Esc", "leave"), ("↑", "history"), ("Tab", "take what is offered"))
    for key, text in (("Enter", "do it"), ("Esc", "drop it")) if is_review else keys:
        spans += [Span(key, "key"), Span(f" {text}  ", "dim")]
    halt = [] if session.read_only else [Span("F12", "key"), Span(" HALT  ", "dim")]
    return spread(spans, halt, width)


def word_hints(width: int) -> Line:
    """The keys while a word is waited for: everything printable is part of it."""
    spans = [Span(" ")]
    for key, text in (("Enter", "take the word"), ("Esc", "not now")):
        spans += [Span(key, "key"), Span(f" {text}  ", "dim")]
    return spread(spans, [Span("F12", "key"), Span(" HALT  ", "dim")], width)


def jump_line(width: int, in_sight: Sequence[str] = ()) -> Line:
    """The letters of the `g` jump; panes in sight, which show theirs, come last."""
    spans = [Span(" go to: ", "strong")]
    for _, _, letter, label in sorted(PANES, key=lambda pane: pane[0] in in_sight):
        spans += [Span(letter, "key"), Span(f" {label}  ", "dim")]
    return fit(spans, width)


def _joined(actions: list[Action], taken: set[str], own: list[Action], keymap: Keymap) -> list[list[Span]]:
    """One hint for neighbours that share their word, like `[ ] interval`."""
    groups: list[tuple[str, list[str]]] = []
    for action in actions:
        keys = keymap.keys(action.id)
        key = next((k for k in keys if action in own or k not in taken), keys[0])
        text = key_text(key)
        if groups and groups[-1][0] == action.hint:
            groups[-1][1].append(text)
        else:
            groups.append((action.hint, [text]))
    return [[Span(" ".join(keys), "key"), Span(f" {hint}  ", "dim")] for hint, keys in groups]
