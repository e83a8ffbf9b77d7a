"""The locked screen: covers everything, takes every key, and opens only for the owner of the keys."""

import asyncio
from collections.abc import Callable

from textual import events

from tui.config import Safety
from tui.engine.commands import Desk
from tui.engine.unattended import still_to_do
from tui.ui.line_pane import LinePane
from tui.ui.lines import BLANK, Line, Span
from tui.ui.lock.lines import lock_lines, position_lines
from tui.ui.lock.unlock import Unlock
from tui.ui.view_state import ViewState

#: After each wrong answer the next is looked at only this much later, up to the longest.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1, 60
_LONGEST_ANSWER = 1_000


class LockPane(LinePane):
    """Locks after idle time or when told to. Without an `Unlock` there is no secret to guard, and it never locks."""

    CONTEXT = "lock"

    def __init__(
        self, desk: Desk, view: ViewState, unlock: Unlock | None, safety: Safety, on_open: Callable[[], None]
    ) -> None:
        super().__init__(desk, view)
        self.is_locked = False
        self._has_secret = True
        self._unlock = unlock
        self._safety = safety
        self._on_open = on_open
        self._used_ns = view.clock.monotonic_ns()
        self._locked_ms = 0
        self._typed: list[str] = []
        self._checking: asyncio.Future[str] | None = None
        self._said = ""
        self._wrong = 0
        self._not_before_ns = 0

    @property
    def can_lock(self) -> bool:
        """Whether there is anything to guard."""
        return self._unlock is not None

    def touch(self) -> None:
        """Somebody is there."""
        self._used_ns = self.view.clock.monotonic_ns()

    def is_due(self) -> bool:
        """Whether nobody has been there for too long."""
        idle_s = (self.view.clock.monotonic_ns() - self._used_ns) / 1e9
        minutes = self._safety.lock_after_minutes
        return self.can_lock and not self.is_locked and 0 < minutes * 60 <= idle_s

    def engage(self) -> None:
        """Lock, and have the secrets dropped as soon as they can be; does nothing where there are none."""
        if self._unlock is None or self.is_locked:
            return
        self.is_locked = self._has_secret = True
        self._locked_ms = self.view.clock.now_ms()
        self._typed, self._said = [], ""
        self.settle()

    def settle(self) -> None:
        """Have the secrets dropped once nothing needs them that goes on by itself: exits, algos, countdowns."""
        if self._unlock is not None and self.is_locked and self._has_secret and not still_to_do(self.desk.store):
            self._has_secret = False
            self._unlock.drop()

    def lines(self, width: int, height: int) -> list[Line]:
        """The whole screen."""
        store, kept_for = self.desk.store, still_to_do(self.desk.store) if self._has_secret else []
        rows = [BLANK, BLANK, *lock_lines(store, self.view, width, self._locked_ms, self._answer(), kept_for)]
        if self._safety.show_positions_when_locked:
            rows += [BLANK, *position_lines(self.desk.store, self.view, width)]
        return rows

    def _answer(self) -> list[Line]:
        question = self._unlock.question if self._unlock is not None else ""
        shown = "checking …" if self._checking is not None else "•" * min(len(self._typed), 40) + "▏"
        return [(Span(f"{question}: "), Span(shown, "strong")), (Span(self._said, "error"),)]

    def press(self, event: events.Key) -> None:
        """Take a key: text, Enter, and what corrects text; nothing else does anything."""
        match event.key:
            case "enter":
                self._begin()
            case "backspace" | "ctrl+h":
                self._typed = self._typed[:-1]
            case "ctrl+u" | "escape":
                self._typed = []
            case _ if event.character is not None and event.character.isprintable():
                self._typed = [*self._typed, event.character][:_LONGEST_ANSWER]
        self.paint()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed text, up to its first line break."""
        event.stop()
        if self.is_locked:
            self._typed = [*self._typed, *event.text.partition("\n")[0].rstrip("\r")][:_LONGEST_ANSWER]
            self.paint()

    def _begin(self) -> None:
        left_s = (self._not_before_ns - self.view.clock.monotonic_ns()) / 1e9
        if self._unlock is None or self._checking is not None or not self._typed:
            return
        if left_s > 0:
            self._said = f"wait {left_s:.0f} s before the next answer"
            return
        typed, self._typed = "".join(self._typed), []
        self._checking = asyncio.get_running_loop().run_in_executor(None, self._unlock.open, typed)
        self._checking.add_done_callback(self._checked)

    def _checked(self, checking: "asyncio.Future[str]") -> None:
        self._checking = None
        if checking.cancelled():
            return
        error = checking.exception()
        self._said = checking.result() if error is None else f"the keys cannot be read ({type(error).__name__})"
        if not self._said:
            self.is_locked = False
            self._wrong = 0
            self.touch()
            self._on_open()
            return
        pause_s = min(_FIRST_PAUSE_S * 2**self._wrong, _LONGEST_PAUSE_S)
        self._wrong = min(self._wrong + 1, 10)
        self._not_before_ns = self.view.clock.monotonic_ns() + pause_s * 1_000_000_000
        self.paint()
