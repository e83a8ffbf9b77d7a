"""The one way an order leaves the program: guards, journal, wire, and what became of it."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tui.binance.client import OrderAnswer
from tui.binance.errors import OutcomeUnknownError, RefusedError, is_momentary
from tui.binance.order_parameters import CONDITIONAL_TYPES, DeniedError
from tui.domain.client_order_id import ClientOrderIds
from tui.domain.order import LegRole, Order, OrderReport, OrderRequest, OrderStatus, order_from_request
from tui.engine.circumstances import Intent
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.journal import AuditNote, JournalError
from tui.engine.orders.announcements import describe
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import TURNED_AWAY
from tui.engine.orders.outcome import Outcome, refused, together
from tui.engine.orders.resolver import Resolver
from tui.engine.orders.wire_form import completed, conversion_text, expires_here, wire_form

logger = logging.getLogger(__name__)

#: The exchange already holds an order with this client id: it did arrive, so it is asked for (USD-M error list).
_DUPLICATE_CLIENT_ID = -4116
#: Spot says the same in words, under the code of all its refusals.
_DUPLICATE_WORDS = "duplicate order sent"

_CLIENT_ORDER_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")


@dataclass(frozen=True, slots=True)
class Asked:
    """An order somebody wants, and what the program knows of it: its list, its part there, whose place it takes.

    One that is too large goes out in pieces: of the whole, `piece` is their largest size; of each, `part` its number.
    """

    request: OrderRequest
    reviewed: bool
    origin: Origin
    is_close: bool = False
    group: str = ""
    role: LegRole = LegRole.NONE
    replaces: Order | None = None
    piece: Decimal | None = None
    part: int = 0


class OrderSender:
    """Sends orders. Nothing is on the wire before its intent is in the journal."""

    def __init__(self, floor: Floor, resolver: Resolver) -> None:
        self._floor = floor
        self._resolver = resolver
        self._ids = ClientOrderIds(floor.clock.now_ms())

    def new_id(self) -> str:
        """A client id never issued before."""
        return self._ids.new()

    async def submit(self, asked: Asked) -> Outcome:
        """Send an order if every guard passes it."""
        written = self.write_down([asked])
        return refused(written) if isinstance(written, Refusal) else await self.place(written[0])

    async def submit_many(self, wanted: Sequence[Asked]) -> Outcome:
        """Send independent orders, those of one product in batches; each is judged and answered apart."""
        outcomes: list[Outcome | None] = []
        orders: dict[int, Order] = {}
        for index, asked in enumerate(wanted):
            written = self.write_down([asked])
            outcomes.append(refused(written) if isinstance(written, Refusal) else None)
            if not isinstance(written, Refusal):
                orders[index] = written[0]
        for product in dict.fromkeys(order.product for order in orders.values()):
            mine = {index: order for index, order in orders.items() if order.product is product}
            for index, outcome in zip(mine, await self._place_batches(list(mine.values())), strict=True):
                outcomes[index] = outcome
        return together([outcome for outcome in outcomes if outcome is not None], "sent")

    def judge(self, asked: Asked) -> Refusal | None:
        """Let the guards judge what is not sent as an order of its own: a change of one in place."""
        judged = self._judged(asked)
        return judged if isinstance(judged, Refusal) else None

    def judge_whole(self, asked: Asked) -> Refusal | None:
        """Let the guards judge what goes out in pieces as the one order it was meant as, and remember it as that."""
        judged = self._judged(asked)
        if isinstance(judged, Refusal):
            return judged
        self._floor.bench.remember(judged[0])
        return None

    def write_down(self, wanted: Sequence[Asked]) -> list[Order] | Refusal:
        """Judge these orders and write them into the journal; where one is refused, none is written."""
        orders = []
        for asked in wanted:
            judged = self._judged(asked)
            if isinstance(judged, Refusal):
                return judged
            intent, passed = judged
            orders.append((self._order(asked, intent.request), asked, intent, passed))
        for order, asked, intent, passed in orders:
            try:
                self._floor.journal.write_intent(order, asked.origin.value, asked.reviewed, passed)
            except JournalError as error:
                self._floor.messages.error(str(error))
                return Refusal("journal", str(error))
            self._floor.bench.remember(intent)
        for order, *_ in orders:
            self._floor.ledger.add(order)
            if order.expires_here:
                self._floor.messages.warning(conversion_text(order))
        return [order for order, *_ in orders]

    async def place(self, order: Order) -> Outcome:
        """Send once an order that is written down, and believe the answer; no clear answer leaves it UNKNOWN."""
        floor = self._floor
        withdrawn = self._withdrawn(order)
        if withdrawn is not None:
            return withdrawn
        floor.ledger.sent(order.client_order_id, floor.clock.now_ms())
        started_ns = floor.clock.monotonic_ns()
        try:
            with self._resolver.sending([order]):
                report = await floor.client(order).place(self._on_wire(order))
        except RefusedError as error:
            return self.refused_by_exchange(order, error)
        except OutcomeUnknownError as error:
            return self.unknown(order, error.text)
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("placing %s failed", order.client_order_id, exc_info=error)
            return self.unknown(order, f"{type(error).__name__}: {error}")
        took_ms = (floor.clock.monotonic_ns() - started_ns) / 1e6
        return self.accepted(order, report, f" in {took_ms:.0f} ms")

    def _on_wire(self, order: Order) -> Order:
        return wire_form(order, is_virtual=self._floor.store.is_virtual(order.product))

    def _answered(self, order: Order, answer: OrderAnswer) -> Outcome:
        """What one order of several came to."""
        if isinstance(answer, OutcomeUnknownError):
            return self.unknown(order, answer.text)
        if isinstance(answer, RefusedError):
            return self.refused_by_exchange(order, answer)
        return self.accepted(order, answer)

    def accepted(self, order: Order, report: OrderReport, took: str = "") -> Outcome:
        """Believe the exchange's answer to an order."""
        after = self._floor.ledger.apply(report)
        self._floor.settled(after)
        # A conditional order that has ended already, untraded, takes nobody's place; in a list the other has traded.
        is_alone = after.type in CONDITIONAL_TYPES and after.list_id is None
        is_gone = is_alone and after.status.is_closed and not after.filled
        result = Result.REFUSED if is_gone or after.status is OrderStatus.REJECTED else Result.DONE
        return Outcome(result, f"{self._floor.describe(order)} {_state(after)}{took}", None, order.client_order_id)

    def refused_by_exchange(self, order: Order, error: RefusedError) -> Outcome:
        """Believe a refusal, unless it says that the order is there already."""
        if error.code == _DUPLICATE_CLIENT_ID or _DUPLICATE_WORDS in error.text.lower():
            return self.unknown(order, error.text)
        reason = f"{TURNED_AWAY}{error}" if is_momentary(error) else str(error)
        self._floor.ledger.mark(order.client_order_id, OrderStatus.REJECTED, reason, would_take=_would_take(error))
        current = self._floor.ledger.get(order.client_order_id)
        if current is not None:
            self._floor.settled(current)
        verb = "denied before it was sent" if isinstance(error, DeniedError) else "rejected"
        text = f"{self._floor.describe(order)} {verb}: {error}"
        return Outcome(Result.REFUSED, text, None, order.client_order_id)

    def unknown(self, order: Order, why: str) -> Outcome:
        """The order may have arrived: it is asked for, and never sent again."""
        self._floor.ledger.mark(order.client_order_id, OrderStatus.UNKNOWN, why)
        current = self._floor.ledger.get(order.client_order_id)
        if current is not None and self._floor.ledger.in_flight(order.client_order_id):
            self._resolver.watch_lost(current)
        elif current is not None and not current.status.is_closed:
            # The stream was faster than the answer that never came: what waited for the outcome has it.
            self._floor.settled(current)
            text = f"{self._floor.describe(order)} {_state(current)}; its answer was lost"
            return Outcome(Result.DONE, text, None, order.client_order_id)
        text = f"{self._floor.describe(order)} unconfirmed ({why}); asking the exchange, it will not be sent again"
        return Outcome(Result.UNKNOWN, text, None, order.client_order_id)

    def _withdrawn(self, order: Order) -> Outcome | None:
        """An order that was taken back, by hand or by a halt, while it waited behind others is not sent at all."""
        current = self._floor.ledger.get(order.client_order_id)
        if current is None or not (current.cancel_requested or current.status.is_closed):
            return None
        self._floor.ledger.mark(order.client_order_id, OrderStatus.REJECTED, "canceled before it was sent")
        text = f"{self._floor.describe(order)} was canceled before it was sent"
        return Outcome(Result.REFUSED, text, None, order.client_order_id)

    async def _place_batches(self, orders: list[Order]) -> list[Outcome]:
        size = max(1, self._floor.client(orders[0]).batch_size)
        outcomes: list[Outcome] = []
        for first in range(0, len(orders), size):
            part = orders[first : first + size]
            gone = [self._withdrawn(order) for order in part]
            wanted = [order for order, outcome in zip(part, gone, strict=True) if outcome is None]
            sent = iter([await self.place(wanted[0])] if len(wanted) == 1 else await self._place_batch(wanted))
            outcomes += [next(sent) if outcome is None else outcome for outcome in gone]
        return outcomes

    async def _place_batch(self, orders: list[Order]) -> list[Outcome]:
        """One request for several orders: an answer for each, or none for all."""
        if not orders:
            return []
        for order in orders:
            self._floor.ledger.sent(order.client_order_id, self._floor.clock.now_ms())
        try:
            with self._resolver.sending(orders):
                answers = await self._floor.client(orders[0]).place_many([self._on_wire(order) for order in orders])
        except RefusedError as error:
            return [self.refused_by_exchange(order, error) for order in orders]
        except OutcomeUnknownError as error:
            return [self.unknown(order, error.text) for order in orders]
        except Exception as error:  # the request may have left: a crash is never taken for "not sent"
            logger.error("placing %d orders failed", len(orders), exc_info=error)
            return [self.unknown(order, f"{type(error).__name__}: {error}") for order in orders]
        outcomes = [self._answered(order, answer) for order, answer in zip(orders, answers, strict=False)]
        return outcomes + [self.unknown(order, "no answer for it in the batch's") for order in orders[len(answers) :]]

    def _order(self, asked: Asked, request: OrderRequest) -> Order:
        instrument = self._floor.store.instruments[request.symbol]
        name = request.client_order_id or self._ids.new()
        order = order_from_request(request, instrument.product, name, self._floor.clock.now_ms())
        old, expires = asked.replaces, expires_here(order, self._floor.options.execution)
        if old is None and not (expires or asked.group or asked.role):
            return order  # to copy it takes as long as all guards on its size
        return replace(
            order,
            expires_here=expires,
            group=asked.group,
            role=asked.role,
            replaces="" if old is None else old.client_order_id,
            filled_before=Decimal(0) if old is None else old.filled_before + old.filled,
        )

    def _judged(self, asked: Asked) -> tuple[Intent, tuple[str, ...]] | Refusal:
        """The intent with the guards it passed; a refusal is told and written down."""
        options = self._floor.options.execution
        request = completed(asked.request, self._floor.store, options, is_close=asked.is_close)
        if isinstance(request, Refusal):
            return self._refuse(asked, request, ())
        changes = "" if asked.replaces is None else asked.replaces.client_order_id
        intent = Intent(
            request, asked.reviewed, asked.is_close, asked.role, changes, piece=asked.piece, part=asked.part
        )
        verdict = self._floor.bench.judge(intent)
        refusal = verdict.refusal or self._wrong_id(request)
        if refusal is None:
            return intent, verdict.passed
        self._floor.bench.renew(intent, refusal)
        return self._refuse(asked, refusal, verdict.passed)

    def _wrong_id(self, request: OrderRequest) -> Refusal | None:
        name = request.client_order_id
        if not name:
            return None
        if _CLIENT_ORDER_ID.fullmatch(name) is None:
            text = f"{name!r} is no client order id: up to 36 letters, digits and . : / _ -"
            return Refusal("client-order-id", text)
        if self._floor.ledger.get(name) is not None or self._floor.journal.has(name):
            return Refusal("client-order-id", f"There is an order {name} already: give another client order id")
        return None

    def _refuse(self, asked: Asked, refusal: Refusal, passed: tuple[str, ...]) -> Refusal:
        self._floor.messages.warning(f"Refused: {refusal.text}")
        instrument = self._floor.store.instruments.get(asked.request.symbol)
        told = f"{refusal.rule}: {refusal.text}"
        words = AuditNote(asked.origin.value, describe(asked.request, instrument), asked.reviewed, passed, told)
        self._floor.note_asked(words)
        return refusal


def _would_take(error: RefusedError) -> bool:
    """Whether a post-only order was refused because it would have taken (-5022 on futures, words on spot)."""
    return error.code == -5022 or "immediately match and take" in error.text.lower()


def _state(order: Order) -> str:
    if order.status is OrderStatus.NEW:
        return "waiting for its entry" if order.awaits_entry else "working"
    if order.status is OrderStatus.PARTIALLY_FILLED:
        return f"working, {order.filled:f} filled"
    state = order.status.value.lower()
    if order.status is not OrderStatus.FILLED and order.filled > Decimal(0):
        return f"{state} with {order.filled:f} filled"
    return state
