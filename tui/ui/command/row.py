"""The command row as a widget: one row that is a typed line, a review, or what was said last."""

from typing import Protocol

from rich.cells import cell_len
from textual import events

from tui.domain.text import clean
from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.command.aliases import Aliases
from tui.ui.command.completion import Completion
from tui.ui.command.grammar import GrammarError, parse_chain
from tui.ui.command.history import LineHistory
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.lines import TypedPreview, idle_line, review_line, review_rest, typed_line, typed_rest
from tui.ui.command.resolve import Intention, line_of, resolve_chain
from tui.ui.command.review import Review, ReviewSlot
from tui.ui.command.work import work_spans
from tui.ui.figures import clock
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

#: What was said so long ago has its time beside it.
_NEW_MS = 10_000


class RowListener(Protocol):
    """Who is told what came of the row, at once: a message would come after keys that already wait."""

    def entered(self, intention: Intention) -> None:
        """Enter on a typed line whose preview had been drawn."""

    def confirmed(self, review: Review) -> None:
        """Enter on a review; the slot is already empty."""

    def row_left(self) -> None:
        """The row needs the focus no longer."""


class CommandRow(LinePane):
    """Takes the focus while a line is typed or a review waits."""

    CONTEXT = "command"

    def __init__(self, desk: Desk, view: ViewState, listener: RowListener) -> None:
        super().__init__(desk, view)
        self._listener = listener
        self.edit = LineEdit()
        self.reviews = ReviewSlot()
        self.is_open = False
        self._said: tuple[Severity, str] = (Severity.INFO, "")
        self._said_ms = 0
        self._history = LineHistory(view.state)
        self.aliases = Aliases(view.state)
        self._completion = Completion()
        self._asked = TypedPreview("")
        #: The preview that has reached the terminal; Enter obeys no other.
        self._drawn_preview = TypedPreview("")
        self._drawn_review: Review | None = None

    @property
    def is_typing(self) -> bool:
        """Whether printable keys are text now."""
        return self.is_open

    def say(self, text: str, severity: Severity) -> None:
        """Show one line while nothing is typed or waits."""
        self._said, self._said_ms = (severity, clean(text)), self.view.clock.now_ms()
        self.paint()

    @property
    def said(self) -> str:
        """What was said last."""
        return self._said[1]

    def open(self, text: str | None = None) -> None:
        """Begin typing, with the text of last time unless another is given."""
        self.reviews.drop()
        if text is not None:
            self.edit.text = text
        self.is_open = True
        self._history.begin()
        self.paint()

    def review(self, review: Review) -> None:
        """Wait for Enter on this."""
        self.is_open = False
        self._drawn_review = None
        self.reviews.put(review)
        self.paint()

    def dismiss(self) -> bool:
        """Leave without sending, the typed text is kept; False when there was nothing to leave."""
        dropped = self.reviews.waiting is not None
        self.drop_review()
        was_open, self.is_open = self.is_open, False
        self.paint()
        return was_open or dropped

    def drop_review(self) -> None:
        """Forget a review that waits; a typed line stays."""
        if self.reviews.drop():
            self.say("dropped, nothing was sent", Severity.INFO)

    def on_focus(self) -> None:
        """Hand the focus on when there is nothing to take keys for, as after the terminal was looked away from."""
        if not self.is_open and self.reviews.waiting is None:
            self._listener.row_left()

    def lines(self, width: int, height: int) -> list[Line]:
        """The row of this moment."""
        if self.reviews.waiting is not None:
            return [review_line(self.reviews.waiting, width)]
        if self.is_open:
            self._asked = self._preview(self.edit.text)
            return [typed_line(self.edit, self._asked, width)]
        under_way = work_spans(self.desk.store.work, self.view.keymap.text("work.stop"), width)
        right = [*self._when(), *under_way]
        said = idle_line(*self._said, width - sum(cell_len(span.text) for span in right))
        return [(*said, *right)]

    def _when(self) -> list[Span]:
        """When something was said that is not new any more."""
        is_old = self.said and self.view.clock.now_ms() - self._said_ms >= _NEW_MS
        return [Span(f" {clock(self._said_ms)}Z ", "dim")] if is_old else []

    def rest(self, width: int) -> Line | None:
        """What has no room in the row and belongs below it: the end of a review, the whole meaning of a typed line."""
        if self.reviews.waiting is not None:
            return review_rest(self.reviews.waiting, width)
        return typed_rest(self._asked, self.edit, width) if self.is_open else None

    def paint(self) -> int:
        """Draw, and remember what was drawn only after it has reached the terminal."""
        if self.is_terminal_behind:
            return 0
        changed = super().paint()
        if self._asked is not self._drawn_preview or self.reviews.waiting is not self._drawn_review:
            self.call_after_refresh(self._was_drawn, self._asked, self.reviews.waiting)
        return changed

    def place(self) -> None:
        """Never the short way: `call_after_refresh` tells truly what was shown only of what Textual draws."""
        return

    def _was_drawn(self, preview: TypedPreview, review: Review | None) -> None:
        self._drawn_preview, self._drawn_review = preview, review

    def take_key(self, event: events.Key) -> bool:
        """Text, Enter and history while open; a review takes Enter and lets no other key through but F-keys."""
        if event.key == "escape" or (event.key.startswith("f") and event.key[1:].isdigit()):
            return False
        if self.reviews.waiting is not None:
            if event.key == "enter":
                self._confirm()
            return True
        if self.is_open:
            self._type(event)
            self.paint()
            self._keep_named_book()
            return True
        return False

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is text: its first line, and never an Enter."""
        event.stop()
        if self.is_open:
            self.edit.insert(event.text.partition("\n")[0])
            self.paint()

    def _type(self, event: events.Key) -> None:
        match event.key:
            case "enter":
                self._enter()
            case "up" | "down":
                self._recall(-1 if event.key == "up" else 1)
            case "tab":
                self.edit.text = self._asked.offer or self._completed()
            case _:
                self.edit.press(event.key, event.character)

    def _completed(self) -> str:
        """The typed text with the next word that it could go on with."""
        return self._completion.next(self.edit.text, self.desk.store.instruments, self.aliases.all())

    def _keep_named_book(self) -> None:
        """Have the book of the symbol that the line names kept true, so that its order can be judged and sent."""
        named = self._asked.instrument
        if named is None or named.symbol == self.view.symbol or self.view.pins.get(self.CONTEXT) == (named.symbol,):
            return
        self.view.intents.pin(self.CONTEXT, (named.symbol,))

    def _preview(self, text: str) -> TypedPreview:
        store = self.desk.store
        if not text.strip():
            return TypedPreview(text)
        try:
            lines = parse_chain(text, store.instruments.__contains__, self.aliases.all())
            intention = resolve_chain(lines, store, self.view)
        except GrammarError as error:
            return TypedPreview(text, error=error.text, offer=error.offer)
        order = intention.order
        if order is None:
            return TypedPreview(text, intention)
        stale = book_staleness(store, order.symbol, self.view.clock.monotonic_ns(), self.view.stale_after_ms)
        verdict = self.desk.preview(order)
        better = verdict.refusal.offer if verdict.refusal is not None else None
        offer = line_of(better) if better is not None else ""
        return TypedPreview(text, intention, verdict, store.instruments[order.symbol], offer=offer, stale=stale)

    def _enter(self) -> None:
        text, shown = self.edit.text, self._drawn_preview
        if not text.strip():
            self.dismiss()
            self._listener.row_left()
            return
        if shown.text != text or shown.intention is None:
            return  # an error stays beside the text; a preview not yet drawn needs a second Enter
        if shown.refusal:
            return
        self._history.add(text)
        self.edit.text = ""
        self.is_open = False
        self._drawn_preview = self._asked = TypedPreview("")
        self._listener.entered(shown.intention)

    def _confirm(self) -> None:
        if self._drawn_review is not self.reviews.waiting:
            return  # not on the terminal yet: an Enter typed before it was shown is not for it
        review = self.reviews.take()
        self.paint()
        if review is not None:
            self._listener.confirmed(review)

    def _recall(self, step: int) -> None:
        line = self._history.recall(step)
        if line is not None:
            self.edit.text = line
