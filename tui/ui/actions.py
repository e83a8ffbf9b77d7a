"""The one table of actions; keys, hints, help, palette and checks are made from it and nowhere else.

A pane's actions are methods `action_NAME` of its widget, where NAME is the part of the id after the dot; global ones
are handlers the app registers by id. Panes that list rows share the context `rows`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tui.domain.product import Product
from tui.engine.store import Session, TradingState

GLOBAL = "global"
ROWS = "rows"


class Danger(StrEnum):
    """What pressing the key may do to the account."""

    VIEW = "view"
    ARM = "arm"
    CANCEL = "cancel"
    TRADE = "trade"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action is possible now."""

    session: Session
    product: Product | None = None
    has_position: bool = False


Reason = Callable[[Situation], str]


READ_ONLY = "this session is read-only: it has no such action"


def _always(situation: Situation) -> str:
    return ""


def _writable(situation: Situation) -> str:
    return "read-only: this session was started with --read-only" if situation.session.read_only else ""


def _open_for_trading(situation: Situation) -> str:
    if situation.session.trading is TradingState.HALTED:
        return "halted: press t and Enter to arm again"
    return _writable(situation)


def _futures(situation: Situation) -> str:
    if situation.product is not None and not situation.product.is_futures:
        return "spot has no positions to reduce"
    return _writable(situation)


def _position(situation: Situation) -> str:
    return _futures(situation) or ("" if situation.has_position else "no position in this symbol")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key can do.

    `hint` is the word of the hint row, "" for keys that are only in the help; `reason` says why it cannot be done in a
    situation, "" when it can; `argument` is handed to the handler when not empty; `keys` are those of the default
    preset (see `keymap`).
    """

    id: str
    keys: tuple[str, ...]
    text: str
    hint: str = ""
    danger: Danger = Danger.VIEW
    reason: Reason = _always
    argument: str = ""
    method: str = ""
    priority: bool = False

    @property
    def context(self) -> str:
        """GLOBAL, ROWS, or the id of a pane."""
        context = self.id.partition(".")[0]
        return context if context in PANE_CONTEXTS else GLOBAL

    @property
    def name(self) -> str:
        """What follows `action_` in the method that does it."""
        return self.method or self.id.partition(".")[2]

    @property
    def must_work(self) -> bool:
        """Whether no pane may take its key away."""
        return self.priority or self.id in _ALWAYS_HEARD


#: Global actions that no pane covers, beside those of priority.
_ALWAYS_HEARD = frozenset({"trade.disarm", "cancel.symbol", "cancel.account"})

PANE_CONTEXTS = (
    ROWS,
    "watchlist",
    "chart",
    "ladder",
    "book",
    "tape",
    "ticket",
    "orders",
    "positions",
    "fills",
    "history",
    "account",
    "messages",
    "alerts",
    "algos",
    "keys",
)

#: Panes whose keys stand beside those of rows.
ROWS_CONTEXTS = frozenset(PANE_CONTEXTS) - {ROWS, "chart", "ladder", "book", "tape", "ticket"}

_TRADE, _CANCEL, _ARM = Danger.TRADE, Danger.CANCEL, Danger.ARM

ACTIONS: tuple[Action, ...] = (
    # everywhere
    Action("help.pane", ("question_mark", "f1"), "keys of this pane", "help"),
    Action("cmd.open", ("colon",), "command line", "command"),
    Action("symbol.search", ("slash",), "find a symbol", "symbol"),
    Action("trade.arm", ("t",), "arm: ladder keys send at once; again: lock", "arm", _ARM, _writable),
    Action("trade.disarm", ("escape",), "back, and always disarm"),
    Action("trade.buy", ("f2", "b"), "buy ticket", "buy", _TRADE, _open_for_trading),
    Action("trade.sell", ("f3", "s"), "sell ticket", "sell", _TRADE, _open_for_trading),
    Action(
        "trade.restore", ("u",), "bring the last order back that came to nothing; never sends", "", _TRADE, _writable
    ),
    Action("cancel.symbol", ("f8",), "cancel entries of this symbol now", "cancel entries", _CANCEL, _writable),
    Action("cancel.account", ("f9",), "cancel entries of the account (press twice)", "", _CANCEL, _writable),
    Action("trade.halt", ("f12",), "HALT: cancel entries, lock, refuse new orders", "HALT", _CANCEL, priority=True),
    Action("trade.halt_chord", ("ctrl+x",), "HALT where there is no F12 (press twice)", "", _CANCEL, priority=True),
    Action("pane.next", ("tab",), "next pane"),
    Action("pane.previous", ("shift+tab",), "previous pane"),
    Action("pane.jump", ("g",), "go to a pane by its letter", "pane"),
    *(Action(f"pane.number_{n}", (str(n),), f"go to pane {n}", argument=str(n)) for n in range(1, 10)),
    Action("pane.zoom", ("z",), "zoom the pane, and back", "zoom"),
    Action("pane.add", ("vertical_line",), "one more ladder, order book or chart", "add pane"),
    Action("pane.close", ("underscore",), "close this ladder, order book or chart"),
    Action("row.copy", ("y",), "copy the row to the clipboard"),
    Action("ws.next", ("f5",), "next workspace", "workspace"),
    Action("work.stop", ("f6",), "give up what is being loaded"),
    Action("app.palette", ("ctrl+p",), "palette: find anything to do or to set", "palette", priority=True),
    Action("app.settings", ("f4",), "settings: every option, its value and where it comes from"),
    Action("app.quit", ("ctrl+q",), "quit; lists working orders first", "quit", priority=True),
    # panes that list rows
    Action("rows.up", ("up", "k"), "row up"),
    Action("rows.down", ("down", "j"), "row down"),
    Action("rows.page_up", ("pageup",), "page up"),
    Action("rows.page_down", ("pagedown",), "page down"),
    Action("rows.first", ("home",), "first row"),
    Action("rows.last", ("end",), "last row"),
    # watchlist
    Action("watchlist.choose", ("enter",), "show this symbol", "show"),
    Action("watchlist.add", ("i",), "find a symbol to add", "add"),
    Action("watchlist.remove", ("d",), "take this symbol off; takes an empty list away", "remove"),
    Action("watchlist.sort", ("o",), "sort by the next column", "sort"),
    Action("watchlist.lower", ("J",), "move this row down", "move"),
    Action("watchlist.higher", ("K",), "move this row up", "move"),
    Action("watchlist.alert", ("a",), "alert on this symbol", "alert"),
    Action("watchlist.previous_list", ("left_square_bracket",), "previous list", "list"),
    Action("watchlist.next_list", ("right_square_bracket",), "next list", "list"),
    Action("watchlist.new_list", ("n",), "begin a list", "new list"),
    Action("watchlist.rename", ("e",), "name this list otherwise"),
    # chart
    Action("chart.shorter", ("left_square_bracket",), "shorter interval", "interval"),
    Action("chart.longer", ("right_square_bracket",), "longer interval", "interval"),
    Action("chart.zoom_in", ("plus", "equals_sign"), "wider candles", "zoom"),
    Action("chart.zoom_out", ("minus",), "more candles", "zoom"),
    Action("chart.older", ("h",), "pan to older candles; loads more of them at the end", "pan"),
    Action("chart.newer", ("l",), "pan to newer candles", "pan"),
    Action("chart.live", ("0",), "back to the newest candle", "live"),
    Action("chart.studies", ("i",), "choose averages and bands", "studies"),
    Action("chart.style", ("n",), "candles (hollow rise, solid fall) or a line", "line"),
    Action("chart.depth", ("d",), "depth of the book, or candles", "depth"),
    Action("chart.pin", ("p",), "stay with this symbol, or follow the focus again", "pin"),
    Action("chart.left", ("left",), "cross-hair a candle back"),
    Action("chart.right", ("right",), "cross-hair a candle on"),
    Action("chart.up", ("up", "k"), "cross-hair a row higher"),
    Action("chart.down", ("down", "j"), "cross-hair a row lower"),
    Action("chart.alert", ("enter",), "alert at the cross-hair, or none any more", "alert"),
    # ladder
    Action("ladder.up", ("up", "k"), "cursor a level up"),
    Action("ladder.down", ("down", "j"), "cursor a level down"),
    Action("ladder.page_up", ("pageup",), "cursor ten levels up"),
    Action("ladder.page_down", ("pagedown",), "cursor ten levels down"),
    Action("ladder.centre", ("space",), "centre on the touch and follow", "centre"),
    Action("ladder.buy", ("b",), "buy at the cursor", "buy", _TRADE, _open_for_trading),
    Action("ladder.sell", ("s",), "sell at the cursor", "sell", _TRADE, _open_for_trading),
    Action("ladder.join_bid", ("q",), "buy at the best bid", "join bid", _TRADE, _open_for_trading),
    Action("ladder.join_ask", ("w",), "sell at the best ask", "join ask", _TRADE, _open_for_trading),
    Action("ladder.ticket", ("enter",), "ticket at the cursor, never sends", "ticket", _TRADE, _open_for_trading),
    Action("ladder.cancel", ("x",), "cancel own orders at the cursor", "cancel", _CANCEL, _writable),
    *(Action(f"ladder.size_{n}", (str(n),), f"size preset {n}", argument=str(n), method="size") for n in range(1, 6)),
    Action("ladder.reduce_only", ("a",), "reduce-only for the next orders", "reduce", reason=_futures),
    Action("ladder.post_only", ("o",), "post-only for the next orders", "post"),
    Action("ladder.coarser", ("plus", "equals_sign"), "group more prices into a row", "group"),
    Action("ladder.finer", ("minus",), "group fewer prices into a row", "group"),
    Action("ladder.cumulative", ("i",), "sizes summed from the touch"),
    Action("ladder.close", ("c",), "close the position at market", "close", _TRADE, _position),
    Action("ladder.reverse", ("v",), "turn the position round at market, always reviewed", "", _TRADE, _position),
    Action("ladder.nudge_down", ("comma",), "own orders here a tick down", "tick", _TRADE, _writable, "-1", "nudge"),
    Action("ladder.nudge_up", ("full_stop",), "own orders here a tick up", "tick", _TRADE, _writable, "1", "nudge"),
    Action("ladder.nudge_down_ten", ("less_than_sign",), "ten ticks down", "", _TRADE, _writable, "-10", "nudge"),
    Action("ladder.nudge_up_ten", ("greater_than_sign",), "ten ticks up", "", _TRADE, _writable, "10", "nudge"),
    Action("ladder.buy_market", (), "buy at market", "", _TRADE, _open_for_trading),
    Action("ladder.sell_market", (), "sell at market", "", _TRADE, _open_for_trading),
    Action("ladder.hold", ("h",), "hold the picture still", "hold"),
    Action("ladder.changes", ("l",), "sizes pulled and stacked lately, or not"),
    Action("ladder.book", ("n",), "the order book side by side", "book"),
    Action("ladder.pin", ("p",), "stay with this symbol, or follow the focus again", "pin"),
    # order book
    Action("book.ladder", ("n",), "the ladder in this place", "ladder"),
    Action("book.coarser", ("plus", "equals_sign"), "group more prices into a row", "group"),
    Action("book.finer", ("minus",), "group fewer prices into a row", "group"),
    Action("book.curve", ("d",), "the depth curve below, or more levels", "curve"),
    Action("book.pin", ("p",), "stay with this symbol, or follow the focus again", "pin"),
    Action("book.cumulative", ("i",), "sizes summed from the touch", "sums"),
    Action("book.beside", ("a",), "find a symbol whose book stands beside this one", "beside"),
    Action("book.alone", ("x",), "no book beside this one", "one book"),
    # tape
    Action("tape.more", ("plus", "equals_sign"), "show only larger prints", "size"),
    Action("tape.less", ("minus",), "show smaller prints too", "size"),
    Action("tape.merge", ("n",), "one line a taker, or one a trade", "merge"),
    Action("tape.hold", ("h",), "hold the picture still", "hold"),
    Action("tape.pin", ("p",), "stay with this symbol, or follow the focus again", "pin"),
    # orders
    Action("orders.cancel", ("x",), "cancel this order", "cancel", _CANCEL, _writable),
    Action("orders.edit", ("m",), "change price and size where it stands", "modify", _TRADE, _writable),
    Action("orders.nudge_down", ("comma",), "a tick down", "tick", _TRADE, _writable, "-1", "nudge"),
    Action("orders.nudge_up", ("full_stop",), "a tick up", "", _TRADE, _writable, "1", "nudge"),
    Action("orders.nudge_down_ten", ("less_than_sign",), "ten ticks down", "", _TRADE, _writable, "-10", "nudge"),
    Action("orders.nudge_up_ten", ("greater_than_sign",), "ten ticks up", "", _TRADE, _writable, "10", "nudge"),
    Action("orders.at_best", ("r",), "move it to the best price of its side", "at best", _TRADE, _writable),
    Action("orders.mark", ("space",), "mark it for cancelling with others", "mark"),
    Action("orders.filter", ("f",), "which orders are listed", "filter"),
    Action("orders.go", ("enter",), "the order's whole history, and its symbol", "history"),
    # positions
    Action("positions.close", ("c",), "close it, or a part of it", "close", _TRADE, _writable),
    Action("positions.reverse", ("v",), "turn it round at market", "reverse", _TRADE, _writable),
    Action("positions.break_even", ("e",), "put its stop to break-even", "break-even", _TRADE, _writable),
    Action("positions.protect", ("m",), "change its stop and target", "SL/TP", _TRADE, _writable),
    Action("positions.leverage", ("l",), "change the contract's leverage", "leverage", _TRADE, _writable),
    Action("positions.margin", ("a",), "add isolated margin, or take some", "margin", _TRADE, _writable),
    Action("positions.go", ("enter",), "show this position's symbol", "show"),
    # fills
    Action("fills.filter", ("f",), "which fills are listed", "filter"),
    Action("fills.export", ("e",), "write the listed fills to a CSV file", "export"),
    Action("fills.order", ("enter",), "the whole history of its order", "history"),
    # account
    Action("account.detail", ("enter",), "everything about this balance", "detail"),
    Action("account.all", ("f",), "show empty balances too, or not", "filter"),
    # messages
    Action("messages.severity", ("f",), "least severity shown", "severity"),
    Action("messages.full", ("enter",), "the whole text, over several rows", "full text"),
    # alerts
    Action("alerts.add", ("i",), "set an alert", "add"),
    Action("alerts.remove", ("d",), "forget this alert", "remove"),
    Action("alerts.go", ("enter",), "show its symbol", "show"),
    # algos
    Action("algos.stop", ("x",), "stop it and cancel its working orders", "stop", _CANCEL, _writable),
    Action("algos.go", ("enter",), "show its symbol", "show"),
    # API keys: what they change is the keyring, never the account
    Action("keys.add", ("a",), "add a key", "add"),
    Action("keys.generate", ("n",), "make an Ed25519 pair here", "new pair"),
    Action("keys.check", ("c", "enter"), "ask what the key may do", "check"),
    Action("keys.default", ("d",), "use it where none is named, from the next start on", "default"),
    Action("keys.public", ("p",), "show the public key", "public"),
    Action("keys.remove", ("x",), "forget the key here; asks for its name", "remove"),
    # ticket
    Action("ticket.next_field", ("tab",), "next field", "fields"),
    Action("ticket.previous_field", ("shift+tab",), "previous field"),
    Action("ticket.tick_up", ("up",), "a tick or a step more", "tick"),
    Action("ticket.tick_down", ("down",), "a tick or a step less", "tick"),
    Action("ticket.change", ("space",), "change the choice under the cursor", "change"),
    Action("ticket.review", ("enter",), "spell the order out; Enter again sends", "review", _TRADE, _open_for_trading),
)

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}


def in_context(context: str, session: Session | None = None) -> list[Action]:
    """The actions of a context in the order of the table, those alone that a given session has."""
    return [action for action in ACTIONS if action.context == context and (session is None or exists(action, session))]


def exists(action: Action, session: Session) -> bool:
    """Whether a session has this action at all: a read-only one has none that writes."""
    return not session.read_only or action.danger is Danger.VIEW
