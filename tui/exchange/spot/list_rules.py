"""What the orders of a list must be to each other (Binance spot API docs, order lists and errors, 2026-07-21)."""

from tui.domain.order_terms import Side
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotEntry, SpotOrder

_TAKE_PROFITS = ("TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
_STOP_LOSSES = ("STOP_LOSS", "STOP_LOSS_LIMIT")
_PAIR_TYPES = ("LIMIT_MAKER", *_TAKE_PROFITS, *_STOP_LOSSES)
_WRONG_SIDE = {
    ("LIMIT", Side.BUY): (-1165, "A limit order in a buy OCO must be below."),
    ("LIMIT", Side.SELL): (-1166, "A limit order in a sell OCO must be above."),
    ("STOP_LOSS", Side.BUY): (-1196, "A stop loss order in a buy OCO must be above."),
    ("STOP_LOSS", Side.SELL): (-1197, "A stop loss order in a sell OCO must be below."),
    ("TAKE_PROFIT", Side.BUY): (-1198, "A take profit order in a buy OCO must be below."),
    ("TAKE_PROFIT", Side.SELL): (-1199, "A take profit order in a sell OCO must be above."),
}


def check_list(kind: str, entries: list[SpotEntry]) -> None:
    """Hold a list to the rules of its kind; `entries` begin with the working order, pairs are above and below."""
    if kind == "OCO":
        check_pair(entries[0], entries[1])
        return
    working, pending = entries[0], entries[1:]
    if working.type not in ("LIMIT", "LIMIT_MAKER"):
        raise Rejection(-1158, "Order type not supported in OTO.")
    if kind in ("OPO", "OPOCO"):
        if working.side is not Side.BUY:
            raise Rejection(-1222, "The working order of an OPO list must be a bid.")
        if any(entry.side is not Side.SELL for entry in pending):
            raise Rejection(-1223, "The pending orders of an OPO list must be asks.")
    if len(pending) == 2:
        check_pair(pending[0], pending[1])


def check_pair(above: SpotEntry, below: SpotEntry) -> None:
    """One order takes profit, the other stops a loss, each on its own side of the market."""
    for entry in (above, below):
        if entry.type not in _PAIR_TYPES:
            raise Rejection(-1158, "Order type not supported in OCO.")
    if above.type == below.type == "LIMIT_MAKER":
        raise Rejection(-1168, "At least one OCO order must be contingent.")
    for entry, is_above in ((above, True), (below, False)):
        takes_profit = entry.type not in _STOP_LOSSES
        if is_above != (takes_profit == (entry.side is Side.SELL)):
            code, words = _WRONG_SIDE[entry.type.removesuffix("_LIMIT").removesuffix("_MAKER"), entry.side]
            raise Rejection(code, words)


def check_relation(orders: list[SpotOrder], last_ticks: int) -> None:
    """-2010 unless the pair's prices lie on both sides of the last one."""
    for order in orders:
        ticks = order.price_ticks if order.type == "LIMIT_MAKER" else order.stop_ticks
        is_above = (order.type not in _STOP_LOSSES) == (order.side is Side.SELL)
        if ticks and order.peg is None and not (ticks > last_ticks if is_above else ticks < last_ticks):
            raise Rejection(-2010, "The relationship of the prices for the orders is not correct.")
