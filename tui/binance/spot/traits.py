"""What one symbol of the spot host allows beyond its price and size rules."""

from dataclasses import dataclass

from tui.binance.spot.wire import Filter, SymbolInfo


@dataclass(frozen=True, slots=True)
class SymbolTraits:
    """The flags of `exchangeInfo`; everything is allowed where the exchange says nothing (older hosts, Binance US).

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
