"""COIN-M futures bodies where they differ from USD-M's (Binance COIN-M futures docs, 2026)."""

from collections.abc import Callable

from tui.exchange.events import PublicTrade
from tui.exchange.listing import Listing
from tui.exchange.mark import MarkValues
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Handler
from tui.exchange.server.notation import Notation, eight
from tui.exchange.server.usdm_shapes import Body, symbol_info, ticker_row, trade_row
from tui.exchange.tape import Day

Reshape = Callable[[Desk, Body], Body]


def reshaped(handler: Handler, reshape: Reshape) -> Handler:
    """The same handler, each of whose rows is put into another shape; refusals in batches stay as they are."""

    def shape(desk: Desk, row: object) -> object:
        return reshape(desk, row) if isinstance(row, dict) and "symbol" in row else row

    def handle(desk: Desk, call: Call) -> object:
        body = handler(desk, call)
        return [shape(desk, row) for row in body] if isinstance(body, list) else shape(desk, body)

    return handle


def order_row(desk: Desk, body: Body) -> Body:
    """An order: with its pair, cumulated in the coin."""
    row = {"pair": desk.listing(str(body["symbol"])).pair} | body
    if "cumQuote" in row:
        row["cumBase"] = row.pop("cumQuote")
    row.pop("goodTillDate", None)
    return row


def past_order_row(desk: Desk, body: Body) -> Body:
    """An order of `allOrders`, which also has its value in dollars."""
    listing, row = desk.listing(str(body["symbol"])), order_row(desk, body)
    size = listing.contract_size or 1
    row["cumQuote"] = eight(listing.step.value(int(str(body["executedQty"]))) * size)
    return row | {"goodTillDate": body.get("goodTillDate", 0)}


def own_trade_row(desk: Desk, body: Body) -> Body:
    """One row of `userTrades`: the amount in the coin, and no amount in dollars."""
    row = dict(body) | {"pair": desk.listing(str(body["symbol"])).pair}
    row["baseQty"] = row.pop("quoteQty")
    return row


def aggregate_row_of(desk: Desk, body: Body) -> Body:
    """One row of `aggTrades`, without the quantity that excludes retail orders."""
    return {name: value for name, value in body.items() if name != "nq"}


def inverse_info(listing: Listing, now_ms: int) -> Body:
    """One symbol of exchangeInfo: its status has another name, and contracts a size."""
    info = symbol_info(listing, now_ms)
    info["contractStatus"] = info.pop("status")
    info["filters"] = [row for row in info["filters"] if row["filterType"] != "MIN_NOTIONAL"]  # type: ignore[attr-defined]
    info["timeInForce"] = ["GTC", "IOC", "FOK", "GTX"]
    size = listing.contract_size or 0
    return info | {"contractSize": int(size), "equalQtyPrecision": 4}


def inverse_trade(notation: Notation, trade: PublicTrade) -> Body:
    """One row of `trades`."""
    row = trade_row(notation, trade)
    row["baseQty"] = row.pop("quoteQty")
    del row["isRPITrade"]
    return row


def inverse_ticker(notation: Notation, day: Day) -> Body:
    """One row of `ticker/24hr`."""
    row = ticker_row(notation, day)
    row["baseVolume"] = row.pop("quoteVolume")
    return {"symbol": row.pop("symbol"), "pair": notation.listing.pair} | row


def inverse_mark(listing: Listing, values: MarkValues) -> Body:
    """One row of `premiumIndex`; dated contracts have no funding."""
    is_dated = bool(listing.delivery_ms)
    return {
        "symbol": listing.symbol,
        "pair": listing.pair,
        "markPrice": eight(values.mark),
        "indexPrice": eight(values.index),
        "estimatedSettlePrice": eight(values.estimated_settle),
        "lastFundingRate": "" if is_dated else eight(values.funding_rate),
        "interestRate": "" if is_dated else eight(values.interest_rate),
        "nextFundingTime": values.next_funding_ms,
        "time": values.time_ms,
    }
