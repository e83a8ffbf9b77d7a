"""How spot orders and trades move balances: set aside on placement, exchanged on a trade, given back at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.names import HOUSE
from tui.exchange.accounts.spot import SpotLedger
from tui.exchange.listing import Listing
from tui.exchange.matching.match import Reach
from tui.exchange.orders import ExchangeOrder, Execution
from tui.exchange.rejection import Rejection
from tui.exchange.spot.order import SpotOrder, spot_order

ZERO = Decimal(0)


def insufficient() -> Rejection:
    """-2010 for lack of funds."""
    return Rejection(-2010, "Account has insufficient balance for requested action.")


@dataclass(slots=True, eq=False)
class Hold:
    """Locked funds of one order, or of a pair of which only one can trade; always what the larger need is."""

    account_id: str
    asset: str
    amount: Decimal = ZERO
    orders: list[SpotOrder] = field(default_factory=list)

    def need(self, changed: SpotOrder | None = None, fewer: int = 0) -> Decimal:
        """What the open orders need, `changed` counting with so many lots fewer."""
        if len(self.orders) == 1:
            order = self.orders[0]
            if order is not changed and not order.state.is_open:
                return ZERO
            return need_of(order, order.leaves - (fewer if order is changed else 0))
        return max(
            (
                need_of(order, order.leaves - (fewer if order is changed else 0))
                for order in self.orders
                if order is changed or order.state.is_open
            ),
            default=ZERO,
        )


def paid_asset(order: ExchangeOrder) -> str:
    """What an order spends."""
    return order.listing.base if order.side is Side.SELL else order.listing.quote


def need_of(order: SpotOrder, lots: int) -> Decimal:
    """What an order may have to spend for these lots."""
    listing = order.listing
    if order.side is Side.SELL:
        return listing.step.value(lots)
    return listing.unit * (order.lock_ticks * lots)


class SpotSettlement:
    """Balances: locked on placement, exchanged on a trade, released on the end."""

    tells_reservations = True

    def __init__(self, ledger: SpotLedger, in_bnb: Callable[[str], Decimal | None]) -> None:
        self._ledger = ledger
        self._in_bnb = in_bnb

    def require(self, order: ExchangeOrder, reach: Reach) -> None:
        """Rejection -2010 when the free balance does not cover the order."""
        if self.needs(spot_order(order), reach) > self.affordable(spot_order(order)):
            raise insufficient()

    def needs(self, order: SpotOrder, reach: Reach) -> Decimal:
        """What an order has to find free; a market order what it would trade at once."""
        listing = order.listing
        if order.side is Side.SELL or order.lock_ticks:
            return need_of(order, order.leaves)
        return order.quote_budget or listing.unit * reach.cost

    def affordable(self, order: SpotOrder) -> Decimal:
        """What the account has free of what the order spends."""
        return self._ledger.free(order.account_id, paid_asset(order))

    def held(self, account_id: str, asset: str) -> Decimal:
        """What the account has of an asset, free and locked."""
        return self._ledger.free(account_id, asset) + self._ledger.locked(account_id, asset)

    def reserve(self, order: ExchangeOrder) -> None:
        """Lock what an order needs; market orders pay as they trade."""
        found = spot_order(order)
        if found.lock_ticks:
            self.reserve_together([found])

    def reserve_together(self, orders: list[SpotOrder]) -> None:
        """Lock once for orders of one side of which only one can trade; InsufficientBalanceError when funds lack."""
        hold = Hold(orders[0].account_id, paid_asset(orders[0]), orders=orders)
        hold.amount = hold.need()
        self._ledger.lock(hold.account_id, hold.asset, hold.amount)
        for order in orders:
            order.hold = hold

    def release(self, order: ExchangeOrder, lots: int) -> None:
        """Unlock what is no longer needed when the order has these lots fewer."""
        found = spot_order(order)
        if found.hold is not None:
            self._shrink(found.hold, found.hold.need(found, lots))

    def let_go(self, order: SpotOrder) -> None:
        """Unlock everything an order has set aside: it pays as it trades from now on, or locks anew."""
        if order.hold is not None:
            self._shrink(order.hold, ZERO)
            order.hold = None

    def _shrink(self, hold: Hold, amount: Decimal) -> None:
        if amount != hold.amount:
            self._ledger.release(hold.account_id, hold.asset, hold.amount - amount)
            hold.amount = amount

    def collect(self, order: SpotOrder, amount: Decimal) -> None:
        """Lock what the working order of an OPO list has bought."""
        assert order.proceeds is not None
        self._ledger.lock(order.account_id, order.proceeds.asset, amount)
        order.proceeds.amount += amount

    def hand_over(self, order: SpotOrder) -> Decimal:
        """Unlock what an OPO's working order collected; returns how much it was."""
        if order.proceeds is None:
            return ZERO
        amount = order.proceeds.amount
        self._shrink(order.proceeds, ZERO)
        return amount

    def settle(
        self, order: ExchangeOrder, price_ticks: int, lots: int, trade_id: int, is_maker: bool, now_ms: int
    ) -> Execution:
        """Pay one asset, receive the other less commission; what a better price saved goes back to free."""
        found, account = spot_order(order), order.account_id
        got = self._pay(found, price_ticks, lots)
        rate = self._ledger.commission_rates(account, order.listing.symbol)[0 if is_maker else 1]
        fee, fee_asset = self._ledger.receive(account, *got, rate=rate, in_bnb=self._in_bnb)
        if found.proceeds is not None:
            self.collect(found, got[1] - (fee if fee_asset == got[0] else ZERO))
        return Execution(trade_id, price_ticks, lots, is_maker, fee, fee_asset, now_ms)

    def transfer(self, order: SpotOrder, price_ticks: int, lots: int) -> None:
        """Pay one asset and receive the other as in a trade, free of commission: to or from an account of the group."""
        got = self._pay(order, price_ticks, lots)
        self._ledger.receive(order.account_id, *got, rate=ZERO, in_bnb=self._in_bnb)

    def _pay(self, order: SpotOrder, price_ticks: int, lots: int) -> tuple[str, Decimal]:
        """Pay for lots out of what the order has set aside, or out of what is free; what is to be got for it."""
        listing = order.listing
        quantity, value = listing.step.value(lots), listing.unit * (price_ticks * lots)
        paid, got = (listing.quote, value), (listing.base, quantity)
        if order.side is Side.SELL:
            paid, got = got, paid
        held = ZERO
        if order.hold is not None:
            remaining = need_of(order, order.leaves - lots)
            held, order.hold.amount = order.hold.amount - remaining, remaining
        self._ledger.spend(order.account_id, *paid, held=held)
        return got

    def settle_house(self, listing: Listing, is_buy: bool, price_ticks: int, lots: int, now_ms: int) -> None:
        """Exchange the two assets, free of commission."""
        quantity, value = listing.step.value(lots), listing.unit * (price_ticks * lots)
        paid, got = (listing.quote, value), (listing.base, quantity)
        if not is_buy:
            paid, got = got, paid
        self._ledger.spend(HOUSE, *paid, held=ZERO)
        self._ledger.receive(HOUSE, *got, rate=ZERO, in_bnb=self._in_bnb)

    def touched(self, order: ExchangeOrder) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Base, quote, and BNB where it pays commission."""
        assets = [order.listing.base, order.listing.quote]
        if order.account_id in self._ledger.pays_fees_in_bnb and "BNB" not in assets:
            assets.append("BNB")
        return tuple(assets), ()
