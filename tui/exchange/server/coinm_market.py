"""COIN-M's public REST: like USD-M's, mostly in lists, by pair as well as by symbol."""

from collections.abc import Callable
from dataclasses import replace

from tui.exchange.candles import DAY_MS
from tui.exchange.delivery import contract_type
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server import usdm_market, usdm_statistics
from tui.exchange.server.coinm_shapes import (
    aggregate_row_of,
    inverse_info,
    inverse_mark,
    inverse_ticker,
    inverse_trade,
)
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security, public
from tui.exchange.server.futures_pairs import symbols_of
from tui.exchange.server.market import check_id, ping, server_time
from tui.exchange.server.order_entry import read_symbol

#: The longest time candles may be asked for (Binance COIN-M futures docs, klines, 2026).
_LONGEST_SPAN_DAYS = 200


def exchange_info(desk: Desk, call: Call) -> object:
    """Contracts with their rules, and the limits of this server."""
    now = desk.now_ms()
    return {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": [limit.row() for limit in desk.limits],
        "exchangeFilters": [],
        "symbols": [inverse_info(listing, now) for listing in usdm_market.listed(desk)],
    }


def depth(desk: Desk, call: Call) -> object:
    """The book, which says whose it is."""
    listing = desk.listing(read_symbol(desk, call.parameters))
    body = usdm_market.depth(desk, call)
    assert isinstance(body, dict)
    return body | {"symbol": listing.symbol, "pair": listing.pair}


def trades(desk: Desk, call: Call) -> object:
    """The newest prints, or those from an id on."""
    symbol = read_symbol(desk, call.parameters)
    limit = call.parameters.limit(500, 1000)
    from_id = check_id(call.parameters, "fromId")
    tape, notation = desk.tape[symbol], desk.notations[symbol]
    found = list(tape.trades)[-limit:] if from_id is None else tape.trades_from(from_id, limit)
    return [inverse_trade(notation, trade) for trade in found]


def aggregate_trades(desk: Desk, call: Call) -> object:
    """Aggregate trades by id, by time, or the newest."""
    rows = usdm_market.aggregate_trades(desk, call)
    assert isinstance(rows, list)
    return [aggregate_row_of(desk, row) for row in rows]


def _rows(row: Callable[[Desk, str], object]) -> Callable[[Desk, Call], object]:
    """A list with a row for every symbol asked for, even for one."""
    return lambda desk, call: [row(desk, symbol) for symbol in symbols_of(desk, call.parameters)]


def _price(desk: Desk, symbol: str) -> object:
    tape, listing = desk.tape[symbol], desk.listing(symbol)
    return {
        "symbol": symbol,
        "ps": listing.pair,
        "price": desk.notations[symbol].price(tape.last_price()),
        "time": tape.trades[-1].time_ms if tape.trades else desk.now_ms(),
    }


def _best(desk: Desk, symbol: str) -> object:
    row = usdm_market.best_row(desk, symbol)
    return {"symbol": symbol, "pair": desk.listing(symbol).pair} | row


def _day(desk: Desk, symbol: str) -> object:
    return inverse_ticker(desk.notations[symbol], desk.tape[symbol].day(desk.now_ms()))


def _mark(desk: Desk, symbol: str) -> object:
    return inverse_mark(desk.listing(symbol), desk.venue.mark(symbol))


def open_interest(desk: Desk, call: Call) -> object:
    """Contracts held."""
    listing = desk.listing(read_symbol(desk, call.parameters))
    body = usdm_statistics.open_interest(desk, call)
    assert isinstance(body, dict)
    return body | {"pair": listing.pair, "contractType": contract_type(listing, desk.now_ms())}


def funding_rates(desk: Desk, call: Call) -> object:
    """Rates charged on one perpetual."""
    if not call.parameters.has("symbol"):
        raise missing("symbol")
    rows = usdm_statistics.funding_rates(desk, call)
    assert isinstance(rows, list)
    return [{name: value for name, value in row.items() if name != "markPrice"} for row in rows]


def _of_days(endpoint: Endpoint) -> Endpoint:
    """Candles of not too many days at once; Rejection -4165."""

    def handle(desk: Desk, call: Call) -> object:
        start, end = call.parameters.whole("startTime"), call.parameters.whole("endTime")
        if start is not None and end is not None and end - start > _LONGEST_SPAN_DAYS * DAY_MS:
            raise Rejection(-4165, f"Maximum time interval is {_LONGEST_SPAN_DAYS} days")
        return endpoint.handler(desk, call)

    return replace(endpoint, handler=handle)


_BARS = ("continuousKlines", "indexPriceKlines", "markPriceKlines", "premiumIndexKlines", "klines")

#: Binance COIN-M futures docs, market data endpoints and their weights, 2026.
ENDPOINTS: dict[str, Endpoint] = {
    **{f"v1/{name}": _of_days(usdm_market.ENDPOINTS[f"v1/{name}"]) for name in _BARS},
    "v1/constituents": usdm_market.ENDPOINTS["v1/constituents"],
    "v1/ping": public(ping),
    "v1/time": public(server_time),
    "v1/exchangeInfo": public(exchange_info),
    "v1/depth": public(depth, usdm_market.ENDPOINTS["v1/depth"].weight),
    "v1/trades": public(trades, 5),
    "v1/historicalTrades": Endpoint(trades, 200, Security.KEY),
    "v1/aggTrades": public(aggregate_trades, 20),
    "v1/premiumIndex": public(_rows(_mark), 10),
    "v1/fundingRate": public(funding_rates, 1),
    "v1/fundingInfo": public(usdm_market.funding_info, 0),
    "v1/ticker/24hr": public(_rows(_day), usdm_market.ENDPOINTS["v1/ticker/24hr"].weight),
    "v1/ticker/price": public(_rows(_price), usdm_market.ENDPOINTS["v1/ticker/price"].weight),
    "v1/ticker/bookTicker": public(_rows(_best), usdm_market.ENDPOINTS["v1/ticker/bookTicker"].weight),
    "v1/openInterest": public(open_interest),
}
