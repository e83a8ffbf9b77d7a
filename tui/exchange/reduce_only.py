"""Orders that may only make a position smaller: never larger than it, and gone with it."""

from decimal import Decimal

from tui.domain.order_terms import Side
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.accounts.names import HOUSE
from tui.exchange.dealing import Dealer
from tui.exchange.order_registry import OrderRegistry
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.symbol_book import SymbolBook


class ReduceOnly:
    """Holds the reduce-only orders of one venue to their positions."""

    def __init__(self, ledger: FuturesLedger, registry: OrderRegistry, dealer: Dealer) -> None:
        self._ledger = ledger
        self._registry = registry
        self._dealer = dealer

    def fit(self, order: ExchangeOrder) -> None:
        """Cut an order to its position; Rejection -2022 without one, and in hedge mode when it is larger.

        Rejection -4118 where a limit order leaves the account's other orders to turn the position without margin.
        """
        reducible = self._reducible(order)
        if not reducible or (order.position_side != "BOTH" and order.leaves > reducible):
            raise Rejection(-2022, "ReduceOnly Order is rejected.")
        order.lots = order.filled_lots + min(order.leaves, reducible)
        if order.position_side == "BOTH" and order.type == "LIMIT":
            self._refuse_unfunded_turn(order, reducible)

    def _refuse_unfunded_turn(self, order: ExchangeOrder, reducible: int) -> None:
        account_id, listing, ledger = order.account_id, order.listing, self._ledger
        others = [
            other
            for other in self._registry.open_orders(account_id, listing.symbol)
            if other.side is order.side and not other.reduce_only
        ]
        lots = sum(other.leaves for other in others)
        turned = max(0, lots + order.leaves - reducible) - max(0, lots - reducible)
        if not turned:
            return
        value = sum((_value(other) for other in others), Decimal(0)) * turned / lots
        freed = ledger.position_margin(account_id, listing.symbol) * order.leaves / reducible
        available = ledger.summary(account_id, listing.margin_asset).available
        if value / ledger.position(account_id, listing.symbol).leverage > available + freed:
            raise Rejection(-4118, "ReduceOnly Order Failed. Please check your existing position and open orders.")

    def trim(self, account_id: str, book: SymbolBook) -> None:
        """After a trade: cut resting orders to what is left of their position, end those with nothing left."""
        if account_id == HOUSE:
            return
        for order in self._registry.open_orders(account_id, book.listing.symbol):
            if not order.reduce_only or order.order_id not in book.book.orders:
                continue
            allowed = self._reducible(order)
            if not allowed:
                self._dealer.end(book, order, OrderState.EXPIRED, "EXPIRED", "4")
            elif order.leaves > allowed:
                self._dealer.shrink(book, order, allowed)

    def _reducible(self, order: ExchangeOrder) -> int:
        """Lots of the position that the order could close."""
        position = self._ledger.quantity(order.account_id, order.listing.symbol, order.position_side)
        if not position or (position > 0) == (order.side is Side.BUY):
            return 0
        return order.listing.step.count_of(abs(position))


def _value(order: ExchangeOrder) -> Decimal:
    """What is still to trade of an order, at its price."""
    listing = order.listing
    return listing.turnover(listing.step.value(order.leaves), listing.tick.value(order.price_ticks))
