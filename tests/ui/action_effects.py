"""What comes of every action of the table: what to look at, and what must be there once its key was pressed.

A key that may move money, cancel or arm is shown by the command the engine gets, whole; every other one by what the
trader sees or the engine is told. `NEARBY` names keys pressed first, `SETUP` what is put in place, so that there is
something to change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal as D

from fake_desk import PERP, SPOT, WATCHED

from tui.domain.order import OrderChange, OrderRequest
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands import Command
from tui.engine.commands.automation import RemoveAlert, StopAlgo
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrder,
    ChangeOrder,
    ClosePosition,
    Protect,
    ReversePosition,
    SubmitOrder,
)
from tui.engine.commands.safety import Arm, Halt
from tui.engine.commands.views import FocusSymbol, ShowOrderHistory, StopWork, WatchSymbols
from tui.engine.order_history import OrderKey
from tui.ui.app import TradingApp
from tui.ui.lines import plain

See = Callable[[TradingApp], object]


@dataclass(frozen=True)
class Effect:
    """`see` gives something else before the key than `then` after it; `holds` judges both where none is exact."""

    see: See
    then: object = None
    holds: Callable[[object, object], bool] | None = None

    def came(self, before: object, after: object) -> bool:
        """Whether what is there now is what was to come, and was not there before."""
        if self.holds is not None:
            return self.holds(before, after)
        return before != after == self.then


def focus(pane_id: str) -> Effect:
    """Another pane has the keys."""
    return Effect(lambda app: app.focused.id if app.focused else "", pane_id)


def told(*commands: Command) -> Effect:
    """The engine gets exactly these as its newest."""
    return Effect(lambda app: tuple(app.desk.commands[-len(commands) :]), commands)


def said(text: str) -> Effect:
    """One line says so."""
    return Effect(lambda app: text in app.row.said, True)


def typed(text: str) -> Effect:
    """The command line is open with this text."""
    return Effect(lambda app: app.row.edit.text if app.row.is_open else "", text)


def title(pane: str, text: str, *, gone: bool = False) -> Effect:
    """The border of a pane says so, or no more."""
    return Effect(lambda app: text in str(app.panes[pane].border_title), not gone)


def top(pane: str, text: str) -> Effect:
    """The first line of a pane begins so."""
    return Effect(lambda app: line(app, pane).strip().startswith(text), True)


def line(app: TradingApp, pane: str, number: int = 0) -> str:
    """One line of a pane as it stands."""
    shown = app.panes[pane]
    return plain(shown.lines(*shown.content_size)[number])


def whole(app: TradingApp, pane: str) -> str:
    """Everything a pane shows."""
    shown = app.panes[pane]
    return "\n".join(plain(each) for each in shown.lines(*shown.content_size))


def row(pane: str, key: object) -> Effect:
    """The cursor of a list is on the row of this key."""
    return Effect(lambda app: app.panes[pane].key_of(app.panes[pane].chosen()), key)


def symbol(wanted: str) -> Effect:
    """The linked panes show this symbol, and the engine follows it."""
    return Effect(lambda app: (app.view.symbol, FocusSymbol(wanted) in app.desk.commands), (wanted, True))


def cursor(price: str | None) -> Effect:
    """The ladder's cursor is at this price, or follows the touch."""
    return Effect(lambda app: app.view.cursor_price, None if price is None else D(price))


def order(side: Side, price: str | None, quantity: str = "0.001", *, post_only: bool = True) -> Effect:
    """One order, reviewed."""
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    at = None if price is None else D(price)
    request = OrderRequest(PERP, side, kind, D(quantity), at, post_only=post_only and price is not None)
    return told(SubmitOrder(request, reviewed=True))


def moved(price: str) -> Effect:
    """The first order has another price, reviewed."""
    return told(ChangeOrder("btui-1", OrderChange(D(price)), reviewed=True))


def ticket(side: Side) -> Effect:
    """The ticket has the keys and faces this side."""
    return Effect(lambda app: (app.focused.id, app.panes["ticket"].form.side), ("ticket", side))


def look(name: str, then: object) -> Effect:
    """The chart is drawn so."""
    return Effect(lambda app: getattr(app.view.look("chart"), name), then)


def first_symbol(wanted: str) -> Effect:
    """The watchlist begins with this symbol."""
    return Effect(lambda app: app.panes["watchlist"].rows()[0].symbol, wanted)


def _last_candle(app: TradingApp) -> str:
    """Time of the candle that the chart's heading is about."""
    return line(app, "chart")[1:13]


def _cross_price(app: TradingApp) -> D:
    cross = app.panes["chart"]._state.cross
    return D(0) if cross is None else cross.price


def _rows(pane: str) -> See:
    """How many lines of a pane say something."""

    def see(app: TradingApp) -> int:
        shown = app.panes[pane]
        return sum(bool(plain(each).strip()) for each in shown.lines(*shown.content_size))

    return see


def _form(name: str) -> See:
    return lambda app: app.panes["ticket"].form.text(name)


_HELD = D("0.250")

EFFECTS: dict[str, Effect] = {
    "help.pane": focus("help"),
    "cmd.open": Effect(lambda app: (app.focused.id, app.row.is_open), ("command", True)),
    "symbol.search": focus("search"),
    "trade.arm": told(Arm()),
    "trade.disarm": Effect(lambda app: app.board.area.zoomed, ""),
    "trade.buy": ticket(Side.BUY),
    "trade.sell": ticket(Side.SELL),
    "trade.restore": typed("b 0.01 BTCUSDT @ 63990"),
    "cancel.symbol": told(CancelEntries(PERP)),
    "cancel.account": told(CancelEntries(None)),
    "trade.halt": told(Halt()),
    "trade.halt_chord": told(Halt()),
    "pane.next": focus("tape"),
    "pane.previous": focus("chart"),
    "pane.jump": Effect(lambda app: app.board.navigation.is_jumping, True),
    "pane.number_1": focus("watchlist"),
    "pane.number_2": focus("chart"),
    "pane.number_3": focus("ladder"),
    "pane.number_4": focus("tape"),
    "pane.number_5": focus("positions"),
    "pane.number_6": focus("orders"),
    "pane.number_7": focus("fills"),
    "pane.number_8": focus("messages"),
    "pane.number_9": focus("ticket"),
    "pane.zoom": Effect(lambda app: app.board.area.zoomed, "ladder"),
    "pane.add": focus("palette"),
    "pane.close": said("the first ladder stays"),
    "row.copy": Effect(lambda app: app.clipboard.split("\t")[:3], ["1", PERP, "BUY"]),
    "ws.next": Effect(lambda app: app.board.arranger.name, holds=lambda before, after: "" != before != after != ""),
    "work.stop": told(StopWork(1)),
    "app.palette": focus("palette"),
    "app.settings": focus("settings"),
    "app.quit": Effect(lambda app: getattr(app.row.reviews.waiting, "screen", ""), "quit"),
    "rows.up": row("orders", "btui-1"),
    "rows.down": row("orders", "btui-2"),
    "rows.page_up": row("orders", "btui-1"),
    "rows.page_down": row("orders", "btui-5"),
    "rows.first": row("orders", "btui-1"),
    "rows.last": row("orders", "btui-5"),
    "watchlist.choose": symbol(SPOT),
    "watchlist.add": focus("search"),
    "watchlist.remove": told(WatchSymbols(WATCHED[1:])),
    "watchlist.sort": said("main by change"),
    "watchlist.lower": first_symbol(PERP),
    "watchlist.higher": first_symbol(PERP),
    "watchlist.alert": typed(f"alert {SPOT} > 64212.40"),
    "watchlist.previous_list": Effect(lambda app: app.panes["watchlist"].lists.current.name, "main"),
    "watchlist.next_list": Effect(lambda app: app.panes["watchlist"].lists.current.name, "other"),
    "watchlist.new_list": top("watchlist", "new list:"),
    "watchlist.rename": top("watchlist", "name: main"),
    "chart.shorter": look("interval", "3m"),
    "chart.longer": look("interval", "15m"),
    "chart.zoom_in": look("zoom", 2),
    "chart.zoom_out": look("zoom", 0),
    "chart.older": Effect(_last_candle, "21 Jul 13:15"),
    "chart.newer": Effect(_last_candle, "21 Jul 13:15"),
    "chart.live": Effect(_last_candle, "21 Jul 14:00"),
    "chart.studies": top("chart", "show  e ■ EMA20"),
    "chart.style": look("is_line", True),
    "chart.depth": title("chart", "depth"),
    "chart.pin": Effect(lambda app: app.view.pinned("chart"), (PERP,)),
    "chart.left": Effect(_last_candle, "21 Jul 13:55"),
    "chart.right": Effect(_last_candle, "21 Jul 14:00"),
    "chart.up": Effect(_cross_price, holds=lambda before, after: 0 < before < after),
    "chart.down": Effect(_cross_price, holds=lambda before, after: before > after > 0),
    "chart.alert": Effect(lambda app: app.desk.commands[-1:] != [] and "AddAlert" in repr(app.desk.commands[-1]), True),
    "ladder.up": cursor("64210.6"),
    "ladder.down": cursor("64210.4"),
    "ladder.page_up": cursor("64211.5"),
    "ladder.page_down": cursor("64209.5"),
    "ladder.centre": cursor(None),
    "ladder.buy": order(Side.BUY, "64210.5"),
    "ladder.sell": order(Side.SELL, "64210.5"),
    "ladder.join_bid": order(Side.BUY, "64212.0"),
    "ladder.join_ask": order(Side.SELL, "64212.5"),
    "ladder.ticket": Effect(lambda app: (app.focused.id, _form("price")(app)), ("ticket", "64210.5")),
    "ladder.cancel": told(CancelOrder("btui-1")),
    **{f"ladder.size_{n}": Effect(lambda app: app.view.preset + 1, n) for n in range(1, 6)},
    "ladder.reduce_only": title("ladder", " RO"),
    "ladder.post_only": title("ladder", " PO", gone=True),
    "ladder.coarser": title("ladder", "grp 0.2"),
    "ladder.finer": title("ladder", "grp 0.1"),
    "ladder.cumulative": title("ladder", " cum"),
    "ladder.close": told(ClosePosition(PERP, reviewed=True)),
    "ladder.reverse": told(ReversePosition(PERP, reviewed=True, held=_HELD)),
    "ladder.nudge_down": moved("64210.4"),
    "ladder.nudge_up": moved("64210.6"),
    "ladder.nudge_down_ten": moved("64209.5"),
    "ladder.nudge_up_ten": moved("64211.5"),
    "ladder.buy_market": order(Side.BUY, None),
    "ladder.sell_market": order(Side.SELL, None),
    "ladder.hold": Effect(lambda app: app.panes["ladder"]._held is not None, True),
    "ladder.changes": said("shows sizes pulled"),
    "ladder.book": focus("book"),
    "ladder.pin": Effect(lambda app: app.view.pinned("ladder"), (PERP,)),
    "book.ladder": focus("ladder"),
    "book.coarser": title("book", "grp 0.2"),
    "book.finer": title("book", "grp 0.5"),
    "book.curve": Effect(lambda app: app.panes["book"]._is_curved, False),
    "book.pin": Effect(lambda app: app.panes["book"].pinned, PERP),
    "book.cumulative": title("book", " cum"),
    "book.beside": focus("search"),
    "book.alone": Effect(lambda app: app.view.pinned("book"), ()),
    "tape.more": title("tape", "≥100"),
    "tape.less": title("tape", "≥0"),
    "tape.merge": title("tape", "single"),
    "tape.hold": title("tape", "HELD"),
    "tape.pin": Effect(lambda app: app.view.pinned("tape"), (PERP,)),
    "orders.cancel": told(CancelOrder("btui-1")),
    "orders.edit": Effect(lambda app: app.panes["orders"].is_typing, True),
    "orders.nudge_down": moved("64210.4"),
    "orders.nudge_up": moved("64210.6"),
    "orders.nudge_down_ten": moved("64209.5"),
    "orders.nudge_up_ten": moved("64211.5"),
    "orders.at_best": moved("64212.0"),
    "orders.mark": Effect(lambda app: set(app.panes["orders"].marked), {"btui-1"}),
    "orders.filter": title("orders", "this symbol"),
    "orders.go": told(ShowOrderHistory(OrderKey(PERP, "btui-1", 7_001))),
    "positions.close": typed(f"close 100% {PERP}"),
    "positions.reverse": told(ReversePosition(PERP, reviewed=True, held=_HELD)),
    "positions.break_even": told(Protect(PERP, D("63880.0"), reviewed=True)),
    "positions.protect": Effect(lambda app: app.panes["positions"].is_typing, True),
    "positions.leverage": typed(f"lev 10 {PERP}"),
    "positions.margin": said("cross margin is shared by all positions"),
    "positions.go": symbol(PERP),
    "fills.filter": title("fills", "this symbol"),
    "fills.export": said("this session has no folder to write to"),
    "fills.order": told(ShowOrderHistory(OrderKey(SPOT, "btui-40", 7_100))),
    "account.detail": said("USDT in Spot: 9,880.4 free"),
    "account.all": title("account", "with empty ones"),
    "messages.severity": title("messages", "success and louder"),
    "messages.full": Effect(_rows("messages"), holds=lambda before, after: before < after),
    "alerts.add": typed(f"alert {PERP} > "),
    "alerts.remove": told(RemoveAlert(1)),
    "alerts.go": symbol(PERP),
    "algos.stop": told(StopAlgo("twap-1")),
    "algos.go": symbol(PERP),
    "keys.add": top("keys", "ADD a key"),
    "keys.generate": top("keys", "MAKE an Ed25519 pair"),
    "keys.check": top("keys", "CHECK testnet/main"),
    "keys.default": said("testnet uses main from the next start on"),
    "keys.public": Effect(lambda app: "PEM" in whole(app, "keys"), True),
    "keys.remove": Effect(lambda app: app.panes["keys"].is_typing, True),
    "ticket.next_field": Effect(lambda app: app.panes["ticket"].form.at, "part"),
    "ticket.previous_field": Effect(lambda app: app.panes["ticket"].form.at, "price"),
    "ticket.tick_up": Effect(_form("size"), "0.101"),
    "ticket.tick_down": Effect(_form("size"), "0.099"),
    "ticket.change": Effect(lambda app: app.panes["ticket"].form.choices["type"], "MARKET"),
    "ticket.review": order(Side.BUY, "64000", "0.100"),
}

#: Keys pressed before, so that there is something to go on or back from.
NEARBY: dict[str, list[str]] = {
    "rows.up": ["down"],
    "rows.page_up": ["end"],
    "rows.first": ["end"],
    "chart.newer": ["h", "h"],
    "chart.live": ["h", "h", "h"],
    "chart.left": ["right"],
    "chart.right": ["left", "left"],
    "chart.up": ["left"],
    "chart.down": ["left"],
    "chart.alert": ["left"],
    "trade.disarm": ["z"],
    "watchlist.higher": ["down"],
    "tape.less": ["plus"],
    "ladder.finer": ["plus"],
    "ladder.size_1": ["2"],
    "ladder.centre": ["down"],
    "book.finer": ["plus", "plus", "plus"],
    "ticket.change": ["shift+tab", "shift+tab"],
}


def _arranged(app: TradingApp) -> None:
    lists = app.panes["watchlist"].lists
    if "other" not in lists.names:
        lists.begin("other")
    lists.show("main")
    for symbol_ in WATCHED:
        if symbol_ not in lists.current.symbols:
            lists.add(symbol_)
    lists.arrange(WATCHED)
    app.panes["watchlist"].cursor.release()
    app.desk.sent.clear()


def _other_list(app: TradingApp) -> None:
    _arranged(app)
    app.panes["watchlist"].lists.show("other")


def _on_spot(app: TradingApp) -> None:
    app.view.symbol = SPOT
    app.desk.sent.clear()


def _every_fill(app: TradingApp) -> None:
    app.panes["fills"].filter = ""
    app.panes["fills"].cursor.release()


#: What is put in place before the key, where keys cannot do it.
SETUP: dict[str, Callable[[TradingApp], None]] = {
    **dict.fromkeys((name for name in EFFECTS if name.startswith("watchlist.")), _arranged),
    "watchlist.previous_list": _other_list,
    "positions.go": _on_spot,
    "alerts.go": _on_spot,
    "algos.go": _on_spot,
    "fills.order": _every_fill,
    "book.alone": lambda app: app.view.pins.update(book=("ETHUSDT-PERP",)),
}
