"""Who sent a request: keys, signatures over raw bytes, and the clock rule. Nothing here touches a socket."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol
from urllib.parse import quote_plus, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tui.exchange.rejection import Rejection

#: A request may be stamped at most this far in the future (Binance spot API docs, request security, 2026-07-21).
MAX_AHEAD_MS = 1_000
DEFAULT_WINDOW_MS = 5_000
MAX_WINDOW_MS = 60_000


class AccountKey(Protocol):
    """An API key as the exchange keeps it: `type` is HMAC, RSA or ED25519, `secret_or_public` the secret or a PEM.

    `permissions` say what it may do, `addresses` from where; none: from everywhere.
    """

    @property
    def type(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def secret_or_public(self) -> str: ...
    @property
    def permissions(self) -> tuple[str, ...]: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...


class Authenticator:
    """Knows the exchange's API keys and checks what they sign."""

    def __init__(self, keys: Iterable[AccountKey]) -> None:
        self._keys = {key.api_key: key for key in keys}
        self._verifiers: dict[str, Callable[[bytes, str], bool]] = {}

    def key(self, api_key: str | None) -> AccountKey:
        """The key with this id; raises -2014 when it is missing or malformed, -2015 when nobody has it."""
        if not api_key or not api_key.isalnum() or len(api_key) > 128:
            raise Rejection(-2014, "API-key format invalid.", 401)
        found = self._keys.get(api_key)
        if found is None:
            raise Rejection(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return found

    def add(self, key: AccountKey) -> None:
        """Know one more key from now on."""
        self._keys[key.api_key] = key

    def remove(self, key: AccountKey) -> None:
        """Know a key no longer."""
        self._keys.pop(key.api_key, None)
        self._verifiers.pop(key.api_key, None)

    @staticmethod
    def permit(key: AccountKey, permission: str, address: str) -> None:
        """Hold a key to what it may do and from where; raises -2015."""
        if permission not in key.permissions or (key.addresses and address not in key.addresses):
            raise Rejection(-2015, "Invalid API-key, IP, or permissions for action.", 401)

    def verify(self, key: AccountKey, payloads: Iterable[bytes], signature: str) -> None:
        """Accept a signature over any of the payloads; raises -1022 otherwise."""
        verifier = self._verifiers.get(key.api_key)
        if verifier is None:
            verifier = self._verifiers[key.api_key] = _verifier(key)
        if not any(verifier(payload, signature) for payload in payloads):
            raise Rejection(-1022, "Signature for this request is not valid.")


def _verifier(key: AccountKey) -> Callable[[bytes, str], bool]:
    if key.type == "HMAC":
        secret = key.secret_or_public.encode()
        return lambda payload, signature: _hmac_matches(secret, payload, signature)
    public = load_pem_public_key(key.secret_or_public.encode())
    if isinstance(public, Ed25519PublicKey):
        return lambda payload, signature: _accepts(lambda raw: public.verify(raw, payload), signature)
    if isinstance(public, RSAPublicKey):
        return lambda payload, signature: _accepts(
            lambda raw: public.verify(raw, payload, PKCS1v15(), SHA256()), signature
        )
    raise ValueError(f"key {key.api_key[:6]}… is of no supported type")


def _hmac_matches(secret: bytes, payload: bytes, signature: str) -> bool:
    expected = hmac.new(secret, payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())


def _accepts(verify: Callable[[bytes], None], signature: str) -> bool:
    try:
        verify(base64.b64decode(_undo_second_encoding(signature), validate=True))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _undo_second_encoding(signature: str) -> str:
    """Some clients percent-encode a base64 signature twice in form bodies, and some leave a plus to become a space."""
    return unquote(signature).replace(" ", "+")


def rest_payload(raw_query: str, raw_body: str) -> bytes:
    """What a REST request signs: query and body as sent, joined without a separator, without the signature pair."""
    return (_without_signature(raw_query) + _without_signature(raw_body)).encode()


def _without_signature(raw: str) -> str:
    if "signature=" not in raw:
        return raw
    return "&".join(pair for pair in raw.split("&") if not pair.startswith("signature="))


def call_payloads(parameters: Mapping[str, str]) -> list[bytes]:
    """What a WebSocket API request signs: all parameters but the signature, sorted, plain or percent-encoded.

    The documents say plain; the official SDK encodes. Both are the same text unless special characters occur.
    """
    pairs = sorted((name, value) for name, value in parameters.items() if name != "signature")
    plain = "&".join(f"{name}={value}" for name, value in pairs)
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return [plain.encode()] if plain == encoded else [plain.encode(), encoded.encode()]


def check_time(timestamp_ms: float, window_ms: float, *clocks_ms: int) -> None:
    """Hold a request to the clock rule by any of the given clocks; raises -1021 in Binance's two wordings.

    There is more than one clock only when exchange time runs faster than the wall's.
    """
    if any(now - timestamp_ms <= window_ms and timestamp_ms < now + MAX_AHEAD_MS for now in clocks_ms):
        return
    if all(timestamp_ms >= now + MAX_AHEAD_MS for now in clocks_ms):
        raise Rejection(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    raise Rejection(-1021, "Timestamp for this request is outside of the recvWindow.")
