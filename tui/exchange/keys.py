"""Keys of the demo account: one of each kind Binance knows."""

import secrets
import string
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

#: What a key may be allowed: read the account, trade spot, use margin accounts, trade futures.
PERMISSIONS = ("read", "trade", "margin", "futures")

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key; `type` is HMAC, RSA or ED25519.

    `permissions` say what it may do, `addresses` from where (none: from everywhere). `secret_or_public` is HMAC's
    shared secret, or the public key as PEM where a `private_key` (PEM too) belongs to it.
    """

    type: str
    api_key: str
    account_id: str
    secret_or_public: str
    private_key: str | None
    permissions: tuple[str, ...] = PERMISSIONS
    addresses: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"ApiKey({self.type}, {self.account_id})"


def new_keys(account_id: str) -> list[ApiKey]:
    """Fresh keys of every type."""
    return [
        ApiKey("HMAC", _text(), account_id, _text(), None),
        _asymmetric("RSA", account_id, generate_private_key(public_exponent=65537, key_size=2048)),
        _asymmetric("ED25519", account_id, Ed25519PrivateKey.generate()),
    ]


def restricted_key(account_id: str, rules: str) -> ApiKey:
    """A fresh HMAC key from `PERMISSION,PERMISSION[@ADDRESS,ADDRESS]`; ValueError names what is wrong."""
    allowed, _, addresses = rules.partition("@")
    permissions = tuple(word for word in allowed.split(",") if word)
    unknown = [word for word in permissions if word not in PERMISSIONS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no permission; use {', '.join(PERMISSIONS)}")
    return ApiKey(
        "HMAC", _text(), account_id, _text(), None, permissions, tuple(word for word in addresses.split(",") if word)
    )


def _asymmetric(kind: str, account_id: str, key: Ed25519PrivateKey | RSAPrivateKey) -> ApiKey:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return ApiKey(kind, _text(), account_id, public, private)


def _text() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(64))
