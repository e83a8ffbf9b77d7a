"""Spot's public REST."""

from collections.abc import Callable
from decimal import Decimal

from tui.exchange.candles import DAY_MS, Series
from tui.exchange.rejection import Rejection
from tui.exchange.server import spot_rules
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, public
from tui.exchange.server.market import (
    check_id,
    klines,
    levels,
    ping,
    read_aggregates,
    read_interval,
    server_time,
)
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_info import exchange_info, per_trading_symbol, wants_trading
from tui.exchange.server.spot_shapes import (
    aggregate_row,
    kline_row,
    mini_ticker_row,
    ticker_row,
    trade_row,
    window_row,
)
from tui.exchange.server.spot_windows import average, read_window, read_zone, window, zoned_bars

_DEEPEST = 5_000


def depth(desk: Desk, call: Call) -> object:
    """The book; more levels than there are to be had is no error."""
    symbol = read_symbol(desk, call.parameters)
    wants_trading(call.parameters, is_single=True)
    update_id, bids, asks = desk.snapshot(symbol, call.parameters.limit(100, _DEEPEST))
    notation = desk.notations[symbol]
    return {"lastUpdateId": update_id, "bids": levels(notation, bids), "asks": levels(notation, asks)}


def trades(desk: Desk, call: Call) -> object:
    """The newest prints."""
    symbol = read_symbol(desk, call.parameters)
    limit = call.parameters.limit(500, 1000)
    notation = desk.notations[symbol]
    return [trade_row(notation, trade) for trade in list(desk.tape[symbol].trades)[-limit:]]


def historical_trades(desk: Desk, call: Call) -> object:
    """Prints from an id on, or the newest."""
    from_id = check_id(call.parameters, "fromId")
    if from_id is None:
        return trades(desk, call)
    symbol = read_symbol(desk, call.parameters)
    notation = desk.notations[symbol]
    found = desk.tape[symbol].trades_from(from_id, call.parameters.limit(500, 1000))
    return [trade_row(notation, trade) for trade in found]


def aggregate_trades(desk: Desk, call: Call) -> object:
    """Aggregate trades by id, by time, or the newest."""
    symbol = read_symbol(desk, call.parameters)
    notation = desk.notations[symbol]
    return [aggregate_row(notation, aggregate) for aggregate in read_aggregates(desk, call, symbol)]


def candles(desk: Desk, call: Call) -> object:
    """Candles, at most 1000; with `timeZone` they open by that zone's clock."""
    zone = read_zone(call.parameters)
    if not zone:
        return klines(desk, call, 1000, clamp=True)
    symbol, parameters = read_symbol(desk, call.parameters), call.parameters
    interval, limit = read_interval(parameters, with_seconds=True), parameters.limit(500, 1000)
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    bars = Series(interval, zoned_bars(desk, symbol, interval, zone)).between(start, end, limit)
    return [kline_row(desk.notations[symbol], bar) for bar in bars]


def average_price(desk: Desk, call: Call) -> object:
    """Volume-weighted price of the last five minutes."""
    price, closed_ms = average(desk, read_symbol(desk, call.parameters))
    return {"mins": 5, "price": price, "closeTime": closed_ms}


def _ticker_type(parameters: Parameters) -> str:
    kind = parameters.get("type") or "FULL"
    if kind not in ("FULL", "MINI"):
        raise Rejection(-1139, "Invalid ticker type.")
    return kind


def _windows(desk: Desk, call: Call, bounds: Callable[[int], tuple[int, int]]) -> object:
    """Rows for windows of the tape; the symbols have to be named."""
    parameters, now = call.parameters, desk.now_ms()
    if not parameters.has("symbol") and not parameters.has("symbols"):
        raise Rejection(-1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!")
    shape = window_row if _ticker_type(parameters) == "FULL" else mini_ticker_row
    start_ms, end_ms = bounds(now)
    return per_trading_symbol(
        desk, call, lambda symbol: shape(desk.notations[symbol], window(desk, symbol, start_ms, end_ms))
    )


def ticker_window(desk: Desk, call: Call) -> object:
    """A rolling window of any size up to seven days."""
    size = read_window(call.parameters)
    return _windows(desk, call, lambda now: (now - size, now))


def ticker_trading_day(desk: Desk, call: Call) -> object:
    """The day so far, as a zone counts days."""
    zone = read_zone(call.parameters)

    def bounds(now: int) -> tuple[int, int]:
        start = now - (now + zone) % DAY_MS
        return start, start + DAY_MS - 1

    return _windows(desk, call, bounds)


def ticker_day(desk: Desk, call: Call) -> object:
    """The rolling day, FULL or MINI."""
    kind, now = _ticker_type(call.parameters), desk.now_ms()

    def row(symbol: str) -> object:
        day, notation = desk.tape[symbol].day(now), desk.notations[symbol]
        return mini_ticker_row(notation, day) if kind == "MINI" else ticker_row(notation, day, *desk.venue.best(symbol))

    return per_trading_symbol(desk, call, row)


def ticker_price(desk: Desk, call: Call) -> object:
    """Last prices."""
    return per_trading_symbol(
        desk,
        call,
        lambda symbol: {
            "symbol": symbol,
            "price": desk.notations[symbol].price(desk.tape[symbol].last_price()),
        },
    )


def ticker_book(desk: Desk, call: Call) -> object:
    """Best bids and asks."""

    def row(symbol: str) -> object:
        bid, ask = desk.venue.best(symbol)
        notation = desk.notations[symbol]
        bid_price, bid_size = notation.level(bid or (0, 0))
        ask_price, ask_size = notation.level(ask or (0, 0))
        return {"symbol": symbol, "bidPrice": bid_price, "bidQty": bid_size, "askPrice": ask_price, "askQty": ask_size}

    return per_trading_symbol(desk, call, row)


def coins(desk: Desk, call: Call) -> object:
    """Every asset with one pretended network; nothing can be deposited or withdrawn."""
    balances = desk.venue.spot.balances(call.account_id) if desk.venue.spot else {}
    names = {name for listing in desk.venue.listings.values() for name in (listing.base, listing.quote)}
    return [_coin(name, *balances.get(name, (Decimal(0), Decimal(0)))) for name in sorted(names)]


def _coin(name: str, free: Decimal, locked: Decimal) -> object:
    network = {
        "network": name,
        "coin": name,
        "name": name,
        "isDefault": True,
        "depositEnable": False,
        "withdrawEnable": False,
        "withdrawFee": "0",
        "withdrawMin": "0",
        "withdrawMax": "0",
        "withdrawIntegerMultiple": "0.00000001",
        "minConfirm": 1,
        "unLockConfirm": 1,
    }
    return {
        "coin": name,
        "name": name,
        "free": eight(free),
        "locked": eight(locked),
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "depositAllEnable": False,
        "withdrawAllEnable": False,
        "networkList": [network],
    }


def _depth_weight(parameters: Parameters) -> int:
    limit = parameters.limit(100, _DEEPEST)
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1000 else 250


def _day_weight(parameters: Parameters) -> int:
    if parameters.has("symbol"):
        return 2
    count = len(parameters.texts("symbols") or range(101))
    return 2 if count <= 20 else 40 if count <= 100 else 80


def _window_weight(parameters: Parameters) -> int:
    return min(200, 4 * len(parameters.texts("symbols") or [""]))


def _one_or_all(parameters: Parameters) -> int:
    return 2 if parameters.has("symbol") else 4


#: Binance spot API docs, market data endpoints and their weights, 2026-07-21.
ENDPOINTS: dict[str, Endpoint] = {
    "ping": public(ping),
    "time": public(server_time),
    "exchangeInfo": public(exchange_info, 20),
    "depth": public(depth, _depth_weight),
    "trades": public(trades, 25),
    "historicalTrades": public(historical_trades, 25),
    "aggTrades": public(aggregate_trades, 4),
    "klines": public(candles, 2),
    "uiKlines": public(candles, 2),
    "avgPrice": public(average_price, 2),
    **spot_rules.ENDPOINTS,
    "ticker": public(ticker_window, _window_weight),
    "ticker/tradingDay": public(ticker_trading_day, _window_weight),
    "ticker/24hr": public(ticker_day, _day_weight),
    "ticker/price": public(ticker_price, _one_or_all),
    "ticker/bookTicker": public(ticker_book, _one_or_all),
}
