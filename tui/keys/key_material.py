"""HMAC secrets, RSA and Ed25519 private keys: told apart, checked, generated."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tui.keys.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey = RSAPrivateKey | Ed25519PrivateKey

_ED25519_DER = bytes.fromhex("302e020100300506032b657004220420")
_RSA_BITS = 2_048
#: The object identifier of encryption with a passphrase, PKCS#5 scheme 2.
_PBES2 = bytes.fromhex("06092a864886f70d01050d")

_DECRYPT = "decrypt it on its way here: openssl pkey -in KEY.pem | binance-tui keys add … --secret-file -"


class KeyMaterialError(Exception):
    """A secret or private key that cannot be used; the text says what to do and holds nothing of it."""


class KeyKind(StrEnum):
    """What Binance calls the type of an API key."""

    HMAC = "hmac"
    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A secret in the one form it is kept in: HMAC text, or an unencrypted PKCS#8 PEM."""

    kind: KeyKind
    secret: Secret
    #: PEM for registration at Binance; empty for HMAC.
    public_key: str = ""


def read_material(
    text: str, stated: KeyKind | None = None, ask_passphrase: Callable[[], Secret] | None = None
) -> KeyMaterial:
    """Tell what a secret is: PKCS#8 of RSA or Ed25519 in PEM, base64 or hex, else HMAC; a bare seed only when stated.

    `ask_passphrase` is asked when the key is encrypted; without it such a key is refused. Raises KeyMaterialError for
    anything unreadable, too short, public, or other than stated, and for a passphrase that does not open the key.
    """
    text = text.strip().replace("\\n", "\n")
    if not text:
        raise KeyMaterialError("the secret is empty")
    if "PUBLIC KEY" in text:
        raise KeyMaterialError("this is a public key; it goes to Binance, the private key goes here")
    data = _der(text, stated)
    if "-----BEGIN" in text:
        material = _of_private(_load(text.encode(), ask_passphrase, is_pem=True))
    elif data is not None:
        material = _of_private(_load(data, ask_passphrase, is_pem=False))
    else:
        material = _hmac(text)
    if stated is not None and material.kind is not stated:
        raise KeyMaterialError(f"this is no {stated.value} key but looks like {material.kind.value}")
    return material


def generate(kind: KeyKind) -> KeyMaterial:
    """A new key pair; raises KeyMaterialError for HMAC, whose secrets Binance makes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    if kind is KeyKind.ED25519:
        return _of_private(Ed25519PrivateKey.generate())
    if kind is KeyKind.RSA:
        return _of_private(generate_private_key(public_exponent=65_537, key_size=_RSA_BITS))
    raise KeyMaterialError("HMAC secrets are made by Binance; generate ed25519 or rsa here")


def check_api_key(text: str) -> str:
    """An API key as Binance issues them; raises KeyMaterialError for text that cannot be one."""
    key = text.strip()
    if "-----BEGIN" in key:
        raise KeyMaterialError("this is a private key; the API key, which Binance shows beside it, comes first")
    if not key:
        raise KeyMaterialError("the API key is empty")
    if not (key.isascii() and key.isalnum()) or not 16 <= len(key) <= 128:
        raise KeyMaterialError("this is no API key: those have 16 to 128 letters and digits (Binance's have 64)")
    return key


def _hmac(text: str) -> KeyMaterial:
    if len(text.split()) > 1 or not all("!" <= ch <= "~" for ch in text):
        raise KeyMaterialError("the secret has spaces or characters that no secret has; was it copied whole?")
    if len(text) < 16:
        raise KeyMaterialError("the secret is too short to be one (Binance's have 64 characters)")
    return KeyMaterial(KeyKind.HMAC, Secret(text))


def _der(text: str, stated: KeyKind | None) -> bytes | None:
    """PKCS#8 bytes when the text is their base64 or hex; HMAC secrets can be both too, so the content decides."""
    joined = "".join(text.split())
    for decode in (bytes.fromhex, _from_base64):
        try:
            data = decode(joined)
        except ValueError:
            continue
        if stated is KeyKind.ED25519 and len(data) == 32:
            return _ED25519_DER + data
        is_rsa = len(data) > 600 and data.startswith(b"\x30\x82")
        if is_rsa or data.startswith(_ED25519_DER) or _is_encrypted_der(data):
            return data
    return None


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _is_encrypted_der(data: bytes) -> bool:
    """PKCS#8 that names its cipher (PKCS#5 scheme 2) where the algorithm of the key would stand."""
    return data[:1] == b"\x30" and _PBES2 in data[:24]


def is_encrypted(text: str) -> bool:
    """Whether a secret is a private key that needs a passphrase."""
    text = text.replace("\\n", "\n")
    data = None if "-----BEGIN" in text else _der(text.strip(), None)
    return "ENCRYPTED" in text if data is None else _is_encrypted_der(data)


def _load(data: bytes, ask_passphrase: Callable[[], Secret] | None, *, is_pem: bool) -> "PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    load = load_pem_private_key if is_pem else load_der_private_key
    try:
        key = load(data, None)
    except TypeError:
        if ask_passphrase is None:
            raise KeyMaterialError(f"the private key is encrypted; {_DECRYPT}") from None
        key = _opened(load, data, ask_passphrase())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMaterialError("the private key cannot be read; it must be PKCS#8 in PEM, copied whole") from None
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _RSA_BITS:
            raise KeyMaterialError(f"the RSA key has {key.key_size} bits; Binance takes {_RSA_BITS} and more")
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise KeyMaterialError("the private key is neither RSA nor Ed25519; Binance takes no other")


def _opened(load: Callable[[bytes, bytes | None], Any], data: bytes, passphrase: Secret) -> Any:
    try:
        return load(data, passphrase.reveal().encode())
    except (ValueError, TypeError):
        raise KeyMaterialError("the passphrase does not open this private key") from None


def _of_private(key: "PrivateKey") -> KeyMaterial:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return KeyMaterial(
        KeyKind.RSA if isinstance(key, RSAPrivateKey) else KeyKind.ED25519,
        Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()),
        public,
    )
