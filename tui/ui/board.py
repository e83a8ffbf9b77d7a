"""Everything on one screen, and what opens over it: the panes, the rows, who gives the focus to whom."""

from collections.abc import Callable
from decimal import Decimal

from textual.app import App

from tui.config import Settings
from tui.domain.order_terms import Side
from tui.engine.commands import Desk, Origin
from tui.engine.commands.views import StopWork
from tui.engine.store import Severity
from tui.ui.account_change import AccountChange
from tui.ui.chart.pane import ChartPane
from tui.ui.chart.shown import ShownCandles
from tui.ui.command.resolve import Intention
from tui.ui.command.review import Review
from tui.ui.command.row import CommandRow
from tui.ui.confirm.flatten import FlattenRow
from tui.ui.confirm.row import ConfirmRow
from tui.ui.dispatch import Dispatch
from tui.ui.header.pane import HeaderPane
from tui.ui.hints.pane import HintsPane
from tui.ui.keyboard import Keyboard
from tui.ui.keys.key_desk import KeyDesk
from tui.ui.layout.pane_area import PaneArea
from tui.ui.line_pane import LinePane
from tui.ui.lock.pane import LockPane
from tui.ui.lock.unlock import Unlock
from tui.ui.navigation import Navigation
from tui.ui.openings import Openings
from tui.ui.panes import build_panes, keys_pane
from tui.ui.short_wait import call_after
from tui.ui.surroundings import Surroundings
from tui.ui.ticket.pane import TicketPane
from tui.ui.trading import Trading
from tui.ui.typed_lines import TypedLines
from tui.ui.view_state import ViewState
from tui.ui.watchlist.pane import WatchlistPane
from tui.ui.words import leaving_words
from tui.ui.workspaces.arranger import Arranger
from tui.ui.workspaces.composer import Composer
from tui.ui.workspaces.shelf import Shelf


class Board:
    """Panes and rows of one app; implements what trading and the command row ask of the screen."""

    def __init__(
        self,
        app: App[int],
        desk: Desk,
        view: ViewState,
        settings: Settings,
        unlock: Unlock | None,
        key_desk: KeyDesk | None,
        around: Surroundings,
    ) -> None:
        self._app = app
        self._desk = desk
        self.panes = build_panes(desk, view)
        self.keys = keys_pane(self.panes, key_desk)
        self.area = PaneArea(self.panes)
        self.header = HeaderPane(desk, view)
        self.row = CommandRow(desk, view, self)
        self.hints = HintsPane(desk, view)
        self.hints.rest = self.row.rest
        self.confirm = ConfirmRow(desk, view)
        self.flatten = FlattenRow(desk, view)
        self.lock = LockPane(desk, view, unlock, settings.safety, self.unlocked)
        self.navigation = Navigation(self.area)
        self.trading = Trading(desk, view, self)
        self.view = view
        view.intents = self.trading
        watchlist = self.panes["watchlist"]
        assert isinstance(watchlist, WatchlistPane)
        self.arranger = Arranger(desk, view, self.area, self.navigation, self.trading, watchlist, Shelf(view.state))
        self.composer = Composer(view, self.area, self.navigation, self.trading)
        charts = [pane for pane in self.panes.values() if isinstance(pane, ChartPane)]
        self.candles = ShownCandles(desk, view, charts, self.area.has_place)
        self.keyboard = Keyboard(desk, view, self.trading, self.navigation, call_after, app.post_message)
        self.openings = Openings(desk, view, self.panes, self.navigation)
        self.dispatch = Dispatch(view, self._handlers(), self.header.situation, self.confirm, self.ask_to_confirm)
        self.openings.connect(self.dispatch, self.show_line)
        self.accounts = AccountChange(desk, self.trading, around.accounts, self.review, app.exit)
        self.openings.listed += [self.arranger.entries, self.composer.entries, self.accounts.entries]
        self.typed = TypedLines(
            view,
            self.trading,
            self.navigation,
            self.arranger,
            self.composer,
            self.openings,
            self.accounts,
            self.row.aliases,
            {"keys": self.openings.keys, "away": self.lock_screen, "q": self.ask_to_quit},
        )

    @property
    def rows(self) -> tuple[LinePane, ...]:
        """What stands around the panes, top first; the lock covers everything."""
        return self.header, self.confirm, self.flatten, self.row, self.hints, self.lock

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            **self.trading.handlers(),
            **self.navigation.handlers(),
            "help.pane": self.openings.help,
            "cmd.open": self.open_line,
            "symbol.search": self.openings.search,
            "app.palette": self.openings.palette,
            "app.settings": self.openings.settings,
            "row.copy": self.copy_row,
            "work.stop": self.stop_work,
            "pane.add": self.add_pane,
            "pane.close": self.composer.close_current,
            "ws.next": self.arranger.next,
            "trade.disarm": self.go_back,
            "app.quit": self.ask_to_quit,
        }

    # what trading asks of the screen

    def review(self, review: Review) -> None:
        """Show the review line and give it the focus."""
        self.row.review(review)
        self._focus(self.row)

    def show_ticket(self, side: Side, price: Decimal | None, quantity: Decimal | None) -> None:
        """Fill the ticket and give it the focus."""
        ticket = self.panes["ticket"]
        assert isinstance(ticket, TicketPane)
        ticket.fill(side, price, quantity)
        self.navigation.go("ticket")

    def show_pane(self, pane_id: str) -> None:
        """Bring a pane to the front of its place and give it the focus."""
        self.navigation.go(pane_id)

    def act_in_pane(self, pane_id: str, action_id: str) -> None:
        """Do an action of a pane as its key would: a click may do no more."""
        self.dispatch.act_in(self.panes[pane_id], action_id)

    def pinned_symbol(self) -> str:
        """The symbol that the pane in use stays with, "" while it follows the focus."""
        pane = self.navigation.pane
        return pane.pinned if pane is not None else ""

    def choose_symbol(self, title: str, then: Callable[[str], None]) -> None:
        """Open the symbol search and hand its choice on."""
        self.openings.search(title, then)

    def show_line(self, text: str) -> None:
        """Open the command line with this text and give it the focus."""
        self.row.open(text)
        self._focus(self.row)

    def show_said(self, text: str, severity: Severity) -> None:
        """Show one line in the command row."""
        self.row.say(text, severity)

    def leave(self) -> None:
        """Give the place of a called pane back to those it covers, the focus of a row to the pane used last."""
        if self._app.focused in (self.confirm, self.flatten):
            self.navigation.refocus()
        else:
            self.navigation.back()

    def offer_flatten(self) -> None:
        """Ask for the word that closes every position at market."""
        self.flatten.offer()
        self._app.screen.add_class("-flatten")
        self._focus(self.flatten)

    def show_asked(self) -> None:
        """Show the rows that ask for a word while they are wanted; called with each frame."""
        screen = self._app.screen
        screen.set_class(self.confirm.is_wanted, "-unconfirmed")
        is_offered = self.flatten.is_wanted and self._app.focused is self.flatten
        if not is_offered and screen.has_class("-flatten"):
            self.flatten.drop()
        screen.set_class(is_offered, "-flatten")

    # what opens

    def open_line(self) -> None:
        """The command line, with the text of last time."""
        self.row.open()
        self._focus(self.row)

    def ask_to_confirm(self) -> None:
        """The row that takes the environment's name; nothing can be sent before."""
        self._focus(self.confirm)

    def add_pane(self) -> None:
        """What ladders, books and charts may be added, and which may be closed."""
        self.openings.palette("one more pane, or one less", self.composer.choices())

    def copy_row(self) -> None:
        """The row under the cursor to the clipboard of the terminal (OSC 52)."""
        pane = self.navigation.pane
        text = pane.copied() if pane is not None else ""
        if text:
            self._app.copy_to_clipboard(text)
            self.trading.say(f"copied: {text}", Severity.SUCCESS)
        else:
            self.trading.say("nothing to copy here: choose a row of a list", Severity.WARNING)

    def stop_work(self) -> None:
        """Give up the long work begun last."""
        under_way = [work for work in self._desk.store.work.values() if work.can_stop]
        if under_way:
            self._desk.send(StopWork(under_way[-1].number), Origin.KEY)
            self.trading.say(f"stopping: {under_way[-1].title}")
        else:
            self.trading.say("nothing long is under way", Severity.WARNING)

    def go_back(self) -> None:
        """Lock, then leave the row, the called pane or the zoom; Escape has locked already, other keys have not."""
        self.trading.disarm(f"locked by {self.view.keymap.all_text('trade.disarm')}")
        focused = self._app.focused
        if focused in (self.confirm, self.flatten):
            self.navigation.refocus()
        elif focused is self.row:
            self.row.dismiss()
            self.navigation.refocus()
        else:
            self.navigation.back()

    def ask_to_quit(self) -> None:
        """Quit at once with no working order, otherwise list them and wait for Enter or a second press."""
        words = leaving_words(self._desk.store)
        waiting = self.row.reviews.waiting
        if not words or (waiting is not None and waiting.screen == "quit"):
            self._app.exit(0)
        else:
            self.review(Review(words, (), Origin.KEY, screen="quit"))

    # the lock

    def lock_screen(self) -> None:
        """Cover everything and drop the secrets; what was typed or waited for Enter is gone."""
        if not self.lock.can_lock:
            self.trading.say("nothing to lock: there are no keys here that move money", Severity.WARNING)
            return
        self.keyboard.drop("the screen is locked")
        self.row.dismiss()
        self.keys.drop()
        self.lock.engage()
        self._app.screen.add_class("-locked")
        self._focus(self.lock)

    def unlocked(self) -> None:
        """Show everything again, LOCKED for trading."""
        self._app.screen.remove_class("-locked")
        self.navigation.refocus()
        self.trading.say("unlocked; trading is LOCKED until armed")

    # what came of the command row

    def confirmed(self, review: Review) -> None:
        """Send what was reviewed, once; a ticket is done with then, so that letters are keys again."""
        if review.origin is Origin.TICKET:
            self.navigation.back()
        else:
            self.navigation.refocus()
        if review.screen == "quit":
            self._app.exit(0)
        elif review.screen == "change":
            self.accounts.leave()
        self.trading.send(review.commands, review.origin, review.text)

    def entered(self, intention: Intention) -> None:
        """Do what the typed line meant."""
        self.navigation.refocus()
        self.trading.send(intention.commands, Origin.COMMAND_LINE, intention.text)
        if intention.screen is not None:
            self.typed.obey(intention.screen)

    def row_left(self) -> None:
        """The row has nothing to take keys for."""
        self.navigation.refocus()

    def _focus(self, widget: LinePane) -> None:
        self._app.screen.set_focus(widget, scroll_visible=False)
