"""What the exchange says of whether a symbol trades, folded to what a trader can do (execution semantics 3.4)."""

from tui.domain.instrument import TradingStatus
from tui.domain.product import Product

_COMMON = {"TRADING": TradingStatus.TRADING}

_SPOT = {
    **_COMMON,
    "END_OF_DAY": TradingStatus.CLOSED,
    "HALT": TradingStatus.HALT,
    "BREAK": TradingStatus.PAUSE,
    "CANCEL_ONLY": TradingStatus.CANCEL_ONLY,
    "PRE_TRADING": TradingStatus.PRE_OPEN,
    "POST_TRADING": TradingStatus.POST_CLOSE,
    "AUCTION_MATCH": TradingStatus.CROSS,
}

_FUTURES = {
    **_COMMON,
    "TRADING_HALT": TradingStatus.HALT,
    "TRADING_CANCEL_ONLY": TradingStatus.CANCEL_ONLY,
    "PENDING_TRADING": TradingStatus.PRE_OPEN,
    "PRE_TRADING": TradingStatus.PRE_OPEN,
    "POST_TRADING": TradingStatus.POST_CLOSE,
    "PRE_DELIVERING": TradingStatus.PRE_CLOSE,
    "PRE_SETTLE": TradingStatus.PRE_CLOSE,
    "PRE_DELISTING": TradingStatus.PRE_CLOSE,
    "END_OF_DAY": TradingStatus.CLOSED,
    "DELIVERING": TradingStatus.CLOSED,
    "DELIVERED": TradingStatus.CLOSED,
    "SETTLING": TradingStatus.CLOSED,
    "CLOSE": TradingStatus.CLOSED,
    "HALT": TradingStatus.HALT,
    "AUCTION_MATCH": TradingStatus.CROSS,
    "BREAK": TradingStatus.PAUSE,
    "DELISTING": TradingStatus.SUSPENDED,
    "DOWN": TradingStatus.NOT_AVAILABLE,
}


def trading_status(product: Product, raw: str) -> TradingStatus:
    """The status of a symbol; one not known here is OTHER, and takes no orders."""
    return (_FUTURES if product.is_futures else _SPOT).get(raw, TradingStatus.OTHER)
