"""One product's web server: finds what a request asks for, checks who asks, answers in Binance's shapes."""

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec
from aiohttp import web

from tui.domain.product import Product
from tui.exchange.auth import AccountKey, rest_payload
from tui.exchange.faults import Unanswered
from tui.exchange.limits import RateLimitedRejection
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server import coinm_rest, spot_rest, usdm_rest
from tui.exchange.server.call_socket import CallSocket
from tui.exchange.server.connection import Connection, accept
from tui.exchange.server.desk import Desk
from tui.exchange.server.encodings import check_encoding, reads_pages
from tui.exchange.server.endpoints import Call, Endpoint, Security, check_clock, perform
from tui.exchange.server.fault_orders import carry_out, list_connections, never, read_order
from tui.exchange.server.heartbeat import FUTURES_RHYTHM, SPOT_RHYTHM, Rhythm
from tui.exchange.server.hostile_answers import as_meant
from tui.exchange.server.margin_users import tell_risks
from tui.exchange.server.parameters import Parameters, signature_of
from tui.exchange.server.publisher import TICK_MS, Publisher
from tui.exchange.server.stream_socket import CommandError, StreamSocket, named_streams, streams_of_path
from tui.exchange.server.time_units import in_microseconds, reads_microseconds
from tui.exchange.server.usdm_downloads import FILES, file_at
from tui.exchange.server.user_events import Event, Receiver, UserEvents

#: Where the WebSocket API lives.
CALL_PATHS = {Product.SPOT: "/ws-api/v3", Product.USDM: "/ws-fapi/v1", Product.COINM: "/ws-dapi/v1"}
_TABLES = {
    Product.SPOT: (spot_rest.ENDPOINTS, spot_rest.METHODS),
    Product.USDM: (usdm_rest.ENDPOINTS, usdm_rest.METHODS),
    Product.COINM: (coinm_rest.ENDPOINTS, coinm_rest.METHODS),
}
_GONE_PAGE, _LOST_PAGE = (
    f"<html>\r\n<head><title>{status}</title></head>\r\n<body>{status}</body>\r\n</html>\r\n"
    for status in ("410 Gone", "404 Not Found")
)
#: How often to look whether a farewell has left, a hundredth of a second apart.
_FAREWELL_LOOKS = 20
_CALL_RHYTHM = Rhythm(20, 60, 0)


class ProductServer:
    """REST, streams and WebSocket API of one venue. With `with_faults`, tests may order faults at `POST /fault`."""

    def __init__(self, desk: Desk, *, with_faults: bool = False) -> None:
        self.desk = desk
        self._is_futures = desk.product.is_futures
        self._with_faults = with_faults
        self._endpoints: Mapping[tuple[str, str], Endpoint]
        self._methods: Mapping[str, Endpoint]
        self._endpoints, self._methods = _TABLES[desk.product]
        self._paths = {path for _, path in self._endpoints}
        self._gone = () if self._is_futures else spot_rest.GONE
        self._connections: set[Connection] = set()
        self._calls: dict[Connection, CallSocket] = {}
        self._farewells: dict[Connection, Callable[[int], None]] = {}
        #: The task of `run`, where one was started.
        self.publishing: asyncio.Task[None] | None = None
        self._receivers: dict[str, list[Receiver]] = {}
        loop = asyncio.get_running_loop()
        self.publisher = Publisher(desk, loop.call_soon, lambda: time.monotonic() * 1000)
        desk.venue.add_listener(self.publisher)
        desk.venue.add_listener(UserEvents(desk, self._tell))
        desk.announce = self._tell
        if desk.margin is not None:
            tell_risks(desk, self._tell_key)

    def application(self) -> web.Application:
        """The web application; everything is one route, because the table of addresses is ours."""
        application = web.Application(client_max_size=1 << 20)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def run(self) -> None:
        """Publish, ping and let listen keys expire until cancelled."""
        beats = 0
        while True:
            await asyncio.sleep(TICK_MS / 1000)
            self.publisher.tick()
            beats += 1
            if beats % 20:
                continue
            for connection in list(self._connections):
                connection.beat()
            for calls in self._calls.values():
                calls.expire()
            now = self.desk.now_ms()
            for key in self.desk.listen_keys.expire(now):
                self.publisher.deliver(key, {"e": "listenKeyExpired", "E": now, "listenKey": key})

    def cut(self) -> None:
        """Drop every socket."""
        for connection in list(self._connections):
            connection.outbox.cut()

    def announce_shutdown(self) -> None:
        """Tell every socket of spot that the server is about to go (Binance spot changelog, 2026-05-08)."""
        if not self._is_futures:
            for tell in list(self._farewells.values()):
                tell(self.desk.now_ms())

    async def shut_down(self) -> None:
        """Announce the end, give sockets a moment to hear of it, and drop them."""
        self.announce_shutdown()
        for _ in range(_FAREWELL_LOOKS):
            if all(connection.outbox.is_empty for connection in self._connections):
                break
            await asyncio.sleep(0.01)
        self.cut()

    # Requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if request.headers.get("Upgrade", "").lower() == "websocket":
            try:
                return await self._handle_socket(request, path)
            except ConnectionResetError:
                # Who asked has gone before the upgrade was answered, and nobody hears this either.
                return web.Response()
        if path in self._gone:
            return web.Response(status=410, text=_GONE_PAGE, content_type="text/html")
        if self._with_faults and path == "/fault":
            return await self._order_faults(request)
        if self._is_futures and path.startswith(FILES) and (text := file_at(self.desk, path)) is not None:
            return web.Response(text=text, content_type="text/csv")
        endpoint = self._endpoints.get((request.method, path))
        if endpoint is None:
            return self._unknown(request)
        raw_query = request.raw_path.partition("?")[2]
        raw_body = (await request.read()).decode("utf-8", "replace") if request.can_read_body else ""
        try:
            response = self._answer(endpoint, request, raw_query, raw_body)
        except Unanswered:
            return await never(request)
        if self.desk.faults.rest_delay_ms:
            await asyncio.sleep(self.desk.faults.rest_delay_ms / 1000)
        return await as_meant(self.desk.faults.hostility, request, response)

    def _answer(self, endpoint: Endpoint, request: web.Request, raw_query: str, raw_body: str) -> web.Response:
        desk, account_id, used = self.desk, "", dict[str, int]()
        try:
            desk.budget.note_request(desk.now_ms())
            is_fine = not self._is_futures and reads_microseconds(request.headers.get("X-MBX-TIME-UNIT"))
            if not self._is_futures:
                check_encoding(request.headers, {})
            parameters = Parameters.from_rest(raw_query, raw_body, scientific=self._is_futures)
            key = self._key(endpoint, request, parameters, raw_query, raw_body)
            account_id = key.account_id if key else ""
            body = perform(desk, endpoint, Call(parameters, account_id, used, key))
        except Rejection as rejection:
            refusal: dict[str, object] = {"code": rejection.code, "msg": rejection.msg}
            if rejection.data is not None:
                refusal["data"] = rejection.data
            return self._json(refusal, rejection.http, self._headers(rejection=rejection) | _sapi_headers(used))
        told = in_microseconds(body) if is_fine else body
        return self._json(told, 200, self._headers(account_id if endpoint.tells_orders else "") | _sapi_headers(used))

    def _key(
        self, endpoint: Endpoint, request: web.Request, parameters: Parameters, raw_query: str, raw_body: str
    ) -> AccountKey | None:
        """Who asks; None where nobody needs to know. Raises the refusals of authentication."""
        if endpoint.security is Security.NONE:
            return None
        key = self.desk.authenticator.key(request.headers.get("X-MBX-APIKEY"))
        if endpoint.pool and ":" in key.account_id:
            # A special key is one of a margin account, and may use spot's own addresses alone.
            raise Rejection(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        if endpoint.security is Security.SIGNED:
            if not parameters.get("timestamp"):
                raise missing("timestamp")
            signature = signature_of(raw_query, raw_body)
            if not signature:
                raise missing("signature")
            self.desk.authenticator.verify(key, [rest_payload(raw_query, raw_body)], signature)
            check_clock(self.desk, parameters)
            permission = endpoint.needs(is_futures=self._is_futures)
            self.desk.authenticator.permit(key, permission, request.remote or "")
        return key

    def _headers(self, account_id: str = "", rejection: Rejection | None = None) -> dict[str, str]:
        now, budget = self.desk.now_ms(), self.desk.budget
        used = str(budget.weight.used(now))
        headers = {"X-MBX-USED-WEIGHT": used, f"X-MBX-USED-WEIGHT-{budget.weight.limit.suffix}": used}
        if account_id:
            for window in budget.orders(account_id):
                headers[f"X-MBX-ORDER-COUNT-{window.limit.suffix}"] = str(window.used(now))
        if isinstance(rejection, RateLimitedRejection):
            headers["Retry-After"] = str(max(1, -(-(rejection.retry_at_ms - now) // 1000)))
        return headers

    @staticmethod
    def _json(body: object, status: int, headers: dict[str, str] | None = None) -> web.Response:
        return web.Response(
            body=msgspec.json.encode(body),
            status=status,
            headers=headers,
            content_type="application/json",
            charset="utf-8",
        )

    def _unknown(self, request: web.Request) -> web.Response:
        path = request.path
        if path in self._paths:
            return self._json({"code": -1000, "msg": f"Request method '{request.method}' is not supported."}, 405)
        if reads_pages(request.headers):
            return web.Response(status=404, text=_LOST_PAGE, content_type="text/html")
        return self._json({"code": -1000, "msg": f"Path {path} does not exist."}, 404)

    async def _order_faults(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return self._json(list_connections(self._connections), 200)
        try:
            order = read_order(await request.read())
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return self._json({"msg": str(error)}, 400)
        now = self.desk.now_ms()
        count = carry_out(self.desk, order, list(self._connections), lambda each: self._farewells[each](now))
        return self._json({"connections": count}, 200)

    # Sockets

    async def _handle_socket(self, request: web.Request, path: str) -> web.StreamResponse:
        try:
            is_fine = not self._is_futures and reads_microseconds(request.query.get("timeUnit"))
            if not self._is_futures:
                check_encoding({}, request.query)
        except Rejection as rejection:
            return self._json({"code": rejection.code, "msg": rejection.msg}, rejection.http)
        if path.rstrip("/") == CALL_PATHS[self.desk.product]:
            return await self._serve_calls(request, is_fine)
        asked = streams_of_path(path, named_streams(request.raw_path))
        if asked is None:
            return self._unknown(request)
        socket = await accept(request)
        rhythm = FUTURES_RHYTHM if self._is_futures else SPOT_RHYTHM
        connection = Connection(socket, request, rhythm, self.desk.venue.clock.speed)
        streams = StreamSocket(self.publisher, connection.outbox, asked[1], in_microseconds=is_fine)
        self._farewells[connection] = streams.tell_shutdown
        connection.streams = streams.names
        await self._serve(connection, streams.heard, streams.close, lambda: self._open(streams, asked[0], request))
        return socket

    @staticmethod
    def _open(streams: StreamSocket, names: list[str], request: web.Request) -> None:
        """Subscribe to what the address names; `events` after a listen key narrows that key down."""
        try:
            streams.subscribe(names)
            key = ""
            for name, value in request.query.items():
                if name == "listenKey":
                    key = value
                    streams.subscribe([key])
                elif name == "events" and key:
                    streams.subscribe([key], frozenset(value.split("/")))
        except CommandError:
            return

    async def _serve_calls(self, request: web.Request, is_fine: bool) -> web.StreamResponse:
        socket = await accept(request)
        connection, desk = Connection(socket, request, _CALL_RHYTHM, self.desk.venue.clock.speed), self.desk
        self.desk.budget.weight.add(5 if self._is_futures else 2, self.desk.now_ms())
        calls = CallSocket(
            self.desk,
            self._methods,
            lambda frame: connection.outbox.push(desk.faults.hostility.twist(frame)),
            self._listen,
            request.query.get("returnRateLimits", "true").lower() != "false",
            in_microseconds=is_fine,
            address=request.remote or "",
        )
        self._calls[connection] = calls
        self._farewells[connection] = calls.tell_shutdown
        await self._serve(connection, calls.heard, calls.close, lambda: None)
        return socket

    async def _serve(
        self,
        connection: Connection,
        heard: Callable[[str], None],
        closed: Callable[[], None],
        opened: Callable[[], None],
    ) -> None:
        self._connections.add(connection)
        try:
            opened()
            await connection.serve(heard)
        finally:
            self._connections.discard(connection)
            self._farewells.pop(connection, None)
            self._calls.pop(connection, None)
            closed()

    # User data

    def _tell_key(self, account_id: str, event: Event) -> None:
        key = self.desk.listen_keys.of(account_id)
        if key is not None:
            self.publisher.deliver(key, event, str(event["e"]))

    def _listen(self, account_id: str, receive: Receiver) -> Callable[[], None]:
        receivers = self._receivers.setdefault(account_id, [])
        receivers.append(receive)
        return lambda: receivers.remove(receive)

    def _tell(self, account_id: str, event: Event) -> None:
        for receive in self._receivers.get(account_id, ()):
            receive(event)
        key = self.desk.listen_keys.of(account_id) if self._is_futures else None
        if key is not None:
            self.publisher.deliver(key, event, str(event["e"]))


def _sapi_headers(used: Mapping[str, int]) -> dict[str, str]:
    return {f"X-SAPI-USED-{pool}-WEIGHT-1M": str(weight) for pool, weight in used.items()}
