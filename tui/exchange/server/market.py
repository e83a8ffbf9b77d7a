"""Public data that spot and futures serve by the same rules, in the words of each product's shapes."""

from collections.abc import Callable, Iterable

from tui.exchange.candles import INTERVALS, Candle
from tui.exchange.rejection import Rejection, illegal
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.notation import Notation
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_shapes import kline_row
from tui.exchange.tape import Aggregate


def ping(desk: Desk, call: Call) -> object:
    """Nothing, in good health."""
    return {}


def server_time(desk: Desk, call: Call) -> object:
    """The exchange's clock."""
    return {"serverTime": desk.now_ms()}


def levels(notation: Notation, side: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
    """Levels as texts."""
    return [notation.level(level) for level in side]


def wanted_symbols(desk: Desk, parameters: Parameters) -> tuple[list[str], bool]:
    """The symbols asked for by `symbol`, `symbols` or neither, and whether one object is expected."""
    if parameters.has("symbol") and parameters.has("symbols"):
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    if parameters.has("symbol"):
        return [read_symbol(desk, parameters)], True
    asked = parameters.texts("symbols")
    if asked is None:
        now = desk.now_ms()
        return [name for name, found in desk.venue.listings.items() if not 0 < found.delivery_ms <= now], False
    if len(set(asked)) != len(asked):
        raise Rejection(-1151, "Symbol is present multiple times in the list.")
    return [desk.listing(symbol).symbol for symbol in asked], False


def per_symbol(desk: Desk, call: Call, row: Callable[[str], object]) -> object:
    """One row for one symbol, a list otherwise."""
    symbols, is_single = wanted_symbols(desk, call.parameters)
    return row(symbols[0]) if is_single else [row(symbol) for symbol in symbols]


def read_interval(parameters: Parameters, *, with_seconds: bool) -> str:
    """The mandatory interval; raises -1120."""
    interval = parameters.required("interval")
    if interval not in INTERVALS or (interval == "1s" and not with_seconds):
        raise Rejection(-1120, "Invalid interval.")
    return interval


def read_bars(desk: Desk, call: Call, symbol: str, largest: int, *, clamp: bool) -> list[Candle]:
    """The candles asked for."""
    parameters = call.parameters
    interval = read_interval(parameters, with_seconds=not desk.product.is_futures)
    limit = parameters.limit(500, largest, clamp=clamp)
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    if start is not None and end is not None and start > end:
        if desk.product.is_futures:
            raise Rejection(-1023, "Start time is greater than end time.")
        return []
    return desk.tape[symbol].candles(interval, desk.now_ms(), limit, start, end)


def klines(desk: Desk, call: Call, largest: int, *, clamp: bool) -> object:
    """`klines` rows."""
    symbol = read_symbol(desk, call.parameters)
    notation = desk.notations[symbol]
    return [kline_row(notation, bar) for bar in read_bars(desk, call, symbol, largest, clamp=clamp)]


def read_aggregates(desk: Desk, call: Call, symbol: str) -> list[Aggregate]:
    """The aggregate trades asked for by id, by time, or the newest."""
    parameters = call.parameters
    limit = parameters.limit(500, 1000)
    kept = desk.tape[symbol].aggregates
    from_id, start, end = (parameters.whole(name) for name in ("fromId", "startTime", "endTime"))
    if from_id is not None:
        return [aggregate for aggregate in kept if aggregate.aggregate_id >= from_id][:limit]
    if start is None and end is None:
        return list(kept)[-limit:]
    found = [
        aggregate
        for aggregate in kept
        if (start is None or aggregate.time_ms >= start) and (end is None or aggregate.time_ms <= end)
    ]
    return found[:limit] if start is not None else found[-limit:]


def check_id(parameters: Parameters, name: str) -> int | None:
    """An id that must not be negative."""
    value = parameters.whole(name)
    if value is not None and value < 0:
        raise illegal(name, "^[0-9]{1,20}$")
    return value
