"""The panes of the screen, made by id: each is a `LinePane` made from `(desk, view)` whose CONTEXT is its id."""

from tui.engine.commands import Desk
from tui.ui.account.pane import AccountPane
from tui.ui.alerts.pane import AlertsPane
from tui.ui.algos.pane import AlgosPane
from tui.ui.book.pane import BookPane
from tui.ui.chart.pane import ChartPane
from tui.ui.fills.pane import FillsPane
from tui.ui.finder.pane import FinderPane
from tui.ui.help.pane import HelpPane
from tui.ui.history.pane import HistoryPane
from tui.ui.keys.key_desk import KeyDesk
from tui.ui.keys.pane import KeysPane
from tui.ui.ladder.pane import LadderPane
from tui.ui.line_pane import LinePane
from tui.ui.messages.pane import MessagesPane
from tui.ui.orders.pane import OrdersPane
from tui.ui.positions.pane import PositionsPane
from tui.ui.search.pane import SearchPane
from tui.ui.settings.pane import SettingsPane
from tui.ui.tape.pane import TapePane
from tui.ui.ticket.pane import TicketPane
from tui.ui.view_state import ViewState
from tui.ui.watchlist.pane import WatchlistPane


class SecondChart(ChartPane):
    """One more chart, of another interval or, pinned, of another symbol."""

    PLACE = "chart2"
    NUMBER = ""
    LABEL = "Chart II"


class SecondLadder(LadderPane):
    """One more ladder, for another symbol: `p` pins it."""

    PLACE = "ladder2"
    NUMBER = ""
    LABEL = "Ladder II"


class ThirdLadder(LadderPane):
    """Yet another ladder."""

    PLACE = "ladder3"
    NUMBER = ""
    LABEL = "Ladder III"


class SecondBook(BookPane):
    """The order book in the place of the second ladder."""

    PLACE = "book2"
    LABEL = "Book II"


class ThirdBook(BookPane):
    """The order book in the place of the third ladder."""

    PLACE = "book3"
    LABEL = "Book III"


PANE_TYPES: tuple[type[LinePane], ...] = (
    WatchlistPane,
    AccountPane,
    ChartPane,
    SecondChart,
    SearchPane,
    HelpPane,
    HistoryPane,
    KeysPane,
    FinderPane,
    SettingsPane,
    LadderPane,
    SecondLadder,
    ThirdLadder,
    BookPane,
    SecondBook,
    ThirdBook,
    TapePane,
    PositionsPane,
    OrdersPane,
    FillsPane,
    MessagesPane,
    AlertsPane,
    AlgosPane,
    TicketPane,
)


def build_panes(desk: Desk, view: ViewState) -> dict[str, LinePane]:
    """Every pane of the screen by id."""
    return {pane_type.PLACE or pane_type.CONTEXT: pane_type(desk, view) for pane_type in PANE_TYPES}


def keys_pane(panes: dict[str, LinePane], key_desk: KeyDesk | None) -> KeysPane:
    """The screen for keys, connected to who keeps them."""
    pane = panes["keys"]
    assert isinstance(pane, KeysPane)
    pane.key_desk = key_desk
    return pane
