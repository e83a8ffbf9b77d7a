"""The accounts' orders of one venue: open ones, and a bounded memory of past ones."""

from collections.abc import Callable

from tui.exchange.orders import ExchangeOrder

#: Closed orders kept per account.
REMEMBERED = 5_000


class OrderRegistry:
    """Finds orders by account, by id and by client id."""

    def __init__(self) -> None:
        self._by_account: dict[str, dict[int, ExchangeOrder]] = {}
        self._open: dict[str, dict[int, ExchangeOrder]] = {}
        self._by_client_id: dict[tuple[str, str, str], ExchangeOrder] = {}
        #: Told of every order that is forgotten, so that whoever keeps something about it can let go too.
        self.on_forgotten: list[Callable[[ExchangeOrder], None]] = []

    def add(self, order: ExchangeOrder) -> None:
        """Remember an order; it counts as open until closed."""
        self._by_account.setdefault(order.account_id, {})[order.order_id] = order
        self._name(order, order.client_order_id)
        if order.state.is_open:
            self._open.setdefault(order.account_id, {})[order.order_id] = order

    def rename(self, order: ExchangeOrder, client_order_id: str) -> None:
        """Give an order another client id, freeing the one it had."""
        self._free_name(order)
        order.client_order_id = client_order_id
        self._name(order, client_order_id)

    def close(self, order: ExchangeOrder) -> None:
        """The order is no longer open; the oldest closed orders beyond the memory are forgotten."""
        self._open.get(order.account_id, {}).pop(order.order_id, None)
        orders = self._by_account[order.account_id]
        while len(orders) - len(self._open[order.account_id]) > REMEMBERED:
            self._forget(next(old for old in orders.values() if not old.state.is_open))

    def find(
        self, account_id: str, symbol: str, order_id: int | None, client_order_id: str | None
    ) -> ExchangeOrder | None:
        """The order of that id, or of that client id when no id is given."""
        if order_id is not None:
            order = self._by_account.get(account_id, {}).get(order_id)
            if order is None or order.listing.symbol != symbol:
                return None
            return order if client_order_id in (None, order.client_order_id) else None
        return self._by_client_id.get((account_id, symbol, client_order_id or ""))

    def open_orders(self, account_id: str, symbol: str | None = None) -> list[ExchangeOrder]:
        """Open orders, oldest first."""
        found = self._open.get(account_id, {}).values()
        return [order for order in found if symbol is None or order.listing.symbol == symbol]

    def orders(self, account_id: str, symbol: str | None = None) -> list[ExchangeOrder]:
        """All remembered orders, ascending ids."""
        found = self._by_account.get(account_id, {}).values()
        return [order for order in found if symbol is None or order.listing.symbol == symbol]

    def every_open(self) -> list[ExchangeOrder]:
        """Open orders of all accounts."""
        return [order for orders in self._open.values() for order in orders.values()]

    def accounts(self) -> list[str]:
        """Accounts that ever sent an order."""
        return list(self._by_account)

    def _name(self, order: ExchangeOrder, client_order_id: str) -> None:
        """Let an order be found by a client id; the latest order of that name wins."""
        self._by_client_id[order.account_id, order.listing.symbol, client_order_id] = order

    def _free_name(self, order: ExchangeOrder) -> None:
        key = (order.account_id, order.listing.symbol, order.client_order_id)
        if self._by_client_id.get(key) is order:
            del self._by_client_id[key]

    def _forget(self, order: ExchangeOrder) -> None:
        del self._by_account[order.account_id][order.order_id]
        self._free_name(order)
        for forget in self.on_forgotten:
            forget(order)
