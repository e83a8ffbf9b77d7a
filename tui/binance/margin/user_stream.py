"""The events of margin accounts: by listen token on the WebSocket API, and the risk stream of the cross account.

A token is for one account, the cross account or one isolated pair, and good for a day at most; nobody renews it but us
(margin docs 2026, 10.7). Events say what is free and locked, not what is owed, so the account is read again after them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from weakref import WeakKeyDictionary

import msgspec
from websockets.asyncio.client import ClientConnection

from tui.binance.call import Call
from tui.binance.client import LinkState, UserListener
from tui.binance.connection import CONNECTION, Connection
from tui.binance.environment import ProductUrls
from tui.binance.errors import BinanceError
from tui.binance.http import RestTransport
from tui.binance.key_events import KeyCalls, KeyEvents
from tui.binance.link import LinkTiming, RenewLink, timing_for
from tui.binance.margin import wire
from tui.binance.refetch import Refetch
from tui.binance.signing import ParameterValue
from tui.binance.spot import events
from tui.binance.wire import decode_answer, name
from tui.binance.ws_api import EventSession, Message, request_frame
from tui.domain.account import Balance
from tui.domain.product import Product
from tui.domain.text import clean

_log = logging.getLogger(__name__)

_TOKEN = Call("POST", "/sapi/v1/userListenToken", weight=1, keyed=True)
_RISK = KeyCalls(
    start=Call("POST", "/sapi/v1/margin/listen-key", weight=1, keyed=True),
    renew=Call("PUT", "/sapi/v1/margin/listen-key", weight=1, keyed=True),
)
_REFETCH_EVERY_S = 2.0
#: How much of a token's life may pass before it is renewed, and how soon a failed renewal is tried again.
_RENEW_AFTER = 0.9
_RENEW_AGAIN_MS = 30_000
_SUBSCRIBE = "subscribe "

_TOKEN_ANSWER = msgspec.json.Decoder(wire.ListenToken)
_LEVEL = msgspec.json.Decoder(wire.LevelChange)


class _Subscribed(msgspec.Struct):
    subscriptionId: int


_SUBSCRIBED = msgspec.json.Decoder(_Subscribed)

#: Levels at which the exchange warns or acts, in words.
_DANGERS = {
    "MARGIN_CALL": "margin call: add collateral or pay back",
    "PRE_LIQUIDATION": "about to be liquidated",
    "FORCE_LIQUIDATION": "being liquidated",
}


class LevelWatch:
    """Says once when an account's level has come into danger."""

    def __init__(self, product: Product) -> None:
        self.listener: UserListener | None = None
        self._product = product
        self._statuses: dict[str, str] = {}

    def note_pairs(self, pairs: Sequence[wire.IsolatedPair]) -> None:
        """Take the levels of isolated pairs."""
        for pair in pairs:
            self.note(pair.marginLevelStatus or "", pair.marginLevel or "", pair.symbol)

    def note(self, status: str, level: str, pair: str = "") -> None:
        """Take one account's status; an unknown one is passed over."""
        before = self._statuses.get(pair)
        self._statuses[pair] = status
        if self.listener is None or status == before or status not in _DANGERS:
            return
        self.listener.on_margin_call(self._product, clean(f"{pair} level {level}: {_DANGERS[status]}").strip())


class TokenSession(EventSession):
    """Events of one or several margin accounts on one socket; `deliver` is told the pair, empty for cross.

    `on_complete` is called whenever all accounts are heard: what one did before that has not been told.
    """

    def __init__(
        self,
        rest: RestTransport,
        url: str,
        pairs: Callable[[], Awaitable[list[str]]],
        deliver: Callable[[msgspec.Raw, str], None],
        report_state: Callable[[LinkState, str], None],
        on_complete: Callable[[], None],
        timing: LinkTiming,
        validity_ms: int | None = None,
    ) -> None:
        super().__init__(url, rest.clock, self._routed, report_state, rest.measure_clock, timing)
        self._rest = rest
        self._pairs = pairs
        self._deliver_of = deliver
        self._on_complete = on_complete
        self._validity_ms = validity_ms
        #: Pairs by the numbers of their subscriptions, which each connection counts for itself.
        self._numbers: WeakKeyDictionary[Connection, dict[int, str]] = WeakKeyDictionary()
        self._subscribed: list[str] = []
        self._renew_at_ms: dict[str, int] = {}

    async def opened(self, socket: ClientConnection) -> None:
        """Ask for the events of every account."""
        pairs = await self._pairs()
        self._numbers[CONNECTION.get()] = {}
        self._subscribed = list(pairs)
        for pair in pairs:
            await self._subscribe(socket, pair)
        self._live_if_complete()

    async def _subscribe(self, socket: ClientConnection, pair: str) -> None:
        parameters: dict[str, ParameterValue] = {"symbol": pair, "isIsolated": True} if pair else {}
        if self._validity_ms is not None:
            parameters["validity"] = self._validity_ms
        token = decode_answer(_TOKEN_ANSWER, await self._rest.request(_TOKEN, parameters), _TOKEN.path)
        now_ms = self._clock.now_ms()
        self._renew_at_ms[pair] = now_ms + int((token.expirationTime - now_ms) * _RENEW_AFTER)
        parameters = {"listenToken": token.token}
        await self._ask(socket, request_frame(_SUBSCRIBE + pair, "userDataStream.subscribe.listenToken", parameters))

    def answered(self, message: Message) -> None:
        """A subscription stands, or goes on with a newer token."""
        if isinstance(message.id, str) and message.id.startswith(_SUBSCRIBE):
            number = _SUBSCRIBED.decode(message.result).subscriptionId
            self._numbers[CONNECTION.get()][number] = message.id.removeprefix(_SUBSCRIBE)
            self._live_if_complete()

    def _live_if_complete(self) -> None:
        if set(self._numbers[CONNECTION.get()].values()) >= set(self._subscribed):
            self.live()
            self._on_complete()

    async def tick(self, socket: ClientConnection) -> None:
        """Renew tokens before they run out; begin anew when a pair was opened or closed."""
        await super().tick(socket)
        if self.state is not LinkState.LIVE or socket is not self._socket:
            return
        if set(await self._pairs()) != set(self._subscribed):
            raise RenewLink("a margin account was opened or closed")
        now_ms = self._clock.now_ms()
        for pair in self._subscribed:
            if now_ms < self._renew_at_ms[pair]:
                continue
            try:
                await self._subscribe(socket, pair)
            except BinanceError as error:
                _log.warning("the listen token was not renewed: %s", error)
                self._renew_at_ms[pair] = now_ms + _RENEW_AGAIN_MS

    def _routed(self, event: msgspec.Raw, number: int | None) -> None:
        numbers = self._numbers.get(CONNECTION.get(), {})
        self._deliver_of(event, numbers.get(-1 if number is None else number, ""))


class MarginUserStream:
    """The events of the cross account, or of all isolated pairs. See `client.UserStream`.

    `read_balances` answers with every asset, empty ones too; `owed` with principal and interest of a pair's asset as
    last read, since no event tells them.
    """

    def __init__(
        self,
        product: Product,
        rest: RestTransport,
        urls: ProductUrls,
        pairs: Callable[[], Awaitable[list[str]]],
        read_balances: Callable[[], Awaitable[list[Balance]]],
        owed: Callable[[str, str], tuple[Decimal, Decimal]],
        listener: UserListener,
        watch: LevelWatch,
        proxy_url: str = "",
        validity_ms: int | None = None,
        most_failures: int = 3,
    ) -> None:
        self._product = product
        self._listener = listener
        self._watch = watch
        self._read_balances = read_balances
        self._owed = owed
        self._refetch = Refetch(self._tell_balances, _REFETCH_EVERY_S)
        watch.listener = listener
        self._session = TokenSession(
            rest,
            urls.ws_api,
            pairs,
            self._deliver,
            self._report_state,
            self._refetch.want,
            timing_for(urls.ws_api),
            validity_ms,
        )
        self._session.tap, self._session.proxy_url = rest.tap, proxy_url
        base = urls.ws_user or urls.ws
        calls = replace(_RISK, most_failures=most_failures)
        self._risk = KeyEvents(rest, base, calls, self._risk_event, _note_risk_link, timing_for(base))
        self._risk.proxy_url = proxy_url

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._session.run(), name=f"{self._product} events")
            group.create_task(self._refetch.run(), name=f"{self._product} balances")
            if self._product is Product.MARGIN:
                group.create_task(self._risk.run(), name="margin risk")

    @property
    def last_message_ns(self) -> int:
        """`time.monotonic_ns` of the last sign of life."""
        return self._session.last_message_ns

    @property
    def malformed(self) -> int:
        """Events that could not be read so far."""
        return self._session.malformed

    def _deliver(self, event: msgspec.Raw, pair: str) -> None:
        def balance_of(asset: str, free: Decimal, locked: Decimal, time_ms: int) -> Balance:
            # What is owed may have changed as well, and no event says to how much.
            self._refetch.want()
            return Balance(self._product, asset, free, locked, time_ms, *self._owed(pair, asset), name(pair))

        if not events.deliver(event, self._listener, self._product, balance_of):
            self._refetch.want()

    def _risk_event(self, event: bytes) -> None:
        """Take one event of the risk stream; liabilities are read again, levels are told."""
        kind = events.name_of(event)
        if kind == "MARGIN_LEVEL_STATUS_CHANGE":
            told = _LEVEL.decode(event)
            self._watch.note(told.status, told.level)
        if not events.deliver(event, self._listener, self._product) or kind == "MARGIN_LEVEL_STATUS_CHANGE":
            self._refetch.want()

    async def _tell_balances(self) -> None:
        self._listener.on_balances(await self._read_balances())

    def _report_state(self, state: LinkState, detail: str) -> None:
        self._listener.on_user_link(self._product, state, detail)


def _note_risk_link(state: LinkState, detail: str) -> None:
    if state is LinkState.DOWN:
        _log.info("margin risk stream: %s; levels are read with the account", detail)
