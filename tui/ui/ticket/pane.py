"""The ticket as a widget: keys into the form, the form into a review."""

from decimal import Decimal

from textual import events

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.engine.commands import Desk, Origin
from tui.engine.store import Severity
from tui.ui.actions import BY_ID
from tui.ui.line_pane import LinePane
from tui.ui.lines import Line, Span
from tui.ui.ticket.fields import Setting
from tui.ui.ticket.form import TicketForm, prefilled
from tui.ui.ticket.judging import Judgement, judge
from tui.ui.ticket.lines import TicketView, ticket_lines
from tui.ui.ticket.nudging import nudge
from tui.ui.view_state import ViewState

#: Characters of the price and size languages; other keys keep their meaning while a text field has the cursor.
_TEXT = frozenset("0123456789.,$%+-abcdefghijklmnopqrstuvwxyz")

#: Those of a time of day.
_TIME = frozenset("0123456789:smhd")


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
        """The form against the market of this moment; empty where no symbol is shown."""
        setting = self._setting()
        return Judgement() if setting is None else judge(self.form, setting, self.desk, self.view)

    def lines(self, width: int, height: int) -> list[Line]:
        """The form, or words when there is nothing to trade."""
        setting = self._setting()
        if setting is None:
            is_empty = not self.desk.store.instruments
            return [(Span(" connecting …" if is_empty else " no symbol: press / to find one", "dim"),)]
        if self._symbol != self.view.symbol:
            self.fill(self.form.side)
            setting = self._setting() or setting
        self.set_title(setting.instrument.symbol)
        blocked = BY_ID["ticket.review"].reason(self.situation())
        view = TicketView(setting, self.desk.store.session.environment, self.has_focus, blocked)
        return ticket_lines(self.form, self.judged(), view, width, height)

    def take_key(self, event: events.Key) -> bool:
        """Text for the field under the cursor, arrows for a choice."""
        edit = self.form.edit()
        if edit is None:
            if event.key not in ("left", "right"):
                return False
            self._change(1 if event.key == "right" else -1)
        else:
            known = _TIME if self.form.at == "till" else _TEXT
            is_text = event.character is not None and event.character.lower() in known
            is_key = not event.is_printable and event.key not in ("up", "down", "tab", "shift+tab", "enter", "escape")
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
        self._step(1)

    def action_previous_field(self) -> None:
        """To the previous field."""
        self._step(-1)

    def action_tick_up(self) -> None:
        """A tick or a step more."""
        self._nudge(1)

    def action_tick_down(self) -> None:
        """A tick or a step less."""
        self._nudge(-1)

    def action_change(self) -> None:
        """The next choice."""
        self._change(1)

    def action_review(self) -> None:
        """Spell the order out and wait for another Enter."""
        judged = self.judged()
        if judged.command is None or judged.problem:
            self.view.intents.say(judged.problem or "no symbol to trade", Severity.WARNING)
            return
        self.view.intents.propose(judged.command, judged.words, Origin.TICKET)

    def _step(self, by: int) -> None:
        setting = self._setting()
        if setting is not None:
            self.form.step(by, setting)

    def _change(self, by: int) -> None:
        self.form.turn(by)
        setting = self._setting()
        if setting is not None:
            self.form.settle(setting)

    def _nudge(self, ticks: int) -> None:
        setting = self._setting()
        if setting is not None:
            nudge(self.form, ticks, setting, self.desk, self.view)

    def _setting(self) -> Setting | None:
        instrument = self._instrument()
        if instrument is None:
            return None
        return self.form.setting(instrument, is_hedge=self.desk.store.holds_apart(instrument.product))

    def _instrument(self) -> Instrument | None:
        return self.desk.store.instruments.get(self.view.symbol)
