"""Does what a bracket needs next: sends its exits, resizes them, takes them back, and says so where that fails."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from tui.binance.errors import BALANCE_TOO_SMALL, REFUSED_WHEN_DUE, BinanceError
from tui.domain.order import LegRole, Order, OrderChange, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.engine.commands import Origin
from tui.engine.commands.answers import Result
from tui.engine.orders.bracket import (
    Bracket,
    Close,
    GiveUp,
    Place,
    PlaceList,
    Resize,
    Step,
    TakeBack,
    WriteOff,
    left_of,
)
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.changer import Changer
from tui.engine.orders.floor import Floor
from tui.engine.orders.ledger import may_come_again
from tui.engine.orders.native_lists import NativeLists
from tui.engine.orders.outcome import Outcome
from tui.engine.orders.pieces import Pieces
from tui.engine.orders.renewal import replacing_request
from tui.engine.orders.sender import Asked, OrderSender
from tui.engine.protection import bare
from tui.engine.store import wallet_key

#: Guards that refuse for a moment alone.
_PASSING_RULES = frozenset({"duplicate", "stale-account", "rate-limit"})

#: Waits for executions of which the order's own answer has told without their fees.
_FOR_EXECUTIONS_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5)

#: The price is already beyond the trigger of a stop (derivatives error list): what it protects from has happened.
_WOULD_TRIGGER = "-2021"
#: Futures hold one order a side that closes a whole position.
_SECOND_CLOSE = "-4130"

#: Said of exits of coins that were more than the wallet holds: when sent, and when those of a list were due.
_SHORT = ("insufficient balance", BALANCE_TOO_SMALL, REFUSED_WHEN_DUE)


@dataclass(slots=True)
class Kept:
    """One bracket at work; `failures` counts the steps in a row that could not be done."""

    bracket: Bracket
    remember: Callable[[Bracket], None]
    failures: int = 0


class BracketExits:
    """Takes one step of one bracket; True where it went well, or where the order itself will tell what came of it."""

    def __init__(
        self,
        floor: Floor,
        sender: OrderSender,
        pieces: Pieces,
        canceller: Canceller,
        changer: Changer,
        lists: NativeLists,
    ) -> None:
        self._floor = floor
        self._sender = sender
        self._pieces = pieces
        self._canceller = canceller
        self._changer = changer
        self._lists = lists

    async def take(self, kept: Kept, step: Step) -> bool:
        """Do it."""
        bracket = kept.bracket
        match step:
            case Place():
                return await self.place(kept, step)
            case PlaceList():
                return await self._place_list(kept, step)
            case Resize():
                return self._went_well(kept, await self._resize(step))
            case TakeBack():
                kept.remember(replace(bracket, taken_back=(*bracket.taken_back, step.order.client_order_id)))
                return (await self._canceller.cancel(step.order)).result is not Result.REFUSED
            case GiveUp():
                return await self._give_up(kept, step)
            case WriteOff():
                text = f"{bracket.symbol}: the position was closed otherwise; its exits are cancelled"
                self._floor.messages.info(text)
                kept.remember(replace(bracket, written_off=step.quantity, open_then=step.open_then))
            case Close():
                kept.remember(replace(bracket, is_closed=True))
        return True

    async def place(self, kept: Kept, step: Place) -> bool:
        """Send an exit."""
        request = replace(kept.bracket.leg(step.role).request, quantity=step.quantity)
        exit_ = replace(request, close_position=True) if step.closes_all else replace(request, reduce_only=True)
        outcome = await self._sender.submit(_asked(kept.bracket, exit_, step.role))
        if step.closes_all and outcome.client_order_id is not None and _SECOND_CLOSE in outcome.text:
            sized = replace(request, reduce_only=True)
            kept.remember(replace(kept.bracket, taken_back=(*kept.bracket.taken_back, outcome.client_order_id)))
            outcome = await self._sender.submit(_asked(kept.bracket, sized, step.role))
        # A guard refused it, so it never became an order, or it was turned away for a moment.
        if outcome.client_order_id is None or self._was_turned_away(outcome):
            return self._went_well(kept, outcome)
        return True

    async def _place_list(self, kept: Kept, step: PlaceList) -> bool:
        """Send the exits of coins together; a single one needs no list.

        Refused because the wallet holds less, they are sent once more for what it does hold.
        """
        bracket = kept.bracket
        quantity = await self._coins_left(bracket, step.quantity)
        if isinstance(quantity, BinanceError):
            return self._went_well(kept, Outcome(Result.REFUSED, f"what is held is not known: {quantity}"))
        outcome = await self._place_coin_exits(bracket, quantity)
        is_passing = outcome.refusal is not None and outcome.refusal.rule in _PASSING_RULES
        sent = [order for order in self._exits(bracket) if order.client_order_id not in bracket.taken_back]
        if is_passing or (sent and all(may_come_again(order) for order in sent)):
            return self._went_well(kept, outcome)
        if bracket.side is Side.BUY and not self._was_short(bracket) and any(map(_is_short, sent)):
            names = tuple(order.client_order_id for order in sent)
            self._floor.messages.warning(f"{bracket.symbol}: {outcome.text}; its exits are sent again for what is held")
            kept.remember(replace(bracket, taken_back=(*bracket.taken_back, *names)))
            return True
        if outcome.result is Result.REFUSED:
            self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: its exits were refused: {outcome.text}")
        if outcome.result is not Result.UNKNOWN:
            kept.remember(replace(bracket, is_closed=True))
        return True

    async def _place_coin_exits(self, bracket: Bracket, quantity: Decimal) -> Outcome:
        if not quantity:
            return Outcome(Result.REFUSED, f"nothing of {bracket.symbol} is free to be sold")
        wanted = [
            _asked(bracket, replace(leg.request, quantity=quantity), leg.role)
            for leg in sorted(bracket.legs, key=lambda leg: leg.role is LegRole.STOP_LOSS)
        ]
        if len(wanted) == 1:
            return await self._sender.submit(wanted[0])
        return await self._lists.submit(wanted, sized_from_entry=False, name=bracket.name)

    async def _coins_left(self, bracket: Bracket, bought: Decimal) -> Decimal | BinanceError:
        """What of a purchase can be sold: less its fees, and where that was too much, no more than the wallet has."""
        await self._executions_told(bracket)
        instrument = self._floor.store.instruments[bracket.symbol]
        traded = self._floor.ledger.executions.of(self._entries(bracket))
        fees = sum((fill.commission for fill in traded if fill.commission_asset == instrument.base), Decimal(0))
        left = instrument.step.round(bought - fees, "down")
        if not self._was_short(bracket):
            return left
        try:
            state = await self._floor.clients[bracket.product].account()
        except BinanceError as error:
            return error
        wallet = next((one for one in state.balances if one.key == wallet_key(instrument, instrument.base)), None)
        held = instrument.step.round(Decimal(0) if wallet is None else wallet.free, "down")
        words = instrument.quantity_text
        text = f"{bracket.symbol}: {words(min(left, held))} of {words(bought)} bought are free: exits are for that"
        self._floor.messages.warning(text)
        return min(left, held)

    def _was_short(self, bracket: Bracket) -> bool:
        """Whether exits of coins that were bought have been refused before, as more than the wallet holds."""
        refused = (order for order in self._exits(bracket) if order.client_order_id in bracket.taken_back)
        return bracket.side is Side.BUY and any(map(_is_short, refused))

    def _exits(self, bracket: Bracket) -> list[Order]:
        return [order for order in self._floor.ledger.of_group(bracket.name) if order.role.is_exit]

    async def _executions_told(self, bracket: Bracket) -> None:
        """Wait a little for the fees: exits for coins that went into them would be refused."""
        for delay in _FOR_EXECUTIONS_S:
            if all(entry.filled <= entry.counted_quantity for entry in self._entries(bracket)):
                return
            await asyncio.sleep(delay)

    def _entries(self, bracket: Bracket) -> list[Order]:
        """The entry, and those whose place it took."""
        return [order for order in self._floor.ledger.of_group(bracket.name) if order.role is LegRole.ENTRY]

    async def _resize(self, step: Resize) -> Outcome:
        order, total = step.order, step.order.filled + step.leaves
        change = OrderChange(quantity=total)
        if not order.close_position:
            return await self._changer.change(order.client_order_id, change, reviewed=True, origin=Origin.ALGO)
        sized = replace(order, close_position=False, reduce_only=True, quantity=total)
        asked = Asked(replacing_request(sized, change), reviewed=True, origin=Origin.ALGO)
        return await self._changer.replace(sized, change, asked)

    async def _give_up(self, kept: Kept, step: GiveUp) -> bool:
        """An exit ended without trading. A stop whose price has passed already does at once what it was there for."""
        bracket, order = kept.bracket, step.ended
        what, why = self._floor.describe(order), order.reason or order.status.value.lower()
        is_passed = order.status is OrderStatus.REJECTED and _WOULD_TRIGGER in order.reason
        if step.role is LegRole.STOP_LOSS and is_passed:
            if not kept.failures:
                text = f"{what}: the price has passed the stop already, the position is closed now"
                self._floor.messages.error(text)
            closed = await self._close(bracket, order)
            if self._was_turned_away(closed):
                return self._went_well(kept, closed)
            if closed.result is Result.UNKNOWN:
                await self._stop_entering(bracket)
                return True
            if self._leaves_something(closed):
                self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: {closed.text}; close it by hand")
            else:
                # What the entry still buys before its cancel arrives needs a stop of its own.
                kept.remember(replace(bracket, taken_back=(*bracket.taken_back, order.client_order_id)))
                await self._stop_entering(bracket)
                return True
        elif step.role is LegRole.STOP_LOSS and self._is_covered(order):
            self._floor.messages.info(f"{what} {why}; another stop protects {bracket.symbol}")
        elif step.role is LegRole.STOP_LOSS:
            self._floor.messages.error(f"UNPROTECTED {bracket.symbol}: {what} {why}; it is not placed again")
        elif not self._is_replaced(order):
            self._floor.messages.warning(f"{what} ended ({why}); the stop stays")
        kept.remember(replace(bracket, given_up=(*bracket.given_up, step.role)))
        # What the trader took back himself is his to do without; what the exchange ended, and says why, is not.
        if step.role is LegRole.STOP_LOSS and (order.status is not OrderStatus.CANCELED or order.reason):
            await self._stop_entering(bracket)
        return True

    def _is_covered(self, ended: Order) -> bool:
        """Whether other stops guard the whole position, as where the trader moved that of a bracket."""
        store = self._floor.store
        positions = [one for one in store.held(ended.symbol) if one.position_side is ended.position_side]
        orders = list(store.orders.values())
        return bool(positions) and not any(bare(orders, one, one.mark_price) for one in positions)

    def _is_replaced(self, ended: Order) -> bool:
        """Whether another working order has taken its place."""
        return any(order.replaces == ended.client_order_id for order in self._floor.store.open_orders(ended.symbol))

    async def _close(self, bracket: Bracket, stop: Order) -> Outcome:
        left = left_of(bracket, self._floor.ledger.of_group(bracket.name))
        terms = Terms(position_side=stop.position_side)
        request = OrderRequest(stop.symbol, stop.side, OrderType.MARKET, left, reduce_only=True, terms=terms)
        return await self._pieces.submit(_asked(bracket, request, LegRole.STOP_LOSS))

    def _leaves_something(self, outcome: Outcome) -> bool:
        """Whether what was to close a position at market is known not to have done so."""
        order = self._floor.ledger.get(outcome.client_order_id or "")
        is_short = order is not None and order.status.is_closed and order.status is not OrderStatus.FILLED
        return outcome.result is Result.REFUSED or is_short

    async def _stop_entering(self, bracket: Bracket) -> None:
        """What would still fill has no stop to go with it any more."""
        for entry in self._entries(bracket):
            if not entry.status.is_closed:
                self._floor.messages.warning((await self._canceller.cancel(entry)).text)

    def _was_turned_away(self, outcome: Outcome) -> bool:
        """Whether the exchange took nothing of it, for a reason that passes."""
        order = self._floor.ledger.get(outcome.client_order_id or "")
        return outcome.result is Result.REFUSED and order is not None and may_come_again(order)

    def _went_well(self, kept: Kept, outcome: Outcome) -> bool:
        if outcome.result is not Result.REFUSED:
            return True
        if not kept.failures:
            self._floor.messages.error(f"Bracket of {kept.bracket.symbol}: {outcome.text}; trying again")
        return False


def _is_short(order: Order) -> bool:
    """Whether an order was refused as larger than what the wallet holds, or may have been."""
    return order.status.is_closed and any(words in order.reason for words in _SHORT)


def _asked(bracket: Bracket, request: OrderRequest, role: LegRole) -> Asked:
    return Asked(request, reviewed=True, origin=Origin.ALGO, group=bracket.name, role=role)
