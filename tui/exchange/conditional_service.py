"""The algo service: keeps conditional orders, watches prices for them, and sends what they trigger to the book."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.exchange.accounts.names import HOUSE
from tui.exchange.admission import closes, make_client_order_id
from tui.exchange.conditional import (
    MARK,
    PRICED,
    TRAILING,
    AlgoOrder,
    AlgoState,
    follow,
    is_triggered,
    would_trigger,
)
from tui.exchange.conditional_rules import admit_conditional, check_distance
from tui.exchange.delivery import refuse_untradable
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.orders import ExchangeOrder, OrderEntry
from tui.exchange.rejection import Rejection

if TYPE_CHECKING:
    from tui.exchange.venue import Venue

#: Conditional orders an account may have open.
MOST_OPEN = 200
#: Closed ones kept per venue.
REMEMBERED = 2_000
#: How far mark and last price may part before `priceProtect` holds a trigger back (`triggerProtect`).
TRIGGER_PROTECT = Decimal("0.05")

_KIND = "algo"
_FIRST_ID = 4_000_000_000_000_001


class AlgoService:
    """The conditional orders of one futures venue. It listens to the venue and acts only in `settle`."""

    def __init__(self, venue: "Venue") -> None:
        self._venue = venue
        self._orders: dict[int, AlgoOrder] = {}
        self._open: dict[int, AlgoOrder] = {}
        self._children: dict[int, AlgoOrder] = {}
        self._last_id = _FIRST_ID - 1
        self._prices: dict[str, list[int]] = {}
        self._ended: list[ExchangeOrder] = []
        self._moved: dict[tuple[str, str, str], None] = {}
        self._is_settling = False
        #: Told of every change of a conditional order.
        self.listeners: list[Callable[[AlgoOrder], None]] = []
        venue.add_listener(self)

    def restore(self) -> None:
        """Take the conditional orders of a former run; the venue's orders must be back already."""
        for order in self._venue.documents.found(_KIND, AlgoOrder):
            if order.symbol not in self._venue.listings:
                continue
            self._orders[order.algo_id] = order
            self._last_id = order.algo_id
            if order.is_open:
                self._open[order.algo_id] = order
            elif order.state is AlgoState.TRIGGERED:
                self._children[order.actual_order_id] = order

    # Requests

    def place(self, order: AlgoOrder) -> AlgoOrder:
        """Take a conditional order through all checks; raises Binance's refusals."""
        venue, account = self._venue, order.account_id
        assert venue.futures is not None
        now = venue.clock.now_ms()
        is_hedged = account in venue.futures.hedged
        listing = venue.listing(order.symbol)
        admit_conditional(order, listing, is_hedged=is_hedged, now_ms=now)
        reduces = order.reduce_only or order.close_position or closes(order.position_side, order.side)
        refuse_untradable(listing, now, reduces=reduces)
        self._refuse_beside_others(order)
        price = self._price(order)
        check_distance(order, price, listing)
        if would_trigger(order, price):
            raise Rejection(-2021, "Order would immediately trigger.")
        if order.time_in_force == "GTE_GTC" and not self._closable(order):
            raise Rejection(-4509, "Time in Force (TIF) GTE can only be used with open positions or open orders.")
        self._last_id += 1
        order.algo_id = self._last_id
        order.client_algo_id = order.client_algo_id or make_client_order_id()
        order.created_ms = order.updated_ms = now
        self._orders[order.algo_id] = self._open[order.algo_id] = order
        if order.type == TRAILING:
            follow(order, price)
        self._tell(order)
        return order

    def cancel(self, account_id: str, algo_id: int | None, client_algo_id: str | None) -> AlgoOrder:
        """Cancel an open conditional order; Rejection -2011 when there is none."""
        order = self._find(account_id, algo_id, client_algo_id)
        if order is None or not order.is_open:
            raise Rejection(-2011, "Unknown order sent.")
        self._end(order, AlgoState.CANCELED)
        return order

    def cancel_all(self, account_id: str, symbol: str) -> None:
        """Cancel every open conditional order of a symbol; there may be none."""
        for order in self.open_orders(account_id, symbol):
            self._end(order, AlgoState.CANCELED)

    def expire_all(self, symbol: str) -> None:
        """End every open conditional order of a contract that has been delivered."""
        for order in [order for order in self._open.values() if order.symbol == symbol]:
            self._end(order, AlgoState.EXPIRED)

    def order(self, account_id: str, algo_id: int | None, client_algo_id: str | None) -> AlgoOrder:
        """One conditional order, open or past; Rejection -2013 when unknown."""
        order = self._find(account_id, algo_id, client_algo_id)
        if order is None:
            raise Rejection(-2013, "Order does not exist.")
        return order

    def open_orders(self, account_id: str, symbol: str | None = None) -> list[AlgoOrder]:
        """Open ones, oldest first."""
        return [
            order for order in self._open.values() if order.account_id == account_id and symbol in (None, order.symbol)
        ]

    def orders(self, account_id: str, symbol: str) -> list[AlgoOrder]:
        """All remembered ones of a symbol, ascending ids."""
        return [order for order in self._orders.values() if order.account_id == account_id and order.symbol == symbol]

    def _find(self, account_id: str, algo_id: int | None, client_algo_id: str | None) -> AlgoOrder | None:
        if algo_id is not None:
            order = self._orders.get(algo_id)
            return order if order is not None and order.account_id == account_id else None
        named = [
            order
            for order in self._orders.values()
            if order.account_id == account_id and order.client_algo_id == client_algo_id
        ]
        return named[-1] if named else None

    def _refuse_beside_others(self, order: AlgoOrder) -> None:
        """What the account's other conditional orders forbid: -4045, -4116 or -4130."""
        others = self.open_orders(order.account_id)
        if len(others) >= MOST_OPEN:
            raise Rejection(-4045, "Reach max stop order limit.")
        if order.client_algo_id and any(other.client_algo_id == order.client_algo_id for other in others):
            raise Rejection(-4116, "clientOrderId is duplicated")
        same = (order.symbol, order.side, order.position_side, order.type)
        if order.close_position and any(
            other.close_position and (other.symbol, other.side, other.position_side, other.type) == same
            for other in others
        ):
            raise Rejection(
                -4130, "An open stop or take profit order with GTE and closePosition in the direction is existing."
            )

    # What the venue tells

    def on_trade(self, trade: PublicTrade) -> None:
        """Remember the price for those who wait."""
        if self._open:
            prices = self._prices.setdefault(trade.listing.symbol, [])
            if not prices or prices[-1] != trade.price_ticks:
                prices.append(trade.price_ticks)

    def on_level(self, change: LevelChanged) -> None:
        """Quotes trigger nothing."""

    def on_order(self, change: OrderChanged) -> None:
        """Notice the end of an order that a trigger made, and positions that trades moved."""
        order = change.order
        if not order.state.is_open and order.order_id in self._children:
            self._ended.append(order)
        if change.execution is not None and self._open and order.account_id != HOUSE:
            self._moved[order.account_id, order.listing.symbol, order.position_side] = None

    def on_account(self, change: AccountChanged) -> None:
        """Positions are looked at after trades."""

    # What follows from it

    def settle(self) -> None:
        """Finish what has ended, end what lost its position, trigger what is due, until nothing more follows."""
        if self._is_settling or not (self._open or self._children):
            return
        self._is_settling = True
        try:
            while self._finish() or self._unbind() or self._watch():
                pass
        finally:
            self._is_settling = False

    def _finish(self) -> bool:
        ended, self._ended = self._ended, []
        for child in ended:
            order = self._children.pop(child.order_id, None)
            if order is None:
                continue
            order.actual_quantity = child.listing.step.value(child.filled_lots)
            if child.filled_lots:
                order.actual_price = child.listing.average_price(order.actual_quantity, child.filled_quote)
            self._end(order, AlgoState.FINISHED)
        return bool(ended)

    def _unbind(self) -> bool:
        """Expire what was to close a position that is gone."""
        moved, self._moved = self._moved, {}
        for account_id, symbol, side in moved:
            for order in self.open_orders(account_id, symbol):
                if order.position_side == side and order.is_bound and not self._closable(order):
                    self._end(order, AlgoState.EXPIRED)
        return bool(moved)

    def _watch(self) -> bool:
        """Let every open order see the prices since the last look; returns whether anything became of one."""
        now, prices = self._venue.clock.now_ms(), self._prices
        self._prices = {}
        acted = False
        for order in list(self._open.values()):
            if not order.is_open:
                continue
            if self._is_over(order, now):
                self._end(order, AlgoState.EXPIRED)
            elif any(self._sees(order, price) for price in self._seen(order, prices)):
                self._trigger(order)
            else:
                continue
            acted = True
        return acted

    def _is_over(self, order: AlgoOrder, now_ms: int) -> bool:
        """Whether the order's day or its contract has ended."""
        ends = (order.good_till_ms, self._venue.listings[order.symbol].delivery_ms)
        return any(end and now_ms >= end for end in ends)

    def _seen(self, order: AlgoOrder, prices: dict[str, list[int]]) -> list[Decimal]:
        if order.working_type == MARK:
            return [self._venue.mark_price(order.symbol)]
        tick = self._venue.listings[order.symbol].tick
        return [tick.value(price) for price in prices.get(order.symbol, ())]

    def _sees(self, order: AlgoOrder, price: Decimal) -> bool:
        """Whether this price triggers the order."""
        if order.type == TRAILING:
            extreme = order.extreme
            if follow(order, price):
                self._touch(order)
            elif order.extreme != extreme:
                self._venue.documents.put(_KIND, order.algo_id, order, urgent=False)
        return is_triggered(order, price) and not self._is_protected(order)

    def _is_protected(self, order: AlgoOrder) -> bool:
        if not order.price_protect:
            return False
        mark, last = self._venue.mark_price(order.symbol), self._venue.books[order.symbol].last_price
        return abs(mark - last) > mark * TRIGGER_PROTECT

    def _trigger(self, order: AlgoOrder) -> None:
        """Send the actual order; what the engine refuses ends as REJECTED with its words."""
        del self._open[order.algo_id]
        order.state, order.triggered_ms = AlgoState.TRIGGERING, self._venue.clock.now_ms()
        self._touch(order)

        def accepted(child: ExchangeOrder) -> None:
            order.actual_order_id, order.actual_type = child.order_id, child.type
            order.state = AlgoState.TRIGGERED
            self._children[child.order_id] = order
            self._touch(order)

        try:
            self._venue.place(order.account_id, self._entry(order), accepted)
        except Rejection as refused:
            order.reject_reason = refused.msg
            self._end(order, AlgoState.REJECTED)

    def _entry(self, order: AlgoOrder) -> OrderEntry:
        """The normal order a conditional one becomes; closing all means as much as is held now."""
        quantity = self._closable(order) if order.close_position else order.quantity
        if order.close_position and not quantity:
            raise Rejection(-2022, "ReduceOnly Order is rejected.")
        is_priced = order.type in PRICED
        return OrderEntry(
            symbol=order.symbol,
            side=order.side,
            type="LIMIT" if is_priced else "MARKET",
            time_in_force=order.time_in_force.removeprefix("GTE_") if is_priced else None,
            quantity=quantity,
            price=order.price,
            client_order_id=order.client_algo_id,
            reduce_only=order.reduce_only or (order.close_position and order.position_side == "BOTH"),
            position_side=order.position_side,
            self_trade_prevention=order.self_trade_prevention,
            price_match=order.price_match,
            good_till_ms=order.good_till_ms if is_priced else 0,
        )

    def _closable(self, order: AlgoOrder) -> Decimal:
        """How much of the position the order would close; zero when it would open one."""
        assert self._venue.futures is not None
        held = self._venue.futures.quantity(order.account_id, order.symbol, order.position_side)
        return max(Decimal(0), held * order.side_closed)

    def _price(self, order: AlgoOrder) -> Decimal:
        if order.working_type == MARK:
            return self._venue.mark_price(order.symbol)
        return self._venue.books[order.symbol].last_price

    # Telling

    def _end(self, order: AlgoOrder, state: AlgoState) -> None:
        self._open.pop(order.algo_id, None)
        order.state = state
        self._touch(order)

    def _touch(self, order: AlgoOrder) -> None:
        order.updated_ms = self._venue.clock.now_ms()
        self._tell(order)

    def _tell(self, order: AlgoOrder) -> None:
        self._venue.documents.put(_KIND, order.algo_id, order)
        for listener in self.listeners:
            listener(order)
        if len(self._orders) > REMEMBERED:
            oldest = next((old for old in self._orders.values() if old.state.is_final), None)
            if oldest is not None:
                del self._orders[oldest.algo_id]
                self._venue.documents.drop(_KIND, oldest.algo_id)
