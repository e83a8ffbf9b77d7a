"""What the REST clients of all products have in common."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from tui.binance.errors import OutcomeUnknownError
from tui.binance.http import Call, RestTransport
from tui.binance.signing import Parameters
from tui.binance.wire import MALFORMED, decode_answer
from tui.domain.text import clean

Answer = TypeVar("Answer")
Result = TypeVar("Result")


class RestClient:
    """The connection half of `client.ProductClient`."""

    def __init__(self, rest: RestTransport) -> None:
        self.rest = rest

    async def open(self) -> None:
        """Measure the server's clock and warm the connection; raises RefusedError or OutcomeUnknownError."""
        await self.rest.open()

    async def close(self) -> None:
        """Close every connection."""
        await self.rest.close()

    @property
    def clock_offset_ms(self) -> int:
        """Server time minus local time."""
        return self.rest.clock.offset_ms

    @property
    def latency_ms(self) -> float | None:
        """Round trip of the last REST request."""
        return self.rest.latency_ms

    @property
    def used_weight(self) -> tuple[int, int]:
        """Request weight used in the current minute, and its limit."""
        return self.rest.limits.used_weight(self.rest.clock.now_ms())

    @property
    def used_orders(self) -> tuple[int, int]:
        """Orders counted in the current short window, and its limit."""
        return self.rest.limits.used_orders(self.rest.clock.now_ms())

    async def _ask(
        self,
        call: Call,
        parameters: Parameters,
        decoder: msgspec.json.Decoder[Answer],
        parse: Callable[[Answer], Result],
    ) -> Result:
        """Request, decode, translate; an answer that cannot be read leaves the outcome unknown."""
        answer = decode_answer(decoder, await self.rest.request(call, parameters), call.path)
        try:
            return parse(answer)
        except MALFORMED as error:
            raise OutcomeUnknownError(f"{call.path}: the answer makes no sense ({clean(str(error))})") from None
