"""Market streams of one product: combined connections whose streams change while they run."""

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tui.binance.client import LinkState
from tui.binance.connection import CONNECTION
from tui.binance.link import LinkTiming, RenewLink, SocketLink
from tui.binance.market_events import Handler
from tui.binance.subscriptions import SubscriptionSet
from tui.domain.text import clean

_log = logging.getLogger(__name__)

_STREAM_KEY = b'{"stream":"'


class _ErrorBody(msgspec.Struct):
    code: int | None = None
    msg: str = ""


class _Event(msgspec.Struct):
    event: str = msgspec.field(name="e", default="")


class _Other(msgspec.Struct):
    """Any frame whose beginning is not the usual one: answers, errors, events without a stream.

    Futures put the announcement of a restart into `event`, spot its name into `e`.
    """

    stream: str = ""
    id: int | str | None = None
    name: str = msgspec.field(name="e", default="")
    event: _Event | None = None
    error: _ErrorBody | None = None
    msg: str | None = None


_OTHER = msgspec.json.Decoder(_Other)


class MarketConnection(SocketLink):
    """One combined connection. `report_state` hears of its state, LIVE only once every stream is confirmed."""

    def __init__(
        self, url: str, report_state: Callable[["MarketConnection", LinkState, str], None], timing: LinkTiming
    ) -> None:
        super().__init__(timing)
        self._url = url
        self._report_state = report_state
        self._wanted: frozenset[str] = frozenset()
        #: What each open connection carries; two while one takes over from the other.
        self._carried: dict[ClientConnection, SubscriptionSet] = {}
        self._handlers: dict[bytes, Handler] = {}
        self._changed = asyncio.Event()

    @property
    def is_used(self) -> bool:
        """Whether any stream is wanted here."""
        return bool(self._wanted)

    def want(self, handlers: dict[str, Handler]) -> None:
        """Carry these streams from now on; raises TooManyStreamsError."""
        self._wanted = frozenset(handlers)
        for carried in self._carried.values():
            carried.want(self._wanted)
        self._handlers = {name.encode(): handler for name, handler in handlers.items()}
        self._changed.set()

    async def address(self) -> str:
        """The combined address; streams are subscribed to live."""
        while not self.is_used:
            self._changed.clear()
            await self._changed.wait()
        return self._url

    async def opened(self, socket: ClientConnection) -> None:
        """Begin to send subscriptions."""
        carried = SubscriptionSet()
        carried.want(self._wanted)
        self._carried = {one: held for one, held in self._carried.items() if one in self._sockets}
        self._carried[socket] = carried
        await self._send_commands(socket)
        self._live_if_settled(carried)

    async def tick(self, socket: ClientConnection) -> None:
        """Send what the pace held back."""
        carried = self._carried.get(socket)
        if carried is not None and carried.is_pending:
            await self._send_commands(socket)

    async def run(self) -> None:
        """Stay connected, and send changes of the wanted streams the moment they are wanted."""
        sender = asyncio.create_task(self._send_changes(), name="market subscriptions")
        try:
            await super().run()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for socket in self._sockets:
                try:
                    await self._send_commands(socket)
                except ConnectionClosed:
                    continue

    async def _send_commands(self, socket: ClientConnection) -> None:
        carried = self._carried.get(socket)
        while carried is not None and (command := carried.next_command(time.monotonic())) is not None:
            await socket.send(command, text=True)

    def received(self, frame: bytes) -> None:
        """Route one frame by its stream name, without decoding more than its stream needs."""
        if frame.startswith(_STREAM_KEY):
            name = frame[len(_STREAM_KEY) : frame.index(b'"', len(_STREAM_KEY))]
            handler = self._handlers.get(name)
            if handler is not None:
                self.quiet_in_a_row = 0
                handler(frame)
                return
        self._other(frame)

    def _other(self, frame: bytes) -> None:
        other = _OTHER.decode(frame)
        names = (other.name, other.event.event if other.event else "", other.stream.removeprefix("!"))
        if "serverShutdown" in names:
            raise RenewLink("the exchange is restarting")
        handler = self._handlers.get(other.stream.encode())
        if handler is not None:
            self.quiet_in_a_row = 0
            handler(frame)
            return
        connection = CONNECTION.get(None)
        carried = self._carried.get(connection.socket) if connection is not None and connection.socket else None
        if other.stream or carried is None:
            # Streams just unsubscribed still trickle in.
            return
        streams = carried.answered(other.id)
        if other.error is not None or other.msg is not None:
            words = other.error.msg if other.error else other.msg or ""
            _log.warning("streams refused: %s (%s)", ", ".join(streams), clean(words))
        self._live_if_settled(carried)

    def _live_if_settled(self, carried: SubscriptionSet) -> None:
        if not CONNECTION.get().is_ready.is_set() and carried.is_settled:
            self.live()

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(self, state, detail)
