"""COIN-M futures: inverse contracts of a fixed size in USD, counted in contracts, paid in the coin."""

from tui.binance.environment import ProductUrls
from tui.binance.futures.client import FuturesClient
from tui.binance.futures.dialect import Dialect
from tui.binance.limits import LimitPools
from tui.binance.signing import Credentials
from tui.config import Options
from tui.domain.product import Product

#: Derivatives docs, November 2026, after the move to USD-M's architecture of 2026-06-30. GTD is not documented here,
#: and the WebSocket API takes no conditional orders, so orders go over REST alone.
DIALECT = Dialect(
    product=Product.COINM,
    root="/dapi",
    account="/v1/account",
    positions="/v1/positionRisk",
    brackets="/v2/leverageBracket",
    fee_tier="/v1/account",
    income_weight=20,
    most_callback_bps=1_000,
    has_gtd=False,
    has_test=False,
    has_multi_assets=False,
    has_symbol_config=False,
    has_trade_lite=False,
    trades_over_ws=False,
    ws_api_path="/ws-dapi/v1",
)
MARKET = DIALECT.market(max_candles=1_500)


class CoinmClient(FuturesClient):
    """COIN-M trading and market data; market data only without credentials."""

    def __init__(
        self,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        super().__init__(DIALECT, MARKET, urls, credentials, options, pools)
