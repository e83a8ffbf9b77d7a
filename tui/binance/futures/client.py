"""Futures as the engine sees them; see `client.ProductClient` for what each method promises."""

from tui.binance.client import FuturesAccount, MarketListener, MarketStream, UserListener, UserStream
from tui.binance.environment import ProductUrls
from tui.binance.errors import RefusedError
from tui.binance.futures.batches import Batches
from tui.binance.futures.dialect import Dialect
from tui.binance.futures.holdings import Holdings
from tui.binance.futures.past import Past
from tui.binance.futures.settings import FuturesSettings
from tui.binance.futures.user_stream import FuturesUserStream
from tui.binance.limits import LimitPools
from tui.binance.market_stream import ProductMarketStream
from tui.binance.rest_client import MarketCalls
from tui.binance.signing import Credentials
from tui.binance.untraded import Untraded
from tui.config import Options


class FuturesClient(Batches, Past, Holdings, Untraded):
    """Trading, account and market data of one futures product; market data only without credentials."""

    def __init__(
        self,
        dialect: Dialect,
        market: MarketCalls,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        super().__init__(dialect, market, urls, credentials, options, pools)
        self._settings = FuturesSettings(self)

    @property
    def futures(self) -> FuturesAccount | None:
        """What only futures accounts can do."""
        return self._settings

    def market_stream(self, listener: MarketListener) -> MarketStream:
        """A market data connection, or one for each route, to be run by the caller."""
        return ProductMarketStream(self.product, self.urls, listener, self.options.data, tap=self.rest.tap)

    def user_stream(self, listener: UserListener) -> UserStream:
        """The account's events, to be run by the caller; raises RefusedError without credentials."""
        if not self.rest.has_credentials:
            raise RefusedError("no API key: only market data can be asked for")
        return FuturesUserStream(self, listener)
