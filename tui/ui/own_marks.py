"""Words for what the trader has at a price: conditional orders, entries, liquidation, alerts."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.engine.alerts.alert import Alert, AlertKind
from tui.engine.store import Store
from tui.ui.figures import grouped


class OwnMark(NamedTuple):
    """One price that matters: `word` says what it is, `size` how much, and the style is the palette's."""

    price: Decimal
    word: str
    size: str
    style: str


_WORDS = {
    OrderType.STOP_MARKET: "SL",
    OrderType.STOP_LIMIT: "SL",
    OrderType.MARKET_IF_TOUCHED: "TP",
    OrderType.LIMIT_IF_TOUCHED: "TP",
    OrderType.TRAILING_STOP_MARKET: "TS",
}


def trigger_word(order: Order) -> str:
    """`SL`, `TP`, `TS` for what protects a position, `stop` and the like for what opens one."""
    if order.role is LegRole.TAKE_PROFIT:
        return "TP"
    word = _WORDS.get(order.type, "stop")
    return word if order.is_protective else {"SL": "stop", "TP": "touch", "TS": "trail"}.get(word, word)


def order_mark(order: Order, instrument: Instrument) -> OwnMark | None:
    """Where a conditional order triggers; None for one that works or trails without a price yet."""
    if order.trigger_price is None:
        return None
    size = "all" if order.close_position else grouped(instrument.quantity_text(order.leaves))
    letter = "B" if order.side is Side.BUY else "S"
    return OwnMark(order.trigger_price, trigger_word(order), f"{letter} {size}", "stop_mark")


def position_marks(position: Position, instrument: Instrument) -> list[OwnMark]:
    """Entry and liquidation of a position."""
    if not position.quantity:
        return []
    sign = "+" if position.quantity > 0 else "−"
    size = f"{sign}{grouped(instrument.quantity_text(abs(position.quantity)))}"
    side = "" if position.position_side is PositionSide.BOTH else f" {position.position_side.value}"
    marks = [OwnMark(position.entry_price, f"entry{side}", size, "entry")]
    if position.liquidation_price:
        marks.append(OwnMark(position.liquidation_price, "LIQ", side.strip(), "liquidation"))
    return marks


def held_marks(store: Store, instrument: Instrument) -> list[OwnMark]:
    """Entries of what is held of a symbol, virtual positions apart, and where the exchange would liquidate it."""
    marks = [mark for each in store.held(instrument.symbol) for mark in position_marks(each, instrument)]
    if store.is_virtual(instrument.product):
        net = (mark for each in store.positions_of(instrument.symbol) for mark in position_marks(each, instrument))
        marks += [mark for mark in net if mark.style == "liquidation"]
    return marks


def alert_marks(alerts: Iterable[Alert], symbol: str) -> list[OwnMark]:
    """Prices that active alerts of a symbol wait for."""
    arrows = {AlertKind.PRICE_ABOVE: "≥", AlertKind.PRICE_BELOW: "≤"}
    return [
        OwnMark(alert.request.level, f"!{arrows[alert.request.kind]}", "", "alert")
        for alert in alerts
        if alert.is_active and alert.request.symbol == symbol and alert.request.kind in arrows
    ]
