"""USD-M's private REST: flags of the account, and what it is not allowed."""

from tui.exchange.accounts.asset_mode import set_multi_assets as set_multi_assets_of
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.usdm_account import ledger_of
from tui.exchange.server.usdm_shapes import Body
from tui.exchange.server.user_events import multi_assets_changed

_SUCCESS = {"code": 200, "msg": "success"}


def get_multi_assets(desk: Desk, call: Call) -> object:
    """Whether all assets keep all positions."""
    return {"multiAssetsMargin": call.account_id in ledger_of(desk).multi_assets}


def set_multi_assets(desk: Desk, call: Call) -> object:
    """Change between single-asset and multi-assets mode."""
    account_id = call.account_id
    call.parameters.required("multiAssetsMargin")
    wanted = call.parameters.flag("multiAssetsMargin")
    waiting = desk.venue.algos.open_orders(account_id) if desk.venue.algos is not None else []
    has_orders = bool(desk.venue.open_orders(account_id) or waiting)
    set_multi_assets_of(ledger_of(desk), account_id, wanted, has_orders=has_orders)
    desk.announce(account_id, multi_assets_changed(desk, wanted))
    return _SUCCESS


def get_fee_burn(desk: Desk, call: Call) -> object:
    """Whether BNB pays commissions."""
    return {"feeBurn": call.account_id in ledger_of(desk).fee_burners}


def set_fee_burn(desk: Desk, call: Call) -> object:
    """Let BNB pay commissions, where the wallet has any."""
    call.parameters.required("feeBurn")
    burners = ledger_of(desk).fee_burners
    (burners.add if call.parameters.flag("feeBurn") else burners.discard)(call.account_id)
    return _SUCCESS


def trading_status(desk: Desk, call: Call) -> object:
    """Where the account stands with the quantitative rules: no rule was broken."""
    symbols = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else list(desk.venue.listings)
    triggers = {"UFR": 0.995, "IFER": 0.995, "GCR": 0.995, "DR": 0.99}
    rows: dict[str, object] = {
        symbol: [_indicator(name, trigger) for name, trigger in triggers.items()] for symbol in symbols
    }
    return {"indicators": rows | {"ACCOUNT": [_indicator("TMV", 10)]}, "updateTime": desk.now_ms()}


def _indicator(name: str, trigger: float) -> Body:
    return {"isLocked": False, "plannedRecoverTime": 0, "indicator": name, "value": 0, "triggerValue": trigger}


def sign_stock_contract(desk: Desk, call: Call) -> object:
    """Stocks and commodities are not listed here, so there is no agreement to sign."""
    raise Rejection(-4084, "Method is not allowed currently. Upcoming soon.")


def _status_weight(parameters: Parameters) -> int:
    return 1 if parameters.has("symbol") else 10


#: Binance USD-M futures docs, account endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "v1/multiAssetsMargin"): signed(get_multi_assets, 30),
    ("POST", "v1/multiAssetsMargin"): signed(set_multi_assets),
    ("GET", "v1/feeBurn"): signed(get_fee_burn, 30),
    ("POST", "v1/feeBurn"): signed(set_fee_burn),
    ("GET", "v1/apiTradingStatus"): signed(trading_status, _status_weight),
    ("POST", "v1/stock/contract"): signed(sign_stock_contract, 50),
}
