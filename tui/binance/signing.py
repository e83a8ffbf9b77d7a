"""Signatures of requests, for each type of key that Binance issues; no I/O.

REST signs the percent-encoded text exactly as sent, the WebSocket API signs the sorted plain text (Binance spot API
docs, 2026-01-15 and 2026-07-21).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import quote

from tui.binance.errors import UnsentError
from tui.keys.key_material import KeyKind, KeyMaterialError, read_material
from tui.keys.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

#: A value of a request parameter; booleans and numbers become the text that JSON would give them.
ParameterValue = str | int | bool
Parameters = Mapping[str, ParameterValue]


#: Characters that stand for themselves in a query (RFC 3986, 2.3).
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")


class KeyFormatError(ValueError):
    """A secret or private key that cannot be read; the text never holds any of it."""


class Signer(Protocol):
    """Turns a payload into the signature text that Binance expects, not yet percent-encoded."""

    def sign(self, payload: str) -> str: ...


class HmacSigner:
    """HMAC-SHA256 in lower-case hex."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def sign(self, payload: str) -> str:
        """64 hex digits."""
        return hmac.new(self._secret, payload.encode(), hashlib.sha256).hexdigest()


class RsaSigner:
    """RSASSA-PKCS1-v1_5 with SHA-256 in base64."""

    __slots__ = ("_key",)

    def __init__(self, key: "RSAPrivateKey") -> None:
        self._key = key

    def sign(self, payload: str) -> str:
        """Base64 text of the key's length."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self._key.sign(payload.encode(), PKCS1v15(), SHA256())).decode()


class Ed25519Signer:
    """Pure Ed25519 in base64."""

    __slots__ = ("_key",)

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key

    def sign(self, payload: str) -> str:
        """88 characters of base64."""
        return base64.b64encode(self._key.sign(payload.encode())).decode()


class DroppedSigner:
    """Stands where a signer was until the screen was locked."""

    def sign(self, payload: str) -> str:
        """Nothing is signed; raises UnsentError."""
        raise UnsentError("the screen is locked and the secret was dropped: unlock it first")


class Credentials:
    """An API key and what signs for it; shows neither.

    `drop` forgets what signs, at once for every client that shares these credentials, until `restore`. `only_reads`
    has every request refused that would place, change or cancel an order, or change the account.
    """

    __slots__ = ("api_key", "only_reads", "signer")

    def __init__(self, api_key: str, signer: Signer) -> None:
        if not api_key or not all("!" <= ch <= "~" for ch in api_key):
            raise KeyFormatError("the API key is empty or holds characters that no API key has")
        self.api_key = api_key
        self.signer: Signer = signer
        self.only_reads = False

    def drop(self) -> None:
        """Forget the secret, as far as Python forgets."""
        self.signer = DroppedSigner()

    def restore(self, signer: Signer) -> None:
        """Sign again."""
        self.signer = signer

    def __repr__(self) -> str:
        return "Credentials(…)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("credentials are never written down")


def signer_for(
    secret: str,
    passphrase: str | None = None,
    stated: KeyKind | None = None,
    ask_passphrase: Callable[[], Secret] | None = None,
) -> Signer:
    """The signer for a secret in any form that `read_material` reads; `stated` overrides what it looks like.

    Raises KeyFormatError for an empty secret, an unreadable key, a wrong or missing passphrase or an unsupported
    algorithm.
    """
    ask = ask_passphrase if passphrase is None else lambda: Secret(passphrase)
    try:
        material = read_material(secret, stated, ask)
    except KeyMaterialError as error:
        raise KeyFormatError(str(error)) from None
    if material.kind is KeyKind.HMAC:
        return HmacSigner(material.secret.reveal())
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(material.secret.reveal().encode(), None)
    return RsaSigner(key) if isinstance(key, RSAPrivateKey) else Ed25519Signer(cast("Ed25519PrivateKey", key))


def text_of(value: ParameterValue) -> str:
    """A parameter value as Binance reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def encode(parameters: Parameters) -> str:
    """Parameters as percent-encoded query text, in the order given."""
    return "&".join(f"{_encoded(name)}={_encoded(text_of(value))}" for name, value in parameters.items())


def _encoded(text: str) -> str:
    """Percent-encoded text; what an order is made of stays as it is, and `quote` takes its time to see that."""
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def sign_query(credentials: Credentials, query: str) -> str:
    """Encoded query text with its signature appended; send exactly this."""
    return f"{query}&signature={quote(credentials.signer.sign(query), safe='')}"


def sign_ws_parameters(credentials: Credentials, parameters: Parameters) -> dict[str, ParameterValue]:
    """Parameters of a WebSocket API request with `apiKey` and `signature` added."""
    complete = {**parameters, "apiKey": credentials.api_key}
    payload = "&".join(f"{name}={text_of(complete[name])}" for name in sorted(complete))
    return {**complete, "signature": credentials.signer.sign(payload)}
