"""What leaves a position, or sells coins that are held, in several market orders where one would be too large.

Each is judged, written down and sent like any other; the next follows once the one before has filled. Whatever else
happens, the rest is not sent, and what was closed by then is told.
"""

from dataclasses import replace
from decimal import Decimal

from tui.domain.order import LegRole, OrderRequest, OrderStatus
from tui.domain.order_terms import PositionSide, Side
from tui.engine.commands.answers import Refusal, Result
from tui.engine.market_pieces import piece_sizes
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.orders.turning import ended
from tui.engine.orders.wire_form import completed


class Pieces:
    """Sends orders that leave what is held, in pieces where they must be."""

    def __init__(self, floor: Floor, sender: OrderSender) -> None:
        self._floor = floor
        self._sender = sender
        #: What is being left in pieces: a second order for it would come between them.
        self._at_work: set[tuple[object, ...]] = set()

    async def submit(self, asked: Asked) -> Outcome:
        """Send an order, in pieces where it must be; one that goes as it is only where no pieces are under way."""
        sizes = self.sizes(asked)
        if not (sizes or (asked.is_close and self._at_work)):
            return await self._sender.submit(asked)
        request = completed(asked.request, self._floor.store, self._floor.options.execution, is_close=asked.is_close)
        if isinstance(request, Refusal):
            return await self._sender.submit(asked)
        key = request.symbol, request.side, request.terms.position_side
        if key in self._at_work:
            text = f"{request.symbol} is being left in several orders already: wait for the last of them"
            return refused(Refusal("duplicate", text))
        if not sizes:
            return await self._sender.submit(asked)
        refusal = self._sender.judge_whole(replace(asked, piece=max(sizes)))
        if refusal is not None:
            return refused(refusal)
        self._at_work.add(key)
        try:
            return await self._in_turn(asked, request, sizes)
        finally:
            self._at_work.discard(key)

    def sizes(self, asked: Asked) -> tuple[Decimal, ...]:
        """The pieces in which an order goes out; none where it goes as it is."""
        return piece_sizes(asked.request, self._floor.store, is_close=asked.is_close)

    async def _in_turn(self, asked: Asked, whole: OrderRequest, sizes: tuple[Decimal, ...]) -> Outcome:
        total = bound = sum(sizes, Decimal(0))
        filled, name = Decimal(0), None
        for number, size in enumerate(sizes, 1):
            # What a bracket closes was bought a moment ago: no position may have been stated since.
            if number > 1 and asked.role is LegRole.NONE:
                bound = min(bound, self._held(whole))
            size = min(size, bound)
            if size <= 0:
                break
            part = replace(asked, request=replace(asked.request, quantity=size), part=number)
            outcome = await self._sender.submit(part)
            order = await ended(self._floor, outcome)
            filled, name = filled + (Decimal(0) if order is None else order.filled), outcome.client_order_id
            if order is None or order.status is not OrderStatus.FILLED:
                text = f"{self._words(filled, total, whole)}. Order {number} of {len(sizes)}:"
                rest = "; the rest was not sent" if number < len(sizes) else ""
                result = Result.UNKNOWN if outcome.result is Result.UNKNOWN else Result.REFUSED
                return Outcome(result, f"{text} {outcome.text}{rest}", outcome.refusal, name)
            bound -= order.filled
        text = f"{self._words(filled, total, whole)}, in {number if size > 0 else number - 1} orders"
        more = "" if filled == total else "; no more is held"
        return Outcome(Result.DONE, f"{text}{more}", None, name)

    def _words(self, filled: Decimal, total: Decimal, whole: OrderRequest) -> str:
        words = self._floor.store.instruments[whole.symbol].quantity_text
        done = "sold" if whole.side is Side.SELL else "bought back"
        return f"{words(filled)} of {words(total)} {whole.symbol} are {done}"

    def _held(self, request: OrderRequest) -> Decimal:
        """What there is to leave now, as far as it was stated."""
        store = self._floor.store
        instrument = store.instruments[request.symbol]
        if store.is_virtual(instrument.product) and request.terms.position_side is PositionSide.BOTH:
            net = store.net(request.symbol)
            return max(Decimal(0), net if request.side is Side.SELL else -net)
        if instrument.product.is_futures:
            held = [one for one in store.held(request.symbol) if one.position_side is request.terms.position_side]
            return sum((abs(one.quantity) for one in held if one.side is not request.side), Decimal(0))
        wallet = store.wallet(instrument, instrument.base)
        net = Decimal(0) if wallet is None else wallet.net
        return max(Decimal(0), instrument.step.round(net if request.side is Side.SELL else -net, "down"))
