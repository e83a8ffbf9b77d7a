"""Symbols of the spot host: `exchangeInfo` and its filters, as instruments of spot and margin."""

from decimal import Decimal

from tui.binance.spot.traits import permits
from tui.binance.spot.wire import Filter, SymbolInfo
from tui.binance.status import trading_status
from tui.binance.wire import increment, listed_name, name, number, positive
from tui.domain.instrument import ContractKind, Instrument, TradingStatus, program_symbol
from tui.domain.product import Product


def instrument(info: SymbolInfo, product: Product = Product.SPOT) -> Instrument:
    """One symbol with its filters; raises ValueError for numbers that are none."""
    filters = {row.filterType: row for row in info.filters}
    empty = Filter()
    lot = filters.get("LOT_SIZE", empty)
    market_lot = filters.get("MARKET_LOT_SIZE", empty)
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL", empty)
    max_quantity = positive(lot.maxQty) or Decimal("9e12")
    price_up, price_down = _price_bounds(filters)
    is_open = info.isSpotTradingAllowed if product is Product.SPOT else info.isMarginTradingAllowed
    native = listed_name(info.symbol)
    return Instrument(
        product=product,
        symbol=program_symbol(product, native, ContractKind.COIN),
        native=native,
        base=listed_name(info.baseAsset),
        quote=listed_name(info.quoteAsset),
        margin_asset=listed_name(info.quoteAsset),
        tick=increment(filters.get("PRICE_FILTER", empty).tickSize, info.quotePrecision),
        step=increment(lot.stepSize, info.baseAssetPrecision),
        min_quantity=number(lot.minQty),
        max_quantity=max_quantity,
        max_market_quantity=min(positive(market_lot.maxQty) or max_quantity, max_quantity),
        min_notional=number(notional.minNotional),
        kind=ContractKind.COIN,
        status=trading_status(Product.SPOT, info.status) if is_open else TradingStatus.CLOSED,
        raw_status=name(info.status),
        price_up=price_up,
        price_down=price_down,
        quote_quantity_allowed=info.quoteOrderQtyMarketAllowed,
        permits=permits(info, product),
    )


def _price_bounds(filters: dict[str, Filter]) -> tuple[Decimal | None, Decimal | None]:
    """Greatest and least multiple of the reference price; where the sides differ, the wider bound of the two."""
    if (by_side := filters.get("PERCENT_PRICE_BY_SIDE")) is not None:
        ups = [positive(by_side.bidMultiplierUp), positive(by_side.askMultiplierUp)]
        downs = [positive(by_side.bidMultiplierDown), positive(by_side.askMultiplierDown)]
        return (
            max((up for up in ups if up), default=None),
            min((down for down in downs if down), default=None),
        )
    both = filters.get("PERCENT_PRICE", Filter())
    return positive(both.multiplierUp), positive(both.multiplierDown)
