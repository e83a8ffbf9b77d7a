"""Intents of the panes and trading keys, turned into commands: the one place that decides what needs review."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from tui.domain.interval import OF_PRINTS
from tui.domain.order_terms import Side
from tui.engine.commands import Command, Desk, Origin
from tui.engine.commands.answers import Reply, Result
from tui.engine.commands.orders import CancelEntries, SubmitOrder, SubmitOrderList
from tui.engine.commands.safety import Arm, Halt, Lock, SetLimit
from tui.engine.commands.views import FocusSymbol, FollowSymbols, ShowCandles
from tui.engine.orders.announcements import describe
from tui.engine.store import Severity, TradingState
from tui.ui.chart.look import MAIN_CHART
from tui.ui.command.bring_back import last_ended, line_again
from tui.ui.command.chain import Chains
from tui.ui.command.lines import costs
from tui.ui.command.review import Review
from tui.ui.staleness import book_staleness
from tui.ui.view_state import ViewState

#: A second press of a key that asks for two must follow within this.
TWICE_NS = 2_000_000_000


class Frame(Protocol):
    """What trading asks of the screen around it."""

    def review(self, review: Review) -> None:
        """Show the review line and give it the focus."""

    def show_ticket(self, side: Side, price: Decimal | None, quantity: Decimal | None) -> None:
        """Fill the ticket and give it the focus."""

    def show_line(self, text: str) -> None:
        """Open the command line with this text."""

    def show_pane(self, pane_id: str) -> None:
        """Bring a pane to the front of its place and give it the focus."""

    def act_in_pane(self, pane_id: str, action_id: str) -> None:
        """Do an action of a pane as its key would."""

    def pinned_symbol(self) -> str:
        """The symbol that the pane in use is pinned to, "" when it is linked to the focus."""

    def choose_symbol(self, title: str, then: Callable[[str], None]) -> None:
        """Open the symbol search and hand its choice on."""

    def show_said(self, text: str, severity: Severity) -> None:
        """Show one line in the command row."""

    def leave(self) -> None:
        """Give the place of a called pane back to those it covers."""

    def offer_flatten(self) -> None:
        """Ask for the word that closes every position at market."""


@dataclass(slots=True)
class TwicePressed:
    """A key that acts on its second press."""

    _first_ns: int | None = None

    def press(self, now_ns: int) -> bool:
        """Whether this press is the second in time."""
        first, self._first_ns = self._first_ns, now_ns
        if first is not None and now_ns - first <= TWICE_NS:
            self._first_ns = None
            return True
        return False


_RESULT_SEVERITY = {
    Result.DONE: Severity.SUCCESS,
    Result.REFUSED: Severity.ERROR,
    Result.UNKNOWN: Severity.WARNING,
}


class Trading:
    """Implements the `Intents` of all panes over one desk."""

    def __init__(self, desk: Desk, view: ViewState, frame: Frame) -> None:
        self._desk = desk
        self._view = view
        self._frame = frame
        self._cancel_account = TwicePressed()
        self._halt_chord = TwicePressed()
        self._chains = Chains()
        #: Locks whose reason stands in the row already, by command id.
        self._locks: set[int] = set()
        self._arms: set[int] = set()

    def handlers(self) -> dict[str, Callable[[], None]]:
        """The global trading actions by id."""
        return {
            "trade.arm": self.arm_or_lock,
            "trade.buy": lambda: self.ticket_in_sight(Side.BUY),
            "trade.sell": lambda: self.ticket_in_sight(Side.SELL),
            "trade.restore": self.bring_back,
            "trade.halt": self.halt,
            "trade.halt_chord": self.halt_on_second_press,
            "cancel.symbol": self.cancel_symbol,
            "cancel.account": self.cancel_account_on_second_press,
        }

    # intents of the panes

    def trade(self, command: Command, text: str, origin: Origin) -> None:
        """Send at once when ARMED, otherwise ask for review."""
        if self._view.is_armed(self._desk.store):
            self._desk.send(command, origin)
            self.say(f"sent: {text}")
        else:
            self.propose(command, text, origin)

    def propose(self, command: Command, text: str, origin: Origin) -> None:
        """Ask for review; an order that a guard refuses is not offered for Enter."""
        note = ""
        if isinstance(command, SubmitOrder | SubmitOrderList):
            store, symbol = self._desk.store, command.request.symbol
            stale = book_staleness(store, symbol, self._view.clock.monotonic_ns(), self._view.stale_after_ms)
            verdict = self._desk.preview(command.request)
            if stale or verdict.refusal is not None:
                self.say(f"not sent: {stale or (verdict.refusal and verdict.refusal.text)}", Severity.ERROR)
                return
            note = costs(verdict, store.instruments[symbol])
        self._frame.review(Review(text, (command,), origin, note))

    def open_ticket(self, side: Side, price: Decimal | None = None, quantity: Decimal | None = None) -> None:
        """Prefill the ticket; never sends."""
        self._frame.show_ticket(side, price, quantity)

    def ticket_in_sight(self, side: Side) -> None:
        """Open the ticket for the symbol that is looked at: a pinned pane's takes the focus first."""
        pinned = self._frame.pinned_symbol()
        if pinned not in ("", self._view.symbol):
            self.focus_symbol(pinned)
        self.open_ticket(side)

    def type_line(self, text: str) -> None:
        """Open the command line with this text, to be completed, previewed and entered by the trader."""
        self._frame.show_line(text)

    def bring_back(self) -> None:
        """Write the last order that came to nothing into the command line, to be looked at and entered again."""
        order = last_ended(self._desk.store.orders.values())
        line = line_again(order) if order is not None else ""
        if line:
            self.type_line(line)
        else:
            why = (
                "no order was cancelled or rejected"
                if order is None
                else f"no line says all of {describe(order, None)}"
            )
            self.say(f"nothing to bring back: {why}", Severity.WARNING)

    def focus_symbol(self, symbol: str) -> None:
        """Show this symbol in every linked pane."""
        if symbol not in self._desk.store.instruments:
            self.say(f"{symbol} is not listed: find it with /", Severity.WARNING)
            return
        self._view.symbol, self._view.has_chosen = symbol, True
        self._view.cursor_price = None
        self._desk.send(FocusSymbol(symbol), Origin.KEY)
        self.show_interval(self._view.interval)

    def show_interval(self, interval: str, pane_id: str = MAIN_CHART) -> None:
        """Show candles of this interval in a chart; the main one's are those of the focused symbol."""
        self._view.charts[pane_id] = replace(self._view.look(pane_id), interval=interval)
        if interval in OF_PRINTS:
            self.say(f"bars of {interval} are made of the prints since the symbol came into view", Severity.INFO)
        elif pane_id == MAIN_CHART:
            self._desk.send(ShowCandles(self._view.symbol, interval), Origin.KEY)

    def show_pane(self, pane_id: str) -> None:
        """Bring a pane to the front of its place."""
        self._frame.show_pane(pane_id)

    def act(self, pane_id: str, action_id: str) -> None:
        """Do an action of a pane as its key would."""
        self._frame.act_in_pane(pane_id, action_id)

    def pin(self, pane_id: str, symbols: tuple[str, ...]) -> None:
        """Remember what a pane shows of its own, and have the books of all such symbols kept true."""
        self._view.pins[pane_id] = symbols
        self.follow_pinned()

    def follow_pinned(self) -> None:
        """Have the engine keep the books of all symbols that panes are pinned to."""
        followed = tuple(dict.fromkeys(symbol for pinned in self._view.pins.values() for symbol in pinned))
        self._desk.send(FollowSymbols(followed), Origin.KEY)

    def choose_symbol(self, title: str, then: Callable[[str], None]) -> None:
        """Open the symbol search and hand its choice on."""
        self._frame.choose_symbol(title, then)

    def say(self, text: str, severity: Severity = Severity.INFO) -> None:
        """Show one line to the trader until the next."""
        self._frame.show_said(text, severity)

    def leave(self) -> None:
        """Give the place of a called pane back."""
        self._frame.leave()

    # trading keys

    def arm_or_lock(self) -> None:
        """Arming is reviewed, locking is immediate."""
        if self._view.is_armed(self._desk.store):
            self.disarm("locked by t")
            return
        session = self._desk.store.session
        money = "REAL MONEY" if session.is_real_money else "play money"
        text = f"ARM {session.environment} {session.account} ({money}): ladder keys send at once"
        self._frame.review(Review(text, (Arm(),), Origin.KEY))

    def disarm(self, why: str) -> None:
        """Be LOCKED from this moment, whatever the engine still thinks; silent when it was not armed."""
        if self._desk.store.session.trading is TradingState.ARMED and not self._view.disarmed:
            self._view.disarmed = True
            self._locks.add(self._desk.send(Lock(why), Origin.KEY))
            self.say(f"LOCKED: {why}", Severity.WARNING)

    def halt(self) -> None:
        """Cancel entries everywhere, lock, refuse new orders; where that has been done, offer to flatten as well."""
        self._chains.drop()
        was_halted = self._desk.store.session.trading is TradingState.HALTED
        self._view.disarmed = True
        self._desk.send(Halt(), Origin.KEY)
        self.say("HALT sent: entries are being cancelled, nothing new is sent", Severity.WARNING)
        if was_halted:
            self._frame.offer_flatten()

    def halt_on_second_press(self) -> None:
        """HALT where there is no F12."""
        if self._halt_chord.press(self._view.clock.monotonic_ns()):
            self.halt()
        else:
            key = self._view.keymap.text("trade.halt_chord")
            self.say(f"press {key} again within 2 s to HALT", Severity.WARNING)

    def cancel_symbol(self) -> None:
        """Cancel the entries of the focused symbol now, or of the pinned pane in use; protective orders stay."""
        symbol = self._frame.pinned_symbol() or self._view.symbol
        self._desk.send(CancelEntries(symbol), Origin.KEY)
        self.say(f"cancelling entries of {symbol}; protective orders stay")

    def cancel_account_on_second_press(self) -> None:
        """Cancel the entries of the account."""
        if self._cancel_account.press(self._view.clock.monotonic_ns()):
            self._desk.send(CancelEntries(None), Origin.KEY)
            self.say("cancelling entries of the account; protective orders stay")
        else:
            key = self._view.keymap.text("cancel.account")
            self.say(f"press {key} again within 2 s to cancel the entries of the account", Severity.WARNING)

    # what was reviewed, and what came back

    def send(self, commands: tuple[Command, ...], origin: Origin, text: str) -> None:
        """Send what the trader has confirmed; each step of a chain once the one before it was accepted."""
        if commands:
            self._chains.begin(self._send(commands[0], origin), commands[1:], origin)
            self.say(f"sent: {text}")

    def _send(self, command: Command, origin: Origin) -> int:
        if isinstance(command, Arm):
            self._view.disarmed = False
            self._arms.add(number := self._desk.send(command, origin))
            return number
        if isinstance(command, Lock | Halt):
            self._view.disarmed = True
        elif isinstance(command, SetLimit):
            self._view.take_limit(command.name, command.value)
        return self._desk.send(command, origin)

    def take_replies(self) -> None:
        """Say what the engine answered; refusals stay over successes of the same frame."""
        replies = sorted(self._desk.replies(), key=_loudness)
        for reply in replies:
            # An "Armed" that comes after Escape would say the contrary of what is.
            is_known = reply.command_id in (self._locks | (self._arms if self._view.disarmed else set()))
            is_known = is_known and reply.result is Result.DONE
            self._locks.discard(reply.command_id)
            self._arms.discard(reply.command_id)
            if reply.text and not is_known:
                self.say(reply.text, _RESULT_SEVERITY[reply.result])
            self._go_on(reply)

    def _go_on(self, reply: Reply) -> None:
        following = self._chains.follow(reply)
        if isinstance(following, str):
            self.say(following, Severity.ERROR)
        elif following is not None:
            chain, command = following
            self._chains.expect(chain, self._send(command, chain.origin))


def _loudness(reply: Reply) -> int:
    return (Result.DONE, Result.UNKNOWN, Result.REFUSED).index(reply.result)
