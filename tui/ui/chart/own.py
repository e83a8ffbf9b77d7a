"""What the trader has in the market of a chart: own prices as marks, executions as arrows."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.engine.alerts.alert import Alert, AlertKind
from tui.engine.store import Store
from tui.ui.chart.picture import FillMark, Mark
from tui.ui.figures import grouped
from tui.ui.own_marks import alert_marks, held_marks, order_mark

_DASHES = {"entry": "╌", "liquidation": "━", "alert": "┄"}


class OwnThings:
    """Marks and executions of one symbol, collected anew only when the account or an alert changed."""

    def __init__(self) -> None:
        self._source: object = None
        self.marks: tuple[Mark, ...] = ()
        self.fills: tuple[FillMark, ...] = ()

    def collect(self, store: Store, instrument: Instrument) -> None:
        """Look at the store of this moment."""
        symbol = instrument.symbol
        source = (store.revision, symbol, tuple(store.alerts.values()))
        if source != self._source:
            self._source = source
            self.marks = tuple(marks_of(store, instrument))
            self.fills = tuple(FillMark(f.time_ms, f.price, f.side) for f in store.fills.copy() if f.symbol == symbol)


def marks_of(store: Store, instrument: Instrument) -> list[Mark]:
    """Working orders, then triggers, entry, liquidation and alerts of the symbol."""
    symbol = instrument.symbol
    own = held_marks(store, instrument)
    marks: list[Mark] = []
    for order in store.open_orders(symbol):
        trigger = order_mark(order, instrument)
        if trigger is not None:
            own.append(trigger)
        elif order.price is not None:
            letter, style = ("B", "bid") if order.side is Side.BUY else ("S", "ask")
            marks.append(Mark(order.price, f"{letter} {grouped(instrument.quantity_text(order.leaves))}", style, "╌"))
    own += alert_marks(store.alerts.values(), symbol)
    return marks + [Mark(m.price, f"{m.word} {m.size}".strip(), m.style, _DASHES.get(m.style, "·")) for m in own]


def alert_at(store: Store, symbol: str, price: Decimal) -> Alert | None:
    """The active price alert of a symbol at exactly this price."""
    kinds = (AlertKind.PRICE_ABOVE, AlertKind.PRICE_BELOW)
    for alert in store.alerts.values():
        asked = alert.request
        if alert.is_active and asked.kind in kinds and (asked.symbol, asked.level) == (symbol, price):
            return alert
    return None
