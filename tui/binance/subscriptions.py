"""Which streams a connection should carry and which it does; no I/O.

Limits: Binance spot API docs 2026-07-21 "WebSocket streams" (5 incoming messages a second, pings included; 1,024
streams a connection). Futures allow more messages; of streams no more than 200 are put on a connection of theirs.
"""

from collections import deque
from itertools import count

import msgspec

MAX_STREAMS = 1_024
MAX_STREAMS_FUTURES = 200
MAX_STREAMS_PER_COMMAND = 50
#: Of the five messages a second, one is left for our ping and one for the pong that the exchange may ask for.
COMMANDS_PER_SECOND = 3


class _Command(msgspec.Struct):
    method: str
    params: list[str]
    id: int


class TooManyStreamsError(ValueError):
    """More streams than one connection may carry."""


class SubscriptionSet:
    """Wanted and sent streams of one connection, and the commands that bring the two together."""

    def __init__(self, commands_per_second: int = COMMANDS_PER_SECOND) -> None:
        self.wanted: frozenset[str] = frozenset()
        self._sent: set[str] = set()
        self._unanswered: dict[int, _Command] = {}
        self._ids = count(1)
        self._recent: deque[float] = deque(maxlen=commands_per_second)

    def want(self, streams: frozenset[str]) -> None:
        """Make this the wanted set; raises TooManyStreamsError."""
        if len(streams) > MAX_STREAMS:
            raise TooManyStreamsError(f"{len(streams)} streams wanted, {MAX_STREAMS} fit on a connection")
        self.wanted = streams

    def connected(self) -> None:
        """A new connection carries nothing yet."""
        self._sent.clear()
        self._unanswered.clear()
        self._recent.clear()

    def next_command(self, now_s: float) -> bytes | None:
        """The next command to send at this time, or None while nothing differs or the pace forbids it."""
        if self.wait_s(now_s) > 0:
            return None
        add, drop = self.wanted - self._sent, self._sent - self.wanted
        if not add and not drop:
            return None
        method, streams = ("SUBSCRIBE", add) if add else ("UNSUBSCRIBE", drop)
        # At the limit of a connection old streams must go before new ones come.
        if add and drop and len(self._sent) + len(add) > MAX_STREAMS:
            method, streams = "UNSUBSCRIBE", drop
        batch = sorted(streams)[:MAX_STREAMS_PER_COMMAND]
        command = _Command(method, batch, next(self._ids))
        if method == "SUBSCRIBE":
            self._sent.update(batch)
        else:
            self._sent.difference_update(batch)
        self._unanswered[command.id] = command
        self._recent.append(now_s)
        return msgspec.json.encode(command)

    def wait_s(self, now_s: float) -> float:
        """Seconds until the pace allows another command; zero when one may go now."""
        if len(self._recent) < (self._recent.maxlen or 1):
            return 0.0
        return max(0.0, self._recent[0] + 1.0 - now_s)

    def answered(self, command_id: int | str | None) -> list[str]:
        """Note an answer; returns the streams of the command it belongs to, empty when it belongs to none."""
        if not isinstance(command_id, int):
            return []
        command = self._unanswered.pop(command_id, None)
        return command.params if command else []

    @property
    def is_settled(self) -> bool:
        """Whether the connection carries the wanted set and the exchange has confirmed it."""
        return not self._unanswered and self._sent == self.wanted

    @property
    def is_pending(self) -> bool:
        """Whether commands remain to be sent."""
        return self._sent != self.wanted
