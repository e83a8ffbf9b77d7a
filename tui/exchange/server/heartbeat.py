"""Pings to one socket and the patience for its pongs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to ping, how long to wait, and how many messages a second are borne (0: any number)."""

    ping_every_s: float
    pong_within_s: float
    most_messages_a_second: int
    #: How long a connection lasts at most.
    life_s: float = 86_400


#: Binance spot API docs, WebSocket limits, since 2025-01; and USD-M futures docs, connection rules.
SPOT_RHYTHM = Rhythm(20, 60, 5)
FUTURES_RHYTHM = Rhythm(180, 600, 10)


class Heartbeat:
    """One connection's pulse; times are monotonic seconds."""

    def __init__(self, rhythm: Rhythm, now_s: float) -> None:
        self._rhythm = rhythm
        self._opened = now_s
        self._pinged = now_s
        self._answered = now_s
        self._payload = b""
        self._second = 0
        self._messages = 0

    def ping_due(self, now_s: float, payload: bytes) -> bool:
        """Whether to ping now with this payload; the time counts as pinged when so."""
        if now_s - self._pinged < self._rhythm.ping_every_s:
            return False
        self._pinged, self._payload = now_s, payload
        return True

    def pong(self, now_s: float, payload: bytes) -> None:
        """The peer answered; a pong that echoes no ping is borne, but keeps nothing alive."""
        if payload == self._payload:
            self._answered = now_s

    def is_old(self, now_s: float, speed: float) -> bool:
        """Whether the connection has lasted its life, which passes faster where time does."""
        return (now_s - self._opened) * speed >= self._rhythm.life_s

    def is_dead(self, now_s: float) -> bool:
        """Whether a ping has gone unanswered for too long."""
        return now_s - self._answered > self._rhythm.ping_every_s + self._rhythm.pong_within_s

    def is_flooded(self, now_s: float) -> bool:
        """Count an incoming message; whether there are too many this second."""
        if int(now_s) != self._second:
            self._second, self._messages = int(now_s), 0
        self._messages += 1
        return 0 < self._rhythm.most_messages_a_second < self._messages
