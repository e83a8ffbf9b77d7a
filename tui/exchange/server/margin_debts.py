"""Small debts to be exchanged, and the loans that liquidations leave (Binance margin docs, trade, 2026)."""

import msgspec

from tui.exchange.accounts.names import INSURANCE
from tui.exchange.liquidation_loans import LOAN_ASSET, LoanRepayment
from tui.exchange.listing import DOLLARS
from tui.exchange.margin import ZERO
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_loans import tell
from tui.exchange.server.margin_wallets import margin_desk, margin_of, page, read_amount, read_span
from tui.exchange.server.notation import eight, short
from tui.exchange.small_liabilities import TARGET

Body = dict[str, object]


def small_debts(desk: Desk, call: Call) -> object:
    """Debts of the cross account that may be exchanged."""
    margin = margin_of(desk)
    account = margin.cross(call.account_id)
    rows = []
    for asset in margin_desk(desk).small.of(account):
        principal, interest = margin.ledger.debt(account.name, asset)
        rows.append(
            {
                "asset": asset,
                "interest": short(interest),
                "principal": short(principal),
                "liabilityAsset": asset,
                "liabilityQty": msgspec.Raw(short(principal + interest).encode()),
            }
        )
    return rows


def exchange_small(desk: Desk, call: Call) -> object:
    """Exchange the named debts into one of USDT; Rejection -1130 or -3007."""
    margin = margin_of(desk)
    named = call.parameters.required("assetNames")
    assets = [text for text in named.strip("[]").replace('"', "").split(",") if text]
    account = margin.cross(call.account_id)
    margin_desk(desk).small.exchange(account, assets)
    tell(desk, account.name, "SMALL_CONVERT", TARGET, *assets)
    return {}


def small_history(desk: Desk, call: Call) -> object:
    """What was exchanged, newest first."""
    account = margin_of(desk).cross(call.account_id)
    start, end = read_span(desk, call.parameters)
    rows: list[Body] = [
        {
            "asset": made.asset,
            "amount": eight(made.amount),
            "targetAsset": TARGET,
            "targetAmount": eight(made.target_amount),
            "bizType": "EXCHANGE_SMALL_LIABILITY",
            "timestamp": made.time_ms,
        }
        for made in margin_desk(desk).small.history(account, start, end)
    ]
    return page(rows, call.parameters)


def liquidation_loan(desk: Desk, call: Call) -> object:
    """What liquidations of the cross account have left owing."""
    loan = margin_of(desk).loans.of(call.account_id)
    return {
        "asset": LOAN_ASSET,
        "amount": eight(loan.amount),
        "repaidAmount": eight(loan.repaid),
        "remainingAmount": eight(loan.remaining),
    }


def repay_liquidation_loan(desk: Desk, call: Call) -> object:
    """Pay it back from the spot wallet; Rejection -3015, -3027 or -3041."""
    parameters, margin = call.parameters, margin_of(desk)
    asset, amount = parameters.required("asset"), read_amount(parameters)
    if asset not in DOLLARS or asset not in margin.assets:
        raise Rejection(-3027, "Not a valid margin asset.")
    if amount > margin.loans.of(call.account_id).remaining:
        raise Rejection(-3015, "Repay amount exceeds borrow amount.")
    if amount > margin.spot.free(call.account_id, asset):
        raise Rejection(-3041, "Balance is not enough.")
    margin.spot.spend(call.account_id, asset, amount, held=ZERO)
    margin.spot.deposit(INSURANCE, asset, amount)
    made = margin.loans.repay(call.account_id, asset, amount, desk.now_ms())
    tell(desk, call.account_id, "REPAY", asset)
    return _repayment(made)


def _repayment(made: LoanRepayment) -> Body:
    return {
        "repayId": made.number,
        "asset": made.asset,
        "amount": eight(made.amount),
        "status": "SUCCESS",
        "createTime": made.time_ms,
    }


def liquidation_repayments(desk: Desk, call: Call) -> object:
    """What was paid back, newest first."""
    start, end = read_span(desk, call.parameters, days=90)
    rows = [_repayment(made) for made in margin_of(desk).loans.repayments(call.account_id, start, end)]
    return page(rows, call.parameters)
