"""What one symbol of the spot host allows beyond its price and size rules."""

from dataclasses import dataclass

from tui.binance.spot.wire import Filter, SymbolInfo
from tui.binance.wire import positive
from tui.domain.instrument import Permits
from tui.domain.order_terms import OrderType, SelfTradePrevention
from tui.domain.product import Product

_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.MARKET_IF_TOUCHED,
    "TAKE_PROFIT_LIMIT": OrderType.LIMIT_IF_TOUCHED,
}


@dataclass(frozen=True, slots=True)
class SymbolTraits:
    """The flags of `exchangeInfo`; everything is allowed while nothing has been read: the exchange will say.

    Empty sets stand for "not said". Trailing bounds are basis points, zero for none: `above` holds for BUY stops and
    SELL take-profits, `below` for the others.
    """

    order_types: frozenset[str] = frozenset()
    self_trade_preventions: frozenset[str] = frozenset()
    iceberg: bool = True
    quote_quantity: bool = True
    trailing: bool = True
    cancel_replace: bool = True
    amend: bool = True
    peg: bool = True
    oco: bool = True
    oto: bool = True
    opo: bool = True
    margin: bool = True
    trailing_above: tuple[int, int] = (0, 0)
    trailing_below: tuple[int, int] = (0, 0)


#: Nothing is known: the exchange will say.
UNTOLD = SymbolTraits()


def traits(info: SymbolInfo) -> SymbolTraits:
    """The flags of one symbol."""
    trailing = next((row for row in info.filters if row.filterType == "TRAILING_DELTA"), Filter())
    return SymbolTraits(
        order_types=frozenset(info.orderTypes),
        self_trade_preventions=frozenset(info.allowedSelfTradePreventionModes),
        iceberg=info.icebergAllowed,
        quote_quantity=info.quoteOrderQtyMarketAllowed,
        trailing=info.allowTrailingStop,
        cancel_replace=info.cancelReplaceAllowed,
        amend=info.amendAllowed,
        peg=info.pegInstructionsAllowed,
        oco=info.ocoAllowed,
        oto=info.otoAllowed,
        opo=info.opoAllowed,
        margin=info.isMarginTradingAllowed,
        trailing_above=(trailing.minTrailingAboveDelta, trailing.maxTrailingAboveDelta),
        trailing_below=(trailing.minTrailingBelowDelta, trailing.maxTrailingBelowDelta),
    )


def permits(info: SymbolInfo, product: Product) -> Permits:
    """What the symbol takes, in the trader's words; margin has no pegs and trails like spot."""
    filters = {row.filterType: row for row in info.filters}
    said, largest = traits(info), filters.get("NOTIONAL", Filter())
    types = {_TYPES[word] for word in info.orderTypes if word in _TYPES}
    if said.trailing and OrderType.STOP_MARKET in types:
        types.add(OrderType.TRAILING_STOP_MARKET)
    modes = SelfTradePrevention.__members__
    return Permits(
        order_types=frozenset(types),
        self_trade_preventions=frozenset(modes[word] for word in info.allowedSelfTradePreventionModes if word in modes),
        iceberg=said.iceberg,
        iceberg_parts=filters.get("ICEBERG_PARTS", Filter()).limit,
        trailing=said.trailing,
        trailing_above=said.trailing_above,
        trailing_below=said.trailing_below,
        peg=said.peg and product is Product.SPOT,
        oco=said.oco,
        oto=said.oto,
        max_notional=positive(largest.maxNotional),
        max_conditional=filters.get("MAX_NUM_ALGO_ORDERS", Filter()).maxNumAlgoOrders,
    )
