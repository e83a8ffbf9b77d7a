"""What margin trading is about: pairs, assets, rates, prices, liquidations (Binance margin docs, market data, 2026)."""

from decimal import Decimal

from tui.exchange.accounts.margin import daily_rate
from tui.exchange.accounts.names import LENDER
from tui.exchange.listing import Listing
from tui.exchange.margin_terms import LIMIT_PRICE_PAIRS, isolated_terms
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_account import index_price
from tui.exchange.server.margin_wallets import (
    isolated_wallet,
    margin_of,
    page,
    pair,
    read_asset,
    read_choice,
    read_span,
)
from tui.exchange.server.notation import short


def cross_pairs(desk: Desk, call: Call) -> object:
    """Every pair, or one."""
    return [
        {"id": number, **_pair(listing)}
        for number, listing in enumerate(desk.venue.listings.values(), 351_637_150_141_315_861)
        if call.parameters.get("symbol") in (None, "", listing.symbol)
    ]


def isolated_pairs(desk: Desk, call: Call) -> object:
    """Every pair that has isolated accounts, or one."""
    wanted = call.parameters.get("symbol")
    return [_pair(listing) for listing in desk.venue.listings.values() if wanted in (None, "", listing.symbol)]


def _pair(listing: Listing) -> dict[str, object]:
    return {
        "base": listing.base,
        "isBuyAllowed": True,
        "isMarginTrade": True,
        "isSellAllowed": True,
        "quote": listing.quote,
        "symbol": listing.symbol,
    }


def assets(desk: Desk, call: Call) -> object:
    """Every margin asset, or one."""
    wanted = [read_asset(desk, call.parameters)] if call.parameters.has("asset") else margin_of(desk).assets
    return [
        {
            "assetFullName": asset,
            "assetName": asset,
            "isBorrowable": True,
            "isMortgageable": True,
            "userMinBorrow": "0.00000000",
            "userMinRepay": "0.00000000",
        }
        for asset in wanted
    ]


def price_index(desk: Desk, call: Call) -> object:
    """The index price of a pair."""
    listing = pair(desk, call.parameters, "symbol")
    price = index_price(margin_of(desk), listing)
    return {"calcTime": desk.now_ms(), "price": f"{price:.8f}", "symbol": listing.symbol}


def cross_data(desk: Desk, call: Call) -> object:
    """Rates and limits of each asset in the cross account."""
    margin = margin_of(desk)
    wanted = [read_asset(desk, call.parameters, name="coin")] if call.parameters.has("coin") else margin.assets
    return [
        {
            "vipLevel": call.parameters.whole("vipLevel") or 0,
            "coin": asset,
            "transferIn": True,
            "borrowable": True,
            "dailyInterest": short(daily_rate(asset)),
            "yearlyInterest": short(daily_rate(asset) * 365),
            "borrowLimit": short(margin.borrow_limit(asset)),
            "marginablePairs": [row.symbol for row in desk.venue.listings.values() if asset in (row.base, row.quote)],
        }
        for asset in wanted
    ]


def isolated_data(desk: Desk, call: Call) -> object:
    """Rates and limits of each pair's isolated account."""
    parameters = call.parameters
    listings = [pair(desk, parameters, "symbol")] if parameters.has("symbol") else desk.venue.listings.values()
    return [
        {
            "vipLevel": parameters.whole("vipLevel") or 0,
            "symbol": listing.symbol,
            "leverage": str(isolated_terms(listing).leverage),
            "data": [
                {
                    "coin": asset,
                    "dailyInterest": short(daily_rate(asset)),
                    "borrowLimit": short(margin_of(desk).borrow_limit(asset)),
                }
                for asset in (listing.base, listing.quote)
            ],
        }
        for listing in listings
    ]


def isolated_tier(desk: Desk, call: Call) -> object:
    """The one tier of a pair's isolated account."""
    listing = pair(desk, call.parameters, "symbol")
    terms, margin = isolated_terms(listing), margin_of(desk)
    return [
        {
            "symbol": listing.symbol,
            "tier": 1,
            "effectiveMultiple": short(Decimal(terms.leverage)),
            "initialRiskRatio": short(terms.initial),
            "liquidationRiskRatio": short(terms.liquidation),
            "baseAssetMaxBorrowable": short(margin.borrow_limit(listing.base)),
            "quoteAssetMaxBorrowable": short(margin.borrow_limit(listing.quote)),
        }
    ]


def inventory(desk: Desk, call: Call) -> object:
    """What the lender has left."""
    read_choice(call.parameters, "type", ("MARGIN", "ISOLATED"))
    margin = margin_of(desk)
    left = {asset: short(margin.spot.free(LENDER, asset)) for asset in margin.assets}
    return {"assets": left, "updateTime": desk.now_ms() // 1_000}


def liquidation_records(desk: Desk, call: Call) -> object:
    """Orders the exchange made to close an account, newest first."""
    parameters, margin = call.parameters, margin_of(desk)
    isolated = parameters.has("isolatedSymbol")
    account = isolated_wallet(desk, call, "isolatedSymbol") if isolated else margin.cross(call.account_id)
    start, end = read_span(desk, parameters, days=90)
    numbers = [
        int(movement.note)
        for movement in reversed(margin.ledger.movements.values())
        if movement.kind == "LIQUIDATION" and movement.account_id == account.name and start <= movement.time_ms <= end
    ]
    orders = {order.order_id: order for order in desk.venue.orders(account.name)}
    rows: list[dict[str, object]] = []
    for order in (orders[number] for number in numbers if number in orders):
        listing = order.listing
        quantity = listing.step.value(order.filled_lots)
        rows.append(
            {
                "avgPrice": f"{order.filled_quote / quantity if quantity else 0:.8f}",
                "executedQty": f"{quantity:.8f}",
                "orderId": order.order_id,
                "price": "0.00000000",
                "qty": f"{listing.step.value(order.lots):.8f}",
                "side": order.side.value,
                "symbol": listing.symbol,
                "timeInForce": order.time_in_force,
                "isIsolated": isolated,
                "updatedTime": order.updated_ms,
            }
        )
    return page(rows, parameters)


def risk_ratios(desk: Desk, call: Call) -> object:
    """Assets whose liquidation level is set apart: none."""
    return []


def restricted_assets(desk: Desk, call: Call) -> object:
    """Assets that may not be opened or moved in further: none."""
    return {"openLongRestrictedAsset": [], "maxCollateralExceededAsset": []}


def limit_price_pairs(desk: Desk, call: Call) -> object:
    """Pairs whose limit prices are bound to the index."""
    return {"crossMarginSymbols": list(LIMIT_PRICE_PAIRS)}


def schedule(desk: Desk, call: Call) -> object:
    """Listings and delistings to come, brackets of a mode that ended on 2026-04-13: none."""
    return []


def burn_status(desk: Desk, call: Call) -> object:
    """Whether commission and interest are paid in BNB."""
    assert desk.venue.spot is not None
    return {"spotBNBBurn": call.account_id in desk.venue.spot.pays_fees_in_bnb, "interestBNBBurn": False}


def set_burn(desk: Desk, call: Call) -> object:
    """Pay commission in BNB, or no longer."""
    assert desk.venue.spot is not None
    payers = desk.venue.spot.pays_fees_in_bnb
    if call.parameters.has("spotBNBBurn"):
        (payers.add if call.parameters.flag("spotBNBBurn") else payers.discard)(call.account_id)
    call.parameters.flag("interestBNBBurn")
    return burn_status(desk, call)
