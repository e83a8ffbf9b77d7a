"""One product's web server: finds what a request asks for, checks who asks, answers in Binance's shapes."""

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec
from aiohttp import web

from tui.exchange.auth import rest_payload
from tui.exchange.faults import FaultOrder
from tui.exchange.limits import RateLimitedRejection
from tui.exchange.rejection import Rejection
from tui.exchange.server import spot_rest, usdm_rest
from tui.exchange.server.call_socket import CallSocket
from tui.exchange.server.connection import Connection, accept
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security, check_clock, perform
from tui.exchange.server.heartbeat import FUTURES_RHYTHM, SPOT_RHYTHM, Rhythm
from tui.exchange.server.hostile_answers import as_meant
from tui.exchange.server.parameters import Parameters, missing, signature_of
from tui.exchange.server.publisher import TICK_MS, Publisher
from tui.exchange.server.stream_socket import CommandError, StreamSocket, streams_of_path
from tui.exchange.server.user_events import Event, Receiver, UserEvents

#: Where the WebSocket API lives, by whether the product is futures.
CALL_PATHS = {False: "/ws-api/v3", True: "/ws-fapi/v1"}
_GONE_PAGE = "<html>\r\n<head><title>410 Gone</title></head>\r\n<body>410 Gone</body>\r\n</html>\r\n"
_CALL_RHYTHM = Rhythm(20, 60, 0)


class ProductServer:
    """REST, streams and WebSocket API of one venue. With `with_faults`, tests may order faults at `POST /fault`."""

    def __init__(self, desk: Desk, *, with_faults: bool = False) -> None:
        self.desk = desk
        self._is_futures = desk.product.is_futures
        self._with_faults = with_faults
        module = usdm_rest if self._is_futures else spot_rest
        self._endpoints: Mapping[tuple[str, str], Endpoint] = module.ENDPOINTS
        self._methods: Mapping[str, Endpoint] = module.METHODS
        self._paths = {path for _, path in self._endpoints}
        self._gone = () if self._is_futures else spot_rest.GONE
        self._connections: set[Connection] = set()
        #: The task of `run`, where one was started.
        self.publishing: asyncio.Task[None] | None = None
        self._receivers: dict[str, list[Receiver]] = {}
        loop = asyncio.get_running_loop()
        self.publisher = Publisher(desk, loop.call_soon, lambda: time.monotonic() * 1000)
        desk.venue.add_listener(self.publisher)
        desk.venue.add_listener(UserEvents(desk, self._tell))
        desk.announce = self._tell

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
            now = self.desk.now_ms()
            for key in self.desk.listen_keys.expire(now):
                self.publisher.deliver(key, {"e": "listenKeyExpired", "E": now, "listenKey": key})

    def cut(self) -> None:
        """Drop every socket."""
        for connection in list(self._connections):
            connection.outbox.cut()

    # Requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._handle_socket(request, path)
        if path in self._gone:
            return web.Response(status=410, text=_GONE_PAGE, content_type="text/html")
        if self._with_faults and (request.method, path) == ("POST", "/fault"):
            return await self._order_faults(request)
        endpoint = self._endpoints.get((request.method, path))
        if endpoint is None:
            return self._unknown(request.method, path)
        raw_query = request.raw_path.partition("?")[2]
        raw_body = (await request.read()).decode("utf-8", "replace") if request.can_read_body else ""
        response = self._answer(endpoint, request.headers.get("X-MBX-APIKEY"), raw_query, raw_body)
        if self.desk.faults.rest_delay_ms:
            await asyncio.sleep(self.desk.faults.rest_delay_ms / 1000)
        return await as_meant(self.desk.faults.hostility, request, response)

    def _answer(self, endpoint: Endpoint, api_key: str | None, raw_query: str, raw_body: str) -> web.Response:
        desk, account_id = self.desk, ""
        try:
            parameters = Parameters.from_rest(raw_query, raw_body, scientific=self._is_futures)
            account_id = self._account(endpoint, api_key, parameters, raw_query, raw_body)
            body = perform(desk, endpoint, Call(parameters, account_id))
        except Rejection as rejection:
            refusal: dict[str, object] = {"code": rejection.code, "msg": rejection.msg}
            if rejection.data is not None:
                refusal["data"] = rejection.data
            return self._json(refusal, rejection.http, self._headers(rejection=rejection))
        return self._json(body, 200, self._headers(account_id if endpoint.orders else ""))

    def _account(
        self, endpoint: Endpoint, api_key: str | None, parameters: Parameters, raw_query: str, raw_body: str
    ) -> str:
        """Who asks; empty where nobody needs to know. Raises the refusals of authentication."""
        if endpoint.security is Security.NONE:
            return ""
        key = self.desk.authenticator.key(api_key)
        if endpoint.security is Security.SIGNED:
            if not parameters.get("timestamp"):
                raise missing("timestamp")
            signature = signature_of(raw_query, raw_body)
            if not signature:
                raise missing("signature")
            self.desk.authenticator.verify(key, [rest_payload(raw_query, raw_body)], signature)
            check_clock(self.desk, parameters)
        return key.account_id

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

    def _unknown(self, method: str, path: str) -> web.Response:
        if path in self._paths:
            return self._json({"code": -1000, "msg": f"Request method '{method}' is not supported."}, 405)
        return self._json({"code": -1000, "msg": f"Path {path} does not exist."}, 404)

    async def _order_faults(self, request: web.Request) -> web.Response:
        try:
            order = msgspec.json.decode(await request.read(), type=FaultOrder)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return self._json({"msg": str(error)}, 400)
        self.desk.faults.take(order, time.monotonic() * 1000)
        if order.cut:
            self.cut()
        return self._json({}, 200)

    # Sockets

    async def _handle_socket(self, request: web.Request, path: str) -> web.StreamResponse:
        if path.rstrip("/") == CALL_PATHS[self._is_futures]:
            return await self._serve_calls(request)
        asked = streams_of_path(path, request.query.get("streams", ""))
        if asked is None:
            return self._unknown(request.method, path)
        socket = await accept(request)
        connection = Connection(socket, request, FUTURES_RHYTHM if self._is_futures else SPOT_RHYTHM)
        streams = StreamSocket(self.publisher, connection.outbox, asked[1])
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

    async def _serve_calls(self, request: web.Request) -> web.StreamResponse:
        socket = await accept(request)
        connection, desk = Connection(socket, request, _CALL_RHYTHM), self.desk
        self.desk.budget.weight.add(5 if self._is_futures else 2, self.desk.now_ms())
        calls = CallSocket(
            self.desk,
            self._methods,
            lambda frame: connection.outbox.push(desk.faults.hostility.twist(frame)),
            self._listen,
            request.query.get("returnRateLimits", "true").lower() != "false",
        )
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
            closed()

    # User data

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
