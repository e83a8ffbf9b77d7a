"""Frames and addresses without secrets, as they may be kept in a file."""

from decimal import Decimal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from tui.binance.wire import UNDECODABLE
from tui.keys.redaction import REMOVED, redact

#: Fields whose value is secret whatever it looks like.
_SECRET = frozenset(
    {"signature", "listenkey", "listentoken", "apikey", "apisecret", "secret", "secretkey", "token", "passphrase"}
)
#: Redacted at a time, so that no other thread waits long for the interpreter.
_PART = 32_768

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_ANY = msgspec.json.Decoder(msgspec.Raw)


def scrub_url(url: str) -> str:
    """An address without signature, key or token, in path and query."""
    parts = urlsplit(url)
    path = "/".join(redact(step) for step in parts.path.split("/"))
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(name + mark + _value(name, value) for name, mark, value in pairs)
    return urlunsplit((parts.scheme, parts.hostname + _port(parts.port) if parts.hostname else "", path, query, ""))


def _port(port: int | None) -> str:
    return f":{port}" if port is not None else ""


def _value(name: str, value: str) -> str:
    return REMOVED if name.lower() in _SECRET else redact(value)


def scrub_frame(frame: bytes) -> bytes:
    """A frame as one line of JSON, untouched where nothing in it is secret; one that is no JSON becomes a string."""
    try:
        _ANY.decode(frame)
        if not _is_harmless(frame.decode()):
            frame = _ENCODER.encode(_without_secrets(_DECODER.decode(frame)))
    except (*UNDECODABLE, ValueError, ArithmeticError):
        return msgspec.json.encode(redact(frame.decode(errors="replace")))
    # Between the tokens of JSON a line may end anywhere, within them nowhere.
    return frame.replace(b"\r", b" ").replace(b"\n", b" ")


def _is_harmless(text: str) -> bool:
    """Whether no part looks secret; parts end at commas, which no secret holds."""
    start = 0
    while start < len(text):
        end = text.find(",", start + _PART) + 1 or len(text)
        part = text[start:end]
        if redact(part) != part:
            return False
        start = end
    return True


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            redact(name): REMOVED if name.lower() in _SECRET else _without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return redact(value) if isinstance(value, str) else value
