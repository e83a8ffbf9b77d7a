"""Secrets of every type: read as they are pasted, refused in words that help."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tui.keys.key_material import KeyKind, KeyMaterialError, check_api_key, generate, is_encrypted, read_material
from tui.keys.secret import Secret

ED25519 = generate(KeyKind.ED25519)
RSA = generate(KeyKind.RSA)


def pem_body(text: str) -> str:
    return "".join(text.strip().splitlines()[1:-1])


@pytest.mark.parametrize("made", [ED25519, RSA], ids=["ed25519", "rsa"])
def test_a_generated_pair_is_read_back_however_it_is_written(made) -> None:
    pem = made.secret.reveal()
    for text in (pem, pem.replace("\n", "\r\n"), pem.replace("\n", "\\n"), f"\n  {pem}\n\n", pem_body(pem)):
        read = read_material(text)
        assert (read.kind, read.secret.reveal(), read.public_key) == (made.kind, pem, made.public_key)
    assert made.public_key.startswith("-----BEGIN PUBLIC KEY-----")


def test_older_rsa_pem_becomes_pkcs8() -> None:
    key = load_pem_private_key(RSA.secret.reveal().encode(), None)
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    assert "RSA PRIVATE KEY" in old
    assert read_material(old).secret.reveal() == RSA.secret.reveal()


def test_a_bare_seed_needs_its_type_stated() -> None:
    seed = base64.b64encode(bytes(range(32))).decode()
    assert read_material(seed).kind is KeyKind.HMAC
    stated = read_material(seed, KeyKind.ED25519)
    assert stated.kind is KeyKind.ED25519
    assert "PRIVATE KEY" in stated.secret.reveal()


def test_an_hmac_secret_stays_what_it_is() -> None:
    secret = "a1B2" * 16
    assert (read_material(f" {secret}\n").kind, read_material(secret).secret.reveal()) == (KeyKind.HMAC, secret)


def _encrypted() -> str:
    key = load_pem_private_key(ED25519.secret.reveal().encode(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"p")).decode()


def _elliptic() -> str:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _short_rsa() -> str:
    key = generate_rsa(65_537, 1024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("short", "too short"),
        ("two words of an unlikely secret", "copied whole"),
        (ED25519.public_key, "public key"),
        (ED25519.secret.reveal()[:60], "cannot be read"),
        (_encrypted(), "openssl pkey"),
        (_elliptic(), "neither RSA nor Ed25519"),
        (_short_rsa(), "1024 bits"),
    ],
    ids=lambda value: "key" if value.startswith("-----BEGIN") else None,
)
def test_what_cannot_be_used_says_why_and_shows_nothing(text: str, words: str) -> None:
    with pytest.raises(KeyMaterialError, match=words) as caught:
        read_material(text)
    assert len(text) < 20 or text[:20] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_another_type_than_stated_is_refused() -> None:
    with pytest.raises(KeyMaterialError, match="looks like ed25519"):
        read_material(ED25519.secret.reveal(), KeyKind.RSA)
    with pytest.raises(KeyMaterialError, match="made by Binance"):
        generate(KeyKind.HMAC)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "x" * 129, "has a space in its mid", ED25519.secret.reveal(), "ключ" * 8],
    ids=["empty", "short", "long", "spaced", "a private key", "not ascii"],
)
def test_api_keys_that_are_none(text: str) -> None:
    with pytest.raises(KeyMaterialError):
        check_api_key(text)


@pytest.mark.parametrize("form", ["pem", "der", "hex"])
def test_an_encrypted_key_is_opened_with_the_passphrase_that_is_asked_for(form) -> None:
    key = load_pem_private_key(ED25519.secret.reveal().encode(), None)
    encoding = Encoding.PEM if form == "pem" else Encoding.DER
    sealed = key.private_bytes(encoding, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    text = {"pem": sealed.decode(errors="replace"), "der": base64.b64encode(sealed).decode(), "hex": sealed.hex()}[form]
    assert is_encrypted(text)
    assert not is_encrypted(ED25519.secret.reveal())
    opened = read_material(text, None, lambda: Secret("open sesame"))
    assert (opened.kind, opened.secret.reveal()) == (KeyKind.ED25519, ED25519.secret.reveal())
    with pytest.raises(KeyMaterialError, match="does not open") as caught:
        read_material(text, None, lambda: Secret("close sesame"))
    assert "sesame" not in str(caught.value)
    with pytest.raises(KeyMaterialError, match="openssl pkey"):
        read_material(text)


@pytest.mark.parametrize("made", [ED25519, RSA], ids=["ed25519", "rsa"])
def test_pkcs8_in_hex_is_no_hmac_secret(made) -> None:
    data = base64.b64decode(pem_body(made.secret.reveal()))
    for text in (data.hex(), data.hex().upper()):
        assert read_material(text).secret.reveal() == made.secret.reveal()


def test_a_raw_seed_in_hex_is_an_hmac_secret_unless_its_type_is_stated() -> None:
    seed = bytes(range(32)).hex()
    assert read_material(seed).kind is KeyKind.HMAC
    stated = read_material(seed, KeyKind.ED25519).secret.reveal()
    assert stated == read_material(base64.b64encode(bytes(range(32))).decode(), KeyKind.ED25519).secret.reveal()
