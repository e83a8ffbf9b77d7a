"""Starts, steps and stops client-side algos; each is in the store from its start, and in the journal."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from tui.engine.algos.hands import Hands, StoppedError
from tui.engine.algos.plan import Algo, AlgoState
from tui.engine.algos.record import read, written
from tui.engine.algos.workers import Worker, link_trouble, plan_refusal, plan_word, worker_of
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.automation import AlgoCommand, StartAlgo, StopAlgo
from tui.engine.guards import write_refusal
from tui.engine.journal import AuditNote, JournalError
from tui.engine.orders.canceller import Canceller
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused
from tui.engine.orders.sender import OrderSender
from tui.engine.store import TradingState

logger = logging.getLogger(__name__)

_EVERY_S = 0.1
#: Algos at work at a time, and ended ones that stay listed.
_MOST_RUNNING = 20
_MOST_LISTED = 100

KIND = "algo"


@dataclass(slots=True)
class _Running:
    hands: Hands
    worker: Worker


class AlgoDesk:
    """Serves `StartAlgo` and `StopAlgo`. Nothing it sends goes round the guards."""

    def __init__(self, floor: Floor, sender: OrderSender, canceller: Canceller) -> None:
        self._floor = floor
        self._sender = sender
        self._canceller = canceller
        self._running: dict[str, _Running] = {}
        floor.ledger.groups_at_work.append(lambda: self._running)

    @property
    def running(self) -> frozenset[str]:
        """Names of the algos at work, which are the groups of their orders."""
        return frozenset(self._running)

    @property
    def symbols(self) -> frozenset[str]:
        """What the algos at work trade."""
        return frozenset(one.hands.plan.symbol for one in self._running.values())

    def take_up(self) -> None:
        """Show what ran when the program ended: stopped, with what it had done; nothing is started again."""
        try:
            texts = self._floor.journal.latest(KIND)
        except JournalError as error:
            self._floor.messages.error(str(error))
            return
        for text in texts[-_MOST_LISTED:]:
            try:
                algo = read(text)
            except ValueError as error:
                self._floor.messages.warning(f"An algo of an earlier run cannot be read: {error}")
                continue
            if algo.state is AlgoState.RUNNING:
                algo = self._ended_with_the_program(algo)
            self._show(algo)

    def _ended_with_the_program(self, algo: Algo) -> Algo:
        orders = self._floor.journal.orders_of(algo.name)
        working = sum(not order.status.is_closed for order in orders)
        filled = sum((order.filled for order in orders), algo.filled * 0)
        left = f"; {working} of its orders may still work" if working else ""
        reason = f"the program ended while it ran{left}"
        stopped = replace(algo, state=AlgoState.STOPPED, filled=filled, sent=len(orders), next_ms=None, reason=reason)
        self._floor.messages.warning(f"{algo.name} was stopped: {reason}")
        self._floor.note(KIND, algo.name, written(stopped))
        return stopped

    async def run(self) -> None:
        """Step every algo, until cancelled; one that waits for an answer does not hold up the others."""
        busy: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                for name in tuple(self._running):
                    if name not in busy or busy[name].done():
                        busy[name] = asyncio.create_task(self.step(name))
                for name in [name for name, task in busy.items() if task.done()]:
                    busy.pop(name).result()
                await asyncio.sleep(_EVERY_S)
        finally:
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    async def step(self, name: str) -> None:
        """Let one algo do its next thing."""
        running = self._running.get(name)
        if running is None:
            return
        trouble = link_trouble(running.hands)
        if self._floor.store.session.trading is TradingState.HALTED:
            trouble = "HALTED"
        try:
            if trouble:
                raise StoppedError(trouble)
            done = await running.worker.step()
        except StoppedError as error:
            state = AlgoState.STOPPED if trouble or not _was_refused(running) else AlgoState.FAILED
            await self._end(name, state, str(error))
            return
        except Exception as error:
            # One that fails unforeseen must not take the others' requests along, nor leave orders nobody watches.
            logger.error("%s failed", name, exc_info=error)
            await self._end(name, AlgoState.FAILED, f"{type(error).__name__}: {error}")
            return
        if done and name in self._running:
            await self._end(name, AlgoState.DONE, done)
        elif name in self._running:
            self._show(self._now(running, AlgoState.RUNNING))

    async def handle(self, command: AlgoCommand, origin: Origin) -> Outcome:
        """Start or stop."""
        if isinstance(command, StartAlgo):
            return await self._start(command, origin)
        return await self._stop(command, origin)

    async def stop_all(self, reason: str) -> None:
        """End every algo and cancel its orders, as a halt does."""
        await asyncio.gather(*(self._end(name, AlgoState.STOPPED, reason) for name in tuple(self._running)))

    async def _start(self, command: StartAlgo, origin: Origin) -> Outcome:
        refusal = write_refusal(self._floor.store.session) or self._not_now(command)
        if refusal is not None:
            return refused(refusal)
        plan, now_ms = command.plan, self._floor.clock.now_ms()
        hands = Hands(self._new_name(plan_word(plan), now_ms), plan, self._floor, self._sender, self._canceller)
        refusal = plan_refusal(hands)
        if refusal is not None:
            return refused(refusal)
        algo = Algo(hands.name, plan, AlgoState.RUNNING, now_ms)
        try:
            self._floor.journal.write_event(KIND, algo.name, written(algo))
        except JournalError as error:
            self._floor.messages.error(str(error))
            return refused(Refusal("journal", str(error)))
        self._floor.note_asked(AuditNote(origin.value, f"start {algo.name}", command.reviewed))
        self._running[algo.name] = _Running(hands, worker_of(hands, now_ms))
        self._show(algo)
        await self.step(algo.name)
        now = self._floor.store.algos[algo.name]
        if now.state in (AlgoState.FAILED, AlgoState.STOPPED):
            return Outcome(Result.REFUSED, f"{algo.name}: {now.reason}")
        return Outcome(Result.DONE, f"{algo.name} runs: stop {algo.name} ends it")

    def _not_now(self, command: StartAlgo) -> Refusal | None:
        store = self._floor.store
        if store.session.trading is TradingState.HALTED:
            return Refusal("halted", "HALTED: no algo starts until armed again with t")
        if not command.reviewed:
            return Refusal("review", "An algo trades for a while: review it and press Enter")
        if command.plan.symbol not in store.instruments:
            return Refusal("unknown-symbol", f"{command.plan.symbol} is not a symbol of this exchange")
        if len(self._running) >= _MOST_RUNNING:
            return Refusal("algos", f"{_MOST_RUNNING} algos run already: stop one first")
        return None

    async def _stop(self, command: StopAlgo, origin: Origin) -> Outcome:
        if command.name and command.name not in self._running:
            known = ", ".join(self._running) or "none"
            return refused(Refusal("unknown-algo", f"No algo {command.name} runs; running: {known}"))
        names = (command.name,) if command.name else tuple(self._running)
        if not names:
            return Outcome(Result.DONE, "No algo runs")
        self._floor.note_asked(AuditNote(origin.value, f"stop {', '.join(names)}", reviewed=True))
        ended = await asyncio.gather(*(self._end(name, AlgoState.STOPPED, "stopped by hand") for name in names))
        return Outcome(Result.DONE, "; ".join(text for text in ended if text))

    async def _end(self, name: str, state: AlgoState, reason: str) -> str:
        """Take an algo out first, so that it does nothing more, then cancel what it left working."""
        running = self._running.pop(name, None)
        if running is None:
            return ""
        working = running.hands.open_orders()
        if working:
            outcome = await running.hands.cancel()
            if outcome.result is not Result.DONE:
                reason = f"{reason}; {outcome.text}"
        algo = replace(self._now(running, state), next_ms=None, reason=reason)
        self._show(algo)
        self._floor.note(KIND, name, written(algo))
        text = f"{name} {state.value}: {reason}; {algo.filled:f} of {algo.plan.quantity:f} traded"
        say: Callable[[str], None] = self._floor.messages.info
        if state is not AlgoState.DONE:
            say = self._floor.messages.warning
        say(text)
        return text

    def _now(self, running: _Running, state: AlgoState) -> Algo:
        hands = running.hands
        return replace(
            self._floor.store.algos[hands.name],
            state=state,
            filled=hands.filled(),
            average_price=hands.average_price(),
            sent=len(hands.orders()),
            next_ms=hands.told_ms(running.worker.next_ms),
        )

    def _show(self, algo: Algo) -> None:
        store = self._floor.store
        if store.algos.get(algo.name) == algo:
            return
        listed = {**store.algos, algo.name: algo}
        ended = [name for name, one in listed.items() if one.state is not AlgoState.RUNNING]
        for name in ended[: max(0, len(listed) - _MOST_LISTED)]:
            del listed[name]
        store.algos = listed
        store.revision += 1

    def _new_name(self, word: str, now_ms: int) -> str:
        number = now_ms // 1_000 % 100_000
        while f"{word}-{number}" in self._floor.store.algos:
            number += 1
        return f"{word}-{number}"


def _was_refused(running: _Running) -> bool:
    """Whether nothing of it was ever sent: then it has failed rather than stopped."""
    return not running.hands.orders()
