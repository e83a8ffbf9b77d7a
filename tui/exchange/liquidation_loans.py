"""What is owed by those whose cross margin account was liquidated and could not pay its debts (margin docs, 2026).

The insurance has paid for the account; the person pays the insurance back from the spot wallet, in any dollar.
"""

from decimal import Decimal

import msgspec

from tui.exchange.documents import Documents

ZERO = Decimal(0)
#: What the loans are told in.
LOAN_ASSET = "USDC"
_KIND, _PAID = "liquidation_loan", "liquidation_repayment"


class LiquidationLoan(msgspec.Struct):
    """All that one person's liquidations have left owing, and what of it was paid back."""

    number: int
    owner: str
    amount: Decimal = ZERO
    repaid: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        """What is still owed."""
        return self.amount - self.repaid


class LoanRepayment(msgspec.Struct, frozen=True):
    """One repayment."""

    number: int
    owner: str
    asset: str
    amount: Decimal
    time_ms: int


class LiquidationLoans:
    """The loans of one exchange."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._loans: dict[str, LiquidationLoan] = {}
        self._repayments: list[LoanRepayment] = []

    def resume(self) -> None:
        """Take back what a former run knew."""
        self._loans = {loan.owner: loan for loan in self._documents.found(_KIND, LiquidationLoan)}
        self._repayments = self._documents.found(_PAID, LoanRepayment)

    def of(self, owner: str) -> LiquidationLoan:
        """What somebody owes; nothing where there never was a loan."""
        return self._loans.get(owner) or LiquidationLoan(0, owner)

    def note(self, owner: str, amount: Decimal) -> None:
        """Somebody's account left so much unpaid."""
        loan = self._loans.get(owner)
        if loan is None or not loan.remaining:
            loan = self._loans[owner] = LiquidationLoan(loan.number if loan else len(self._loans) + 1, owner)
        loan.amount += amount
        self._documents.put(_KIND, loan.number, loan)

    def repay(self, owner: str, asset: str, amount: Decimal, time_ms: int) -> LoanRepayment:
        """Count a repayment; the caller has moved the coins."""
        loan = self._loans[owner]
        loan.repaid += amount
        self._documents.put(_KIND, loan.number, loan)
        number = self._repayments[-1].number + 1 if self._repayments else 1
        made = LoanRepayment(number, owner, asset, amount, time_ms)
        self._repayments.append(made)
        self._documents.put(_PAID, number, made)
        return made

    def repayments(self, owner: str, start_ms: int, end_ms: int) -> list[LoanRepayment]:
        """Somebody's repayments within a span, newest first."""
        found = [made for made in self._repayments if made.owner == owner and start_ms <= made.time_ms <= end_ms]
        return found[::-1]
