"""What the demo account's keys may do, as the wallet service tells it."""

from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call

#: 2026-01-01: the account was always there.
_CREATED_MS = 1_767_225_600_000


def api_restrictions(desk: Desk, call: Call) -> object:
    """The key's permissions (Binance wallet docs, "Get API Key Permission")."""
    return {
        "ipRestrict": False,
        "createTime": _CREATED_MS,
        "enableReading": True,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": True,
        "enableFutures": True,
        "permitsUniversalTransfer": True,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": True,
        "enablePortfolioMarginTrading": False,
    }
