"""Cross and isolated accounts, their levels and settings (Binance margin docs, accounts, 2026)."""

from decimal import Decimal

from tui.exchange.listing import Listing
from tui.exchange.margin import ZERO, Account, Margin
from tui.exchange.margin_terms import CROSS, collateral_rate
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_wallets import isolated_wallet, margin_desk, margin_of, pair, read_choice
from tui.exchange.server.notation import short

#: Pairs one person may trade isolated at a time.
_MOST_PAIRS = 20


def cross_account(desk: Desk, call: Call) -> object:
    """The cross account: levels, totals, and every margin asset."""
    margin = margin_of(desk)
    account = margin.cross(call.account_id)
    worth, liability, bitcoin = margin.worth(account), margin.liability(account), margin.price("BTC")
    return {
        "created": True,
        "borrowEnabled": True,
        "marginLevel": f"{margin.level(account):.8f}",
        "collateralMarginLevel": f"{margin.level(account, as_collateral=True):.8f}",
        "totalAssetOfBtc": _in(worth, bitcoin),
        "totalLiabilityOfBtc": _in(liability, bitcoin),
        "totalNetAssetOfBtc": _in(worth - liability, bitcoin),
        "TotalCollateralValueInUSDT": f"{margin.worth(account, as_collateral=True):.8f}",
        "totalOpenOrderLossInUSDT": "0.00000000",
        "tradeEnabled": True,
        "transferInEnabled": True,
        "transferOutEnabled": True,
        "accountType": "MARGIN_1",
        "userAssets": [_asset(margin, account, asset) for asset in margin.assets],
    }


def _in(value: Decimal, price: Decimal) -> str:
    return f"{value / price if price else ZERO:.8f}"


def _asset(margin: Margin, account: Account, asset: str) -> dict[str, object]:
    free, locked = margin.spot.free(account.name, asset), margin.spot.locked(account.name, asset)
    principal, interest = margin.ledger.debt(account.name, asset)
    return {
        "asset": asset,
        "borrowed": short(principal),
        "free": short(free),
        "interest": short(interest),
        "locked": short(locked),
        "netAsset": short(free + locked - principal - interest),
    }


def isolated_accounts(desk: Desk, call: Call) -> object:
    """The isolated accounts, of up to five named pairs or all; totals only of all."""
    margin, named = margin_of(desk), call.parameters.get("symbols")
    pairs = margin.setting(call.account_id).pairs
    if named:
        symbols = named.split(",")
        if len(symbols) > 5 or any(symbol not in desk.venue.listings for symbol in symbols):
            raise invalid("symbols")
    else:
        symbols = list(pairs)
    accounts = [margin.isolated(call.account_id, desk.venue.listings[symbol]) for symbol in symbols if symbol in pairs]
    body: dict[str, object] = {"assets": [_isolated(margin, account, pairs) for account in accounts]}
    if named:
        return body
    bitcoin = margin.price("BTC")
    worth = sum((margin.worth(account) for account in accounts), ZERO)
    liability = sum((margin.liability(account) for account in accounts), ZERO)
    totals = {"Asset": worth, "Liability": liability, "NetAsset": worth - liability}
    return body | {f"total{name}OfBtc": _in(value, bitcoin) for name, value in totals.items()}


def _isolated(margin: Margin, account: Account, pairs: dict[str, bool]) -> dict[str, object]:
    listing, terms = account.listing, margin.terms(account)
    assert listing is not None
    is_enabled = pairs[listing.symbol]
    return {
        "baseAsset": _isolated_asset(margin, account, listing.base),
        "quoteAsset": _isolated_asset(margin, account, listing.quote),
        "symbol": listing.symbol,
        "isolatedCreated": True,
        "enabled": is_enabled,
        "marginLevel": f"{margin.level(account):.8f}",
        "marginLevelStatus": margin.status(account),
        "marginRatio": f"{terms.leverage:.8f}",
        "indexPrice": f"{index_price(margin, listing):.8f}",
        "liquidatePrice": f"{_liquidation_price(margin, account):.8f}",
        "liquidateRate": f"{terms.liquidation:.8f}",
        "tradeEnabled": is_enabled,
    }


def _isolated_asset(margin: Margin, account: Account, asset: str) -> dict[str, object]:
    row = _asset(margin, account, asset)
    held = margin.held(account).get(asset, ZERO)
    net = held - margin.ledger.owed(account.name, asset)
    return row | {
        "borrowEnabled": True,
        "repayEnabled": True,
        "totalAsset": short(held),
        "netAssetOfBtc": _in(net * margin.price(asset), margin.price("BTC")),
    }


def index_price(margin: Margin, listing: Listing) -> Decimal:
    """A pair's index price."""
    quote = margin.price(listing.quote)
    return margin.price(listing.base) / quote if quote else ZERO


def _liquidation_price(margin: Margin, account: Account) -> Decimal:
    """The index price at which the account falls to its liquidation level; 0 when no price does that."""
    assert account.listing is not None
    base, quote = account.listing.base, account.listing.quote
    held, owed, bar = margin.held(account), margin.ledger.debts(account.name), margin.terms(account).liquidation
    slope = held.get(base, ZERO) - bar * owed.get(base, ZERO)
    rest = bar * owed.get(quote, ZERO) - held.get(quote, ZERO)
    return max(ZERO, rest / slope) if slope and owed else ZERO


def enable_isolated(desk: Desk, call: Call) -> object:
    """Open a pair's isolated account, or open it again."""
    margin, listing = margin_of(desk), pair(desk, call.parameters, "symbol")
    setting = margin.setting(call.account_id)
    if sum(setting.pairs.values()) >= _MOST_PAIRS and not setting.pairs.get(listing.symbol):
        raise Rejection(-11014, "The number of isolated margin accounts has reached the limit.")
    setting.pairs[listing.symbol] = True
    margin.keep_setting(setting)
    return {"success": True, "symbol": listing.symbol}


def disable_isolated(desk: Desk, call: Call) -> object:
    """Close a pair's isolated account, which must hold and owe nothing."""
    margin, account = margin_of(desk), isolated_wallet(desk, call, "symbol")
    assert account.listing is not None
    if margin.ledger.debts(account.name) or any(margin.held(account).values()):
        raise Rejection(-3999, "This isolated margin account still holds assets or debts.")
    setting = margin.setting(call.account_id)
    setting.pairs[account.listing.symbol] = False
    margin.keep_setting(setting)
    return {"success": True, "symbol": account.listing.symbol}


def isolated_limit(desk: Desk, call: Call) -> object:
    """How many isolated accounts there are and may be."""
    enabled = sum(margin_of(desk).setting(call.account_id).pairs.values())
    return {"enabledAccount": enabled, "maxAccount": _MOST_PAIRS}


def trade_coefficients(desk: Desk, call: Call) -> object:
    """The levels of the cross account."""
    terms = CROSS[margin_of(desk).setting(call.account_id).leverage]
    return {
        "normalBar": short(terms.initial),
        "marginCallBar": short(terms.margin_call),
        "forceLiquidationBar": short(terms.liquidation),
    }


def max_leverage(desk: Desk, call: Call) -> object:
    """Set the largest leverage of the cross account: 3 or 5; -3023 when the account could not bear it."""
    margin = margin_of(desk)
    wanted = int(read_choice(call.parameters, "maxLeverage", ("3", "5")))
    account, setting = margin.cross(call.account_id), margin.setting(call.account_id)
    if margin.level(account, as_collateral=True) < CROSS[wanted].initial:
        raise Rejection(-3023, "You can't set this leverage under the current margin level.")
    setting.leverage = wanted
    margin.keep_setting(setting)
    return {"success": True}


def manual_liquidation(desk: Desk, call: Call) -> object:
    """Close an account whose level has come close to its liquidation."""
    margin = margin_of(desk)
    kind = read_choice(call.parameters, "type", ("MARGIN", "ISOLATED"))
    isolated = kind == "ISOLATED"
    account = isolated_wallet(desk, call, "symbol") if isolated else margin.cross(call.account_id)
    if margin.level(account) > margin.terms(account).margin_call:
        raise Rejection(-3023, "Manual liquidation is not allowed under the current margin level.")
    rows = [
        {
            "asset": asset,
            "interest": short(margin.ledger.debt(account.name, asset)[1]),
            "principal": short(margin.ledger.debt(account.name, asset)[0]),
            "liabilityAsset": asset,
            "liabilityQty": short(owed),
        }
        for asset, owed in margin.ledger.debts(account.name).items()
    ]
    margin_desk(desk).watch.liquidate(account)
    return rows


def collateral_ratios(desk: Desk, call: Call) -> object:
    """What each asset counts as collateral."""
    by_rate: dict[Decimal, list[str]] = {}
    for asset in margin_of(desk).assets:
        by_rate.setdefault(collateral_rate(asset), []).append(asset)
    return [
        {
            "collaterals": [{"minUsdValue": "0", "maxUsdValue": "100000000", "discountRate": short(rate)}],
            "assetNames": names,
        }
        for rate, names in by_rate.items()
    ]
