"""Orders that depend on each other: held by the exchange where it can, otherwise by the program."""

from dataclasses import replace

from tui.domain.instrument import Instrument
from tui.domain.order import LegRole, Order, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.orders import SubmitOrderList
from tui.engine.holdings import leaves_what_is_held
from tui.engine.journal import JournalError
from tui.engine.orders.bracket import Bracket, Leg, legs_of
from tui.engine.orders.bracket_keeper import BracketKeeper
from tui.engine.orders.floor import Floor
from tui.engine.orders.native_lists import NativeLists
from tui.engine.orders.outcome import Outcome, refused, together
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.orders.wire_form import completed, hedged_side

#: Said wherever this program, not the exchange, holds orders together.
APP_MANAGED = "app-managed: active only while this program runs"


class ContingentOrders:
    """Decides who holds a list, and begins it."""

    def __init__(self, floor: Floor, sender: OrderSender, lists: NativeLists, keeper: BracketKeeper) -> None:
        self._floor = floor
        self._sender = sender
        self._lists = lists
        self._keeper = keeper

    async def submit(self, command: SubmitOrderList, origin: Origin) -> Outcome:
        """Send a list."""
        request = command.request
        instrument = self._floor.store.instruments.get(request.symbol) if request.legs else None
        if instrument is None:
            return refused(Refusal("unknown-symbol", f"{request.symbol} is not a symbol of this exchange"))
        wrong = _misshapen(request, instrument)
        if wrong is not None:
            return refused(wrong)
        if self._is_native(request, instrument):
            return await self._native(request, instrument, command.reviewed, origin)
        if request.sized_from_entry and instrument.product.is_futures:
            text = "Exits of a futures bracket always take their size from what the entry really filled"
            self._floor.messages.info(text)
        if request.entry is None:
            return await self._without_entry(request, instrument, command.reviewed, origin)
        return await self._bracket(request.entry, legs_of(request), instrument, command.reviewed, origin)

    def _is_native(self, request: OrderListRequest, instrument: Instrument) -> bool:
        client = self._floor.clients[instrument.product]
        return client.lists is not None and (request.entry is None or request.entry.type is OrderType.LIMIT)

    async def _native(
        self, request: OrderListRequest, instrument: Instrument, reviewed: bool, origin: Origin
    ) -> Outcome:
        name, legs = self._sender.new_id(), legs_of(request)
        if request.entry is None and not all(
            leaves_what_is_held(leg, instrument, self._floor.store) for leg in request.legs
        ):
            # Two ways in: the guards judge them as entries.
            legs = tuple(Leg(LegRole.NONE, leg.request) for leg in legs)
        wanted = [Asked(leg.request, reviewed, origin, group=name, role=leg.role) for leg in legs]
        if request.entry is not None:
            wanted.insert(0, Asked(request.entry, reviewed, origin, group=name, role=LegRole.ENTRY))
        outcome = await self._lists.submit(wanted, sized_from_entry=request.sized_from_entry, name=name)
        if request.entry is None and any(leg.type is OrderType.LIMIT for leg in request.legs):
            return replace(outcome, text=f"{outcome.text}; its limit leg is sent as post-only, as OCO demands")
        return outcome

    async def _bracket(
        self, entry: OrderRequest, legs: tuple[Leg, ...], instrument: Instrument, reviewed: bool, origin: Origin
    ) -> Outcome:
        """The entry now; its exits as soon as it fills."""
        placed = self._sided(legs, instrument)
        if isinstance(placed, Refusal):
            return refused(placed)
        name = self._sender.new_id()
        for leg in placed:
            exit_ = leg.request if not instrument.product.is_futures else replace(leg.request, reduce_only=True)
            refusal = self._sender.judge(Asked(exit_, reviewed, origin, group=name, role=leg.role))
            if refusal is not None:
                return refused(refusal)
        asked = Asked(entry, reviewed, origin, group=name, role=LegRole.ENTRY)
        written = self._sender.write_down([asked])
        if isinstance(written, Refusal):
            return refused(written)
        order = written[0]
        bracket = Bracket(
            name,
            instrument.product,
            instrument.symbol,
            entry.side,
            order.client_order_id,
            placed,
            self._floor.clock.now_ms(),
            covers_position=self._covers(order, placed[0].request),
        )
        try:
            self._keeper.keep(bracket)
        except JournalError as error:
            self._floor.ledger.mark(order.client_order_id, OrderStatus.REJECTED, "not sent: the journal failed")
            return refused(Refusal("journal", str(error)))
        outcome = await self._sender.place(order)
        return replace(outcome, text=f"{outcome.text}; its exits follow its fills ({APP_MANAGED})")

    async def _without_entry(
        self, request: OrderListRequest, instrument: Instrument, reviewed: bool, origin: Origin
    ) -> Outcome:
        """Two orders of which one is to trade: exits of a position there is, or either of two entries."""
        if all(leg.only_shrinks for leg in request.legs):
            return self._exits(legs_of(request), instrument, reviewed, origin)
        name = self._sender.new_id()
        wanted = [Asked(leg, reviewed, origin, group=name) for leg in request.legs]
        written = self._sender.write_down(wanted)
        if isinstance(written, Refusal):
            return refused(written)
        legs = tuple(Leg(LegRole.NONE, leg) for leg in request.legs)
        side = request.legs[0].side
        bracket = Bracket(
            name, instrument.product, instrument.symbol, side, "", legs, self._floor.clock.now_ms(), is_either=True
        )
        try:
            self._keeper.keep(bracket)
        except JournalError as error:
            for order in written:
                self._floor.ledger.mark(order.client_order_id, OrderStatus.REJECTED, "not sent: the journal failed")
            return refused(Refusal("journal", str(error)))
        outcome = together([await self._sender.place(order) for order in written], f"sent as OCO ({APP_MANAGED})")
        return replace(outcome, client_order_id=written[0].client_order_id)

    def _exits(self, legs: tuple[Leg, ...], instrument: Instrument, reviewed: bool, origin: Origin) -> Outcome:
        placed = self._sided(legs, instrument)
        if isinstance(placed, Refusal):
            return refused(placed)
        name = self._sender.new_id()
        for leg in placed:
            refusal = self._sender.judge(Asked(leg.request, reviewed, origin, group=name, role=leg.role))
            if refusal is not None:
                return refused(refusal)
        side, now_ms = placed[0].request.side.opposite, self._floor.clock.now_ms()
        if not self._is_held(placed[0].request):
            way = "long" if side is Side.BUY else "short"
            text = f"There is no {way} position in {instrument.symbol} that these orders would leave"
            return refused(Refusal("no-position", text))
        try:
            self._keeper.keep(Bracket(name, instrument.product, instrument.symbol, side, "", placed, now_ms))
        except JournalError as error:
            return refused(Refusal("journal", str(error)))
        return Outcome(Result.DONE, f"{instrument.symbol}: exits are being placed, the stop first ({APP_MANAGED})")

    def _is_held(self, exit_: OrderRequest) -> bool:
        """Whether there is something that an exit could close; coins are judged by the exchange."""
        store = self._floor.store
        if not store.instruments[exit_.symbol].product.is_futures:
            return True
        side = exit_.terms.position_side
        held = [one for one in store.held(exit_.symbol) if one.position_side is side]
        return any(one.side is not exit_.side for one in held)

    def _sided(self, legs: tuple[Leg, ...], instrument: Instrument) -> tuple[Leg, ...] | Refusal:
        """The exits with the position they are for."""
        if not instrument.product.is_futures:
            return legs
        sided = []
        for leg in legs:
            whole = replace(leg.request, reduce_only=True)
            if self._floor.store.is_virtual(instrument.product):
                whole = replace(whole, terms=replace(whole.terms, position_side=hedged_side(whole)))
            request = completed(whole, self._floor.store, self._floor.options.execution, is_close=True)
            if isinstance(request, Refusal):
                return request
            sided.append(Leg(leg.role, replace(leg.request, terms=request.terms)))
        return tuple(sided)

    def _covers(self, entry: Order, leg: OrderRequest) -> bool:
        """Whether the bracket's position will be all that is held: nothing is, and nothing else is about to be."""
        if not entry.product.is_futures or self._floor.store.is_virtual(entry.product):
            return False  # what the exchange would close is the net of all virtual positions
        store, side = self._floor.store, leg.terms.position_side
        is_held = any(p.position_side is side and p.quantity for p in store.positions_of(entry.symbol))
        others = (order for order in store.open_orders(entry.symbol) if order.client_order_id != entry.client_order_id)
        return not is_held and all(order.is_protective for order in others)


def _misshapen(request: OrderListRequest, instrument: Instrument) -> Refusal | None:
    """What makes no list: too few or too many legs, several symbols, exits that do not leave the entry's position."""
    if len(request.legs) not in (1, 2) or (request.entry is None and len(request.legs) != 2):
        return Refusal("order-list", "A list is two orders, or an entry with one or two exits")
    if any(leg.symbol != request.symbol for leg in request.legs):
        return Refusal("order-list", f"All orders of a list are of one symbol, here {request.symbol}")
    sides: set[Side] = {leg.side for leg in request.legs}
    is_against = request.entry is None or sides == {request.entry.side.opposite}
    if instrument.product.is_futures and not is_against:
        return Refusal(
            "order-list", f"Exits of a {instrument.product.label} bracket are on the other side of the entry"
        )
    return None
