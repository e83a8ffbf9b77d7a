"""LOCKED, ARMED, HALTED: whether keys may send."""

from dataclasses import replace

from tui.config import Limits
from tui.engine.clock import Clock
from tui.engine.messages import Messages
from tui.engine.store import Store, TradingState


class Arming:
    """Writes the trading state of the session; nobody else does."""

    def __init__(self, store: Store, limits: Limits, clock: Clock, messages: Messages) -> None:
        self.limits = limits
        self._store = store
        self._clock = clock
        self._messages = messages

    def arm(self) -> str | None:
        """Let keys send; returns why not where the session is read-only."""
        if self._store.session.read_only:
            return "read-only session: start without --read-only, and with keys that may trade, to arm"
        self._set(TradingState.ARMED, "", self._deadline())
        self._messages.warning(f"ARMED: keys send at once; locks after {self.limits.armed_for_s} s without trading")
        return None

    def lock(self, why: str) -> None:
        """Let nothing be sent without review; a halt stays a halt."""
        if self._store.session.trading is TradingState.ARMED:
            self._set(TradingState.LOCKED, why, 0)
            self._messages.info(f"LOCKED: {why}" if why else "LOCKED")

    def halt(self, why: str) -> None:
        """Refuse new orders until armed again."""
        self._set(TradingState.HALTED, why, 0)
        self._messages.error(f"HALTED: {why}")

    def touch(self) -> None:
        """The trader trades: start the idle time afresh."""
        if self._store.session.trading is TradingState.ARMED:
            self._store.session = replace(self._store.session, armed_until_ns=self._deadline())

    def expire(self) -> None:
        """Lock when nothing was traded for too long."""
        session = self._store.session
        if session.trading is TradingState.ARMED and self._clock.monotonic_ns() >= session.armed_until_ns:
            self.lock(f"nothing traded for {self.limits.armed_for_s} s")

    def _deadline(self) -> int:
        return self._clock.monotonic_ns() + self.limits.armed_for_s * 1_000_000_000

    def _set(self, trading: TradingState, why: str, until_ns: int) -> None:
        self._store.session = replace(self._store.session, trading=trading, trading_reason=why, armed_until_ns=until_ns)
        self._store.revision += 1
