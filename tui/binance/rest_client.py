"""What the REST clients of all products have in common: the connection, and market data."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

import msgspec

from tui.binance import rows
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.http import Call, RestTransport, Retries
from tui.binance.limits import RateLimits, clock_text
from tui.binance.selection import Selection
from tui.binance.signing import Credentials, Parameters, ParameterValue
from tui.binance.wire import MALFORMED, decode_answer, price
from tui.config import DataOptions, Options
from tui.domain.instrument import Instrument
from tui.domain.market import BookSnapshot, Candle, OpenInterest, Ticker, Trade
from tui.domain.text import clean

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Result = TypeVar("Result")

_INFO = msgspec.json.Decoder(rows.ExchangeInfo)
_TICKERS = msgspec.json.Decoder(list[rows.DayTickerRow])
_PRICES = msgspec.json.Decoder(list[rows.PriceRow])
_DEPTH = msgspec.json.Decoder(rows.Depth, strict=False)
_TRADES = msgspec.json.Decoder(list[rows.AggregateTradeRow])
_SINGLE_TRADES = msgspec.json.Decoder(list[rows.SingleTradeRow])
_FUNDING = msgspec.json.Decoder(list[rows.FundingRow])
_INTEREST = msgspec.json.Decoder(rows.OpenInterestRow)
_KLINES = msgspec.json.Decoder(list[rows.KlineRow])

_MAX_TRADES = 1_000
_RPI_LEVELS = 1_000


@dataclass(frozen=True, slots=True)
class MarketCalls:
    """Where a product keeps its market data, at what weight, and how it names and describes its symbols."""

    info: Call
    tickers: Call
    prices: Call
    depth: Call
    trades: Call
    klines: Call
    max_candles: int
    program_name: Callable[[str], str]
    read_symbol: Callable[[msgspec.Raw], Instrument]
    #: Prints one by one, where the streams have them so (spot).
    single_trades: Call | None = None
    #: How often contracts pay funding, where they do.
    funding: Call | None = None
    #: What is held of a contract (futures).
    open_interest: Call | None = None
    #: The book with retail price improvement orders in it (USD-M), always of 1,000 levels.
    rpi_depth: Call | None = None
    #: Weight of a snapshot by the most levels it may have.
    depth_weights: Mapping[int, int] = field(default_factory=dict)
    #: And of candles by the most bars.
    kline_weights: Mapping[int, int] = field(default_factory=dict)

    def depth_call(self, levels: int) -> tuple[Call, int]:
        """The request for a snapshot of so many levels, or of as many as there are."""
        return _sized(self.depth, self.depth_weights, levels)

    def klines_call(self, bars: int) -> tuple[Call, int]:
        """The request for so many bars, or for as many as there are."""
        return _sized(self.klines, self.kline_weights, min(bars, self.max_candles))


def _sized(call: Call, weights: Mapping[int, int], rows: int) -> tuple[Call, int]:
    """The request at the weight that so many rows cost, and how many can be asked for."""
    if not weights:
        return call, rows
    most = min(rows, max(weights))
    return replace(call, weight=weights[min(bound for bound in weights if bound >= most)]), most


def transport(
    base_url: str, time_path: str, limits: RateLimits, credentials: Credentials | None, options: Options
) -> RestTransport:
    """The connection to one host, as the options want it."""
    execution = options.execution
    retries = Retries(
        execution.max_retries, execution.retry_delay_initial_ms / 1000, execution.retry_delay_max_ms / 1000
    )
    return RestTransport(
        base_url,
        time_path,
        limits,
        credentials,
        execution.recv_window_ms,
        retries=retries,
        proxy_url=options.data.proxy_url,
    )


class RestClient:
    """The connection and market data half of `client.ProductClient`."""

    def __init__(self, rest: RestTransport, calls: MarketCalls, data: DataOptions | None = None) -> None:
        self.rest = rest
        self._calls = calls
        self._data = data or DataOptions()
        self._selection = Selection(self._data)
        self._warned: set[str] = set()
        #: Every symbol that can be read, whatever is selected: an account may hold more than is followed.
        self.readable: list[Instrument] = []

    async def open(self) -> None:
        """Measure the server's clock and warm the connection; raises RefusedError or OutcomeUnknownError."""
        await self.rest.open()

    async def close(self) -> None:
        """Close every connection."""
        await self.rest.close()

    async def measure_clock(self) -> None:
        """Ask for the server's time again; raises RefusedError or OutcomeUnknownError."""
        await self.rest.measure_clock()

    @property
    def clock_offset_ms(self) -> int:
        """Server time minus local time."""
        return self.rest.clock.offset_ms

    @property
    def latency_ms(self) -> float | None:
        """Round trip of the last REST request."""
        return self.rest.latency_ms

    @property
    def used_weight(self) -> tuple[int, int]:
        """Request weight used in the current minute, and its limit."""
        return self.rest.limits.used_weight(self.rest.clock.now_ms())

    @property
    def snapshot_share(self) -> float:
        """The part of a minute's request weight that one book costs."""
        call, _ = self._calls.depth_call(self._data.book_levels)
        _, most = self.used_weight
        return call.weight / most if most else 0.0

    @property
    def used_orders(self) -> tuple[int, int]:
        """Orders counted in the current short window, and its limit."""
        return self.rest.limits.used_orders(self.rest.clock.now_ms())

    @property
    def blocked(self) -> str:
        """Why and until when the exchange takes nothing from this address; empty while it does."""
        until_ms, why = self.rest.limits.blocked(self.rest.clock.now_ms())
        return f"{why} until {clock_text(until_ms)}" if until_ms else ""

    async def _ask(
        self,
        call: Call,
        parameters: Parameters,
        decoder: msgspec.json.Decoder[Answer],
        parse: Callable[[Answer], Result],
    ) -> Result:
        """Request, decode, translate; an answer that cannot be read leaves the outcome unknown."""
        answer = decode_answer(decoder, await self.rest.request(call, parameters), call.path)
        try:
            return parse(answer)
        except MALFORMED as error:
            raise OutcomeUnknownError(f"{call.path}: the answer makes no sense ({clean(str(error))})") from None

    async def instruments(self) -> list[Instrument]:
        """Every symbol with its rules, as far as the options select it; the exchange's limits come with the answer."""

        def parse(info: rows.ExchangeInfo) -> list[Instrument]:
            self.rest.limits.configure(rows.rate_limits(info.rateLimits))
            self.readable = rows.readable_instruments(info.symbols, self._calls.read_symbol, warn=self._warn_of)
            return [instrument for instrument in self.readable if self._selection.takes(instrument)]

        return await self._ask(self._calls.info, {}, _INFO, parse)

    def _warn_of(self, symbol: str, why: str) -> None:
        """One warning for each symbol that cannot be read, however often it is met."""
        if self._data.log_warnings and symbol not in self._warned:
            self._warned.add(symbol)
            _log.warning("%s left out: %s", symbol, why)

    async def tickers(self) -> dict[str, Ticker]:
        """24-hour tickers by program symbol."""
        name = self._calls.program_name
        return await self._ask(
            self._calls.tickers, {}, _TICKERS, lambda answer: {name(row.symbol): rows.ticker(row) for row in answer}
        )

    async def last_prices(self) -> dict[str, Decimal]:
        """The last price by program symbol, of symbols that have one: a twentieth of what the tickers weigh."""
        name = self._calls.program_name
        found = await self._ask(
            self._calls.prices, {}, _PRICES, lambda answer: {name(row.symbol): price(row.price) for row in answer}
        )
        return {symbol: last for symbol, last in found.items() if last}

    async def book_snapshot(self, instrument: Instrument) -> BookSnapshot:
        """The best levels of each side, as many as the options say."""
        call, levels = self._calls.depth_call(self._data.book_levels)
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "limit": levels}
        return await self._ask(call, parameters, _DEPTH, lambda depth: rows.snapshot(depth, instrument, levels))

    async def rpi_snapshot(self, instrument: Instrument) -> BookSnapshot:
        """The book with retail price improvement orders; raises RefusedError for a product without such a book."""
        if self._calls.rpi_depth is None:
            raise RefusedError("only USD-M has a book with retail price improvement orders")
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "limit": _RPI_LEVELS}
        read = self._calls.rpi_depth
        return await self._ask(read, parameters, _DEPTH, lambda depth: rows.snapshot(depth, instrument, _RPI_LEVELS))

    async def funding_intervals(self) -> dict[str, int]:
        """Hours between two fundings by program symbol, of contracts for which the exchange states them."""
        if self._calls.funding is None:
            return {}
        name = self._calls.program_name
        return await self._ask(
            self._calls.funding,
            {},
            _FUNDING,
            lambda answer: {name(row.symbol): row.fundingIntervalHours for row in answer if row.fundingIntervalHours},
        )

    async def open_interest(self, instrument: Instrument) -> OpenInterest | None:
        """What all traders together hold of a contract; None where there are no contracts.

        It is of no use to an order, so it waits for room where the limits are half used up.
        """
        if self._calls.open_interest is None:
            return None
        call = replace(self._calls.open_interest, is_history=True)
        return await self._ask(call, {"symbol": instrument.native}, _INTEREST, rows.open_interest)

    async def recent_trades(self, instrument: Instrument, limit: int) -> list[Trade]:
        """The last prints, oldest first; single ones or by taker order, as the stream has them.

        Those that stream are shown meanwhile, so this waits for room where the limits are half used up.
        """
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "limit": min(limit, _MAX_TRADES)}
        if self._calls.single_trades is not None and not self._data.use_agg_trade_ticks:
            return await self._ask(
                replace(self._calls.single_trades, is_history=True),
                parameters,
                _SINGLE_TRADES,
                lambda answer: [rows.single_trade(row) for row in answer],
            )
        return await self._ask(
            replace(self._calls.trades, is_history=True),
            parameters,
            _TRADES,
            lambda answer: [rows.trade(row) for row in answer],
        )

    async def candles(
        self, instrument: Instrument, interval: str, limit: int, end_ms: int | None = None
    ) -> list[Candle]:
        """Bars, oldest first, as many as the exchange gives at once; the last may still be open."""
        call, bars = self._calls.klines_call(limit)
        parameters: dict[str, ParameterValue] = {"symbol": instrument.native, "interval": interval, "limit": bars}
        if end_ms is not None:
            parameters["endTime"] = end_ms
        now_ms = self.rest.clock.now_ms()
        return await self._ask(call, parameters, _KLINES, lambda answer: [rows.candle(row, now_ms) for row in answer])
