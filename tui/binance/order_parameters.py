"""What an order becomes on the wire, the part that products share; what none can send is denied by a stable code."""

from decimal import Decimal
from enum import StrEnum

from tui.binance.errors import RefusedError
from tui.binance.wire import plain
from tui.domain.order import Order
from tui.domain.order_terms import OrderType


class Denial(StrEnum):
    """Why an order is denied before anything is sent; the codes are stable, for scripts and tests."""

    ORDER_TYPE = "UNSUPPORTED_ORDER_TYPE"
    TIME_IN_FORCE = "UNSUPPORTED_TIME_IN_FORCE"
    POST_ONLY = "UNSUPPORTED_POST_ONLY"
    REDUCE_ONLY = "UNSUPPORTED_REDUCE_ONLY"
    CLOSE_POSITION = "UNSUPPORTED_CLOSE_POSITION"
    POSITION_SIDE = "UNSUPPORTED_POSITION_SIDE"
    QUOTE_QUANTITY = "UNSUPPORTED_QUOTE_QUANTITY"
    DISPLAY_QUANTITY = "UNSUPPORTED_DISPLAY_QUANTITY"
    PRICE_MATCH = "UNSUPPORTED_PRICE_MATCH"
    PRICE_PROTECT = "UNSUPPORTED_PRICE_PROTECT"
    PEG = "UNSUPPORTED_PEG"
    SELF_TRADE_PREVENTION = "UNSUPPORTED_SELF_TRADE_PREVENTION"
    MARGIN_EFFECT = "UNSUPPORTED_MARGIN_EFFECT"
    LISTS = "UNSUPPORTED_OCO_CONDITIONAL_ORDERS"
    CHANGE = "UNSUPPORTED_CHANGE"
    TEST = "UNSUPPORTED_TEST"
    PRICE = "INVALID_PRICE"
    QUANTITY = "INVALID_QUANTITY"
    GOOD_TILL = "INVALID_GOOD_TILL"
    TRIGGER_TYPE = "INVALID_TRIGGER_TYPE"
    TRIGGER_PRICE = "INVALID_TRIGGER_PRICE"
    TRAILING_OFFSET = "INVALID_TRAILING_OFFSET"
    TRAILING_OFFSET_TYPE = "INVALID_TRAILING_OFFSET_TYPE"


class DeniedError(RefusedError):
    """Refused here, before anything was sent: the wire has no words for it. `rule` is the stable code."""

    def __init__(self, rule: Denial, sentence: str) -> None:
        super().__init__(f"{rule.value}: {sentence}")
        self.rule = rule
        self.sentence = sentence


#: Types that rest at a limit price, at once or once triggered.
LIMIT_TYPES = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
#: Types that wait for a price before they work.
CONDITIONAL_TYPES = frozenset(
    {
        OrderType.STOP_MARKET,
        OrderType.STOP_LIMIT,
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
        OrderType.TRAILING_STOP_MARKET,
    }
)


def limit_price(order: Order) -> str:
    """The price of a limit order as wire text; raises DeniedError when it has none."""
    return positive_text(order.price, Denial.PRICE, f"a {order.type.value} order needs a price above zero")


def positive_text(value: Decimal | None, rule: Denial, sentence: str) -> str:
    """A number above zero as wire text; raises DeniedError for any other."""
    if value is None or not value.is_finite() or value <= 0:
        raise DeniedError(rule, sentence)
    return plain(value)
