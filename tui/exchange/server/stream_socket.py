"""Market and listen-key sockets: what they are subscribed to, and the commands that change it."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from tui.exchange.server.outbox import Outbox
from tui.exchange.server.publisher import Publisher

_MOST_STREAMS = 1_024
_STREAM = re.compile(r"[\w!@.:+\-]{1,200}")
_LONGEST_ID = 36
_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class CommandError(Exception):
    """A command refused, in Binance's code and words (Binance spot API docs, live subscribing, 2026-07-21)."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


class StreamSocket:
    """One socket's subscriptions.

    `is_combined` says whether payloads are wrapped with their stream's name, `in_microseconds` how they tell times.
    """

    def __init__(
        self, publisher: Publisher, outbox: Outbox, is_combined: bool, *, in_microseconds: bool = False
    ) -> None:
        self.is_combined = is_combined
        self.in_microseconds = in_microseconds
        self._publisher = publisher
        self._outbox = outbox
        self._names: dict[str, None] = {}
        self._events: dict[str, frozenset[str]] = {}

    def names(self) -> list[str]:
        """What this socket is subscribed to."""
        return list(self._names)

    def push(self, frame: bytes) -> None:
        """Queue a payload."""
        self._outbox.push(frame)

    def tell_shutdown(self, now_ms: int) -> None:
        """Say that the server is about to go."""
        event: object = {"e": "serverShutdown", "E": now_ms * 1_000 if self.in_microseconds else now_ms}
        if self._publisher.is_futures:
            self._answer({"event": event})
        else:
            self._answer({"stream": "!serverShutdown", "data": event} if self.is_combined else event)

    def wants(self, stream: str, event: str) -> bool:
        """Whether an account's event is among those asked for."""
        wanted = self._events.get(stream)
        return wanted is None or event in wanted

    def subscribe(self, names: Sequence[str], events: frozenset[str] | None = None) -> None:
        """Add streams; `events` narrows an account's stream down to some events. Raises CommandError."""
        for name in names:
            if not _STREAM.fullmatch(name):
                raise CommandError(2, "Invalid request: invalid stream")
        if len(self._names) + len(names) > _MOST_STREAMS:
            raise CommandError(2, "Invalid request: too many subscriptions")
        for name in names:
            self._names[name] = None
            if events:
                self._events[name] = events
            self._publisher.subscribe(name, self)

    def close(self) -> None:
        """Leave every stream."""
        for name in self._names:
            self._publisher.unsubscribe(name, self)
        self._names.clear()

    def heard(self, text: str) -> None:
        """Carry out one command and answer it."""
        try:
            command = msgspec.json.decode(text)
        except msgspec.DecodeError:
            self._answer({"error": {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"}})
            return
        identity = command.get("id") if isinstance(command, dict) else None
        if not self._publisher.is_futures and not _is_identity(identity):
            refused = {"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"}
            self._answer({"error": refused, "id": None})
            return
        try:
            result = self._carry_out(command, len(text))
        except CommandError as error:
            self._answer({"error": {"code": error.code, "msg": error.msg}, "id": identity})
            return
        self._answer({"result": result, "id": identity})

    def _answer(self, body: object) -> None:
        self._outbox.push(msgspec.json.encode(body))

    def _carry_out(self, command: object, length: int) -> object:
        if not isinstance(command, dict) or "method" not in command:
            raise CommandError(2, f"Invalid request: missing field `method` at line 1 column {length}")
        method, parameters = command["method"], command.get("params", [])
        if method not in _METHODS:
            known = ", ".join(f"`{name}`" for name in _METHODS)
            raise CommandError(
                2, f"Invalid request: unknown variant `{method}`, expected one of {known} at line 1 column {length}"
            )
        if method == "LIST_SUBSCRIPTIONS":
            return list(self._names)
        if not isinstance(parameters, list):
            raise CommandError(2, "Invalid request: params must be an array")
        if method in ("SET_PROPERTY", "GET_PROPERTY"):
            return self._property(method == "SET_PROPERTY", parameters)
        if not all(isinstance(name, str) for name in parameters):
            raise CommandError(2, "Invalid request: invalid stream")
        if method == "SUBSCRIBE":
            self.subscribe(parameters)
            return None
        for name in parameters:
            self._names.pop(name, None)
            self._publisher.unsubscribe(name, self)
        return None

    def _property(self, is_set: bool, parameters: list[object]) -> object:
        if not parameters or not isinstance(parameters[0], str):
            raise CommandError(2, "Invalid request: property name must be a string")
        if len(parameters) > (2 if is_set else 1):
            raise CommandError(2, "Invalid request: too many parameters")
        if parameters[0] != "combined":
            raise CommandError(0, "Unknown property")
        if not is_set:
            return self.is_combined
        value = parameters[1] if len(parameters) == 2 else None
        if not isinstance(value, bool):
            raise CommandError(1, "Invalid value type: expected Boolean")
        self.is_combined = value
        return None


def _is_identity(value: object) -> bool:
    """Whether spot lets a command be called so: nothing, a 64-bit integer or at most 36 characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        return -(2**63) <= value < 2**63
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST_ID)


def named_streams(raw_path: str) -> str:
    """The value of `streams` in an address; a plus stays a plus, because zones have them."""
    for pair in raw_path.partition("?")[2].split("&"):
        if pair.startswith("streams="):
            return unquote(pair.removeprefix("streams="))
    return ""


def streams_of_path(path: str, raw_streams: str) -> tuple[list[str], bool] | None:
    """Streams named by `/ws/a/b` or `/stream?streams=a/b`, and whether payloads are combined; None for other paths.

    Futures put `/public`, `/market` or `/private` before; every stream is served on every route.
    """
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] in ("public", "market", "private"):
        parts = parts[1:] or ["ws"]
    if not parts or parts[0] not in ("ws", "stream"):
        return None
    named = [name for name in raw_streams.split("/") if name]
    return parts[1:] + named, parts[0] == "stream"
