"""Keys of the demo account: one of each kind Binance knows."""

import secrets
import string
from dataclasses import dataclass
from ipaddress import ip_address

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
        ApiKey("HMAC", new_text(), account_id, new_text(), None),
        _asymmetric("RSA", account_id, generate_private_key(public_exponent=65537, key_size=2048)),
        _asymmetric("ED25519", account_id, Ed25519PrivateKey.generate()),
    ]


@dataclass(frozen=True, slots=True)
class KeyRules:
    """One more key as it is asked for; `group` is the trade group its account is put into, None to leave it alone."""

    account_id: str
    group: int | None
    permissions: tuple[str, ...]
    addresses: tuple[str, ...]

    def key(self) -> ApiKey:
        """A fresh HMAC key by these rules."""
        return ApiKey("HMAC", new_text(), self.account_id, new_text(), None, self.permissions, self.addresses)


def read_key_rules(account_id: str, rules: str) -> KeyRules:
    """Read `[ACCOUNT[#GROUP]:]PERMISSION,PERMISSION[@ADDRESS,ADDRESS]`; ValueError names what is wrong.

    Without an account the key is one of `account_id`.
    """
    named, _, addresses = rules.partition("@")
    owner, colon, allowed = named.rpartition(":")
    name, sharp, group = owner.partition("#")
    if colon and not name.isidentifier():
        raise ValueError(f"{name!r} is no name for an account; use letters, digits and _")
    if sharp and not (group.isascii() and group.isdigit()):
        raise ValueError(f"{group!r} is no trade group; use a whole number")
    permissions = tuple(word for word in allowed.split(",") if word)
    unknown = [word for word in permissions if word not in PERMISSIONS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no permission; use {', '.join(PERMISSIONS)}")
    origins = tuple(_address(word) for word in addresses.split(",") if word)
    return KeyRules(name or account_id, int(group) if sharp else None, permissions, origins)


def _address(word: str) -> str:
    try:
        return str(ip_address(word))
    except ValueError:
        raise ValueError(f"{word!r} is no address; write it as 127.0.0.1 or ::1") from None


def restricted_key(account_id: str, rules: str) -> ApiKey:
    """A fresh HMAC key from rules as `read_key_rules` reads them."""
    return read_key_rules(account_id, rules).key()


def _asymmetric(kind: str, account_id: str, key: Ed25519PrivateKey | RSAPrivateKey) -> ApiKey:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return ApiKey(kind, new_text(), account_id, public, private)


def new_text() -> str:
    """A fresh key or secret: 64 letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(64))
