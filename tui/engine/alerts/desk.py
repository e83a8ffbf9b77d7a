"""Keeps alerts: adds and removes them, looks at what they watch, tells, and knows them again after a restart."""

import asyncio
from dataclasses import replace

import msgspec

from tui.domain.instrument import Instrument
from tui.domain.order import Order
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest, Told
from tui.engine.alerts.hook import Hook
from tui.engine.alerts.watching import Watch
from tui.engine.commands import Origin
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.automation import AddAlert, AlertCommand
from tui.engine.journal import JournalError
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused

_EVERY_S = 0.2
_MOST = 200
_LEAST_APART_NS = 2_000_000_000
KIND = "alert"

_OF_MARKETS = frozenset(
    {AlertKind.PRICE_ABOVE, AlertKind.PRICE_BELOW, AlertKind.MOVE, AlertKind.PRINT, AlertKind.FUNDING}
)


class _Kept(msgspec.Struct):
    """An alert as it stands in the journal."""

    alert: Alert
    is_removed: bool = False


class AlertDesk:
    """Serves `AddAlert` and `RemoveAlert`; `hook` is run for each alert told."""

    def __init__(self, floor: Floor, hook: Hook) -> None:
        self._floor = floor
        self._store = floor.store
        self._hook = hook
        self._watches: dict[int, Watch] = {}
        self._told_ns: dict[int, int] = {}
        self._next = 1
        floor.ledger.watchers.append(self._order_changed)

    def take_up(self) -> None:
        """Know the alerts of earlier runs again."""
        try:
            texts = self._floor.journal.latest(KIND)
        except JournalError as error:
            self._floor.messages.error(str(error))
            return
        for text in texts:
            try:
                kept = msgspec.json.decode(text, type=_Kept)
            except msgspec.DecodeError as error:
                self._floor.messages.warning(f"An alert of an earlier run cannot be read: {error}")
                continue
            self._next = max(self._next, kept.alert.number + 1)
            if not kept.is_removed:
                self._show(kept.alert)

    async def run(self) -> None:
        """Look at what is watched, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY_S)

    def look(self) -> None:
        """Look once at markets and links."""
        for number, watch in tuple(self._watches.items()):
            if watch.request.kind in _OF_MARKETS:
                market = self._store.markets.get(watch.request.symbol)
                self._tell(number, watch.market(market) if market is not None else "")
            elif watch.request.kind is AlertKind.LINK:
                self._tell(number, watch.links(self._store.links))

    async def handle(self, command: AlertCommand, origin: Origin) -> Outcome:
        """Add or remove."""
        if isinstance(command, AddAlert):
            return self._add(command.request)
        return self._remove(command.number)

    def symbols(self, kinds: frozenset[AlertKind] = _OF_MARKETS) -> frozenset[str]:
        """Symbols that active alerts of these kinds look at."""
        active = (alert.request for alert in self._store.alerts.values() if alert.is_active)
        return frozenset(request.symbol for request in active if request.kind in kinds and request.symbol)

    def _add(self, request: AlertRequest) -> Outcome:
        wrong = self._wrong(request)
        if wrong is not None:
            return refused(wrong)
        same = next((one for one in self._store.alerts.values() if one.request == request and one.is_active), None)
        if same is not None:
            return Outcome(Result.DONE, f"Alert {same.number} watches for that already")
        alert = Alert(self._next, request, self._floor.clock.now_ms())
        self._next += 1
        self._show(alert)
        self._write(alert)
        return Outcome(Result.DONE, f"Alert {alert.number} is set; alert off {alert.number} removes it")

    def _wrong(self, request: AlertRequest) -> Refusal | None:
        if len(self._store.alerts) >= _MOST:
            return Refusal("alerts", f"There are {_MOST} alerts: remove some first (alert off N)")
        if request.kind in _OF_MARKETS and not (request.level.is_finite() and request.level > 0):
            return Refusal("alert", f"{request.kind.value} needs a number above zero, not {request.level}")
        if request.kind is AlertKind.MOVE and not 1 <= request.window_s <= 86_400:
            return Refusal("alert", f"A move is watched over 1 s to 1 day, not {request.window_s} s")
        if request.kind not in _OF_MARKETS and not request.symbol:
            return None
        instrument: Instrument | None = self._store.instruments.get(request.symbol)
        if instrument is None:
            return Refusal("unknown-symbol", f"{request.symbol} is not a symbol of this exchange")
        if request.kind is AlertKind.FUNDING and not instrument.product.is_futures:
            return Refusal("alert", f"{request.symbol} is {instrument.product.label}: only futures have funding")
        return None

    def _remove(self, number: int) -> Outcome:
        gone = list(self._store.alerts) if number == 0 else [number]
        if number and number not in self._store.alerts:
            return refused(Refusal("unknown-alert", f"There is no alert {number}"))
        for one in gone:
            alert = self._store.alerts[one]
            self._store.alerts = {key: kept for key, kept in self._store.alerts.items() if key != one}
            self._watches.pop(one, None)
            self._write(alert, is_removed=True)
        self._store.revision += 1
        return Outcome(Result.DONE, f"{len(gone)} alerts removed" if number == 0 else f"Alert {number} removed")

    def _show(self, alert: Alert) -> None:
        self._store.alerts = {**self._store.alerts, alert.number: alert}
        self._store.revision += 1
        if alert.is_active:
            self._watches.setdefault(alert.number, Watch(alert.request))
        else:
            self._watches.pop(alert.number, None)

    def _order_changed(self, before: Order | None, after: Order) -> None:
        for number, watch in tuple(self._watches.items()):
            self._tell(number, watch.order(before, after))

    def _tell(self, number: int, text: str) -> None:
        """Say it, ring, notify, run the hook; a standing alert at most every two seconds."""
        alert, now_ns = self._store.alerts.get(number), self._floor.clock.monotonic_ns()
        if not text or alert is None or now_ns - self._told_ns.get(number, -_LEAST_APART_NS) < _LEAST_APART_NS:
            return
        self._told_ns[number] = now_ns
        now_ms = self._floor.clock.now_ms()
        told = replace(alert, told_ms=now_ms, times_told=alert.times_told + 1)
        self._show(told)
        self._write(told)
        self._floor.messages.warning(f"ALERT {number}: {text}")
        newest = self._store.told[0].number if self._store.told else 0
        self._store.told.appendleft(Told(newest + 1, number, now_ms, text))
        request = alert.request
        self._floor.tasks.spawn(f"hook of alert {number}", self._hook.run(request.kind.value, request.symbol, text))

    def _write(self, alert: Alert, *, is_removed: bool = False) -> None:
        self._floor.note(KIND, str(alert.number), msgspec.json.encode(_Kept(alert, is_removed)).decode())
