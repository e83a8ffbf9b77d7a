"""The one way an order leaves the program: guards, journal, wire, and what became of it."""

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal

from tui.binance.client import ProductClient
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.client_order_id import ClientOrderIds
from tui.domain.order import Order, OrderRequest, OrderStatus, OrderType, order_from_request
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.commands import ClosePosition, Origin, Refusal, Result
from tui.engine.guards import Bench, Intent
from tui.engine.journal import Journal, JournalError
from tui.engine.messages import Messages
from tui.engine.orders.announcements import describe
from tui.engine.orders.ledger import Ledger
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.resolver import Resolver
from tui.engine.store import Store

logger = logging.getLogger(__name__)

#: The exchange already holds an order with this client id: it did arrive, so it is asked for (USD-M error list).
_DUPLICATE_CLIENT_ID = -4116


class OrderSender:
    """Sends orders. Nothing is on the wire before its intent is in the journal."""

    def __init__(
        self,
        clients: Mapping[Product, ProductClient],
        store: Store,
        bench: Bench,
        ledger: Ledger,
        journal: Journal,
        resolver: Resolver,
        clock: Clock,
        messages: Messages,
        on_settled: Callable[[Order], None],
    ) -> None:
        self._clients = clients
        self._store = store
        self._bench = bench
        self._ledger = ledger
        self._journal = journal
        self._resolver = resolver
        self._clock = clock
        self._messages = messages
        self._on_settled = on_settled
        self._ids = ClientOrderIds(clock.now_ms())

    async def submit(self, request: OrderRequest, reviewed: bool, origin: Origin) -> Outcome:
        """Send an order if every guard passes it."""
        return await self._send(Intent(request, reviewed), origin)

    async def close(self, command: ClosePosition, origin: Origin) -> Outcome:
        """Close part of a position by a reduce-only order."""
        request = closing_request(self._store, command)
        if isinstance(request, Refusal):
            return refused(request)
        # Any part closed twice within the window is a slip, so the size is left out of the comparison.
        return await self._send(Intent(request, command.reviewed, is_close=True), origin)

    async def _send(self, intent: Intent, origin: Origin) -> Outcome:
        verdict = self._bench.judge(intent)
        if verdict.refusal is not None:
            self._bench.renew(intent, verdict.refusal)
            self._messages.warning(f"Refused: {verdict.refusal.text}")
            self._journal_refusal(intent.request, verdict.refusal)
            return refused(verdict.refusal)
        instrument = self._store.instruments[intent.request.symbol]
        order = order_from_request(intent.request, instrument.product, self._ids.new(), self._clock.now_ms())
        try:
            self._journal.write_intent(order, origin.value, intent.reviewed, verdict.passed)
        except JournalError as error:
            self._messages.error(str(error))
            return refused(Refusal("journal", str(error)))
        self._bench.remember(intent)
        self._ledger.add(order)
        self._ledger.mark(order.client_order_id, OrderStatus.SUBMITTED)
        return await self._place(order)

    async def _place(self, order: Order) -> Outcome:
        """Send once, and believe the answer; whatever is not a clear answer leaves the order UNKNOWN."""
        what = describe(order, self._store.instruments[order.symbol])
        started_ns = self._clock.monotonic_ns()
        try:
            report = await self._clients[order.product].place(order)
        except RefusedError as error:
            if error.code == _DUPLICATE_CLIENT_ID:
                return self._unknown(order, what, error.text)
            self._ledger.mark(order.client_order_id, OrderStatus.REJECTED, str(error))
            return Outcome(Result.REFUSED, f"{what} rejected: {error}", None, order.client_order_id)
        except OutcomeUnknownError as error:
            return self._unknown(order, what, error.text)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("placing %s failed", order.client_order_id, exc_info=error)
            return self._unknown(order, what, f"{type(error).__name__}: {error}")
        after = self._ledger.apply(report)
        self._on_settled(after)
        took_ms = (self._clock.monotonic_ns() - started_ns) / 1e6
        return Outcome(_result(after), f"{what} {_state(after)} in {took_ms:.0f} ms", None, order.client_order_id)

    def _unknown(self, order: Order, what: str, why: str) -> Outcome:
        self._ledger.mark(order.client_order_id, OrderStatus.UNKNOWN, why)
        current = self._ledger.get(order.client_order_id)
        if current is not None and self._ledger.in_flight(order.client_order_id):
            self._resolver.watch(current)
        text = f"{what} unconfirmed ({why}); asking the exchange, it will not be sent again"
        return Outcome(Result.UNKNOWN, text, None, order.client_order_id)

    def _journal_refusal(self, request: OrderRequest, refusal: Refusal) -> None:
        try:
            self._journal.write_event("refused", "", f"{refusal.rule}: {request.symbol} {refusal.text}")
        except JournalError as error:
            self._messages.error(str(error))


def closing_request(store: Store, command: ClosePosition) -> OrderRequest | Refusal:
    """The reduce-only order that closes the asked part of a position, rounded down to the symbol's step."""
    instrument = store.instruments.get(command.symbol)
    if instrument is None:
        return Refusal("unknown-symbol", f"{command.symbol} is not a symbol of this exchange")
    if not instrument.product.is_futures:
        text = f"{command.symbol} is a {instrument.product.label} symbol and has no position: sell the coins instead"
        return Refusal("no-position", text)
    position = store.positions.get(command.symbol)
    if position is None or not position.quantity:
        return Refusal("no-position", f"There is no position in {command.symbol}")
    if not 0 < command.fraction <= 1:
        return Refusal("fraction", f"{command.fraction * 100:f} % cannot be closed: give more than 0 and at most 100 %")
    held = abs(position.quantity)
    quantity = held if command.fraction == 1 else instrument.step.round(held * command.fraction, "down")
    if quantity <= 0:
        percent = (command.fraction * 100).normalize()
        smallest = instrument.quantity_text(instrument.step.size)
        return Refusal("fraction", f"{percent:f} % of {held} {command.symbol} is less than its step {smallest}")
    return OrderRequest(
        symbol=command.symbol,
        side=position.side.opposite,
        type=OrderType.MARKET if command.price is None else OrderType.LIMIT,
        quantity=quantity,
        price=command.price,
        reduce_only=True,
    )


def _result(order: Order) -> Result:
    return Result.REFUSED if order.status is OrderStatus.REJECTED else Result.DONE


def _state(order: Order) -> str:
    if order.status is OrderStatus.NEW:
        return "working"
    if order.status is OrderStatus.PARTIALLY_FILLED:
        return f"working, {order.filled:f} filled"
    state = order.status.value.lower()
    if order.status is not OrderStatus.FILLED and order.filled > Decimal(0):
        return f"{state} with {order.filled:f} filled"
    return state
