"""What every part of a futures client stands on: the connection, the product's dialect, and what it has learned."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

import msgspec

from tui.binance.call import Call
from tui.binance.environment import ProductUrls
from tui.binance.errors import BinanceError, OutcomeUnknownError
from tui.binance.futures import wire
from tui.binance.futures.dialect import Dialect
from tui.binance.futures.fees import with_fees
from tui.binance.limits import LimitPools
from tui.binance.link import timing_for
from tui.binance.order_route import OrderRoute
from tui.binance.rest_client import Answer, MarketCalls, RestClient, Result, transport
from tui.binance.signing import Credentials, Parameters
from tui.binance.wire import MALFORMED, decode_answer, name
from tui.binance.ws_api import ws_api_url
from tui.binance.ws_calls import WsCalls
from tui.config import Options
from tui.domain.account import Balance, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.order import Fill
from tui.domain.product import Product
from tui.domain.text import clean

_log = logging.getLogger(__name__)

#: What European accounts hold instead of dollars.
_CREDITS = "BNFCR"

_TIER = msgspec.json.Decoder(wire.FeeTier)


class FuturesBase(RestClient):
    """Connection, words and memory of one futures product."""

    def __init__(
        self,
        dialect: Dialect,
        market: MarketCalls,
        urls: ProductUrls,
        credentials: Credentials | None,
        options: Options | None = None,
        pools: LimitPools | None = None,
    ) -> None:
        options, limits = options or Options(), (pools or LimitPools()).futures
        super().__init__(
            transport(urls.rest, f"{dialect.root}/v1/time", limits, credentials, options), market, options.data
        )
        self.dialect = dialect if options.execution.use_algo_service else dialect.without_algo_service()
        self.product: Product = dialect.product
        self.names = dialect.names
        self.options = options
        self.urls = urls
        #: What is known of symbols and of how they are set up, by program symbol.
        self.known: dict[str, Instrument] = {}
        self.configs: dict[str, SymbolConfig] = {}
        #: Whether `configs` may be out of date; read again with the account then.
        self.configs_are_stale = True
        #: Each asset's balance and what its wallet held when that was told.
        self.wallets: dict[str, tuple[Balance, Decimal]] = {}
        self._route = OrderRoute(self.rest, self._ws_calls(urls, credentials))

    def _ws_calls(self, urls: ProductUrls, credentials: Credentials | None) -> WsCalls | None:
        execution = self.options.execution
        if not (execution.use_ws_trading and self.dialect.trades_over_ws and urls.ws_api and credentials):
            return None
        calls = WsCalls(
            url=ws_api_url(urls.ws_api, self.dialect.ws_api_path),
            credentials=credentials,
            clock=self.rest.clock,
            limits=self.rest.limits,
            recv_window_ms=execution.recv_window_ms,
            measure_clock=self.rest.measure_clock,
            timing=timing_for(urls.ws_api),
        )
        calls.proxy_url = self.options.data.proxy_url
        return calls

    def asset(self, raw: str) -> str:
        """The name of an asset; credits of European accounts (BNFCR) count as the currency that the options say."""
        named = name(raw)
        return self.options.execution.bnfcr_currency if named == _CREDITS else named

    def by_currency(self, balances: Iterable[Balance]) -> list[Balance]:
        """Balances under the names they count by; what counts as one is added up."""
        found: dict[str, Balance] = {}
        for balance in balances:
            asset = self.asset(balance.asset)
            other = found.get(asset)
            found[asset] = replace(balance, asset=asset) if other is None else _together(other, balance)
        return list(found.values())

    def credited(self, fill: Fill) -> Fill:
        """An execution with its fee in what counts."""
        asset = self.asset(fill.commission_asset)
        return fill if asset == fill.commission_asset else replace(fill, commission_asset=asset)

    @property
    def is_fast(self) -> bool:
        """Whether the next order would go over the WebSocket API."""
        return self._route.is_fast

    async def open(self) -> None:
        """Measure the server's clock and warm the connections; raises RefusedError or OutcomeUnknownError."""
        await super().open()
        self._route.start()

    async def close(self) -> None:
        """Close every connection."""
        await self._route.close()
        await super().close()

    async def ask(
        self,
        call: Call,
        parameters: Parameters,
        decoder: msgspec.json.Decoder[Answer],
        parse: Callable[[Answer], Result],
        method: str = "",
    ) -> Result:
        """Request, decode, translate; an answer that cannot be read leaves the outcome unknown.

        `method` is the request's name in the WebSocket API, empty where it goes over REST alone.
        """
        answer = decode_answer(decoder, await self._route.request(call, method, parameters), call.path)
        try:
            return parse(answer)
        except MALFORMED as error:
            raise OutcomeUnknownError(f"{call.path}: the answer makes no sense ({clean(str(error))})") from None

    async def instruments(self) -> list[Instrument]:
        """Every contract with its rules, and with the fees of the account's tier where there is an account."""
        found, tier = await asyncio.gather(super().instruments(), self._fee_tier())
        self.known = {one.symbol: one for one in with_fees(self.readable, tier)}
        return [self.known[one.symbol] for one in found]

    async def _fee_tier(self) -> int | None:
        """The account's tier; None without an account, and where it is not told: contracts are loaded all the same."""
        if not self.rest.has_credentials:
            return None
        try:
            return await self.ask(self.dialect.ask(self.dialect.fee_tier, 5), {}, _TIER, lambda answer: answer.feeTier)
        except BinanceError as error:
            _log.warning("%s: the fee tier is not told: %s", self.product.label, error)
            return None


def _together(one: Balance, other: Balance) -> Balance:
    """Two balances of what counts as one asset, under the name of the first."""
    wallets = [balance.wallet for balance in (one, other) if balance.wallet is not None]
    return replace(
        one,
        free=one.free + other.free,
        locked=one.locked + other.locked,
        time_ms=max(one.time_ms, other.time_ms),
        wallet=sum(wallets, Decimal(0)) if wallets else None,
    )
