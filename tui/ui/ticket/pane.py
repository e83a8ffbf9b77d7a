"""The ticket as a widget: keys into the form, the form into a review."""

from decimal import Decimal

from textual import events

from tui.domain.instrument import Instrument
from tui.domain.order import Side
from tui.engine.commands import Desk, Origin, SubmitOrder
from tui.engine.store import Severity
from tui.ui.actions import BY_ID
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.order_words import request_words
from tui.ui.ticket.form import Judgement, TicketForm, judge, nudge, prefilled
from tui.ui.ticket.lines import TicketView, ticket_lines
from tui.ui.view_state import ViewState

#: Characters of the price and size languages; other keys keep their meaning while a text field has the cursor.
_TEXT = frozenset("0123456789.,$%+-abcdefghijklmnopqrstuvwxyz")


class TicketPane(LinePane):
    """One order as a form; never sends, proposes."""

    CONTEXT = "ticket"
    NUMBER = "9"
    LABEL = "Ticket"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.form = TicketForm()
        self._symbol = ""

    @property
    def is_typing(self) -> bool:
        """Whether the price or the size takes the keys."""
        return self.has_focus and self.form.edit() is not None

    def fill(self, side: Side, price: Decimal | None = None, quantity: Decimal | None = None) -> None:
        """Begin anew with what is known."""
        self._symbol = self.view.symbol
        self.form = prefilled(side, price, quantity, self._instrument(), self.view)
        self.paint()

    def judged(self) -> Judgement:
        """The form against the market of this moment."""
        return judge(self.form, self.desk, self.view)

    def lines(self, width: int, height: int) -> list[Line]:
        """The form, or words when there is nothing to trade."""
        instrument = self._instrument()
        if instrument is None:
            return [(Span(" no symbol: press / to find one", "dim"),)]
        if self._symbol != self.view.symbol:
            self.fill(self.form.side)
        self.set_title(instrument.symbol)
        blocked = BY_ID["ticket.review"].reason(self.situation())
        view = TicketView(instrument, self.desk.store.session.environment, self.has_focus, blocked)
        return ticket_lines(self.form, self.judged(), view, width, height)

    def take_key(self, event: events.Key) -> bool:
        """Text for the field under the cursor."""
        edit = self.form.edit()
        if edit is None:
            if event.key not in ("left", "right"):
                return False
            self.form.toggle()
        else:
            is_text = event.character is not None and event.character in _TEXT
            is_key = not event.is_printable and event.key not in ("up", "down", "tab", "enter")
            if not (is_text or is_key) or not edit.press(event.key, event.character if is_text else None):
                return False
        self.paint()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text goes into the field under the cursor."""
        edit = self.form.edit()
        if edit is not None:
            event.stop()
            edit.insert(event.text.partition("\n")[0].strip())
            self.paint()

    def action_next_field(self) -> None:
        """To the next field."""
        self.form.step(1, self._is_futures())

    def action_previous_field(self) -> None:
        """To the previous field."""
        self.form.step(-1, self._is_futures())

    def action_tick_up(self) -> None:
        """A tick or a step more."""
        self._nudge(1)

    def action_tick_down(self) -> None:
        """A tick or a step less."""
        self._nudge(-1)

    def action_change(self) -> None:
        """The next choice."""
        self.form.toggle()

    def action_review(self) -> None:
        """Spell the order out and wait for another Enter."""
        judged, instrument = self.judged(), self._instrument()
        if instrument is None or judged.request is None or judged.problem:
            self.view.intents.say(judged.problem or "no symbol to trade", Severity.WARNING)
            return
        command = SubmitOrder(judged.request)
        self.view.intents.propose(command, request_words(judged.request, instrument), Origin.TICKET)

    def _nudge(self, ticks: int) -> None:
        instrument = self._instrument()
        if instrument is not None:
            nudge(self.form, ticks, instrument, self.desk, self.view)

    def _instrument(self) -> Instrument | None:
        return self.desk.store.instruments.get(self.view.symbol)

    def _is_futures(self) -> bool:
        instrument = self._instrument()
        return instrument is not None and instrument.product.is_futures
