"""Small debts of a cross account, exchanged into a debt of USDT (Binance margin docs, "Small liability exchange")."""

from decimal import ROUND_UP, Decimal

import msgspec

from tui.exchange.accounts.names import INSURANCE
from tui.exchange.accounts.spot import COMMISSION_UNIT
from tui.exchange.margin import ZERO, Account, Margin
from tui.exchange.rejection import Rejection

TARGET = "USDT"
#: Debts worth less than this may be exchanged, so many at a time, once in so long.
SMALL_USDT = Decimal(10)
MOST_ASSETS = 10
EVERY_MS = 6 * 3_600_000
_KIND = "small_liability"


class SmallExchange(msgspec.Struct, frozen=True):
    """One debt that was exchanged."""

    number: int
    account_id: str
    asset: str
    amount: Decimal
    target_amount: Decimal
    time_ms: int


class SmallLiabilities:
    """Exchanges small debts of one exchange's cross accounts."""

    def __init__(self, margin: Margin) -> None:
        self._margin = margin
        self._done = margin.venue.documents.found(_KIND, SmallExchange)

    def of(self, account: Account) -> list[str]:
        """Assets whose debts are small enough."""
        margin = self._margin
        debts = margin.ledger.debts(account.name).items()
        return [asset for asset, owed in debts if asset != TARGET and owed * margin.price(asset) < SMALL_USDT]

    def exchange(self, account: Account, assets: list[str]) -> None:
        """Exchange debts; Rejection -1130 for what is no small debt, -3007 when the last time is too near."""
        now = self._margin.venue.clock.now_ms()
        if not assets or len(assets) > MOST_ASSETS or not set(assets) <= set(self.of(account)):
            raise Rejection(-1130, "Data sent for parameter 'assetNames' is not valid.")
        if any(done.account_id == account.name and done.time_ms > now - EVERY_MS for done in self._done):
            raise Rejection(-3007, "You have pending transaction, please try again later.")
        for asset in assets:
            self._exchange(account, asset, now)

    def _exchange(self, account: Account, asset: str, now_ms: int) -> None:
        """Lend USDT for it, and let the insurance sell the account what it owes at the index."""
        margin, ledger, spot = self._margin, self._margin.ledger, self._margin.spot
        owed = ledger.owed(account.name, asset)
        paid = (owed * margin.price(asset) / margin.price(TARGET)).quantize(COMMISSION_UNIT, ROUND_UP)
        ledger.borrow(account.name, TARGET, paid, "AUTO")
        spot.spend(account.name, TARGET, paid, held=ZERO)
        spot.deposit(INSURANCE, TARGET, paid)
        spot.spend(INSURANCE, asset, owed, held=ZERO)
        spot.deposit(account.name, asset, owed)
        ledger.repay(account.name, asset, owed, "AUTO")
        number = self._done[-1].number + 1 if self._done else 1
        made = SmallExchange(number, account.name, asset, owed, paid, now_ms)
        self._done.append(made)
        margin.venue.documents.put(_KIND, number, made)

    def history(self, account: Account, start_ms: int, end_ms: int) -> list[SmallExchange]:
        """What was exchanged within a span, newest first."""
        found = [one for one in self._done if one.account_id == account.name and start_ms <= one.time_ms <= end_ms]
        return found[::-1]
