"""What happens to margin accounts by themselves: interest every hour, warnings, and liquidation."""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.accounts.spot import COMMISSION_UNIT
from tui.exchange.margin import ZERO, Account, Margin
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection

#: Covers commission and the way through the book when a debt is bought back.
_SLIPPAGE = Decimal("1.02")


class MarginWatch:
    """Looks at every account with debts; `on_status` is told of accounts whose status changed."""

    def __init__(self, margin: Margin) -> None:
        self._margin = margin
        self._statuses: dict[str, str] = {}
        self.on_status: Callable[[Account, Decimal, str], None] = lambda account, level, status: None

    def look(self) -> None:
        """Charge interest that is due, tell changed statuses, close what is under water; once a second."""
        margin = self._margin
        margin.ledger.accrue()
        for name in margin.ledger.debtors():
            account = margin.account(name)
            level, status = margin.level(account), margin.status(account)
            if status != self._statuses.get(name):
                self._statuses[name] = status
                self.on_status(account, level, status)
            if status == "FORCE_LIQUIDATION":
                self.liquidate(account)

    def liquidate(self, account: Account) -> None:
        """Cancel the account's orders, sell what it holds, buy what it owes, pay back; the insurance pays the rest."""
        margin, venue = self._margin, self._margin.venue
        while orders := venue.open_orders(account.name):
            venue.cancel(account.name, orders[0].listing.symbol, orders[0].order_id, None)
        settle = account.listing.quote if account.listing else "USDT"
        self._pay_back(account)
        for asset, amount in margin.held(account).items():
            if asset != settle and amount and not margin.ledger.owed(account.name, asset):
                self._trade(account, asset, settle, Side.SELL, amount)
        for asset, owed in margin.ledger.debts(account.name).items():
            if asset != settle:
                self._trade(account, asset, settle, Side.BUY, owed * _SLIPPAGE)
        self._pay_back(account)
        self._insure(account)
        venue.dealer.emit_account(
            account.name, "LIQUIDATION", tuple(margin.assets_of(account)), (), venue.clock.now_ms()
        )

    def _pay_back(self, account: Account) -> None:
        ledger, spot = self._margin.ledger, self._margin.spot
        for asset, owed in ledger.debts(account.name).items():
            amount = min(owed, spot.free(account.name, asset))
            if amount:
                ledger.repay(account.name, asset, amount, "LIQUIDATION")

    def _insure(self, account: Account) -> None:
        """The insurance pays what is left of the debts, and takes the account's money for it as far as that goes."""
        margin, ledger, spot = self._margin, self._margin.ledger, self._margin.spot
        settle, unpaid = account.listing.quote if account.listing else "USDT", ZERO
        for asset, owed in ledger.debts(account.name).items():
            worth = (owed * margin.price(asset) / margin.price(settle)).quantize(COMMISSION_UNIT, ROUND_UP)
            paid = min(worth, spot.free(account.name, settle))
            if paid:
                spot.spend(account.name, settle, paid, held=ZERO)
                spot.deposit(INSURANCE, settle, paid)
            spot.spend(INSURANCE, asset, owed, held=ZERO)
            spot.deposit(account.name, asset, owed)
            ledger.repay(account.name, asset, owed, "LIQUIDATION")
            unpaid += worth - paid
        if unpaid and account.listing is None:
            margin.loans.note(account.owner, unpaid)

    def _trade(self, account: Account, asset: str, settle: str, side: Side, amount: Decimal) -> None:
        venue, margin = self._margin.venue, self._margin
        listing = venue.listings.get(asset + settle)
        if listing is None:
            return
        lots = listing.step.size
        count = amount / lots
        quantity = lots * (count.to_integral_value(ROUND_UP) if side is Side.BUY else int(count))
        while quantity >= listing.min_quantity:
            part = min(quantity, listing.max_market_quantity)
            if side is Side.BUY:
                affordable = margin.spot.free(account.name, settle) / (margin.price(asset) / margin.price(settle))
                part = min(part, lots * int(affordable / _SLIPPAGE / lots))
            try:
                order = venue.place(account.name, OrderEntry(listing.symbol, side, "MARKET", quantity=part))
            except Rejection:
                return
            if not order.filled_lots:
                return
            margin.ledger.note_liquidation(account.name, asset, listing.step.value(order.filled_lots), order.order_id)
            quantity -= listing.step.value(order.filled_lots)
