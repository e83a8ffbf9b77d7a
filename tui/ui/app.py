"""The screen's program: wires desk, panes and rows together, and keeps the paint clock."""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.config import Settings
from tui.domain.order import Side
from tui.engine.commands import Desk, Origin
from tui.engine.store import Severity
from tui.ui import palette
from tui.ui.actions import BY_ID, GLOBAL, READ_ONLY, Danger, bindings, exists, in_context
from tui.ui.command.grammar import GroupLine, IntervalLine, SymbolLine
from tui.ui.command.resolve import Intention, ScreenLine
from tui.ui.command.review import Review
from tui.ui.command.row import CommandRow
from tui.ui.confirm.row import ConfirmRow
from tui.ui.crash import write_report
from tui.ui.front_buffer import FrontBuffer
from tui.ui.header.pane import HeaderPane
from tui.ui.help.pane import HelpPane
from tui.ui.hints.pane import HintsPane
from tui.ui.keyboard import Keyboard
from tui.ui.keys.key_desk import KeyDesk
from tui.ui.layout.pane_area import PaneArea
from tui.ui.layout.places import MID, SMALLEST, TALL, WIDE, is_too_small
from tui.ui.line_pane import LinePane
from tui.ui.lock.pane import LockPane
from tui.ui.lock.unlock import Unlock
from tui.ui.navigation import Navigation
from tui.ui.paint_clock import PaintClock, SystemClock
from tui.ui.panes import build_panes, keys_pane
from tui.ui.search.pane import SearchPane
from tui.ui.terminal import frames_per_second, watch_terminal
from tui.ui.themes import FALLBACK, FRAME_VARIABLES, load_themes
from tui.ui.ticket.pane import TicketPane
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState
from tui.ui.words import quit_words


class TradingApp(App[int], inherit_bindings=False):
    """The full screen over one desk; exit codes are 0, or 1 after an error of its own."""

    TITLE = "binance-tui"
    CSS_PATH = "layout/frame.tcss"
    BINDINGS = bindings(GLOBAL)
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (MID, "-mid"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        desk: Desk,
        settings: Settings,
        clock: PaintClock | None = None,
        report_path: Path | None = None,
        unlock: Unlock | None = None,
        when_shown: Callable[[], None] | None = None,
        key_desk: KeyDesk | None = None,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.settings = settings
        self.view = first_view(desk, settings, clock or SystemClock())
        self.panes = build_panes(desk, self.view)
        self.keys = keys_pane(self.panes, key_desk)
        self.area = PaneArea(self.panes)
        self.header = HeaderPane(desk, self.view)
        self.row = CommandRow(desk, self.view, self)
        self.hints = HintsPane(desk, self.view)
        self.confirm = ConfirmRow(desk, self.view)
        self.lock = LockPane(desk, self.view, unlock, settings.safety, self.unlocked)
        self.navigation = Navigation(self.area)
        self.trading = Trading(desk, self.view, self)
        self.view.intents = self.trading
        self.front = FrontBuffer(self)
        for pane in (*self.panes.values(), self.header, self.row, self.hints):
            pane.front = self.front
        self.keyboard = Keyboard(desk, self.view, self.trading, self.navigation, self.set_timer, self.post_message)
        self._report_path = report_path
        self._when_shown = when_shown
        self._handlers: dict[str, Callable[..., None]] = {
            **self.trading.handlers(),
            **self.navigation.handlers(),
            "help.pane": self.open_help,
            "cmd.open": self.open_line,
            "symbol.search": self.open_search,
            "trade.disarm": self.go_back,
            "app.quit": self.ask_to_quit,
        }
        self._actions_by_key = {key: action.id for action in in_context(GLOBAL) for key in action.keys}

    # Textual's side

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette in its dark look, so that every name is defined in every theme."""
        return palette.variables() | FRAME_VARIABLES

    def compose(self) -> ComposeResult:
        """Rows and panes, top to bottom."""
        yield self.header
        yield self.area
        yield self.confirm
        yield self.row
        yield self.hints
        yield self.lock
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Put the theme on, start the paint clock, and watch for the end of the terminal."""
        themes, complaints = load_themes()
        for theme in themes.values():
            self.register_theme(theme)
        wanted = self.settings.screen.theme
        if wanted not in themes:
            complaints.append(f"there is no theme {wanted!r}: {', '.join(sorted(themes))}")
        self.theme = wanted if wanted in themes else FALLBACK
        for complaint in complaints:
            self.trading.say(complaint, Severity.WARNING)
        frames = frames_per_second(self.settings.screen.frames_per_second, os.environ)
        self.set_interval(1 / frames, self.paint)
        if not self.is_headless:
            watch_terminal(self)
        self.navigation.go("ladder")
        if self.confirm.is_wanted:
            self.screen.add_class("-unconfirmed")
            self.ask_to_confirm()
        self.call_after_refresh(self._show_first)

    def _show_first(self) -> None:
        """Fill the first frame at once, then let whoever waited for it go on."""
        self.paint()
        if self._when_shown is not None:
            self.call_after_refresh(self._when_shown)

    def on_resize(self, event: events.Resize) -> None:
        """Say so when nothing useful fits."""
        width, height = event.size
        self.screen.set_class(is_too_small(width, height), "-too-small")
        words = f"{width}x{height} is too small: binance-tui needs {SMALLEST[0]}x{SMALLEST[1]}. Enlarge it; ^q quits."
        self.query_one("#too-small", Static).update(Content(words))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane took the focus, by key or by mouse."""
        widget = event.widget
        if isinstance(widget, LinePane):
            self.hints.focused = widget
            if widget.CONTEXT in self.panes and self.focused is widget:
                self.navigation.current = widget.CONTEXT
                self.row.dismiss()

    async def on_event(self, event: events.Event) -> None:
        """Do each key whole before the next: through the widgets' queues, fast typing would outrun the focus."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.app_focus = True
            if self.lock.is_locked:
                self.lock.press(event)
                return
            self.lock.touch()
            focused = self.focused if isinstance(self.focused, LinePane) else None
            if not self.keyboard.takes(event, focused is not None and focused.is_typing):
                self._press(event, focused)
            self.paint_rows()
            return
        if isinstance(event, events.AppBlur):
            self.keyboard.lose_focus()
            self.row.drop_review()
        await super().on_event(event)

    def _press(self, event: events.Key, focused: LinePane | None) -> None:
        """A key as what must always work, as text, as the pane's action, or as a global one, in this order."""
        everywhere = self._actions_by_key.get(event.key, "")
        if everywhere and BY_ID[everywhere].priority:
            self.action_act(everywhere)
        elif focused is not None and focused.take_key(event):
            return
        elif focused is not None and (own := focused.action_for(event.key)):
            if self._needs_confirming(own):
                self.ask_to_confirm()
            else:
                focused.action_act(own)
        elif everywhere:
            self.action_act(everywhere)

    def _needs_confirming(self, action_id: str) -> bool:
        """Whether the environment's name must be typed before this action."""
        return self.confirm.is_wanted and BY_ID[action_id].danger is not Danger.VIEW

    def action_act(self, action_id: str) -> None:
        """Do a global action of the table, or say why it cannot be done now."""
        action = BY_ID[action_id]
        situation = self.header.situation()
        reason = action.reason(situation) if exists(action, situation.session) else READ_ONLY
        if reason:
            self.trading.say(reason, Severity.WARNING)
            return
        if self._needs_confirming(action_id):
            self.ask_to_confirm()
            return
        handler = self._handlers[action_id]
        handler(action.argument) if action.argument else handler()
        self.paint_rows()

    def _handle_exception(self, error: Exception) -> None:
        """End with a report that holds no local variables; Textual's own would print them."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._exit_renderables.append(Text(write_report(error, self._report_path)))
        self._close_messages_no_wait()

    # frames

    def paint(self) -> None:
        """One frame: take the engine's replies, then ask every visible pane for its lines."""
        self.trading.take_replies()
        if self.lock.is_due():
            self.lock_screen()
        self.screen.set_class(self.confirm.is_wanted, "-unconfirmed")
        self.view.follow(self.desk.store.focus)
        market = self.desk.store.markets.get(self.view.symbol)
        if market is not None:
            self.view.group_usually(market.instrument, market.last_price())
        with self.front.frame():
            for pane in self.panes.values():
                pane.paint()
            self.area.name_tabs()
            self.paint_rows()

    def paint_rows(self) -> None:
        """The rows that answer keys at once."""
        self.hints.is_jumping = self.navigation.is_jumping
        with self.front.frame():
            for row in (self.header, self.confirm, self.row, self.hints, self.lock):
                row.paint()

    # what trading asks of the frame

    def review(self, review: Review) -> None:
        """Show the review line and give it the focus."""
        self.row.review(review)
        self.screen.set_focus(self.row, scroll_visible=False)

    def show_ticket(self, side: Side, price: Decimal | None, quantity: Decimal | None) -> None:
        """Fill the ticket and give it the focus."""
        ticket = self.panes["ticket"]
        assert isinstance(ticket, TicketPane)
        ticket.fill(side, price, quantity)
        self.navigation.go("ticket")

    def show_said(self, text: str, severity: Severity) -> None:
        """Show one line in the command row."""
        self.row.say(text, severity)

    # global actions

    def open_line(self) -> None:
        """The command line, with the text of last time."""
        self.row.open()
        self.screen.set_focus(self.row, scroll_visible=False)

    def open_search(self) -> None:
        """The symbol search."""
        search = self.panes["search"]
        assert isinstance(search, SearchPane)
        self.navigation.go("search")
        search.begin()

    def open_help(self, wanted: str = "") -> None:
        """The help of the pane in use."""
        help_pane, asked_from = self.panes["help"], self.navigation.pane or self.panes["ladder"]
        assert isinstance(help_pane, HelpPane)
        help_pane.begin(asked_from.CONTEXT, asked_from.situation(), wanted)
        self.navigation.go("help")

    def open_keys(self) -> None:
        """The screen for API keys."""
        self.navigation.go("keys")
        self.keys.begin()

    def ask_to_confirm(self) -> None:
        """The row that takes the environment's name; nothing can be sent before."""
        self.screen.set_focus(self.confirm, scroll_visible=False)

    def lock_screen(self) -> None:
        """Cover everything and drop the secrets; what was typed or waited for Enter is gone."""
        if not self.lock.can_lock:
            self.trading.say("nothing to lock: there are no keys here that move money", Severity.WARNING)
            return
        self.keyboard.drop("the screen is locked")
        self.row.dismiss()
        self.keys.drop()
        self.lock.engage()
        self.screen.add_class("-locked")
        self.screen.set_focus(self.lock, scroll_visible=False)

    def unlocked(self) -> None:
        """Show everything again, LOCKED for trading."""
        self.screen.remove_class("-locked")
        self.navigation.refocus()
        self.trading.say("unlocked; trading is LOCKED until armed")

    def go_back(self) -> None:
        """Leave the row, the called pane or the zoom; the keyboard has disarmed already."""
        if self.focused is self.confirm:
            self.navigation.refocus()
        elif self.focused is self.row:
            self.row.dismiss()
            self.navigation.refocus()
        else:
            self.navigation.back()

    def ask_to_quit(self) -> None:
        """Quit at once with no working order, otherwise list them and wait for Enter or a second ^q."""
        words = quit_words(self.desk.store.open_orders())
        waiting = self.row.reviews.waiting
        if not words or (waiting is not None and waiting.screen == "quit"):
            self.exit(0)
        else:
            self.review(Review(words, (), Origin.KEY, screen="quit"))

    # what came of the command row

    def confirmed(self, review: Review) -> None:
        """Send what was reviewed, once; a ticket is done with then, so that letters are keys again."""
        if review.origin is Origin.TICKET:
            self.navigation.back()
        else:
            self.navigation.refocus()
        if review.screen == "quit":
            self.exit(0)
        self.trading.send(review.commands, review.origin, review.text)

    def entered(self, intention: Intention) -> None:
        """Do what the typed line meant."""
        self.navigation.refocus()
        self.trading.send(intention.commands, Origin.COMMAND_LINE, intention.text)
        if intention.screen is not None:
            self._obey(intention.screen)

    def row_left(self) -> None:
        """The row has nothing to take keys for."""
        self.navigation.refocus()

    def leave(self) -> None:
        """Give the place of a called pane back to those it covers, the focus of a row to the pane used last."""
        if self.focused is self.confirm:
            self.navigation.refocus()
        else:
            self.navigation.back()

    def _obey(self, line: ScreenLine) -> None:
        match line:
            case SymbolLine(symbol):
                self.trading.focus_symbol(symbol)
            case GroupLine(ticks):
                self.view.ticks_per_group = ticks
            case IntervalLine(interval):
                self.trading.show_interval(interval)
            case _ if line.word == "help":
                self.open_help(line.about)
            case _ if line.word == "keys":
                self.open_keys()
            case _ if line.word == "away":
                self.lock_screen()
            case _ if line.word == "q":
                self.ask_to_quit()


def first_view(desk: Desk, settings: Settings, clock: PaintClock) -> ViewState:
    """How the screen looks at the store when it starts."""
    store = desk.store
    return ViewState(
        symbol=store.focus or "",
        size_presets=settings.screen.size_presets,
        stale_after_ms=settings.limits.stale_after_ms,
        clock=clock,
    )
