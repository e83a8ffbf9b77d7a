"""`/futures/data`: statistics over time of both futures products, by symbol or by pair and contract type."""

from collections.abc import Callable
from decimal import Decimal

from tui.exchange.candles import Candle
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Handler
from tui.exchange.server.futures_pairs import CONTRACT_TYPES, contract_of, of_pair
from tui.exchange.server.futures_risk import delivery_prices
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spans import DAY_MS
from tui.exchange.server.usdm_shapes import Body

_PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")

Row = Callable[[Desk, Listing, Candle], Body]


def _contract(desk: Desk, parameters: Parameters) -> tuple[str | None, str]:
    """The contract asked for and its type; the perpetual stands for all contracts of a pair."""
    if parameters.has("symbol"):
        return read_symbol(desk, parameters), "PERPETUAL"
    pair, kind = parameters.required("pair"), parameters.get("contractType") or "PERPETUAL"
    if kind not in (*CONTRACT_TYPES, "ALL"):
        raise Rejection(-4104, "Invalid contract type")
    of_pair(desk, pair)
    return contract_of(desk, pair, "PERPETUAL" if kind == "ALL" else kind), kind


def _per_period(row: Row, *, by_pair: bool = False, with_type: bool = True) -> Callable[[Desk, Call], object]:
    """One row for each of the last periods, oldest first; it names the symbol, or the pair and perhaps the type."""

    def handle(desk: Desk, call: Call) -> object:
        parameters = call.parameters
        symbol, kind = _contract(desk, parameters)
        period, limit = parameters.required("period"), parameters.limit(30, 500)
        if period not in _PERIODS:
            raise invalid("period")
        start, end, now = parameters.whole("startTime"), parameters.whole("endTime"), desk.now_ms()
        if start is not None and start < now - 30 * DAY_MS:
            raise invalid("startTime")
        if symbol is None:
            return []
        listing = desk.venue.listings[symbol]
        named: Body = {"symbol": symbol}
        if by_pair or listing.contract_size is not None:
            named = {"pair": listing.pair}
            if with_type:
                named["contractType"] = kind
        bars = desk.tape[symbol].candles(period, now, limit, start, end)
        return [named | row(desk, listing, bar) | {"timestamp": bar.open_ms} for bar in bars]

    return handle


def _interest(desk: Desk, listing: Listing, bar: Candle) -> Body:
    """What is held now, at the prices of then."""
    assert desk.venue.futures is not None
    held = desk.venue.futures.open_interest(listing.symbol)
    value = listing.turnover(held, listing.tick.value(bar.open))
    body: Body = {"sumOpenInterest": listing.step.format(held), "sumOpenInterestValue": eight(value)}
    return body if listing.contract_size is not None else body | {"CMCCirculatingSupply": "0"}


def _accounts(desk: Desk, listing: Listing, bar: Candle) -> Body:
    """Of every contract held somebody is long and somebody short."""
    return {"longShortRatio": "1.0000", "longAccount": "0.5000", "shortAccount": "0.5000"}


def _positions(desk: Desk, listing: Listing, bar: Candle) -> Body:
    if listing.contract_size is None:
        return _accounts(desk, listing, bar)
    return {"longShortRatio": "1.0000", "longPosition": "0.5000", "shortPosition": "0.5000"}


def _takers(desk: Desk, listing: Listing, bar: Candle) -> Body:
    sold, notation = bar.lots - bar.taker_lots, desk.notations[listing.symbol]
    bought_text, sold_text = notation.size(bar.taker_lots), notation.size(sold)
    if listing.contract_size is None:
        ratio = Decimal(bar.taker_lots) / sold if sold else Decimal(0)
        return {"buySellRatio": f"{ratio:.4f}", "buyVol": bought_text, "sellVol": sold_text}
    return {
        "takerBuyVol": bought_text,
        "takerSellVol": sold_text,
        "takerBuyVolValue": notation.turnover(bar.taker_units, bar.taker_lots),
        "takerSellVolValue": notation.turnover(bar.units - bar.taker_units, sold),
    }


def _basis(desk: Desk, listing: Listing, bar: Candle) -> Body:
    """How far the contract stands from its index, by the premium in force."""
    values, price = desk.venue.mark(listing.symbol), listing.tick.value(bar.close)
    index = price * values.index / values.mark
    rate, left = price / index - 1, listing.delivery_ms - bar.open_ms
    return {
        "indexPrice": eight(index),
        "basisRate": f"{rate:.4f}",
        "futuresPrice": desk.notations[listing.symbol].price(bar.close),
        "annualizedBasisRate": f"{rate * 365 * DAY_MS / left:.4f}" if left > 0 else "",
        "basis": eight(price - index),
    }


def _statistic(handler: Handler) -> Endpoint:
    """An endpoint of the statistics, which share a budget of their own."""
    return Endpoint(handler, pool="STATISTICS", pool_kind="STATISTICS")


#: Binance futures docs, market data, 2026.
ENDPOINTS: dict[str, Endpoint] = {
    "/futures/data/openInterestHist": _statistic(_per_period(_interest)),
    "/futures/data/topLongShortAccountRatio": _statistic(_per_period(_accounts, with_type=False)),
    "/futures/data/globalLongShortAccountRatio": _statistic(_per_period(_accounts, with_type=False)),
    "/futures/data/topLongShortPositionRatio": _statistic(_per_period(_positions, with_type=False)),
    "/futures/data/takerlongshortRatio": _statistic(_per_period(_takers)),
    "/futures/data/takerBuySellVol": _statistic(_per_period(_takers)),
    "/futures/data/basis": _statistic(_per_period(_basis, by_pair=True)),
    "/futures/data/delivery-price": _statistic(delivery_prices),
}
