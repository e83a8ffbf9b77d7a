"""What the ladder's keys and clicks mean to do to the account: always through the intents, which know what is reviewed.

Armed, an order at a level is sent, moved and cancelled at once; what protects a position, and turning one round, is
always reviewed.
"""

from collections.abc import Sequence
from decimal import Decimal

from tui.domain.account import Position
from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderChange, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.engine.commands import Desk, Origin
from tui.engine.commands.orders import CancelOrder, ChangeOrder, ClosePosition, ReversePosition, SubmitOrder
from tui.engine.market_pieces import closing_note
from tui.engine.store import Severity
from tui.ui.ladder.picture import group_of
from tui.ui.order_words import cancel_words, request_words
from tui.ui.orders.row_edit import change_words
from tui.ui.view_state import ViewState


class LadderTrading:
    """Intentions about one instrument; says why where nothing can be intended."""

    def __init__(self, desk: Desk, view: ViewState) -> None:
        self._desk, self._view = desk, view

    def limit(self, instrument: Instrument, side: Side, price: Decimal | None) -> None:
        """A limit order at a price, or at the best price of its own side when None, of the chosen size."""
        if price is None:
            price = self._best(instrument, side)
        quantity = self._view.preset_quantity(instrument, price)
        if price is None or quantity is None:
            self._warn(f"nothing sent: {self._no_size(instrument, price)}")
            return
        reduce_only = self._view.reduce_only and instrument.product.is_futures
        request = OrderRequest(
            instrument.symbol,
            side,
            OrderType.LIMIT,
            quantity,
            price,
            post_only=self._view.post_only,
            reduce_only=reduce_only,
        )
        self._submit(request, instrument)

    def market(self, instrument: Instrument, side: Side) -> None:
        """A market order of the chosen size; bound to no key unless the trader binds one."""
        best = self._best(instrument, side.opposite)
        quantity = self._view.preset_quantity(instrument, best)
        if best is None or quantity is None:
            self._warn(f"nothing sent: {self._no_size(instrument, best)}")
            return
        reduce_only = self._view.reduce_only and instrument.product.is_futures
        request = OrderRequest(instrument.symbol, side, OrderType.MARKET, quantity, reduce_only=reduce_only)
        self._submit(request, instrument)

    def _submit(self, request: OrderRequest, instrument: Instrument) -> None:
        words = request_words(request, instrument, is_hedged=self._desk.store.holds_apart(instrument.product))
        self._view.intents.trade(SubmitOrder(request), words, Origin.LADDER)

    def cancel(self, instrument: Instrument, orders: Sequence[Order]) -> None:
        """Own orders of a level; locked, one after another, each reviewed."""
        if not orders:
            self._warn("no own order at this level")
            return
        if not self._view.is_armed(self._desk.store):
            words = cancel_words(orders[0], instrument) + _one_of(orders)
            self._view.intents.trade(CancelOrder(orders[0].client_order_id), words, Origin.LADDER)
            return
        for order in orders:
            intend = self._view.intents.propose if order.is_protective else self._view.intents.trade
            intend(CancelOrder(order.client_order_id), cancel_words(order, instrument), Origin.LADDER)

    def move(self, instrument: Instrument, orders: Sequence[Order], ticks: int) -> Decimal | None:
        """Own orders of a level so many ticks up, or down when negative; the new price of the first that moves."""
        movable = [order for order in orders if not order.change_requested]
        if not movable:
            self._warn("the order is being moved already" if orders else "no own order at this level")
            return None
        is_armed = self._view.is_armed(self._desk.store)
        for order in movable if is_armed else movable[:1]:
            change = _moved(order, ticks, instrument)
            words = change_words(order, change, instrument) + ("" if is_armed else _one_of(movable))
            intend = self._view.intents.propose if order.is_protective else self._view.intents.trade
            intend(ChangeOrder(order.client_order_id, change), words, Origin.LADDER)
        first = _moved(movable[0], ticks, instrument)
        return first.price if first.trigger_price is None else first.trigger_price

    def close(self, instrument: Instrument) -> None:
        """The symbol's whole position at market, reduce-only; in hedge mode both sides, one after another reviewed."""
        positions = self._positions(instrument)
        if not positions:
            self._warn(f"no position in {instrument.symbol}")
        for position in positions[:1]:
            text = (
                f"CLOSE {_size_words(position, instrument)} at market{'' if position.is_virtual else ', reduce-only'}"
            )
            command = ClosePosition(
                instrument.symbol, position_side=position.position_side, unassigned=position.is_unassigned
            )
            pieces = closing_note(command, self._desk.store)
            if pieces:
                text += f", in {pieces}"
            if len(positions) > 1:
                text += f" ({len(positions) - 1} more: {_size_words(positions[1], instrument)})"
            intend = self._view.intents.trade if len(positions) == 1 else self._view.intents.propose
            intend(command, text, Origin.LADDER)

    def reverse(self, instrument: Instrument) -> None:
        """Turn the position round at market; always reviewed."""
        positions = self._positions(instrument)
        if len(positions) != 1 or positions[0].position_side is not PositionSide.BOTH:
            hedged = "long and short are held apart here: close one and open the other"
            self._warn(hedged if positions else f"no position in {instrument.symbol}")
            return
        text = f"REVERSE {_size_words(positions[0], instrument)}: closes it and opens as much, at market"
        command = ReversePosition(instrument.symbol, held=positions[0].quantity)
        self._view.intents.propose(command, text, Origin.LADDER)

    def ticket(self, instrument: Instrument, price: Decimal | None) -> None:
        """The ticket at a price, buying below the middle of the book and selling above; never sends."""
        touch = self._desk.store.market(instrument.symbol).book.view(1)
        if price is None:
            price = None if touch.best_bid is None else instrument.tick.value(touch.best_bid)
        is_sell = price is not None and touch.best_ask is not None and price >= instrument.tick.value(touch.best_ask)
        quantity = self._view.preset_quantity(instrument, price)
        self._view.intents.open_ticket(Side.SELL if is_sell else Side.BUY, price, quantity)

    def orders_at(self, instrument: Instrument, group: int | None, ticks_per_group: int) -> list[Order]:
        """Own working orders of a row whose cancel has not been asked for; its triggers where it has no others."""
        if group is None:
            return []
        working: list[Order] = []
        waiting: list[Order] = []
        for order in self._desk.store.open_orders(instrument.symbol):
            price = order.price if order.trigger_price is None else order.trigger_price
            if price is None or order.cancel_requested:
                continue
            is_trigger = order.trigger_price is not None
            side = Side.BUY if is_trigger else order.side
            if group_of(price, side, instrument.tick, ticks_per_group) == group:
                (waiting if is_trigger else working).append(order)
        return working or waiting

    def _positions(self, instrument: Instrument) -> list[Position]:
        return self._desk.store.held(instrument.symbol)

    def _best(self, instrument: Instrument, side: Side) -> Decimal | None:
        touch = self._desk.store.market(instrument.symbol).book.view(1)
        ticks = touch.best_bid if side is Side.BUY else touch.best_ask
        return None if ticks is None else instrument.tick.value(ticks)

    def _no_size(self, instrument: Instrument, price: Decimal | None) -> str:
        if price is None:
            return "there is no best price on that side of the book"
        return f"no market says what {instrument.quote} is worth; set screen.symbol_presets for {instrument.symbol}"

    def _warn(self, text: str) -> None:
        self._view.intents.say(text, Severity.WARNING)


def _moved(order: Order, ticks: int, instrument: Instrument) -> OrderChange:
    """The change that moves an order, or the trigger of one that waits."""
    by, least = instrument.tick.size * ticks, instrument.tick.size
    if order.trigger_price is not None:
        return OrderChange(trigger_price=max(least, order.trigger_price + by))
    return OrderChange(price=None if order.price is None else max(least, order.price + by))


def _one_of(orders: Sequence[Order]) -> str:
    return f" (1 of {len(orders)} at this level)" if len(orders) > 1 else ""


def _size_words(position: Position, instrument: Instrument) -> str:
    direction = "LONG" if position.quantity > 0 else "SHORT"
    return f"{direction} {instrument.quantity_text(abs(position.quantity))} {instrument.symbol}"
