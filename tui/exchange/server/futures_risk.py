"""Margin, liquidation, income and delivery over REST, the same on both futures products."""

from decimal import Decimal

from tui.exchange.accounts.names import INSURANCE
from tui.exchange.accounts.positions import BOTH, LONG, SHORT
from tui.exchange.deleveraging import CLIENT_ID as DELEVERAGED
from tui.exchange.deleveraging import quantile
from tui.exchange.liquidation import CLIENT_ID as LIQUIDATED
from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection, invalid, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed
from tui.exchange.server.futures_pairs import of_pair, trading_symbols
from tui.exchange.server.notation import eight
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.spans import DAY_MS
from tui.exchange.server.usdm_account import ledger_of
from tui.exchange.server.usdm_shapes import Body, queried

#: Room for the executions of an order in the numbers of the income: each is used once for a kind of income, while
#: trades are counted by symbol, and both halves of a trade with oneself have one number.
_EXECUTIONS = 100_000
_SETTLED = ("delivery_autoclose-", "settlement_autoclose-")


def move_margin(desk: Desk, call: Call) -> object:
    """Add to an isolated position's margin (type 1) or take from it (type 2)."""
    symbol, parameters = read_symbol(desk, call.parameters), call.parameters
    amount, kind = parameters.decimal("amount"), parameters.whole("type")
    if amount is None:
        raise missing("amount")
    if kind not in (1, 2):
        raise invalid("type")
    amount = amount.quantize(Decimal("0.00000001"))
    if amount <= 0:
        raise Rejection(-4055, "Amount must be positive.")
    side = _side(desk, call)
    moved, now = amount if kind == 1 else -amount, desk.now_ms()
    ledger_of(desk).move_margin(call.account_id, symbol, side, moved)
    asset = desk.listing(symbol).margin_asset
    desk.venue.life.records.note_move(call.account_id, symbol, side, moved, asset, now, "USER_ADJUST")
    desk.venue.dealer.emit_account(call.account_id, "MARGIN_TRANSFER", (asset,), (symbol,), now, (side,))
    return {"amount": float(amount), "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def _side(desk: Desk, call: Call) -> str:
    side = call.parameters.get("positionSide") or BOTH
    if side not in (BOTH, LONG, SHORT):
        raise Rejection(-4060, "Invalid position side.")
    if side not in ledger_of(desk).sides(call.account_id):
        raise Rejection(-4061, "Order's position side does not match user's setting.")
    return side


def margin_moves(desk: Desk, call: Call) -> object:
    """What was added to and taken from an isolated position, oldest first."""
    symbol, parameters = read_symbol(desk, call.parameters), call.parameters
    kind, limit = parameters.whole("type"), parameters.limit(500, 500)
    start, end = _span(desk, parameters, 30)
    rows: list[Body] = []
    for move in desk.venue.life.records.moves:
        if (move.account_id, move.symbol) != (call.account_id, symbol) or kind not in (None, move.type):
            continue
        if start <= move.time_ms <= end:
            row: Body = {
                "symbol": symbol,
                "type": move.type,
                "deltaType": move.reason,
                "amount": eight(move.amount),
                "asset": move.asset,
                "time": move.time_ms,
                "positionSide": move.side,
            }
            rows.append(row)
    return rows[-limit:]


def _span(desk: Desk, parameters: Parameters, days: int) -> tuple[int, int]:
    """First and last moment asked for; as many days back as are kept where no start is named. -1023."""
    end = parameters.whole("endTime")
    end = desk.now_ms() + 1_000 if end is None else end
    start = parameters.whole("startTime")
    if start is not None and start > end:
        raise Rejection(-1023, "Start time is greater than end time.")
    return (end - days * DAY_MS if start is None else start), end


def adl_quantiles(desk: Desk, call: Call) -> object:
    """How near each position is to being deleveraged, 0 to 4."""
    parameters, ledger = call.parameters, ledger_of(desk)
    symbols = [read_symbol(desk, parameters)] if parameters.has("symbol") else trading_symbols(desk)
    held = {symbol for symbol, _, _ in ledger.positions(call.account_id)}
    rows = []
    for symbol in symbols:
        if symbol not in held:
            continue
        ranks = {side: quantile(desk.venue, call.account_id, (symbol, side)) for side in (LONG, SHORT, BOTH)}
        if call.account_id not in ledger.hedged:
            ranks |= {LONG: ranks[BOTH], SHORT: ranks[BOTH]}
        elif not ledger.position(call.account_id, symbol).is_isolated:
            ranks["HEDGE"] = max(ranks[LONG], ranks[SHORT])
            del ranks[BOTH]
        rows.append({"symbol": symbol, "adlQuantile": ranks})
    return rows


def force_orders(desk: Desk, call: Call) -> object:
    """The account's liquidations and deleveragings, oldest first."""
    parameters = call.parameters
    symbol = read_symbol(desk, parameters) if parameters.has("symbol") else None
    kinds = {"": (LIQUIDATED, DELEVERAGED), "LIQUIDATION": (LIQUIDATED,), "ADL": (DELEVERAGED,)}
    prefixes = kinds.get(parameters.get("autoCloseType") or "")
    if prefixes is None:
        raise invalid("autoCloseType")
    start, end = _span(desk, parameters, 90)
    found = [
        order
        for order in desk.venue.orders(call.account_id, symbol)
        if order.client_order_id.startswith(prefixes) and start <= order.created_ms <= end
    ]
    return [_forced(desk, order) for order in found[-parameters.limit(50, 100) :]]


def _forced(desk: Desk, order: ExchangeOrder) -> Body:
    body = queried(desk.notations[order.listing.symbol], order)
    return body | {"pair": order.listing.pair, "cumBase": eight(order.listing.step.value(order.filled_lots))}


def income(desk: Desk, call: Call) -> object:
    """What moved the account's wallet, oldest first: trades, funding, clearance, settlement."""
    parameters = call.parameters
    wanted = parameters.get("incomeType") or ""
    symbol = read_symbol(desk, parameters) if parameters.has("symbol") else None
    start, end = _span(desk, parameters, 7)
    rows = all_income(desk, call.account_id, symbol)
    chosen = [row for row in rows if wanted in ("", row["incomeType"]) and start <= _time(row) <= end]
    limit = parameters.limit(100, 1000)
    return chosen[:limit] if parameters.has("startTime") else chosen[-limit:]


def all_income(desk: Desk, account_id: str, symbol: str | None) -> list[Body]:
    """All that is known to have moved an account's wallet, oldest first."""
    return sorted(_of_trades(desk, account_id, symbol) + _of_records(desk, account_id, symbol), key=_time)


def _time(row: Body) -> int:
    return int(str(row["time"]))


def _of_trades(desk: Desk, account_id: str, symbol: str | None) -> list[Body]:
    rows: list[Body] = []
    for order in desk.venue.orders(account_id, symbol):
        profit = "DELIVERED_SETTELMENT" if order.client_order_id.startswith(_SETTLED) else "REALIZED_PNL"
        rows += [
            {
                "symbol": order.listing.symbol,
                "incomeType": kind,
                "income": eight(amount),
                "asset": asset,
                "info": str(execution.trade_id),
                "time": execution.time_ms,
                "tranId": order.order_id * _EXECUTIONS + number,
                "tradeId": str(execution.trade_id),
            }
            for number, execution in enumerate(order.executions)
            for kind, amount, asset in (
                ("COMMISSION", -execution.commission, execution.commission_asset),
                (profit, execution.realized_profit, order.listing.margin_asset),
            )
            if amount
        ]
    return rows


def _of_records(desk: Desk, account_id: str, symbol: str | None) -> list[Body]:
    return [
        {
            "symbol": entry.symbol,
            "incomeType": entry.kind,
            "income": eight(entry.amount),
            "asset": entry.asset,
            "info": entry.kind,
            "time": entry.time_ms,
            "tranId": entry.number,
            "tradeId": "",
        }
        for entry in desk.venue.life.records.incomes
        if entry.account_id == account_id and symbol in (None, entry.symbol)
    ]


def insurance_balance(desk: Desk, call: Call) -> object:
    """What the insurance fund holds, by the symbols it stands for."""
    ledger, now = ledger_of(desk), desk.now_ms()
    asked = [read_symbol(desk, call.parameters)] if call.parameters.has("symbol") else trading_symbols(desk)
    groups: dict[str, list[str]] = {}
    for symbol in asked:
        groups.setdefault(desk.listing(symbol).margin_asset, []).append(symbol)
    rows: list[Body] = []
    for asset, symbols in groups.items():
        held = eight(ledger.summary(INSURANCE, asset).margin_balance)
        rows.append({"symbols": symbols, "assets": [{"asset": asset, "marginBalance": held, "updateTime": now}]})
    return rows[0] if call.parameters.has("symbol") else rows


def delivery_prices(desk: Desk, call: Call) -> object:
    """Prices a pair's contracts were delivered at, newest first."""
    pair = call.parameters.required("pair")
    of_pair(desk, pair)
    found = desk.venue.life.delivery_prices.get(pair, [])
    return [{"deliveryTime": time_ms, "deliveryPrice": float(price)} for time_ms, price in reversed(found)]


def _forced_weight(parameters: Parameters) -> int:
    return 20 if parameters.has("symbol") else 50


#: Binance futures docs, account endpoints and their weights, 2026; USD-M's weights where the two differ.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "v1/positionMargin"): signed(move_margin),
    ("GET", "v1/positionMargin/history"): signed(margin_moves),
    ("GET", "v1/adlQuantile"): signed(adl_quantiles, 5),
    ("GET", "v1/forceOrders"): signed(force_orders, _forced_weight),
    ("GET", "v1/income"): signed(income, 30),
}
