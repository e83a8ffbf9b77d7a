"""The WebSocket API: requests and answers on one socket, the session, and spot's user data on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import msgspec

from tui.exchange.auth import AccountKey, call_payloads
from tui.exchange.faults import Unanswered
from tui.exchange.limits import RateLimitedRejection
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Security, check_clock, perform, public
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.time_units import in_microseconds as as_microseconds
from tui.exchange.server.user_events import Event, Receiver

#: `listen(account_id, receiver)` starts an account's events and returns what ends them.
Listen = Callable[[str, Receiver], Callable[[], None]]


class _Request(msgspec.Struct):
    method: str
    id: int | str | None = None
    params: dict[str, msgspec.Raw] = {}


@dataclass(slots=True)
class _Subscription:
    account_id: str
    by_session: bool
    end: Callable[[], None]
    #: The listen token it lives on, if it does.
    token: str = ""


class CallSocket:
    """One WebSocket API connection. `push` queues a frame; `endpoints` are the product's methods."""

    def __init__(
        self,
        desk: Desk,
        endpoints: Mapping[str, Endpoint],
        push: Callable[[bytes], None],
        listen: Listen,
        show_limits: bool,
        *,
        in_microseconds: bool = False,
        address: str = "",
    ) -> None:
        self._address = address
        self._is_fine = in_microseconds
        self._desk = desk
        self._endpoints = endpoints
        self._push = push
        self._listen = listen
        self._show_limits = show_limits
        self._connected_ms = desk.now_ms()
        self._session: AccountKey | None = None
        #: Whose request was carried out last.
        self._asking = ""
        self._authorized_ms: int | None = None
        self._subscriptions: dict[int, _Subscription] = {}
        self._subscription_ids = count()
        self._own: dict[str, Callable[[Parameters], object]] = {
            "session.logon": self._logon,
            "session.status": lambda _: self._status(),
            "session.logout": lambda _: self._logout(),
        }
        if not desk.product.is_futures:
            self._own |= {
                "session.subscriptions": lambda _: [{"subscriptionId": number} for number in self._subscriptions],
                "userDataStream.subscribe": self._subscribe_session,
                "userDataStream.subscribe.signature": self._subscribe_signed,
                "userDataStream.subscribe.listenToken": self._subscribe_token,
                "userDataStream.unsubscribe": self._unsubscribe,
            }

    def close(self) -> None:
        """End every subscription."""
        for subscription in self._subscriptions.values():
            subscription.end()
        self._subscriptions.clear()

    def heard(self, text: str) -> None:
        """Carry out one request and answer it."""
        try:
            request = msgspec.json.decode(text, type=_Request)
        except (msgspec.DecodeError, msgspec.ValidationError):
            self._answer(
                {"id": None, "status": 400, "error": {"code": -1135, "msg": "Invalid JSON Request"}}, {}, False
            )
            return
        parameters = Parameters(
            {name: _text(raw) for name, raw in request.params.items()}, scientific=self._desk.product.is_futures
        )
        method = request.method.removeprefix("v3/").removeprefix("v1/")
        endpoint = self._endpoints.get(method)
        body: dict[str, object] = {"id": request.id}
        try:
            self._desk.budget.bans.check(self._desk.now_ms())
            body |= {"status": 200, "result": self._carry_out(method, endpoint, parameters)}
        except Unanswered:
            return
        except Rejection as rejection:
            body |= {"status": rejection.http, "error": self._error(rejection)}
        self._answer(body, parameters, bool(endpoint and endpoint.tells_orders))

    def _error(self, rejection: Rejection) -> dict[str, object]:
        error: dict[str, object] = {"code": rejection.code, "msg": rejection.msg}
        if rejection.data is not None:
            error["data"] = rejection.data
        elif isinstance(rejection, RateLimitedRejection):
            error["data"] = {"serverTime": self._desk.now_ms(), "retryAfter": rejection.retry_at_ms}
        return error

    def _answer(self, body: dict[str, object], parameters: Mapping[str, str], counts_orders: bool) -> None:
        shown = parameters.get("returnRateLimits")
        if self._show_limits if shown is None else shown == "true":
            body["rateLimits"] = self._limits(counts_orders)
        self._say(body)

    def tell_shutdown(self, now_ms: int) -> None:
        """Say that the server is about to go."""
        self._say({"event": {"e": "serverShutdown", "E": now_ms}})

    def _say(self, body: object) -> None:
        self._push(msgspec.json.encode(as_microseconds(body) if self._is_fine else body))

    def _limits(self, counts_orders: bool) -> list[object]:
        now, budget = self._desk.now_ms(), self._desk.budget
        windows = [budget.weight]
        if counts_orders and self._asking:
            windows += budget.orders(self._asking)
        return [window.limit.row() | {"count": window.used(now)} for window in windows]

    def _carry_out(self, method: str, endpoint: Endpoint | None, parameters: Parameters) -> object:
        own = self._own.get(method)
        if own is not None:
            return perform(self._desk, public(lambda desk, call: own(call.parameters), 2), Call(parameters))
        if endpoint is None:
            raise Rejection(-1020, "This operation is not supported.")
        account_id = ""
        if endpoint.security is Security.KEY:
            account_id = self._desk.authenticator.key(parameters.get("apiKey")).account_id
        elif endpoint.security is Security.SIGNED:
            key = self._signer(parameters)
            permission = endpoint.needs(is_futures=self._desk.product.is_futures)
            self._desk.authenticator.permit(key, permission, self._address)
            account_id = key.account_id
        self._asking = account_id
        return perform(self._desk, endpoint, Call(parameters, account_id))

    def _signer(self, parameters: Parameters) -> AccountKey:
        """Whose request this is: its own signature's, or the session's."""
        if self._session is not None and "signature" not in parameters and "apiKey" not in parameters:
            check_clock(self._desk, parameters)
            return self._session
        return self._signed(parameters)

    def _signed(self, parameters: Parameters) -> AccountKey:
        key = self._desk.authenticator.key(parameters.get("apiKey"))
        signature = parameters.get("signature")
        if not signature:
            raise missing("signature")
        if not parameters.get("timestamp"):
            raise missing("timestamp")
        self._desk.authenticator.verify(key, call_payloads(parameters), signature)
        check_clock(self._desk, parameters)
        return key

    # The session

    def _logon(self, parameters: Parameters) -> object:
        key = self._desk.authenticator.key(parameters.get("apiKey"))
        if key.type != "ED25519":
            raise Rejection(-1022, "Signature for this request is not valid.")
        self._session = self._signed(parameters)
        self._authorized_ms = self._desk.now_ms()
        return self._status()

    def _logout(self) -> object:
        self._session = self._authorized_ms = None
        for number in [number for number, held in self._subscriptions.items() if held.by_session]:
            self._end(number)
        return self._status()

    def _status(self) -> object:
        status: dict[str, object] = {
            "apiKey": self._session.api_key if self._session else None,
            "authorizedSince": self._authorized_ms,
            "connectedSince": self._connected_ms,
            "returnRateLimits": self._show_limits,
            "serverTime": self._desk.now_ms(),
        }
        return status if self._desk.product.is_futures else status | {"userDataStream": bool(self._subscriptions)}

    # User data, spot only

    def _subscribe_session(self, parameters: Parameters) -> object:
        if self._session is None:
            raise Rejection(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return self._subscribe(self._session.account_id, by_session=True)

    def _subscribe_signed(self, parameters: Parameters) -> object:
        return self._subscribe(self._signed(parameters).account_id, by_session=False)

    def _subscribe_token(self, parameters: Parameters) -> object:
        """Hear a margin account, or go on hearing it with a newer token."""
        if self._desk.margin is None:
            raise Rejection(-1020, "This operation is not supported.")
        token = self._desk.margin.tokens.find(parameters.required("listenToken"), self._desk.now_ms())
        held = [number for number, sub in self._subscriptions.items() if sub.account_id == token.account_id]
        told = {"subscriptionId": held[0]} if held else self._subscribe(token.account_id, by_session=False)
        self._subscriptions[told["subscriptionId"]].token = token.text
        return told | {"expirationTime": token.until_ms}

    def expire(self) -> None:
        """End the subscriptions whose listen token has run out."""
        margin, now = self._desk.margin, self._desk.now_ms()
        for number, held in list(self._subscriptions.items()):
            if margin is not None and held.token and not margin.tokens.is_good(held.token, now):
                self._end(number)

    def _subscribe(self, account_id: str, *, by_session: bool) -> dict[str, int]:
        if any(held.account_id == account_id for held in self._subscriptions.values()):
            raise Rejection(-2035, "User Data Stream subscription already active.")
        number = next(self._subscription_ids)
        if number > 65_535:
            raise Rejection(-2042, "Maximum subscription ID reached for this connection.")

        def receive(event: Event) -> None:
            self._say({"subscriptionId": number, "event": event})

        self._subscriptions[number] = _Subscription(account_id, by_session, self._listen(account_id, receive))
        return {"subscriptionId": number}

    def _unsubscribe(self, parameters: Parameters) -> object:
        number = parameters.whole("subscriptionId")
        if number is not None and number not in self._subscriptions:
            raise Rejection(-2036, "User Data Stream subscription not active.")
        for ended in list(self._subscriptions) if number is None else [number]:
            self._end(ended)
        return {}

    def _end(self, number: int) -> None:
        self._subscriptions.pop(number).end()
        event = {"e": "eventStreamTerminated", "E": self._desk.now_ms()}
        self._say({"subscriptionId": number, "event": event})


def _text(raw: msgspec.Raw) -> str:
    """A parameter in the text form the client put in JSON; texts without their quotes, null as nothing."""
    written = bytes(raw)
    if written.startswith(b'"'):
        return str(msgspec.json.decode(written))
    return "" if written == b"null" else written.decode()
