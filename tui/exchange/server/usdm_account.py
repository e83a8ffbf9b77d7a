"""USD-M's private REST: balances, positions, settings, listen keys."""

from decimal import ROUND_DOWN, Decimal
from itertools import product

from tui.exchange.accounts.futures import AMOUNT_UNIT, FuturesLedger
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security, signed
from tui.exchange.server.notation import eight, short
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.usdm_positions import account_position, account_position_v2, position_risk, position_risk_v2
from tui.exchange.server.user_events import leverage_changed

_SUCCESS = {"code": 200, "msg": "success"}

#: The name Binance gives an account among others.
ALIAS = "SgsRoCAu"


def ledger_of(desk: Desk) -> FuturesLedger:
    """The venue's wallets and positions."""
    assert desk.venue.futures is not None
    return desk.venue.futures


def _totals(desk: Desk, account_id: str) -> dict[str, object]:
    summary = ledger_of(desk).summary(account_id)
    available = eight(summary.available)
    balance = eight(summary.margin_balance)
    return {
        "totalInitialMargin": eight(summary.initial_margin),
        "totalMaintMargin": eight(summary.maintenance_margin),
        "totalWalletBalance": eight(summary.wallet),
        "totalUnrealizedProfit": eight(summary.unrealized_profit),
        "totalMarginBalance": balance,
        "totalPositionInitialMargin": eight(summary.position_margin),
        "totalOpenOrderInitialMargin": eight(summary.open_order_margin),
        "totalCrossWalletBalance": eight(summary.wallet),
        "totalCrossUnPnl": eight(summary.unrealized_profit),
        "availableBalance": available,
        "maxWithdrawAmount": available,
    }


def asset_row(desk: Desk, account_id: str, asset: str) -> dict[str, object]:
    """One asset of the account."""
    ledger = ledger_of(desk)
    summary, wallet = ledger.summary(account_id, asset), ledger.wallet(account_id, asset)
    return {
        "asset": asset,
        "walletBalance": eight(wallet),
        "unrealizedProfit": eight(summary.unrealized_profit),
        "marginBalance": eight(wallet + summary.unrealized_profit),
        "maintMargin": eight(summary.maintenance_margin),
        "initialMargin": eight(summary.initial_margin),
        "positionInitialMargin": eight(summary.position_margin),
        "openOrderInitialMargin": eight(summary.open_order_margin),
        "crossWalletBalance": eight(ledger.crossed_wallet(account_id, asset)),
        "crossUnPnl": eight(summary.unrealized_profit),
        "availableBalance": eight(summary.available),
        "maxWithdrawAmount": eight(withdrawable(ledger, account_id, asset)),
        "updateTime": desk.now_ms(),
    }


def touched(desk: Desk, account_id: str) -> list[tuple[str, str]]:
    """Symbols and sides with a position or an open order."""
    held = {(symbol, side) for symbol, side, _ in ledger_of(desk).positions(account_id)}
    ordered = {(order.listing.symbol, order.position_side) for order in desk.venue.open_orders(account_id, None)}
    return [
        (symbol, side)
        for symbol in desk.venue.listings
        for side in ("BOTH", "LONG", "SHORT")
        if (symbol, side) in held | ordered
    ]


def _every_side(desk: Desk, account_id: str) -> tuple[str, ...]:
    """The sides that the older endpoints list, of every symbol: in hedge mode all three."""
    return ("BOTH", "LONG", "SHORT") if account_id in ledger_of(desk).hedged else ("BOTH",)


def account_v3(desk: Desk, call: Call) -> object:
    """Totals, held assets, and positions where there is something."""
    account_id = call.account_id
    return _totals(desk, account_id) | {
        "assets": [asset_row(desk, account_id, asset) for asset in ledger_of(desk).assets(account_id)],
        "positions": [account_position(desk, account_id, *leg) for leg in touched(desk, account_id)],
    }


def account_v2(desk: Desk, call: Call) -> object:
    """Flags, totals, assets, and every symbol's position."""
    account_id = call.account_id
    flags: dict[str, object] = {
        "feeTier": 0,
        "feeBurn": account_id in ledger_of(desk).fee_burners,
        "canTrade": True,
        "canDeposit": False,
        "canWithdraw": False,
        "updateTime": 0,
        "multiAssetsMargin": account_id in ledger_of(desk).multi_assets,
        "tradeGroupId": desk.venue.dealer.groups.of(account_id),
    }
    assets = [
        asset_row(desk, account_id, asset) | {"marginAvailable": True} for asset in ledger_of(desk).assets(account_id)
    ]
    sides = _every_side(desk, account_id)
    positions = [account_position_v2(desk, account_id, *leg) for leg in product(desk.venue.listings, sides)]
    return flags | _totals(desk, account_id) | {"assets": assets, "positions": positions}


def balance(desk: Desk, call: Call) -> object:
    """Wallet balances."""
    ledger, account_id = ledger_of(desk), call.account_id
    rows = []
    for asset in ledger.assets(account_id):
        summary = ledger.summary(account_id, asset)
        rows.append(
            {
                "accountAlias": ALIAS,
                "asset": asset,
                "balance": eight(ledger.wallet(account_id, asset)),
                "crossWalletBalance": eight(ledger.crossed_wallet(account_id, asset)),
                "crossUnPnl": eight(summary.unrealized_profit),
                "availableBalance": eight(summary.available),
                "maxWithdrawAmount": eight(withdrawable(ledger, account_id, asset)),
                "marginAvailable": True,
                "updateTime": desk.now_ms(),
            }
        )
    return rows


def withdrawable(ledger: FuturesLedger, account_id: str, asset: str) -> Decimal:
    """How much of an asset may leave the wallet now."""
    available = ledger.summary(account_id, asset).available
    if account_id in ledger.multi_assets and ledger.collateral is not None:
        rate = ledger.collateral.rate(asset)
        available = ledger.summary(account_id).available / rate.bid if rate is not None else Decimal(0)
    return max(Decimal(0), min(ledger.crossed_wallet(account_id, asset), available)).quantize(AMOUNT_UNIT, ROUND_DOWN)


def positions_v3(desk: Desk, call: Call) -> object:
    """Open positions, and symbols with orders."""
    wanted = read_symbol(desk, call.parameters) if call.parameters.has("symbol") else None
    legs = [leg for leg in touched(desk, call.account_id) if wanted in (None, leg[0])]
    return [position_risk(desk, call.account_id, *leg) for leg in legs]


def positions_v2(desk: Desk, call: Call) -> object:
    """Every symbol's position with its settings."""
    symbols = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else list(desk.venue.listings)
    sides = _every_side(desk, call.account_id)
    return [position_risk_v2(desk, call.account_id, *leg) for leg in product(symbols, sides)]


def set_leverage(desk: Desk, call: Call) -> object:
    """Change a symbol's leverage."""
    symbol = read_symbol(desk, call.parameters)
    text = call.parameters.required("leverage")
    if not text.isdigit():
        raise invalid("leverage")
    ledger = ledger_of(desk)
    ledger.set_leverage(call.account_id, symbol, int(text))
    desk.announce(call.account_id, leverage_changed(desk, symbol, int(text)))
    return {
        "leverage": int(text),
        "maxNotionalValue": short(ledger.largest_notional(call.account_id, symbol)),
        "symbol": symbol,
    }


def set_margin_type(desk: Desk, call: Call) -> object:
    """Change a symbol's margin mode."""
    symbol = read_symbol(desk, call.parameters)
    name = call.parameters.required("marginType")
    if name not in ("ISOLATED", "CROSSED"):
        raise invalid("marginType")
    if name == "ISOLATED" and call.account_id in ledger_of(desk).multi_assets:
        raise Rejection(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
    ledger_of(desk).set_margin_type(call.account_id, symbol, name == "ISOLATED")
    sides = ledger_of(desk).sides(call.account_id)
    desk.venue.dealer.emit_account(call.account_id, "MARGIN_TYPE_CHANGE", (), (symbol,), desk.now_ms(), sides)
    return _SUCCESS


def get_position_mode(desk: Desk, call: Call) -> object:
    """Whether the account is in hedge mode."""
    return {"dualSidePosition": call.account_id in ledger_of(desk).hedged}


def set_position_mode(desk: Desk, call: Call) -> object:
    """Change between one-way and hedge mode, for all symbols."""
    call.parameters.required("dualSidePosition")
    desk.venue.set_hedged(call.account_id, call.parameters.flag("dualSidePosition"))
    return _SUCCESS


def leverage_brackets(desk: Desk, call: Call) -> object:
    """How much may be held at which leverage."""
    symbols = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else list(desk.venue.listings)
    return [
        {
            "symbol": symbol,
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": bracket.bracket,
                    "initialLeverage": bracket.initial_leverage,
                    "notionalCap": int(bracket.notional_cap),
                    "notionalFloor": int(bracket.notional_floor),
                    "maintMarginRatio": float(bracket.maintenance_rate),
                    "cum": float(bracket.cum),
                }
                for bracket in ledger_of(desk).brackets(symbol)
            ],
        }
        for symbol in symbols
    ]


def commission_rate(desk: Desk, call: Call) -> object:
    """What trading a symbol costs."""
    symbol = read_symbol(desk, call.parameters)
    maker, taker = ledger_of(desk).commission_rates(call.account_id, symbol)
    return {
        "symbol": symbol,
        "makerCommissionRate": f"{maker:.6f}",
        "takerCommissionRate": f"{taker:.6f}",
        "rpiCommissionRate": f"{Decimal(0):.6f}",
    }


def account_config(desk: Desk, call: Call) -> object:
    """The account's flags."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": False,
        "canWithdraw": False,
        "dualSidePosition": call.account_id in ledger_of(desk).hedged,
        "updateTime": 0,
        "multiAssetsMargin": call.account_id in ledger_of(desk).multi_assets,
        "tradeGroupId": desk.venue.dealer.groups.of(call.account_id),
    }


def symbol_config(desk: Desk, call: Call) -> object:
    """Leverage and margin mode of one symbol or all."""
    ledger = ledger_of(desk)
    symbols = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else list(desk.venue.listings)
    rows = []
    for symbol in symbols:
        held = ledger.position(call.account_id, symbol)
        rows.append(
            {
                "symbol": symbol,
                "marginType": "ISOLATED" if held.is_isolated else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": held.leverage,
                "maxNotionalValue": short(ledger.largest_notional(call.account_id, symbol)),
            }
        )
    return rows


def start_listen_key(desk: Desk, call: Call) -> object:
    """The account's listen key, the same one while it is in force."""
    return {"listenKey": desk.listen_keys.start(call.account_id, desk.now_ms())}


def renew_listen_key(desk: Desk, call: Call) -> object:
    """Another hour for the listen key."""
    return {"listenKey": desk.listen_keys.renew(call.account_id, desk.now_ms())}


def stop_listen_key(desk: Desk, call: Call) -> object:
    """No more events on the listen key."""
    desk.listen_keys.stop(call.account_id)
    return {}


#: Binance USD-M futures docs, account endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "v2/account"): signed(account_v2, 5),
    ("GET", "v3/account"): signed(account_v3, 5),
    ("GET", "v2/balance"): signed(balance, 5),
    ("GET", "v3/balance"): signed(balance, 5),
    ("GET", "v2/positionRisk"): signed(positions_v2, 5),
    ("GET", "v3/positionRisk"): signed(positions_v3, 5),
    ("POST", "v1/leverage"): signed(set_leverage),
    ("POST", "v1/marginType"): signed(set_margin_type),
    ("GET", "v1/positionSide/dual"): signed(get_position_mode, 30),
    ("POST", "v1/positionSide/dual"): signed(set_position_mode),
    ("GET", "v1/leverageBracket"): signed(leverage_brackets),
    ("GET", "v1/commissionRate"): signed(commission_rate, 20),
    ("GET", "v1/accountConfig"): signed(account_config, 5),
    ("GET", "v1/symbolConfig"): signed(symbol_config, 5),
    ("POST", "v1/listenKey"): Endpoint(start_listen_key, 1, Security.KEY),
    ("PUT", "v1/listenKey"): Endpoint(renew_listen_key, 1, Security.KEY),
    ("DELETE", "v1/listenKey"): Endpoint(stop_listen_key, 1, Security.KEY),
}
