"""Which orders the pane lists."""

from dataclasses import dataclass, replace

from tui.domain.order import Order
from tui.domain.order_terms import Side

_KINDS = ("", "this symbol", "buys", "sells", "protection", "open", "placed elsewhere")


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """One way of looking; `words` says it in the border, "" when everything is listed."""

    words: str = ""

    def next(self) -> "OrderFilter":
        """The next way of looking, after the last everything again."""
        return replace(self, words=_KINDS[(_KINDS.index(self.words) + 1) % len(_KINDS)])

    def passes(self, order: Order, symbol: str) -> bool:
        """Whether the order is listed while `symbol` is in focus."""
        match self.words:
            case "this symbol":
                return order.symbol == symbol
            case "buys":
                return order.side is Side.BUY
            case "sells":
                return order.side is Side.SELL
            case "protection":
                return order.is_protective
            case "open":
                return not order.status.is_closed
            case "placed elsewhere":
                return order.is_foreign
            case _:
                return True
