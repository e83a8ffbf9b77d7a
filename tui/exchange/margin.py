"""Margin accounts of one spot venue: what they are worth, what they may borrow, and what their orders bring about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

import msgspec

from tui.domain.order_terms import Side
from tui.exchange.accounts.margin import MarginLedger, Movement, cross_account, isolated_account
from tui.exchange.accounts.names import INSURANCE, LENDER
from tui.exchange.accounts.spot import COMMISSION_UNIT
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.liquidation_loans import LiquidationLoans
from tui.exchange.listing import DOLLARS, Listing
from tui.exchange.margin_terms import (
    BORROW_LIMIT_USDT,
    CROSS,
    NO_DEBT,
    TRANSFER_OUT_LEVEL,
    Terms,
    collateral_rate,
    isolated_terms,
)
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.venue import Venue

ZERO = Decimal(0)
_LENDABLE = Decimal(10) ** 12
_INSURANCE_FUND = Decimal(10) ** 9


class SideEffect(msgspec.Struct):
    """What an order does beside trading. `borrowed` of the asset it spends was lent for it."""

    order_id: int
    repays: bool
    repays_at_cancel: bool
    borrowed: Decimal = ZERO


class Setting(msgspec.Struct):
    """A person's margin accounts: the leverage of the cross account, and the pairs with an isolated one."""

    number: int
    owner: str
    leverage: int = 3
    pairs: dict[str, bool] = {}
    #: Whether special keys were made and the mode was not left since; when the next may be made after it was.
    is_special: bool = False
    special_from_ms: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """One margin account; `listing` is its pair when it is isolated. `name` is the ledger's."""

    owner: str
    name: str
    listing: Listing | None = None


class Margin:
    """Everything margin of one spot venue; a listener of it, to be added before those who tell users."""

    def __init__(self, venue: Venue) -> None:
        assert venue.spot is not None
        self.venue = venue
        self.spot = venue.spot
        self.loans = LiquidationLoans(venue.documents)
        self.ledger = MarginLedger(venue.spot, venue.documents, venue.clock.now_ms)
        self.assets = sorted({name for row in venue.listings.values() for name in (row.base, row.quote)})
        self._settings: dict[str, Setting] = {}
        self._effects: dict[int, SideEffect] = {}
        self._starting: SideEffect | None = None
        self._starting_account = ""
        self._due: dict[str, list[ExchangeOrder]] = {}
        #: Told of repayments an order brought about.
        self.on_liability: Callable[[Movement], None] = lambda movement: None
        self.ledger.on_liability = lambda movement: self.on_liability(movement)
        venue.add_listener(self)

    def open(self) -> None:
        """After a former run's accounts are back: its loans, and a lender who has something to lend."""
        self.ledger.resume()
        self.loans.resume()
        documents = self.venue.documents
        self._settings = {setting.owner: setting for setting in documents.found("margin_setting", Setting)}
        self._effects = {effect.order_id: effect for effect in documents.found("margin_order", SideEffect)}
        for account, funds in ((LENDER, _LENDABLE), (INSURANCE, _INSURANCE_FUND)):
            held = self.spot.balances(account)
            for asset in self.assets:
                if asset not in held:
                    self.spot.deposit(account, asset, funds)

    def open_pairs(self, owner: str, symbols: Sequence[str]) -> None:
        """Open somebody's isolated accounts of these pairs, where they are listed and he has not closed them."""
        setting = self.setting(owner)
        fresh = [symbol for symbol in symbols if symbol in self.venue.listings and symbol not in setting.pairs]
        if fresh:
            setting.pairs |= dict.fromkeys(fresh, True)
            self.keep_setting(setting)

    # Who

    def cross(self, owner: str) -> Account:
        """Somebody's cross account."""
        return Account(owner, cross_account(owner))

    def isolated(self, owner: str, listing: Listing) -> Account:
        """Somebody's isolated account of a pair."""
        return Account(owner, isolated_account(owner, listing.symbol), listing)

    def account(self, name: str) -> Account:
        """The margin account of this ledger name."""
        owner, _, rest = name.partition(":")
        return Account(owner, name, self.venue.listings.get(rest))

    def setting(self, owner: str) -> Setting:
        """What somebody has chosen."""
        found = self._settings.get(owner)
        if found is None:
            found = self._settings[owner] = Setting(len(self._settings) + 1, owner)
        return found

    def keep_setting(self, setting: Setting) -> None:
        """Remember a choice."""
        self.venue.documents.put("margin_setting", setting.number, setting)

    def terms(self, account: Account) -> Terms:
        """The account's levels."""
        return isolated_terms(account.listing) if account.listing else CROSS[self.setting(account.owner).leverage]

    # Worth

    def price(self, asset: str) -> Decimal:
        """One unit of an asset in USDT; its index price."""
        if asset in DOLLARS:
            return Decimal(1)
        book = self.venue.books.get(f"{asset}USDT")
        return book.last_price if book else ZERO

    def assets_of(self, account: Account) -> list[str]:
        """What the account may hold."""
        return [account.listing.base, account.listing.quote] if account.listing else self.assets

    def held(self, account: Account) -> dict[str, Decimal]:
        """Free and locked together."""
        return {asset: free + locked for asset, (free, locked) in self.spot.balances(account.name).items()}

    def worth(self, account: Account, *, as_collateral: bool = False) -> Decimal:
        """All the account holds, in USDT."""
        return sum(
            (
                amount * self.price(asset) * (collateral_rate(asset) if as_collateral and not account.listing else 1)
                for asset, amount in self.held(account).items()
                if amount
            ),
            ZERO,
        )

    def liability(self, account: Account) -> Decimal:
        """All the account owes, in USDT."""
        return sum((owed * self.price(asset) for asset, owed in self.ledger.debts(account.name).items()), ZERO)

    def level(self, account: Account, *, as_collateral: bool = False) -> Decimal:
        """Worth over debt, at most 999."""
        liability = self.liability(account)
        return min(NO_DEBT, self.worth(account, as_collateral=as_collateral) / liability) if liability else NO_DEBT

    def status(self, account: Account) -> str:
        """Binance's word for how the account stands."""
        return self.terms(account).status(self.level(account))

    def borrow_limit(self, asset: str) -> Decimal:
        """The most one account may owe of an asset."""
        price = self.price(asset)
        return _cut(BORROW_LIMIT_USDT / price) if price else ZERO

    def max_borrowable(self, account: Account, asset: str) -> Decimal:
        """What may be borrowed now so that the account stays above its initial level."""
        price, initial = self.price(asset), self.terms(account).initial
        if not price:
            return ZERO
        rate = collateral_rate(asset) if not account.listing else Decimal(1)
        room = self.worth(account, as_collateral=True) - initial * self.liability(account)
        if initial <= rate:
            return ZERO
        limit = self.borrow_limit(asset) - self.ledger.owed(account.name, asset)
        return _cut(max(ZERO, min(room / (initial - rate) / price, limit, self.spot.free(LENDER, asset))))

    def max_transferable(self, account: Account, asset: str) -> Decimal:
        """What may leave the account: all that is free without debt, else what keeps twice the debt."""
        free, price = self.spot.free(account.name, asset), self.price(asset)
        if not self.ledger.debts(account.name) or not price:
            return free
        rate = collateral_rate(asset) if not account.listing else Decimal(1)
        room = self.worth(account, as_collateral=True) - TRANSFER_OUT_LEVEL * self.liability(account)
        return _cut(max(ZERO, min(free, room / price / rate)))

    # Orders

    def start(self, account: Account, effect: SideEffect) -> None:
        """The orders accepted until `finish` have this side effect."""
        self._starting, self._starting_account = effect, account.name

    def finish(self) -> None:
        """No more orders with the side effect that was started."""
        self._starting = None

    def on_order(self, change: OrderChanged) -> None:
        """Bind accepted orders to their side effect, and note those that have ended."""
        order = change.order
        if self._starting is not None and change.execution_type == "NEW" and order.account_id == self._starting_account:
            effect = msgspec.structs.replace(self._starting, order_id=order.order_id)
            self._effects[order.order_id] = effect
            self._starting.borrowed = ZERO
            self.venue.documents.put("margin_order", order.order_id, effect)
        if order.order_id in self._effects and not OrderState(change.state).is_open:
            self._due.setdefault(order.account_id, []).append(order)

    def on_account(self, change: AccountChanged) -> None:
        """The ledger has what the ended orders brought: pay back."""
        for order in self._due.pop(change.account_id, ()):
            effect = self._effects.pop(order.order_id)
            self.venue.documents.drop("margin_order", order.order_id)
            listing = order.listing
            got, spent = listing.quote, listing.base
            if order.side is Side.BUY:
                got, spent = spent, got
            if effect.repays and order.filled_lots:
                self._repay(order.account_id, got, proceeds(order))
            if effect.repays_at_cancel and effect.borrowed and order.leaves:
                interest = self.ledger.debt(order.account_id, spent)[1]
                self._repay(order.account_id, spent, effect.borrowed + interest)

    def on_trade(self, trade: PublicTrade) -> None:
        """Prints change nothing."""

    def on_level(self, change: LevelChanged) -> None:
        """Nor does the book."""

    def _repay(self, name: str, asset: str, most: Decimal) -> None:
        amount = min(most, self.ledger.owed(name, asset), self.spot.free(name, asset))
        if amount > 0:
            self.ledger.repay(name, asset, amount, "AUTO")


def proceeds(order: ExchangeOrder) -> Decimal:
    """What an order received, less the commission it paid in the same asset."""
    listing, is_buy = order.listing, order.side is Side.BUY
    got = listing.base if is_buy else listing.quote
    amount = listing.step.value(order.filled_lots) if is_buy else order.filled_quote
    return amount - sum(
        (execution.commission for execution in order.executions if execution.commission_asset == got), ZERO
    )


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(COMMISSION_UNIT, ROUND_DOWN)
