"""Everything that can be done with spot orders, in one place."""

from tui.exchange.admission import make_client_order_id
from tui.exchange.orders import ExchangeOrder, OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.spot.amending import Amending
from tui.exchange.spot.floor import Floor
from tui.exchange.spot.lists import Lists
from tui.exchange.spot.order import SpotOrder, spot_order
from tui.exchange.spot.order_list import OrderList
from tui.exchange.spot.trading import SpotTrading


class SpotDesk:
    """Single orders, lists and amendments of one spot venue, and cancelling whatever there is."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.trading = SpotTrading(floor)
        self.lists = Lists(self.trading)
        self.amending = Amending(self.trading, self.lists)

    def open_order(self, account_id: str, symbol: str, order_id: int | None, client_order_id: str | None) -> SpotOrder:
        """An open order by either id; Rejection -2011 when there is none."""
        self.floor.listing(symbol)
        order = self.floor.registry.find(account_id, symbol, order_id, client_order_id)
        if order is None or not order.state.is_open:
            raise Rejection(-2011, "Unknown order sent.")
        return spot_order(order)

    def cancel(self, order: SpotOrder, new_client_order_id: str | None = None) -> SpotOrder | OrderList:
        """Cancel an open order, and with it the list it belongs to while that is active."""
        name = new_client_order_id or make_client_order_id()
        found = self.lists.of(order)
        if found is None:
            self.trading.cancel(order, name)
            return order
        self.lists.cancel(found, name)
        return found

    def cancel_all(self, account_id: str, symbol: str) -> list[SpotOrder | OrderList]:
        """Cancel every open order and list of a symbol; Rejection -2011 when there is none."""
        self.floor.listing(symbol)
        # A list ends several orders at once, so each is looked at again when its turn comes.
        cancelled = [
            self.cancel(spot_order(order))
            for order in self.floor.registry.open_orders(account_id, symbol)
            if order.state.is_open
        ]
        if not cancelled:
            raise Rejection(-2011, "Unknown order sent.")
        return cancelled

    def resume(self, order: ExchangeOrder) -> None:
        """Take back an order of a former run."""
        self.trading.resume(order)

    def resume_lists(self) -> None:
        """After the orders: lists, prevented matches, and orders whose list is not known any more."""
        self.lists.memory.resume()
        self.trading.preventions.resume()
        self.trading.records.drop_unclaimed()
        for account_id in self.floor.registry.accounts():
            for order in self.floor.registry.open_orders(account_id):
                self._resume_member(spot_order(order))

    def _resume_member(self, order: SpotOrder) -> None:
        if order.state is not OrderState.PENDING_NEW:
            if order.hold is None and order.lock_ticks:
                self.floor.settlement.reserve(order)
        elif self.lists.of(order) is None:
            self.trading.end(order, OrderState.EXPIRED, "EXPIRED", "OTO_PHASE_ONE_EXPIRED")
