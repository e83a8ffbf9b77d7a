"""Futures' public REST around the market: open interest, funding history, indices."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from tui.exchange.accounts.collateral import MARGIN_ASSETS
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.candles import Candle
from tui.exchange.clearing import OWN_ACCOUNTS, ledger_of
from tui.exchange.funding import rate_before
from tui.exchange.mark import FUNDING_INTERVAL_MS
from tui.exchange.rejection import Rejection
from tui.exchange.server import futures_risk
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, public
from tui.exchange.server.market import levels, per_symbol
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters

Body = dict[str, object]


def open_interest(desk: Desk, call: Call) -> object:
    """What all accounts together hold of a contract."""
    symbol = read_symbol(desk, call.parameters)
    return {"openInterest": _interest(desk, symbol), "symbol": symbol, "time": desk.now_ms()}


def _interest(desk: Desk, symbol: str) -> str:
    assert desk.venue.futures is not None
    return desk.venue.listings[symbol].step.format(desk.venue.futures.open_interest(symbol))


def funding_rates(desk: Desk, call: Call) -> object:
    """Rates charged, ascending; the newest where no time is named. All symbols at once reach less far back."""
    parameters = call.parameters
    has_symbol = parameters.has("symbol")
    symbols = [read_symbol(desk, parameters)] if has_symbol else _perpetuals(desk)
    limit, start, end = parameters.limit(100, 1000), parameters.whole("startTime"), parameters.whole("endTime")
    rows = []
    for symbol in symbols:
        # Making the far past of every contract would keep the whole exchange waiting for seconds.
        tape, now = desk.tape[symbol], desk.now_ms()
        bars = tape.candles("8h", now, limit, start, end) if has_symbol else tape.minutes().bars
        rows += _charges(desk, symbol, start, end, bars)
    rows.sort(key=lambda row: int(str(row["fundingTime"])))
    return rows[:limit] if start is not None else rows[-limit:]


def _perpetuals(desk: Desk) -> list[str]:
    return [symbol for symbol, listing in desk.venue.listings.items() if not listing.delivery_ms]


def _charges(desk: Desk, symbol: str, start: int | None, end: int | None, bars: Iterable[Candle]) -> list[Body]:
    """Charges of one contract: those on record, and before them one for each funding time that a bar opens at."""
    known = {charge.time_ms: (charge.rate, charge.mark) for charge in desk.venue.funding.of(symbol)}
    tick = desk.venue.listings[symbol].tick
    earliest = min(known, default=desk.venue.mark(symbol).next_funding_ms)
    for bar in bars:
        if bar.open_ms < earliest and bar.open_ms % FUNDING_INTERVAL_MS == 0:
            known[bar.open_ms] = rate_before(desk.tape.seed, symbol, bar.open_ms), tick.value(bar.open)
    return [
        {
            "symbol": symbol,
            "fundingTime": time_ms,
            "fundingRate": eight(rate),
            "markPrice": eight(mark),
            "rateType": "Regular",
        }
        for time_ms, (rate, mark) in sorted(known.items())
        if (start is None or time_ms >= start) and (end is None or time_ms <= end)
    ]


def rpi_depth(desk: Desk, call: Call) -> object:
    """The book with retail orders in it, of which there are none; raises -4021 for any limit but 1000."""
    symbol = read_symbol(desk, call.parameters)
    limit = call.parameters.whole("limit") or 1000
    if limit != 1000:
        raise Rejection(-4021, f"{limit} is not valid depth limit.")
    update_id, bids, asks = desk.venue.depth(symbol, limit)
    notation, now = desk.notations[symbol], desk.now_ms()
    return {
        "lastUpdateId": update_id,
        "E": now,
        "T": now,
        "bids": levels(notation, bids),
        "asks": levels(notation, asks),
    }


def index_info(desk: Desk, call: Call) -> object:
    """Composite indices: there are none."""
    return []


def asset_index_row(desk: Desk, asset: str, now_ms: int) -> Body:
    """The value of a margin asset in USD, and what it counts for in multi-assets mode."""
    collateral = ledger_of(desk.venue).collateral
    rate = collateral.rate(asset) if collateral is not None else None
    assert rate is not None
    return {
        "symbol": f"{asset}USD",
        "time": now_ms,
        "index": eight(rate.index),
        "bidBuffer": eight(rate.buffer),
        "askBuffer": eight(rate.buffer),
        "bidRate": eight(rate.bid),
        "askRate": eight(rate.ask),
        "autoExchangeBidBuffer": eight(rate.exchange_buffer),
        "autoExchangeAskBuffer": eight(rate.exchange_buffer),
        "autoExchangeBidRate": eight(rate.exchange_bid),
        "autoExchangeAskRate": eight(rate.exchange_ask),
    }


def asset_index(desk: Desk, call: Call) -> object:
    """Values of margin assets in USD."""
    now, wanted = desk.now_ms(), call.parameters.get("symbol")
    rows = [asset_index_row(desk, asset, now) for asset in MARGIN_ASSETS]
    if not wanted:
        return rows
    found = [row for row in rows if row["symbol"] == wanted]
    if not found:
        raise Rejection(-1121, "Invalid symbol.")
    return found[0]


def adl_risk(desk: Desk, call: Call) -> object:
    """How near deleveraging is: what the fund has beside what taking over every user's position would need."""
    now = desk.now_ms()
    return per_symbol(desk, call, lambda symbol: {"symbol": symbol, "adlRisk": _risk(desk, symbol), "updateTime": now})


def _risk(desk: Desk, symbol: str) -> str:
    ledger = ledger_of(desk.venue)
    needed = sum(
        (
            ledger.maintenance_margin(account_id, name, side)
            for account_id in ledger.accounts()
            if account_id not in OWN_ACCOUNTS
            for name, side, _ in ledger.positions(account_id)
            if name == symbol
        ),
        Decimal(0),
    )
    fund = ledger.summary(INSURANCE, desk.venue.listings[symbol].margin_asset).margin_balance
    if needed > fund:
        return "high"
    return "medium" if needed * 2 > fund else "low"


def trading_schedule(desk: Desk, call: Call) -> object:
    """Sessions of stocks and commodities, none of which are listed."""
    return {"updateTime": desk.now_ms(), "marketSchedules": {}}


def _one_or_all(one: int, every: int) -> Callable[[Parameters], int]:
    return lambda parameters: one if parameters.has("symbol") else every


#: Binance USD-M futures docs, market data endpoints and their weights, 2026.
ENDPOINTS: dict[str, Endpoint] = {
    "v1/openInterest": public(open_interest),
    "v1/fundingRate": Endpoint(funding_rates, pool="FUNDING", pool_kind="FUNDING"),
    "v1/rpiDepth": public(rpi_depth, 20),
    "v1/indexInfo": public(index_info),
    "v1/assetIndex": public(asset_index, _one_or_all(1, 10)),
    "v1/insuranceBalance": public(futures_risk.insurance_balance),
    "v1/symbolAdlRisk": public(adl_risk),
    "v1/tradingSchedule": public(trading_schedule, 5),
}
