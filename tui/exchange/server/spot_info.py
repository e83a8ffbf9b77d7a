"""Spot's exchangeInfo, and choosing symbols by their state (Binance spot API docs, 2026-07-21)."""

from collections.abc import Callable

from tui.exchange.limits import RateLimit
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.market import wanted_symbols
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_shapes import exchange_filters, symbol_info
from tui.exchange.spot.routing import routes

_STATES = ("TRADING", "END_OF_DAY", "HALT", "BREAK", "CANCEL_ONLY")
_CONNECTIONS = RateLimit("CONNECTIONS", "MINUTE", 5, 300)


def wants_trading(parameters: Parameters, *, is_single: bool) -> bool:
    """Whether `symbolStatus` lets symbols through that trade, as all do here; Rejection -1122 or -1220."""
    state = parameters.get("symbolStatus") or "TRADING"
    if state not in _STATES:
        raise Rejection(-1122, "Invalid symbolStatus.")
    if state != "TRADING" and is_single:
        raise Rejection(-1220, "The symbol's status does not match the requested symbolStatus.")
    return state == "TRADING"


def per_trading_symbol(desk: Desk, call: Call, row: Callable[[str], object]) -> object:
    """One row for one symbol, a list otherwise; symbols of another state than asked for are left out."""
    symbols, is_single = wanted_symbols(desk, call.parameters)
    shown = wants_trading(call.parameters, is_single=is_single)
    if is_single:
        return row(symbols[0])
    return [row(symbol) for symbol in symbols] if shown else []


def exchange_info(desk: Desk, call: Call) -> object:
    """Symbols with their rules, and the limits of this server."""
    return _info(desk, call.parameters, [limit.row() for limit in desk.limits])


def exchange_info_for_sockets(desk: Desk, call: Call) -> object:
    """The same, with the limit on connections in the place of the one on requests."""
    rows = [limit.row() for limit in desk.limits if limit.kind != "RAW_REQUESTS"]
    return _info(desk, call.parameters, [*rows, _CONNECTIONS.row()])


def _info(desk: Desk, parameters: Parameters, limits: list[dict[str, object]]) -> object:
    permissions = parameters.texts("permissions")
    symbols, _ = wanted_symbols(desk, parameters)
    is_named = parameters.has("symbol") or parameters.has("symbols")
    if parameters.has("symbolStatus") and is_named:
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    if not wants_trading(parameters, is_single=False) or (permissions and not {"SPOT", "MARGIN"} & set(permissions)):
        symbols = []
    rows = [symbol_info(desk.venue.listings[symbol]) for symbol in symbols]
    if not parameters.flag("showPermissionSets", True):
        rows = [{name: value for name, value in row.items() if name != "permissionSets"} for row in rows]
    return {
        "timezone": "UTC",
        "serverTime": desk.now_ms(),
        "rateLimits": limits,
        "exchangeFilters": exchange_filters(),
        "symbols": rows,
        "sors": _routed(desk, symbols),
    }


def _routed(desk: Desk, symbols: list[str]) -> list[dict[str, object]]:
    """Symbols between which orders are routed, as far as one of them was asked for."""
    found = routes(desk.venue.listings.values())
    return [{"baseAsset": base, "symbols": routed} for base, routed in found.items() if set(routed) & set(symbols)]
