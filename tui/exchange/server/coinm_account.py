"""COIN-M's private REST: balances, positions, settings; everything in the coin."""

from decimal import Decimal

from tui.exchange.accounts.positions import BOTH
from tui.exchange.rejection import Rejection
from tui.exchange.server import futures_risk, usdm_account, usdm_downloads
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed
from tui.exchange.server.futures_pairs import of_pair, trading_symbols
from tui.exchange.server.notation import eight, short
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.usdm_account import ledger_of
from tui.exchange.server.usdm_shapes import Body


def _legs(desk: Desk, account_id: str, symbols: list[str]) -> list[tuple[str, str]]:
    """Every symbol, with the sides the account may hold."""
    sides = ledger_of(desk).sides(account_id)
    return [(symbol, side) for symbol in symbols for side in (sides if sides == (BOTH,) else (BOTH, *sides))]


def _common(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    ledger, listing = ledger_of(desk), desk.venue.listings[symbol]
    state = ledger.position(account_id, symbol, side)
    return {
        "symbol": symbol,
        "positionAmt": listing.step.format(state.quantity),
        "entryPrice": eight(state.entry_price),
        "breakEvenPrice": eight(state.break_even_price),
        "leverage": str(state.leverage),
        "positionSide": side,
        "updateTime": state.updated_ms,
    }


def _largest(desk: Desk, account_id: str, symbol: str) -> str:
    return short(ledger_of(desk).largest_notional(account_id, symbol))


def _account_position(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    ledger = ledger_of(desk)
    margin = ledger.position_margin(account_id, symbol, side)
    orders = ledger.open_order_margin(account_id, symbol, side=side)
    return _common(desk, account_id, symbol, side) | {
        "initialMargin": eight(margin + orders),
        "maintMargin": eight(ledger.maintenance_margin(account_id, symbol, side)),
        "unrealizedProfit": eight(ledger.unrealized_profit(account_id, symbol, side)),
        "positionInitialMargin": eight(margin),
        "openOrderInitialMargin": eight(orders),
        "isolated": ledger.position(account_id, symbol, side).is_isolated,
        "maxQty": _largest(desk, account_id, symbol),
        "notionalValue": eight(ledger.notional(account_id, symbol, side)),
    }


def account(desk: Desk, call: Call) -> object:
    """Assets, and every symbol's position."""
    account_id = call.account_id
    return {
        "assets": [usdm_account.asset_row(desk, account_id, asset) for asset in ledger_of(desk).assets(account_id)],
        "positions": [
            _account_position(desk, account_id, *leg) for leg in _legs(desk, account_id, trading_symbols(desk))
        ],
        "canDeposit": True,
        "canTrade": True,
        "canWithdraw": True,
        "feeTier": 0,
        "updateTime": 0,
    }


def balance(desk: Desk, call: Call) -> object:
    """Wallet balances."""
    ledger, account_id = ledger_of(desk), call.account_id
    rows = []
    for asset in ledger.assets(account_id):
        summary = ledger.summary(account_id, asset)
        rows.append(
            {
                "accountAlias": usdm_account.ALIAS,
                "asset": asset,
                "balance": eight(ledger.wallet(account_id, asset)),
                "withdrawAvailable": eight(summary.available),
                "crossWalletBalance": eight(ledger.crossed_wallet(account_id, asset)),
                "crossUnPnl": eight(summary.unrealized_profit),
                "availableBalance": eight(summary.available),
                "updateTime": desk.now_ms(),
            }
        )
    return rows


def position_risk(desk: Desk, call: Call) -> object:
    """Every symbol's position, of one margin asset or pair where asked."""
    parameters = call.parameters
    symbols = of_pair(desk, parameters.required("pair")) if parameters.has("pair") else trading_symbols(desk)
    asset = parameters.get("marginAsset") or ""
    symbols = [symbol for symbol in symbols if asset in ("", desk.venue.listings[symbol].margin_asset)]
    return [_risk(desk, call.account_id, *leg) for leg in _legs(desk, call.account_id, symbols)]


def _risk(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    ledger = ledger_of(desk)
    state = ledger.position(account_id, symbol, side)
    profit = ledger.unrealized_profit(account_id, symbol, side)
    isolated = state.isolated_wallet + profit if state.is_isolated else Decimal(0)
    return _common(desk, account_id, symbol, side) | {
        "markPrice": eight(desk.venue.mark_price(symbol)),
        "unRealizedProfit": eight(profit),
        "liquidationPrice": short(ledger.liquidation_price(account_id, symbol, side)),
        "maxQty": _largest(desk, account_id, symbol),
        "marginType": "isolated" if state.is_isolated else "cross",
        "isolatedMargin": eight(isolated),
        "isAutoAddMargin": "false",
        "notionalValue": eight(ledger.notional(account_id, symbol, side)),
        "isolatedWallet": eight(state.isolated_wallet),
    }


def set_leverage(desk: Desk, call: Call) -> object:
    """Change a symbol's leverage."""
    body = usdm_account.set_leverage(desk, call)
    assert isinstance(body, dict)
    body["maxQty"] = body.pop("maxNotionalValue")
    return body


def _brackets(desk: Desk, symbol: str) -> list[Body]:
    return [
        {
            "bracket": bracket.bracket,
            "initialLeverage": bracket.initial_leverage,
            "qtyCap": int(bracket.notional_cap),
            "qtylFloor": int(bracket.notional_floor),
            "maintMarginRatio": float(bracket.maintenance_rate),
            "cum": float(bracket.cum),
        }
        for bracket in ledger_of(desk).brackets(symbol)
    ]


def brackets_by_symbol(desk: Desk, call: Call) -> object:
    """How many coins' worth may be held at which leverage."""
    parameters = call.parameters
    symbols = [read_symbol(desk, parameters)] if parameters.has("symbol") else trading_symbols(desk)
    return [{"symbol": symbol, "notionalCoef": 1.0, "brackets": _brackets(desk, symbol)} for symbol in symbols]


def brackets_by_pair(desk: Desk, call: Call) -> object:
    """The same, once for each pair."""
    parameters = call.parameters
    symbols = of_pair(desk, parameters.required("pair")) if parameters.has("pair") else trading_symbols(desk)
    first = {desk.venue.listings[symbol].pair: symbol for symbol in reversed(symbols)}
    return [{"pair": pair, "brackets": _brackets(desk, symbol)} for pair, symbol in reversed(first.items())]


def commission_rate(desk: Desk, call: Call) -> object:
    """What trading a symbol costs."""
    body = usdm_account.commission_rate(desk, call)
    assert isinstance(body, dict)
    del body["rpiCommissionRate"]
    return body


def margin_moves(desk: Desk, call: Call) -> object:
    """What was added to and taken from an isolated position."""
    rows = futures_risk.margin_moves(desk, call)
    assert isinstance(rows, list)
    return [{name: value for name, value in row.items() if name != "deltaType"} for row in rows]


def income(desk: Desk, call: Call) -> object:
    """What moved the account's wallet; at most a year at once."""
    start, end = call.parameters.whole("startTime"), call.parameters.whole("endTime")
    if start is not None and end is not None and end - start > 366 * 86_400_000:
        raise Rejection(-4165, "Maximum time interval is 365 days")
    rows = futures_risk.income(desk, call)
    assert isinstance(rows, list)
    return [row | {"tranId": str(row["tranId"])} for row in rows]


def _one_or_all(parameters: Parameters) -> int:
    return 1 if parameters.has("symbol") else 2


#: Binance COIN-M futures docs, account endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", "v1/account"): signed(account, 5),
    ("GET", "v1/balance"): signed(balance),
    ("GET", "v1/positionRisk"): signed(position_risk),
    ("POST", "v1/leverage"): signed(set_leverage),
    ("POST", "v1/marginType"): signed(usdm_account.set_margin_type),
    ("GET", "v1/positionSide/dual"): signed(usdm_account.get_position_mode, 30),
    ("POST", "v1/positionSide/dual"): signed(usdm_account.set_position_mode),
    ("GET", "v1/leverageBracket"): signed(brackets_by_pair),
    ("GET", "v2/leverageBracket"): signed(brackets_by_symbol, _one_or_all),
    ("GET", "v1/commissionRate"): signed(commission_rate, 20),
    # Not in Binance's documents, but asked for at the start by nautilus_trader.
    ("GET", "v1/symbolConfig"): usdm_account.ENDPOINTS["GET", "v1/symbolConfig"],
    **futures_risk.ENDPOINTS,
    **usdm_downloads.ENDPOINTS,
    ("GET", "v1/positionMargin/history"): signed(margin_moves),
    ("GET", "v1/income"): signed(income, 20),
    **{
        (method, "v1/listenKey"): usdm_account.ENDPOINTS[method, "v1/listenKey"] for method in ("POST", "PUT", "DELETE")
    },
}
