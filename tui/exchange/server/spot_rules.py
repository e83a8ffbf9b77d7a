"""Spot's reference prices, the rules that follow from them, and block trades (Binance spot API docs, 2026-07-21)."""

from decimal import Decimal

from tui.exchange.blocks import BlockTrade
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, public
from tui.exchange.server.market import check_id, wanted_symbols
from tui.exchange.server.notation import Notation, eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spot_info import wants_trading
from tui.exchange.spot.reference_price import (
    BUCKET_COUNT,
    BUCKET_WIDTH_MS,
    RANGE_DOWN_PERCENT,
    RANGE_UP_PERCENT,
    has_range,
)

Body = dict[str, object]


def execution_rules(desk: Desk, call: Call) -> object:
    """Which prices takers may trade at, for each symbol."""
    if sum(call.parameters.has(name) for name in ("symbol", "symbols", "symbolStatus")) > 1:
        raise Rejection(-1128, "Combination of optional parameters invalid.")
    symbols, is_single = wanted_symbols(desk, call.parameters)
    shown = wants_trading(call.parameters, is_single=is_single)
    rows = [{"symbol": symbol, "rules": _rules(desk.venue.listings[symbol])} for symbol in symbols]
    return {"symbolRules": rows if shown else []}


def _rules(listing: Listing) -> list[dict[str, str]]:
    if not has_range(listing):
        return []
    ends = {"Up": f"{Decimal(RANGE_UP_PERCENT) / 100:.4f}", "Down": f"{Decimal(RANGE_DOWN_PERCENT) / 100:.4f}"}
    bounds = {f"{side}LimitMult{end}": value for side in ("bid", "ask") for end, value in ends.items()}
    return [{"ruleType": "PRICE_RANGE", **bounds}]


def reference_price(desk: Desk, call: Call) -> object:
    """The reference price now, null while nothing trades; Rejection -2043 for symbols that never have one."""
    listing, now = _ranged(desk, call), desk.now_ms()
    return {"symbol": listing.symbol, "referencePrice": reference_now(desk, listing, now), "timestamp": now}


def reference_now(desk: Desk, listing: Listing, now_ms: int) -> str | None:
    """The reference price as text; None while nothing trades."""
    assert desk.venue.spot_orders is not None
    price = desk.venue.spot_orders.trading.references.price(listing, now_ms)
    return None if price is None else eight(price)


def reference_calculation(desk: Desk, call: Call) -> object:
    """How the reference price is made."""
    listing = _ranged(desk, call)
    wants_trading(call.parameters, is_single=True)
    return {
        "symbol": listing.symbol,
        "calculationType": "ARITHMETIC_MEAN",
        "bucketCount": BUCKET_COUNT,
        "bucketWidthMs": BUCKET_WIDTH_MS,
    }


def _ranged(desk: Desk, call: Call) -> Listing:
    listing = desk.venue.listings[read_symbol(desk, call.parameters)]
    if not has_range(listing):
        raise Rejection(-2043, "This symbol doesn't have a reference price.")
    return listing


def block_trades(desk: Desk, call: Call) -> object:
    """Block trades from an id on, oldest first."""
    symbol, from_id = read_symbol(desk, call.parameters), check_id(call.parameters, "fromId")
    if from_id is None:
        raise missing("fromId")
    limit = call.parameters.limit(500, 1000)
    found = [block for block in desk.venue.blocks.of(symbol) if block.block_id >= from_id]
    return [_block_row(desk.notations[symbol], block) for block in found[:limit]]


def _block_row(notation: Notation, block: BlockTrade) -> Body:
    return {
        "id": block.block_id,
        "price": notation.price(block.price_ticks),
        "qty": notation.size(block.lots),
        "quoteQty": notation.turnover(block.price_ticks * block.lots),
        "time": block.time_ms,
        "isBuyerMaker": block.is_buyer_maker,
    }


def _rules_weight(parameters: Parameters) -> int:
    return 2 if parameters.has("symbol") else min(40, 2 * len(parameters.texts("symbols") or range(20)))


#: Binance spot API docs, market data endpoints and their weights, 2026-07-21.
ENDPOINTS: dict[str, Endpoint] = {
    "historicalBlockTrades": public(block_trades, 25),
    "executionRules": public(execution_rules, _rules_weight),
    "referencePrice": public(reference_price, 2),
    "referencePrice/calculation": public(reference_calculation, 2),
}
