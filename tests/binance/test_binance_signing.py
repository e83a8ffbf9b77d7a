"""Signatures against known answers, for each kind of key."""

import base64
import pickle
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from tui.binance.signing import (
    Credentials,
    Ed25519Signer,
    HmacSigner,
    KeyFormatError,
    RsaSigner,
    encode,
    sign_query,
    sign_ws_parameters,
    signer_for,
    text_of,
)
from tui.keys.key_material import KeyKind

SECRET = "simSecret0123456789abcdefSIMSECRET0123456789abcdefSIMsecret01234"
ED25519_BODY = "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
ED25519_PEM = f"-----BEGIN PRIVATE KEY-----\n{ED25519_BODY}\n-----END PRIVATE KEY-----\n"
ORDER = {
    "symbol": "ETHUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.75",
    "price": "2910.40",
    "newClientOrderId": "tui-7",
    "recvWindow": 4000,
    "timestamp": 1795400000123,
}
WS_ORDER = {
    "symbol": "ETHUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.75",
    "price": "2910.40",
    "timestamp": 1795400000123,
}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (ORDER, "9f376d33d3fbb0e3f5f59004b36953b2c2c1eea19c6e68585885d02150db8e80"),
        (
            {"symbols": '["ETHUSDT","BTCUSDT"]', "timestamp": 1795400000123},
            "2d3c76ff240f9a3e312803385f2910a244bbc9987d32ce7aa1a29da1f454ea95",
        ),
        (
            {"symbol": "测试USDT", "timestamp": 1795400000123},
            "bf6c6a4cfdaf4b4c6bbcaa4e28c3446b44d7f975fc3c3a730c1c5241b8c59b13",
        ),
    ],
)
def test_hmac_signs_the_encoded_query(parameters, expected):
    credentials = Credentials("simApiKey0001", signer_for(SECRET))
    query = encode(parameters)
    assert sign_query(credentials, query) == f"{query}&signature={expected}"


def test_hmac_agrees_with_the_futures_documentation():
    secret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
    payload = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000"
        "&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
    )
    assert signer_for(secret).sign(payload) == "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


def test_ws_parameters_are_signed_sorted_and_plain():
    credentials = Credentials("simApiKey0001", HmacSigner(SECRET))
    signed = sign_ws_parameters(credentials, WS_ORDER)
    assert signed["signature"] == "865661e36f125a1a0943cb4684b94c028bd49b72180dda4b5e12f99d1de1edd3"
    subscription = sign_ws_parameters(credentials, {"timestamp": 1795400000123})
    assert subscription["signature"] == "2df745fe7ccfc82a55c92052beb9305feb537b9e8df863dbaa377c3effa51ed1"


@pytest.mark.parametrize("secret", [ED25519_PEM, ED25519_BODY, f"  {ED25519_BODY}\n"])
def test_ed25519_is_read_from_pem_and_from_bare_base64(secret):
    signer = signer_for(secret)
    assert isinstance(signer, Ed25519Signer)
    assert signer.sign(encode(ORDER)) == (
        "TjWxgLwHf8ATHFB7iFRMYW3YOxM/3ma8uDAcAzFdnsOyBqSapAG0gS/VqNhT6PDBwG67TmyIXRp8OSQrHpSkCA=="
    )


def test_base64_signature_is_percent_encoded_on_rest_and_plain_on_the_ws_api():
    credentials = Credentials("simApiKey0001", signer_for(ED25519_PEM))
    assert sign_query(credentials, encode(ORDER)).endswith(
        "&signature=TjWxgLwHf8ATHFB7iFRMYW3YOxM%2F3ma8uDAcAzFdnsOyBqSapAG0gS%2FVqNhT6PDBwG67TmyIXRp8OSQrHpSkCA%3D%3D"
    )
    assert sign_ws_parameters(credentials, WS_ORDER)["signature"] == (
        "tfYgqHVtfswOuQ7vmrnq0KdT2YJeMT3kg+b2pqQfz8JG5xB82VyvBExZQOCiuhmCoRLCxhFR8hUfQWpJPiIHAA=="
    )


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_rsa_key_signs_with_pkcs1_v15(rsa_key):
    pem = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    der = base64.b64encode(rsa_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    for secret in (pem, der):
        signer = signer_for(secret)
        assert isinstance(signer, RsaSigner)
        rsa_key.public_key().verify(base64.b64decode(signer.sign("a=1&b=2")), b"a=1&b=2", padding.PKCS1v15(), SHA256())


def test_encrypted_key_needs_its_passphrase(rsa_key):
    pem = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")).decode()
    assert isinstance(signer_for(pem, "open sesame"), RsaSigner)
    for passphrase in (None, "wrong"):
        with pytest.raises(KeyFormatError):
            signer_for(pem, passphrase)


def test_the_type_of_a_key_can_be_stated_and_overrides_what_it_looks_like():
    seed = bytes(range(32)).hex()
    assert isinstance(signer_for(seed), HmacSigner)
    stated = signer_for(seed, stated=KeyKind.ED25519)
    assert stated.sign(encode(ORDER)) == signer_for(ED25519_PEM).sign(encode(ORDER))
    with pytest.raises(KeyFormatError, match="looks like"):
        signer_for(ED25519_PEM, stated=KeyKind.HMAC)


def test_a_pem_from_an_environment_variable_may_have_its_line_ends_written_out():
    assert isinstance(signer_for(ED25519_PEM.replace("\n", "\\n")), Ed25519Signer)


def test_parameters_split_between_query_and_body_are_signed_joined_without_a_separator():
    """The reference's own answer for a payload in two parts: the parts follow each other without `&`."""
    text = encode(ORDER)
    query, _, body = text.partition("&quantity")
    assert signer_for(SECRET).sign(f"{query}quantity{body}") == (
        "ef594db5a82774d76c864e110392f85ac23229f1933dc34932d8f0693e3e9896"
    )


def test_ed25519_logs_on_as_the_reference_does():
    credentials = Credentials("simApiKey0001", signer_for(ED25519_PEM))
    assert sign_ws_parameters(credentials, {"timestamp": 1795400000123})["signature"] == (
        "EhG64sz2jdRM4ovpMHe5LYdhgwZNmnExmr9ToNsm/9s7BWGA2Pr+ZOioR9f3DXMSsaw+8DBqbWg5WNJzaNkvAw=="
    )


NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.one_of(st.integers(), st.booleans(), st.text(max_size=20)), min_size=1, max_size=6))
def test_what_is_sent_is_what_was_signed_and_says_what_was_meant(parameters):
    """Whatever the values hold, the server finds the signature of exactly the bytes before it, and the same values."""
    signed = sign_query(Credentials("simApiKey0001", HmacSigner(SECRET)), encode(parameters))
    payload, _, signature = signed.rpartition("&signature=")
    assert signature == HmacSigner(SECRET).sign(payload)
    assert payload.isascii()
    assert " " not in payload
    read = dict(parse_qsl(payload, keep_blank_values=True, strict_parsing=True))
    assert read == {name: text_of(value) for name, value in parameters.items()}


def test_a_64_character_secret_is_hmac_although_it_is_valid_base64():
    assert isinstance(signer_for("A" * 64), HmacSigner)


@pytest.mark.parametrize("secret", ["", "  ", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_unusable_secrets_are_named_without_showing_them(secret):
    with pytest.raises(KeyFormatError) as caught:
        signer_for(secret)
    assert "AAAA" not in str(caught.value)


def test_elliptic_curve_keys_are_refused():
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyFormatError, match="neither"):
        signer_for(pem.decode())


def test_credentials_show_and_store_nothing():
    credentials = Credentials("simApiKey0001", signer_for(SECRET))
    for text in (repr(credentials), str(credentials), f"{credentials}"):
        assert "sim" not in text
    with pytest.raises(TypeError):
        pickle.dumps(credentials)


@pytest.mark.parametrize("api_key", ["", "abc\r\nHost: x", "kéy", "a b"])
def test_api_keys_that_would_break_a_header_are_refused(api_key):
    with pytest.raises(KeyFormatError):
        Credentials(api_key, HmacSigner("s"))
