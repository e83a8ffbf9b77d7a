"""The engine in a thread and an event loop of its own: commands in, replies out."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from tui.binance.client import ProductClient
from tui.config import Settings
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.text import clean
from tui.engine.clock import Clock
from tui.engine.commands import WRITES, Command, Origin
from tui.engine.commands.answers import Preview, Reply, Result
from tui.engine.guards import Bench, write_refusal
from tui.engine.journal import Journal, JournalError
from tui.engine.messages import Messages
from tui.engine.orders.bracket_journal import read_brackets
from tui.engine.orders.floor import Patience
from tui.engine.preview import preview
from tui.engine.session import Parts, TradingSession
from tui.engine.store import Session, Store
from tui.engine.taking_back import takes_back_entries
from tui.keys.redaction import redact

logger = logging.getLogger(__name__)

#: Makes a client inside the engine's loop, where its connections must live.
ClientFactory = Callable[[], ProductClient]

#: How long a stopping engine waits for the answers to what it has just sent.
_LAST_REPLIES_S = 1.0

#: How long a screen may take to show itself before the engine connects all the same.
_HELD_AT_MOST_S = 1.0

#: How long whoever sends an order steps aside, at most, until the engine's thread has brought it on its way.
_HAND_OVER_S = 0.003

_NOT_RUNNING = "The engine is not running: nothing was sent"


class Runtime:
    """A `Desk` over a running session. `with_account=False` shows market data alone, without keys.

    A `journal_path` of None keeps the journal in memory: for sessions that cannot send.
    """

    def __init__(
        self,
        clients: Sequence[ClientFactory],
        settings: Settings,
        session: Session,
        journal_path: Path | None,
        *,
        with_account: bool = True,
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.store = Store(session)
        self._factories = clients
        self._settings = settings
        self._journal_path = journal_path
        self._with_account = with_account
        self._patience = patience
        self._clock = clock or Clock()
        self._messages = Messages(self.store, self._clock)
        self._bench = Bench(self.store, settings.limits, self._clock)
        self._ids = count(1)
        self._commands: deque[tuple[int, Command, Origin]] = deque()
        self._replies: deque[Reply] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopping = False
        self._accepting = threading.Lock()
        self._begun = threading.Event()
        self._released = threading.Event()
        self._taken = threading.Event()
        self._failed: JournalError | None = None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self, *, hold: bool = False) -> None:
        """Start the thread; returns once the journal is open. Raises JournalError when it cannot be used.

        With `hold` nothing is connected before `release`, or a second has gone by: a screen being built is not slowed.
        """
        if not hold:
            self._released.set()
        self._thread.start()
        self._begun.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def release(self) -> None:
        """Connect now."""
        self._released.set()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close every connection and end the thread, leaving orders alone; whether it ended in time."""
        self._stopping = True
        self._released.set()
        self._rouse()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def is_running(self) -> bool:
        """Whether commands are being taken."""
        return self._loop is not None

    def send(self, command: Command, origin: Origin) -> int:
        """Queue a command and return its id; without a running engine the reply refuses it.

        A session that is read-only, or has real money that nobody confirmed, takes nothing that writes; where it is
        only not confirmed, entries can be taken back all the same.
        """
        number = next(self._ids)
        refusal = write_refusal(self.store.session) if isinstance(command, WRITES) else None
        is_free = not self.store.session.read_only and takes_back_entries(command, self.store)
        if refusal is not None and not is_free:
            self._replies.append(Reply(number, Result.REFUSED, refusal.text, refusal))
            return number
        with self._accepting:
            is_running = self._loop is not None
            if is_running:
                self._taken.clear()
                self._commands.append((number, command, origin))
                self._rouse()
        if not is_running:
            self._replies.append(Reply(number, Result.REFUSED, _NOT_RUNNING))
        elif isinstance(command, WRITES):
            # Else this thread would first draw what the key changed, and keep the interpreter meanwhile.
            self._taken.wait(_HAND_OVER_S)
        return number

    def replies(self) -> list[Reply]:
        """Replies not taken yet, oldest first."""
        taken = []
        while self._replies:
            taken.append(self._replies.popleft())
        return taken

    def preview(self, request: OrderRequest | OrderListRequest) -> Preview:
        """Judge an order against this moment, without sending it or asking for review."""
        options = self._settings.options_of(self.store.session.environment).execution
        return preview(request, self.store, self._bench, options)

    def _rouse(self) -> None:
        loop, wake = self._loop, self._wake
        if loop is None or wake is None:
            return
        try:
            loop.call_soon_threadsafe(wake.set)
        except RuntimeError:  # the loop closed meanwhile
            logger.debug("the engine's loop is closed")

    def _run(self) -> None:
        """The engine's thread: whatever ends it is told."""
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._main())
        except JournalError as error:
            self._failed = error
            self._messages.error(f"The engine has stopped, nothing is sent any more: {error}")
        except Exception as error:  # the top of the thread, where every crash is reported
            logger.critical("the engine has failed", exc_info=error)
            self._messages.error(f"The engine has failed: {type(error).__name__}: {error}; restart the program")
        finally:
            self._refuse_the_rest()
            self._begun.set()

    async def _main(self) -> None:
        scope = self.store.session
        with Journal(self._journal_path, scope.environment, scope.account, self._clock) as journal:
            # What a start needs is read before anybody is told that the journal can be used.
            journal.unfinished()
            read_brackets(journal)
            self._wake = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            self._begun.set()
            await asyncio.to_thread(self._released.wait, _HELD_AT_MOST_S)
            parts = Parts(self.store, self._settings, self._bench, journal, self._clock, self._messages)
            clients = [make() for make in self._factories]
            session = TradingSession(clients, parts, self._patience, self._with_account)
            try:
                await session.start()
                await self._take_commands(session)
            finally:
                await session.close()

    async def _take_commands(self, session: TradingSession) -> None:
        """Start each command in the order it came; they may end in any order."""
        assert self._wake is not None
        running: set[asyncio.Task[None]] = set()
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            while self._commands and not self._stopping:
                task = asyncio.create_task(self._answer(session, *self._commands.popleft()))
                running.add(task)
                task.add_done_callback(running.discard)
            # After the first step of each: by then its request is on its way.
            asyncio.get_running_loop().call_soon(self._taken.set)
        if running:
            await asyncio.wait(running, timeout=_LAST_REPLIES_S)
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _answer(self, session: TradingSession, number: int, command: Command, origin: Origin) -> None:
        try:
            outcome = await session.handle(command, origin)
        except Exception as error:  # the top of a command, where every crash is reported
            logger.error("command failed", exc_info=error)
            text = clean(redact(f"Internal error: {type(error).__name__}: {error}"))
            self._messages.error(text)
            self._replies.append(Reply(number, Result.UNKNOWN, text))
            return
        self._replies.append(Reply(number, outcome.result, outcome.text, outcome.refusal, outcome.client_order_id))

    def _refuse_the_rest(self) -> None:
        with self._accepting:
            self._loop = None
            waiting = list(self._commands)
            self._commands.clear()
        for number, _, _ in waiting:
            self._replies.append(Reply(number, Result.REFUSED, _NOT_RUNNING))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where it is installed, else the standard loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
