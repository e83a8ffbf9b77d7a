"""What happens to a key before any pane sees it: Escape disarms, `g` takes its letter, bursts and holds are dropped."""

import time
from collections.abc import Callable

from textual import events

from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.held_key import HeldKey
from tui.ui.key_gate import BURST, WINDOW_NS, KeyGate
from tui.ui.keys_read import came_alone, read_together
from tui.ui.navigation import Navigation
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState


class Keyboard:
    """Judges each key once; `later` calls back after seconds, `post` hands a key that waited to the app again."""

    def __init__(
        self,
        desk: Desk,
        view: ViewState,
        trading: Trading,
        navigation: Navigation,
        later: Callable[[float, Callable[[], None]], object],
        post: Callable[[events.Key], object],
    ) -> None:
        self._desk, self._view = desk, view
        self._trading, self._navigation = trading, navigation
        self._later, self._post = later, post
        self._gate: KeyGate[events.Key] = KeyGate()
        self._released: list[events.Key] = []
        self._enter = HeldKey()
        #: Until when printable keys belong to a burst that was dropped.
        self._burst_until_ns = 0

    def takes(self, event: events.Key, is_typing: bool) -> bool:
        """Whether the key is dealt with, or waits, and must not reach the panes now."""
        if event in self._released:
            self._released.remove(event)
            return False
        if event.key != "enter":
            self._enter.let_go()
        if event.key == "escape" or event.key.startswith("alt+"):
            # A terminal sends Alt as an escape before the key: what looks like Alt may be Esc and a hasty next key.
            self._gate.drop()
            self._trading.disarm("Esc")
            return self._end_jump(None)
        if event.key == "enter" and not self._enter.acts(self._view.clock.monotonic_ns()):
            return True
        if self._navigation.is_jumping:
            return self._end_jump(event.character)
        if self._ends_burst(event):
            return True
        if is_typing or not self._view.is_armed(self._desk.store):
            return False
        return self._waits(event)

    def lose_focus(self) -> None:
        """The terminal is not looked at: nothing that waits may act, and nothing stays armed."""
        self.drop("the terminal lost focus")

    def drop(self, why: str) -> None:
        """Let nothing that waits act, and nothing stay armed."""
        self._gate.drop()
        self._trading.disarm(why)

    def _end_jump(self, character: str | None) -> bool:
        if not self._navigation.is_jumping:
            return False
        if not self._navigation.jump(character) and character is not None:
            self._trading.say("no pane has that letter", Severity.WARNING)
        return True

    def _ends_burst(self, event: events.Key) -> bool:
        """Whether a key is the rest of a burst: it locked, and what follows must not open reviews either."""
        # By when it was read, not when its turn comes: keys read in one piece may be dealt with long after each other.
        came_ns = round(event.time * 1e9)
        if not event.is_printable or came_ns >= self._burst_until_ns:
            return False
        self._burst_until_ns = max(self._burst_until_ns, came_ns + WINDOW_NS)
        return True

    def _waits(self, event: events.Key) -> bool:
        if event.is_printable and (count := read_together(event)) >= BURST:
            self._gate.drop()
            self._drop_burst(event, count)
            return True
        is_alone = event.is_printable and came_alone(event)
        if not self._gate.arrive(event, event.is_printable, time.monotonic_ns(), came_alone=is_alone):
            return False
        if self._gate.is_burst():
            count = self._gate.drop()
            self._drop_burst(event, count)
        else:
            self._release_when_due()
        return True

    def _drop_burst(self, event: events.Key, count: int) -> None:
        self._burst_until_ns = round(event.time * 1e9) + WINDOW_NS
        self._trading.disarm(f"{count} keys at once are a paste, not typing; they were dropped")

    def _release_when_due(self) -> None:
        due_ns = self._gate.next_due_ns()
        if due_ns is not None:
            self._later(max(0, due_ns - time.monotonic_ns()) / 1e9, self._release)

    def _release(self) -> None:
        for event in self._gate.release(time.monotonic_ns()):
            self._released.append(event)
            self._post(event)
        self._release_when_due()
