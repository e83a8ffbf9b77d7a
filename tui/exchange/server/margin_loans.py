"""Borrowing, paying back, moving assets, and the records of it (Binance margin docs, borrow and repay, 2026)."""

from decimal import Decimal

from tui.exchange.accounts.margin import Movement, daily_rate
from tui.exchange.margin import Account
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_wallets import (
    is_isolated,
    isolated_wallet,
    margin_of,
    named_wallet,
    page,
    read_amount,
    read_asset,
    read_choice,
    read_span,
    wallet,
)
from tui.exchange.server.notation import short

_HOUR_MS = 3_600_000


def borrow_repay(desk: Desk, call: Call) -> object:
    """Take a loan or pay it back."""
    parameters, margin = call.parameters, margin_of(desk)
    if not parameters.has("isIsolated"):
        raise missing("isIsolated")
    account = wallet(desk, call, needs_symbol=False)
    asset, amount = read_asset(desk, parameters, account), read_amount(parameters)
    if read_choice(parameters, "type", ("BORROW", "REPAY")) == "BORROW":
        movement = borrow(desk, account, asset, amount, "MANUAL")
    else:
        owed = margin.ledger.owed(account.name, asset)
        if amount > owed:
            raise Rejection(-3015, "Repay amount exceeds borrow amount.")
        if amount > margin.spot.free(account.name, asset):
            raise Rejection(-3041, "Balance is not enough.")
        movement = margin.ledger.repay(account.name, asset, amount, "MANUAL")
    tell(desk, account.name, movement.kind, asset)
    return {"tranId": movement.tran_id}


def borrow(desk: Desk, account: Account, asset: str, amount: Decimal, note: str) -> Movement:
    """Lend within the account's limits; Rejection -3006 or -3045."""
    margin = margin_of(desk)
    if amount > margin.max_borrowable(account, asset):
        raise Rejection(-3006, "Your borrow amount has exceed maximum borrow amount.")
    return margin.ledger.borrow(account.name, asset, amount, note)


def tell(desk: Desk, name: str, reason: str, *assets: str) -> None:
    """Tell an account that its balances moved, and let the change be kept."""
    desk.venue.dealer.emit_account(name, reason, assets, (), desk.now_ms())


def loan_records(desk: Desk, call: Call) -> object:
    """Loans taken or paid back, newest first."""
    parameters = call.parameters
    kind = read_choice(parameters, "type", ("BORROW", "REPAY"))
    rows = []
    for movement in _found(desk, call, kind):
        wanted = parameters.whole("txId")
        if wanted is not None and movement.tran_id != wanted:
            continue
        row: dict[str, object] = {
            "type": "MANUAL" if movement.note == "MANUAL" else "AUTO",
            "amount": short(movement.amount),
            "asset": movement.asset,
            "interest": short(movement.interest),
            "principal": short(movement.amount - movement.interest),
            "status": "CONFIRMED",
            "timestamp": movement.time_ms,
            "txId": movement.tran_id,
        }
        rows.append(_with_pair(row, movement))
    return page(rows, parameters)


def interest_records(desk: Desk, call: Call) -> object:
    """Interest charged, newest first."""
    rows = []
    for movement in _found(desk, call, "INTEREST"):
        row: dict[str, object] = {
            "txId": movement.tran_id,
            "interestAccuredTime": movement.time_ms,
            "asset": movement.asset,
            "rawAsset": movement.asset,
            "principal": short(movement.amount),
            "interest": short(movement.interest),
            "interestRate": short(daily_rate(movement.asset)),
            "type": movement.note,
        }
        rows.append(_with_pair(row, movement))
    return page(rows, call.parameters)


def _found(desk: Desk, call: Call, *kinds: str) -> list[Movement]:
    """Movements of the account that `isolatedSymbol` names, or of the cross account, newest first."""
    parameters, account = call.parameters, named_wallet(desk, call)
    start, end = read_span(desk, parameters)
    asset = parameters.get("asset")
    return [
        movement
        for movement in reversed(margin_of(desk).ledger.movements.values())
        if movement.account_id == account.name
        and movement.kind in kinds
        and start <= movement.time_ms <= end
        and (not asset or movement.asset == asset)
    ]


def _with_pair(row: dict[str, object], movement: Movement) -> dict[str, object]:
    pair = movement.account_id.partition(":")[2]
    return row if pair == "margin" else {"isolatedSymbol": pair, **row}


def max_borrowable(desk: Desk, call: Call) -> object:
    """What may be borrowed now."""
    account = named_wallet(desk, call)
    asset, margin = read_asset(desk, call.parameters, account), margin_of(desk)
    return {
        "amount": short(margin.max_borrowable(account, asset)),
        "borrowLimit": short(margin.borrow_limit(asset)),
    }


def max_transferable(desk: Desk, call: Call) -> object:
    """What may leave the account now."""
    account = named_wallet(desk, call)
    asset = read_asset(desk, call.parameters, account)
    return {"amount": short(margin_of(desk).max_transferable(account, asset))}


def rate_history(desk: Desk, call: Call) -> object:
    """Interest of each hour; it does not move here."""
    asset = read_asset(desk, call.parameters)
    start, end = read_span(desk, call.parameters)
    level = call.parameters.whole("vipLevel") or 0
    newest = end - end % _HOUR_MS
    return [
        {"asset": asset, "dailyInterestRate": short(daily_rate(asset)), "timestamp": at, "vipLevel": level}
        for at in range(newest, max(start, newest - 100 * _HOUR_MS), -_HOUR_MS)
    ]


def next_rates(desk: Desk, call: Call) -> object:
    """What the next hour costs."""
    names = call.parameters.required("assets").split(",")
    is_isolated(call.parameters)
    if len(names) > 20:
        raise Rejection(-1101, "Too many values sent for parameter 'assets', maximum allowed up to 20.")
    unknown = [name for name in names if name not in margin_of(desk).assets]
    if unknown:
        raise Rejection(-3027, "Not a valid margin asset.")
    return [{"asset": name, "nextHourlyInterestRate": f"{daily_rate(name) / 24:.8f}"} for name in names]


def transfer_records(desk: Desk, call: Call) -> object:
    """Transfers into and out of the account, newest first."""
    rows = []
    kinds = ("ROLL_IN", "ROLL_OUT")
    if call.parameters.has("type"):
        kinds = (read_choice(call.parameters, "type", kinds),) * 2
    for movement in _found(desk, call, *kinds):
        other, own = _wallet_name(movement.other), _wallet_name(movement.account_id)
        ends = (other, own) if movement.kind == "ROLL_IN" else (own, other)
        rows.append(
            {
                "amount": short(movement.amount),
                "asset": movement.asset,
                "status": "CONFIRMED",
                "timestamp": movement.time_ms,
                "txId": movement.tran_id,
                "type": movement.kind,
                "transFrom": ends[0][0],
                "transTo": ends[1][0],
                **({"fromSymbol": ends[0][1]} if ends[0][1] else {}),
                **({"toSymbol": ends[1][1]} if ends[1][1] else {}),
            }
        )
    return page(rows, call.parameters)


def _wallet_name(account_id: str) -> tuple[str, str]:
    rest = account_id.partition(":")[2]
    return _WALLETS.get(rest) or ("ISOLATED_MARGIN", rest)


_WALLETS = {
    "": ("SPOT", ""),
    "margin": ("CROSS_MARGIN", ""),
    "UMFUTURE": ("FUTURES", ""),
    "CMFUTURE": ("DELIVERY", ""),
}


def capital_flow(desk: Desk, call: Call) -> object:
    """What moved the account's balances apart from trading, oldest first."""
    parameters = call.parameters
    account = isolated_wallet(desk, call, "symbol") if parameters.has("symbol") else None
    name = account.name if account else margin_of(desk).cross(call.account_id).name
    start, end = read_span(desk, parameters, days=7)
    from_id = parameters.whole("fromId") or 0
    wanted, asset = parameters.get("type"), parameters.get("asset")
    rows = []
    for movement in margin_of(desk).ledger.movements.values():
        if movement.account_id != name or movement.tran_id < from_id or not start <= movement.time_ms <= end:
            continue
        kind, sign = _FLOWS.get(movement.kind, ("", 0))
        if not kind or (wanted and kind != wanted) or (asset and movement.asset != asset):
            continue
        rows.append(
            {
                "id": movement.tran_id,
                "tranId": movement.tran_id,
                "timestamp": movement.time_ms,
                "asset": movement.asset,
                "symbol": account.listing.symbol if account and account.listing else "",
                "type": kind,
                "amount": short(movement.amount * sign),
            }
        )
    return rows[: parameters.limit(500, 1000)]


_FLOWS = {"ROLL_IN": ("TRANSFER", 1), "ROLL_OUT": ("TRANSFER", -1), "BORROW": ("BORROW", 1), "REPAY": ("REPAY", -1)}
