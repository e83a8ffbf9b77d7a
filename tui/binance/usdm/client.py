"""USD-M futures: linear contracts, counted in coins, paid in stablecoins."""

from dataclasses import replace

from tui.binance.call import Call
from tui.binance.environment import ProductUrls
from tui.binance.futures.client import FuturesClient
from tui.binance.futures.dialect import Dialect
from tui.binance.limits import LimitPools
from tui.binance.signing import Credentials
from tui.config import Options
from tui.domain.product import Product

#: Derivatives docs, November 2026. Trailing stops may be 20 % wide since 2026-10-23.
DIALECT = Dialect(
    product=Product.USDM,
    root="/fapi",
    account="/v3/account",
    positions="/v3/positionRisk",
    brackets="/v1/leverageBracket",
    fee_tier="/v1/accountConfig",
    income_weight=30,
    most_callback_bps=2_000,
    has_gtd=True,
    has_test=True,
    has_multi_assets=True,
    has_symbol_config=True,
    has_trade_lite=True,
    trades_over_ws=True,
    ws_api_path="/ws-fapi/v1",
    names_contracts_with_orders=True,
)
MARKET = replace(
    DIALECT.market(max_candles=1_500),
    prices=Call("GET", "/fapi/v2/ticker/price", weight=2),
    rpi_depth=Call("GET", "/fapi/v1/rpiDepth", weight=20),
)


class UsdmClient(FuturesClient):
    """USD-M trading and market data; market data only without credentials."""

    def __init__(
        self,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        super().__init__(DIALECT, MARKET, urls, credentials, options, pools)
