"""USD-M's public REST."""

from collections.abc import Callable

from tui.exchange.accounts.collateral import EXCHANGE_THRESHOLD, MARGIN_ASSETS
from tui.exchange.catalogue import coin_of
from tui.exchange.delivery import contract_status
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Handler, Security, public
from tui.exchange.server.futures_pairs import CONTRACT_TYPES, contract_of, of_pair
from tui.exchange.server.market import (
    check_id,
    klines,
    levels,
    per_symbol,
    ping,
    read_aggregates,
    read_bars,
    server_time,
)
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.usdm_shapes import Body, aggregate_row, mark_row, symbol_info, ticker_row, trade_row

_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
_DEPTH_WEIGHTS = {100: 5, 500: 10, 1000: 20}
_MOST_BARS = 1_500
#: The longest time aggregate trades may be asked for (Binance futures docs, aggTrades, 2026).
_AGGREGATES_SPAN_MS = 3_600_000


def exchange_info(desk: Desk, call: Call) -> object:
    """Contracts with their rules, and the limits of this server."""
    return {
        "timezone": "UTC",
        "serverTime": desk.now_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": [limit.row() for limit in desk.limits],
        "exchangeFilters": [],
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": f"-{EXCHANGE_THRESHOLD}"}
            for asset in MARGIN_ASSETS
        ],
        "symbols": [symbol_info(listing, desk.now_ms()) for listing in listed(desk)],
    }


def listed(desk: Desk) -> list[Listing]:
    """Contracts that are not over."""
    now = desk.now_ms()
    return [listing for listing in desk.venue.listings.values() if contract_status(listing, now) != "DELIVERED"]


def depth(desk: Desk, call: Call) -> object:
    """The book, at one of the fixed depths; raises -4021 for another."""
    symbol = read_symbol(desk, call.parameters)
    limit = call.parameters.whole("limit") or 500
    if limit not in _DEPTHS:
        raise Rejection(-4021, f"{limit} is not valid depth limit.")
    update_id, bids, asks = desk.snapshot(symbol, limit)
    notation, now = desk.notations[symbol], desk.now_ms()
    return {
        "lastUpdateId": update_id,
        "E": now,
        "T": now,
        "bids": levels(notation, bids),
        "asks": levels(notation, asks),
    }


def trades(desk: Desk, call: Call) -> object:
    """The newest prints, or those from an id on."""
    symbol = read_symbol(desk, call.parameters)
    limit = call.parameters.limit(500, 1000)
    from_id = check_id(call.parameters, "fromId")
    tape, notation = desk.tape[symbol], desk.notations[symbol]
    found = list(tape.trades)[-limit:] if from_id is None else tape.trades_from(from_id, limit)
    return [trade_row(notation, trade) for trade in found]


def aggregate_trades(desk: Desk, call: Call) -> object:
    """Aggregate trades by id, by time of an hour at most, or the newest; Rejection -1127."""
    start, end = call.parameters.whole("startTime"), call.parameters.whole("endTime")
    if start is not None and end is not None and end - start > _AGGREGATES_SPAN_MS:
        raise Rejection(-1127, "More than 1 hours between startTime and endTime.")
    symbol = read_symbol(desk, call.parameters)
    notation = desk.notations[symbol]
    return [aggregate_row(notation, aggregate) for aggregate in read_aggregates(desk, call, symbol)]


def candles(desk: Desk, call: Call) -> object:
    """Candles, at most 1500."""
    return klines(desk, call, _MOST_BARS, clamp=False)


def _of_either(handler: Handler) -> Handler:
    """Candles of whichever futures product lists the symbol or pair (Binance futures changelog, 2026-06-30)."""

    def handle(desk: Desk, call: Call) -> object:
        name = call.parameters.get("symbol") or call.parameters.get("pair") or ""
        other = desk.neighbour
        if other is not None and not _lists(desk, name) and _lists(other, name):
            return handler(other, call)
        return handler(desk, call)

    return handle


def _lists(desk: Desk, name: str) -> bool:
    return name in desk.venue.listings or any(listing.pair == name for listing in desk.venue.listings.values())


def _about(desk: Desk, call: Call, kind: str) -> Call | None:
    """The same call about a pair, put as one about its contract of a type; None where it has none."""
    symbol = contract_of(desk, call.parameters.required("pair"), kind)
    if symbol is None:
        of_pair(desk, call.parameters["pair"])
        return None
    parameters = Parameters(call.parameters, scientific=True)
    parameters["symbol"] = symbol
    return Call(parameters, call.account_id)


def continuous_candles(desk: Desk, call: Call) -> object:
    """Candles of a pair's contract of a type."""
    kind = call.parameters.required("contractType")
    if kind not in CONTRACT_TYPES:
        raise Rejection(-4104, "Invalid contract type")
    about = _about(desk, call, kind)
    return klines(desk, about, _MOST_BARS, clamp=False) if about else []


def _without_volume(desk: Desk, call: Call, price: Callable[[int], str]) -> object:
    symbol = read_symbol(desk, call.parameters)
    return [
        [
            bar.open_ms,
            price(bar.open),
            price(bar.high),
            price(bar.low),
            price(bar.close),
            "0",
            bar.close_ms,
            "0",
            bar.trades,
            "0",
            "0",
            "0",
        ]
        for bar in read_bars(desk, call, symbol, _MOST_BARS, clamp=False)
    ]


def mark_candles(desk: Desk, call: Call) -> object:
    """Candles of the mark price; it follows the contract so closely that the contract's own bars stand for it."""
    tick = desk.listing(call.parameters.required("symbol")).tick
    return _without_volume(desk, call, lambda ticks: eight(tick.value(ticks)))


def index_candles(desk: Desk, call: Call) -> object:
    """Candles of the index of a pair."""
    about = _about(desk, call, "PERPETUAL")
    return mark_candles(desk, about) if about else []


def premium_candles(desk: Desk, call: Call) -> object:
    """Candles of the premium over the index: the one in force, since it moves within hundredths of a percent."""
    values = desk.venue.mark(read_symbol(desk, call.parameters))
    premium = eight(values.mark / values.index - 1)
    return _without_volume(desk, call, lambda ticks: premium)


def constituents(desk: Desk, call: Call) -> object:
    """What an index is made of: the coin's price on the spot market next door."""
    name = call.parameters.required("symbol")
    listing = desk.listing(contract_of(desk, name, "PERPETUAL") or name)
    price = eight(desk.venue.mark(listing.symbol).index)
    member = {"exchange": "binance", "symbol": f"{coin_of(listing)[0]}USDT", "price": price, "weight": "1.00000000"}
    return {"symbol": name, "time": desk.now_ms(), "constituents": [member]}


def premium_index(desk: Desk, call: Call) -> object:
    """Mark price and expected funding."""
    return per_symbol(desk, call, lambda symbol: mark_row(symbol, desk.venue.mark(symbol)))


def funding_info(desk: Desk, call: Call) -> object:
    """Symbols with special funding rules: there are none."""
    return []


def ticker_day(desk: Desk, call: Call) -> object:
    """The rolling day."""
    now = desk.now_ms()
    return per_symbol(desk, call, lambda symbol: ticker_row(desk.notations[symbol], desk.tape[symbol].day(now)))


def ticker_price(desk: Desk, call: Call) -> object:
    """Last prices."""

    def row(symbol: str) -> object:
        tape = desk.tape[symbol]
        return {
            "symbol": symbol,
            "price": desk.notations[symbol].price(tape.last_price()),
            "time": tape.trades[-1].time_ms if tape.trades else desk.now_ms(),
        }

    return per_symbol(desk, call, row)


def best_row(desk: Desk, symbol: str) -> Body:
    """Best bid and ask of a symbol."""
    bid, ask = desk.venue.best(symbol)
    notation = desk.notations[symbol]
    bid_price, bid_size = notation.level(bid or (0, 0))
    ask_price, ask_size = notation.level(ask or (0, 0))
    return {
        "symbol": symbol,
        "bidPrice": bid_price,
        "bidQty": bid_size,
        "askPrice": ask_price,
        "askQty": ask_size,
        "time": desk.now_ms(),
        "lastUpdateId": desk.venue.depth(symbol, 1)[0],
    }


def ticker_book(desk: Desk, call: Call) -> object:
    """Best bids and asks."""
    return per_symbol(desk, call, lambda symbol: best_row(desk, symbol))


def _depth_weight(parameters: Parameters) -> int:
    return _DEPTH_WEIGHTS.get(parameters.whole("limit") or 500, 2)


def _bars_weight(parameters: Parameters) -> int:
    limit = parameters.whole("limit") or 500
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1000 else 10


def _one_or_all(one: int, every: int) -> Callable[[Parameters], int]:
    return lambda parameters: one if parameters.has("symbol") else every


#: Binance USD-M futures docs, market data endpoints and their weights, 2026.
ENDPOINTS: dict[str, Endpoint] = {
    "v1/ping": public(ping),
    "v1/time": public(server_time),
    "v1/exchangeInfo": public(exchange_info),
    "v1/depth": public(depth, _depth_weight),
    "v1/trades": public(trades, 5),
    "v1/historicalTrades": Endpoint(trades, 200, Security.KEY),
    "v1/aggTrades": public(aggregate_trades, 20),
    "v1/klines": public(_of_either(candles), _bars_weight),
    "v1/continuousKlines": public(_of_either(continuous_candles), _bars_weight),
    "v1/markPriceKlines": public(_of_either(mark_candles), _bars_weight),
    "v1/indexPriceKlines": public(_of_either(index_candles), _bars_weight),
    "v1/premiumIndexKlines": public(_of_either(premium_candles), _bars_weight),
    "v1/constituents": public(constituents, 2),
    "v1/premiumIndex": public(premium_index, _one_or_all(1, 10)),
    "v1/fundingInfo": Endpoint(funding_info, pool="FUNDING", pool_kind="FUNDING"),
    "v1/ticker/24hr": public(ticker_day, _one_or_all(1, 40)),
    "v1/ticker/price": public(ticker_price, _one_or_all(1, 2)),
    "v2/ticker/price": public(ticker_price, _one_or_all(1, 2)),
    "v1/ticker/bookTicker": public(ticker_book, _one_or_all(2, 5)),
}
