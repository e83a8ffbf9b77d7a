"""How orders and trades move an account: what every product settles, and margin and positions of futures."""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from tui.domain.order_terms import Side
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.accounts.names import HOUSE
from tui.exchange.listing import Listing
from tui.exchange.matching.match import Reach
from tui.exchange.orders import ExchangeOrder, Execution
from tui.exchange.rejection import Rejection

ZERO = Decimal(0)


class Settlement(Protocol):
    """What a venue asks of its accounts."""

    #: Whether accepting or cancelling an order moves the account by itself.
    tells_reservations: bool

    def require(self, order: ExchangeOrder, reach: Reach) -> None:
        """Raise Rejection when the account cannot afford the order; `reach` is what it would trade at once."""

    def reserve(self, order: ExchangeOrder) -> None:
        """Set aside what the rest of a limit order may need."""

    def release(self, order: ExchangeOrder, lots: int) -> None:
        """Give back what the order no longer needs for these lots."""

    def settle(
        self, order: ExchangeOrder, price_ticks: int, lots: int, trade_id: int, is_maker: bool, now_ms: int
    ) -> Execution:
        """Move one account for its half of a trade."""

    def settle_house(self, listing: Listing, is_buy: bool, price_ticks: int, lots: int, now_ms: int) -> None:
        """Move the participants' account for their half of a trade with somebody else."""

    def touched(self, order: ExchangeOrder) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Assets and symbols an account may see moved by a trade of this order."""


class FuturesSettlement:
    """Margin: required on placement, positions and wallet moved on a trade."""

    tells_reservations = False

    def __init__(self, ledger: FuturesLedger, mark_of: Callable[[str], Decimal]) -> None:
        self._ledger = ledger
        self._mark_of = mark_of

    def require(self, order: ExchangeOrder, reach: Reach) -> None:
        """Rejection -2019 when margin lacks, -2027 when the position would outgrow its leverage."""
        if order.reduce_only:
            return
        listing, account, is_buy = order.listing, order.account_id, order.side is Side.BUY
        symbol, mark = listing.symbol, self._mark_of(listing.symbol)
        price, quantity = _expected(order, reach)
        value = listing.turnover(quantity, price) if price else ZERO
        bid, ask = (value, ZERO) if is_buy else (ZERO, value)
        leg = order.position_side
        before = self._ledger.open_order_margin(account, symbol, side=leg)
        extra = self._ledger.open_order_margin(account, symbol, bid, ask, leg) - before
        # Margin maths of the futures reference: a price worse than the mark is charged at once. Only the part that
        # needs margin can lose; closing a position never does.
        signed = quantity if is_buy else -quantity
        loss = max(ZERO, listing.worth(signed, price) - listing.worth(signed, mark)) if price else ZERO
        if extra > 0 and extra + loss > self._ledger.summary(account, listing.margin_asset).available:
            raise Rejection(-2019, "Margin is insufficient.")
        open_bid, open_ask = self._ledger.open_notional(account, symbol, leg)
        held = self._ledger.notional(account, symbol, leg)
        worst = abs(held + open_bid + value) if is_buy else abs(held - open_ask - value)
        if extra > 0 and worst > self._ledger.largest_notional(account, symbol):
            raise Rejection(-2027, "Exceeded the maximum allowable position at current leverage.")

    def reserve(self, order: ExchangeOrder) -> None:
        """Count a limit order's value into the open-order margin."""
        self._count(order, order.leaves)

    def release(self, order: ExchangeOrder, lots: int) -> None:
        """No longer count these lots."""
        self._count(order, -lots)

    def settle(
        self, order: ExchangeOrder, price_ticks: int, lots: int, trade_id: int, is_maker: bool, now_ms: int
    ) -> Execution:
        """Change the position, book commission and realised profit."""
        listing = order.listing
        self._count(order, -lots)
        quantity = listing.step.value(lots if order.side is Side.BUY else -lots)
        if order.is_forced:
            price, side = listing.tick.value(price_ticks), order.position_side
            profit = self._ledger.clear(order.account_id, listing.symbol, quantity, price, now_ms, side)
            return Execution(trade_id, price_ticks, lots, is_maker, ZERO, listing.margin_asset, now_ms, profit)
        fee, asset, profit = self._ledger.trade(
            order.account_id,
            listing.symbol,
            quantity,
            listing.tick.value(price_ticks),
            is_maker,
            now_ms,
            order.position_side,
        )
        return Execution(trade_id, price_ticks, lots, is_maker, fee, asset, now_ms, profit)

    def settle_house(self, listing: Listing, is_buy: bool, price_ticks: int, lots: int, now_ms: int) -> None:
        """Change the participants' position, free of commission."""
        quantity = listing.step.value(lots if is_buy else -lots)
        self._ledger.trade(HOUSE, listing.symbol, quantity, listing.tick.value(price_ticks), True, now_ms)

    def touched(self, order: ExchangeOrder) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The margin asset, BNB where it pays commission, and the symbol's position."""
        assets: tuple[str, ...] = (order.listing.margin_asset,)
        if order.executions and order.executions[-1].commission_asset not in assets:
            assets += (order.executions[-1].commission_asset,)
        return assets, (order.listing.symbol,)

    def _count(self, order: ExchangeOrder, lots: int) -> None:
        if order.price_ticks and not order.reduce_only and lots:
            listing = order.listing
            self._ledger.add_order(
                order.account_id,
                listing.symbol,
                order.side is Side.BUY,
                listing.step.value(lots),
                listing.tick.value(order.price_ticks),
                order.position_side,
            )


def _expected(order: ExchangeOrder, reach: Reach) -> tuple[Decimal, Decimal]:
    """Price and quantity an order is charged for: its limit, or what a market order would trade at once."""
    listing = order.listing
    if order.price_ticks:
        return listing.tick.value(order.price_ticks), listing.step.value(order.lots)
    if not reach.lots:
        return ZERO, ZERO
    return listing.tick.size * reach.cost / reach.lots, listing.step.value(reach.lots)
