"""What keys may do, as the wallet service tells it."""

from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call

#: 2026-01-01: the account was always there.
_CREATED_MS = 1_767_225_600_000


def api_restrictions(desk: Desk, call: Call) -> object:
    """The key's permissions (Binance wallet docs, "Get API Key Permission")."""
    assert call.key is not None
    allowed = call.key.permissions
    return {
        "ipRestrict": bool(call.key.addresses),
        "createTime": _CREATED_MS,
        "enableReading": "read" in allowed,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": "margin" in allowed,
        "enableFutures": "futures" in allowed,
        "permitsUniversalTransfer": True,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": "trade" in allowed,
        "enablePortfolioMarginTrading": False,
    }
