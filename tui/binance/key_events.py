"""Events under a listen key that each renewal must name: Binance US, and the risk stream of cross margin.

A key lives 60 minutes and is renewed well before. A failed renewal, an unknown key and an expired one all end in a new
key and a new connection (Binance US docs 2024-06, "User Data Streams"; margin docs 2026, 10.7).
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.call import Call
from tui.binance.client import LinkState
from tui.binance.errors import NO_SUCH_LISTEN_KEY_CODE, BinanceError
from tui.binance.http import RestTransport
from tui.binance.link import LinkTiming, ReconnectNow, SocketLink
from tui.binance.wire import decode_answer

_log = logging.getLogger(__name__)

_RENEW_EVERY_S = 25 * 60.0
_RENEW_AGAIN_S = 30.0
#: Margin's word for a listen key that does not exist.
_NO_SUCH_MARGIN_KEY_CODE = -3038


class _Key(msgspec.Struct):
    listenKey: str


_KEY = msgspec.json.Decoder(_Key)


@dataclass(frozen=True, slots=True)
class KeyCalls:
    """How a listen key is made and renewed; making one again gives the same while it is good."""

    start: Call
    renew: Call
    most_failures: int = 3
    renew_every_s: float = _RENEW_EVERY_S


class KeyEvents(SocketLink):
    """A socket under a listen key, which is created, renewed and replaced as needed. The key is never logged."""

    def __init__(
        self,
        rest: RestTransport,
        base: str,
        calls: KeyCalls,
        deliver: Callable[[bytes], None],
        report_state: Callable[[LinkState, str], None],
        timing: LinkTiming,
    ) -> None:
        super().__init__(timing)
        self._rest = rest
        self._base = base
        self._key_calls = calls
        self._deliver = deliver
        self._report_state = report_state
        self._key = ""
        self._renew_at_s = 0.0
        self._failures = 0

    async def address(self) -> str:
        """The stream of a good key."""
        start = self._key_calls.start
        self._key = decode_answer(_KEY, await self._rest.request(start), start.path).listenKey
        return f"{self._base}/ws/{self._key}"

    async def opened(self, socket: ClientConnection) -> None:
        """Events flow as soon as the socket is open."""
        self._failures = 0
        self._renew_in(self._key_calls.renew_every_s * random.uniform(0.9, 1.0))
        self.live()

    async def tick(self, socket: ClientConnection) -> None:
        """Renew the key when it is time."""
        if asyncio.get_running_loop().time() < self._renew_at_s:
            return
        self._renew_in(self._key_calls.renew_every_s)
        try:
            await self._rest.request(self._key_calls.renew, {"listenKey": self._key})
        except BinanceError as error:
            self._failures += 1
            _log.warning("the listen key was not renewed: %s", error)
            is_gone = error.code in (NO_SUCH_LISTEN_KEY_CODE, _NO_SUCH_MARGIN_KEY_CODE)
            if is_gone or self._failures >= self._key_calls.most_failures:
                raise ReconnectNow("the listen key could not be renewed") from None
            self._renew_in(min(_RENEW_AGAIN_S, self._key_calls.renew_every_s))
            return
        self._failures = 0

    def _renew_in(self, seconds: float) -> None:
        self._renew_at_s = asyncio.get_running_loop().time() + seconds

    def received(self, frame: bytes) -> None:
        """Take one event."""
        self._deliver(frame)

    def report(self, state: LinkState, detail: str) -> None:
        """Pass it on."""
        self._report_state(state, detail)
