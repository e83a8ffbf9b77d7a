"""Loans of margin accounts: what was lent, the interest on it, and every movement as a record.

A margin account is an account of the spot ledger with a name of its own, so that its orders meet all others in the
same books. Coins are lent by one lender and go back to it with interest; nothing is created.
"""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal
from typing import Literal

import msgspec

from tui.exchange.accounts.names import LENDER
from tui.exchange.accounts.spot import COMMISSION_UNIT, SpotLedger
from tui.exchange.documents import Documents
from tui.exchange.rejection import Rejection

ZERO = Decimal(0)
HOUR_MS = 3_600_000
#: Records kept of each kind.
_REMEMBERED = 2_000

#: Daily interest by asset, and of all others (shaped after Binance's margin fee table).
_DAILY_RATES = {"USDT": Decimal("0.00012"), "BTC": Decimal("0.00003"), "ETH": Decimal("0.00005")}
_USUAL_RATE = Decimal("0.0002")


def cross_account(owner: str) -> str:
    """The ledger's name of somebody's cross margin account."""
    return f"{owner}:margin"


def isolated_account(owner: str, symbol: str) -> str:
    """The ledger's name of somebody's isolated margin account of a pair."""
    return f"{owner}:{symbol}"


def daily_rate(asset: str) -> Decimal:
    """Interest of one day, as a part of the principal."""
    return _DAILY_RATES.get(asset, _USUAL_RATE)


class Loan(msgspec.Struct):
    """What an account owes of one asset; interest bears no interest."""

    number: int
    account_id: str
    asset: str
    principal: Decimal
    interest: Decimal
    accrued_ms: int


class Movement(msgspec.Struct, frozen=True):
    """One loan taken or paid back, one interest charged, or one transfer; `amount` is principal and interest.

    Transfers name the account on the other side in `other`; `kind` tells from which side they are seen.
    """

    tran_id: int
    kind: Literal["BORROW", "REPAY", "INTEREST", "ROLL_IN", "ROLL_OUT", "LIQUIDATION"]
    account_id: str
    asset: str
    amount: Decimal
    interest: Decimal
    time_ms: int
    note: str = ""
    other: str = ""


class MarginLedger:
    """Who owes what. Balances are the spot ledger's; every change of a debt moves coins between account and lender."""

    def __init__(self, spot: SpotLedger, documents: Documents, now_ms: Callable[[], int]) -> None:
        self.spot = spot
        self._documents = documents
        self._now_ms = now_ms
        self._loans: dict[str, dict[str, Loan]] = {}
        self.movements: dict[int, Movement] = {}
        self._last_id = 500_000_000
        self._last_loan = 0
        #: Told of every movement of a debt.
        self.on_liability: Callable[[Movement], None] = lambda movement: None

    def resume(self) -> None:
        """Take back what a former run knew."""
        for loan in self._documents.found("margin_loan", Loan):
            self._loans.setdefault(loan.account_id, {})[loan.asset] = loan
            self._last_loan = max(self._last_loan, loan.number)
        for movement in self._documents.found("margin_movement", Movement):
            self.movements[movement.tran_id] = movement
            self._last_id = max(self._last_id, movement.tran_id)

    def debt(self, account_id: str, asset: str) -> tuple[Decimal, Decimal]:
        """Principal and interest owed of an asset."""
        loan = self._loans.get(account_id, {}).get(asset)
        return (loan.principal, loan.interest) if loan else (ZERO, ZERO)

    def owed(self, account_id: str, asset: str) -> Decimal:
        """Principal and interest together."""
        return sum(self.debt(account_id, asset), ZERO)

    def debts(self, account_id: str) -> dict[str, Decimal]:
        """Everything an account owes, by asset."""
        return {asset: loan.principal + loan.interest for asset, loan in self._loans.get(account_id, {}).items()}

    def debtors(self) -> list[str]:
        """Accounts that owe anything."""
        return [account for account, loans in self._loans.items() if loans]

    def borrow(self, account_id: str, asset: str, amount: Decimal, note: str) -> Movement:
        """Lend an amount and charge the first hour; Rejection -3045 when the lender has not that much."""
        if amount > self.spot.free(LENDER, asset):
            raise Rejection(-3045, "The system does not have enough asset now.")
        self.spot.spend(LENDER, asset, amount, held=ZERO)
        self.spot.deposit(account_id, asset, amount)
        now = self._now_ms()
        loan = self._loans.setdefault(account_id, {}).get(asset)
        if loan is None:
            self._last_loan += 1
            loan = Loan(self._last_loan, account_id, asset, ZERO, ZERO, now)
            self._loans[account_id][asset] = loan
        loan.principal += amount
        movement = self._record("BORROW", account_id, asset, amount, ZERO, note)
        self._charge(loan, amount, 1, "ON_BORROW")
        return movement

    def take_back(self, account_id: str, asset: str, amount: Decimal) -> None:
        """Undo the part of a loan that was never used, with the interest charged for it."""
        loan = self._loans.get(account_id, {}).get(asset)
        back = min(amount, loan.principal if loan else ZERO, self.spot.free(account_id, asset))
        if loan is None or back <= 0:
            return
        self._pay(account_id, asset, back)
        loan.principal -= back
        if not loan.principal:
            loan.interest = ZERO
        self._record("REPAY", account_id, asset, back, ZERO, "AUTO")
        self._write(loan)

    def repay(self, account_id: str, asset: str, amount: Decimal, note: str) -> Movement:
        """Pay back, interest first; the caller has checked that the account owes and holds that much."""
        loan = self._loans[account_id][asset]
        interest = min(amount, loan.interest)
        self._pay(account_id, asset, amount)
        loan.interest -= interest
        loan.principal -= amount - interest
        movement = self._record("REPAY", account_id, asset, amount, interest, note)
        self._write(loan)
        return movement

    def transfer(self, asset: str, amount: Decimal, payer: str, receiver: str, kind: str = "") -> Movement:
        """Move coins between two accounts of one owner; Rejection -3041 is the caller's to raise before."""
        self.spot.spend(payer, asset, amount, held=ZERO)
        self.spot.deposit(receiver, asset, amount)
        return self.note_transfer(asset, amount, payer, receiver, kind)

    def note_transfer(self, asset: str, amount: Decimal, payer: str, receiver: str, kind: str = "") -> Movement:
        """Remember a transfer that was made, perhaps to or from a wallet elsewhere; `kind` is Binance's word for it."""
        if ":" in receiver:
            self._record("ROLL_IN", receiver, asset, amount, ZERO, kind, payer)
        return self._record("ROLL_OUT", payer, asset, amount, ZERO, kind, receiver)

    def accrue(self) -> None:
        """Charge every full hour that has passed since a loan was last charged."""
        now = self._now_ms()
        for loans in self._loans.values():
            for loan in loans.values():
                hours = now // HOUR_MS - loan.accrued_ms // HOUR_MS
                if hours > 0:
                    loan.accrued_ms = now
                    self._charge(loan, loan.principal, hours, "PERIODIC")

    def note_liquidation(self, account_id: str, asset: str, amount: Decimal, order_id: int) -> None:
        """Remember an order the exchange made to close an account."""
        self._record("LIQUIDATION", account_id, asset, amount, ZERO, str(order_id))

    def _charge(self, loan: Loan, principal: Decimal, hours: int, note: str) -> None:
        interest = (principal * daily_rate(loan.asset) * hours / 24).quantize(COMMISSION_UNIT, ROUND_UP)
        loan.interest += interest
        self._record("INTEREST", loan.account_id, loan.asset, principal, interest, note)
        self._write(loan)

    def _pay(self, account_id: str, asset: str, amount: Decimal) -> None:
        self.spot.spend(account_id, asset, amount, held=ZERO)
        self.spot.deposit(LENDER, asset, amount)

    def _write(self, loan: Loan) -> None:
        if loan.principal or loan.interest:
            self._documents.put("margin_loan", loan.number, loan)
            return
        del self._loans[loan.account_id][loan.asset]
        self._documents.drop("margin_loan", loan.number)

    def _record(
        self, kind: str, account_id: str, asset: str, amount: Decimal, interest: Decimal, note: str, other: str = ""
    ) -> Movement:
        self._last_id += 1
        movement = Movement(
            self._last_id,
            kind,  # type: ignore[arg-type]
            account_id,
            asset,
            amount,
            interest,
            self._now_ms(),
            note,
            other,
        )
        self.movements[movement.tran_id] = movement
        self._documents.put("margin_movement", movement.tran_id, movement)
        if len(self.movements) > _REMEMBERED:
            oldest = next(iter(self.movements))
            del self.movements[oldest]
            self._documents.drop("margin_movement", oldest)
        if kind in ("BORROW", "REPAY", "INTEREST"):
            self.on_liability(movement)
        return movement
