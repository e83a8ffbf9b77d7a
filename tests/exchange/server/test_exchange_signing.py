"""Signatures of the exchange against vectors made elsewhere, and the clock rule."""

from dataclasses import dataclass

import pytest

from tui.exchange.auth import Authenticator, call_payloads, check_time, rest_payload
from tui.exchange.rejection import Rejection

SECRET = "simSecret0123456789abcdefSIMSECRET0123456789abcdefSIMsecret01234"
ED25519_PUBLIC = "\n".join(
    (
        "-----BEGIN PUBLIC KEY-----",
        "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        "-----END PUBLIC KEY-----",
        "",
    )
)
ORDER = (
    "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.75&price=2910.40"
    "&newClientOrderId=tui-7&recvWindow=4000&timestamp=1795400000123"
)
CALL = {
    "apiKey": "simApiKey0001",
    "price": "2910.40",
    "quantity": "0.75",
    "side": "SELL",
    "symbol": "ETHUSDT",
    "timeInForce": "GTC",
    "timestamp": "1795400000123",
    "type": "LIMIT",
}


@dataclass(frozen=True)
class Key:
    type: str
    secret_or_public: str
    api_key: str = "simApiKey0001"
    account_id: str = "demo"


HMAC, ED25519 = Key("HMAC", SECRET), Key("ED25519", ED25519_PUBLIC)


@pytest.mark.parametrize(
    ("query", "body", "signature"),
    [
        (ORDER, "", "9f376d33d3fbb0e3f5f59004b36953b2c2c1eea19c6e68585885d02150db8e80"),
        (
            ORDER[: ORDER.index("&quantity")],
            ORDER[ORDER.index("quantity") :],
            "ef594db5a82774d76c864e110392f85ac23229f1933dc34932d8f0693e3e9896",
        ),
        (
            "symbols=%5B%22ETHUSDT%22%2C%22BTCUSDT%22%5D&timestamp=1795400000123",
            "",
            "2d3c76ff240f9a3e312803385f2910a244bbc9987d32ce7aa1a29da1f454ea95",
        ),
        (
            "symbol=%E6%B5%8B%E8%AF%95USDT&timestamp=1795400000123",
            "",
            "bf6c6a4cfdaf4b4c6bbcaa4e28c3446b44d7f975fc3c3a730c1c5241b8c59b13",
        ),
    ],
)
def test_hmac_over_raw_query_and_body(query: str, body: str, signature: str) -> None:
    authenticator = Authenticator([HMAC])
    for sent in (query + "&signature=" + signature, "signature=" + signature + "&" + query):
        authenticator.verify(HMAC, [rest_payload(sent, body)], signature)
    authenticator.verify(HMAC, [rest_payload(query, body + "&signature=" + signature)], signature.upper())
    with pytest.raises(Rejection, match="-1022"):
        authenticator.verify(HMAC, [rest_payload(query + " ", body)], signature)


def test_official_futures_vector() -> None:
    key = Key("HMAC", "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9")
    text = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
        "&recvWindow=5000&timestamp=1591702613943"
    )
    Authenticator([key]).verify(
        key, [rest_payload("", text)], "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"
    )


def test_ed25519_and_its_double_encoding() -> None:
    signature = "TjWxgLwHf8ATHFB7iFRMYW3YOxM/3ma8uDAcAzFdnsOyBqSapAG0gS/VqNhT6PDBwG67TmyIXRp8OSQrHpSkCA=="
    authenticator = Authenticator([ED25519])
    authenticator.verify(ED25519, [rest_payload(ORDER, "")], signature)
    authenticator.verify(ED25519, [rest_payload(ORDER, "")], signature.replace("/", "%2F").replace("=", "%3D"))
    for wrong in (signature.swapcase(), "no base64 at all", ""):
        with pytest.raises(Rejection, match="-1022"):
            authenticator.verify(ED25519, [rest_payload(ORDER, "")], wrong)


def test_websocket_calls_sign_sorted_text() -> None:
    shuffled = dict(reversed(CALL.items())) | {"signature": "ignored"}
    Authenticator([HMAC]).verify(
        HMAC, call_payloads(shuffled), "865661e36f125a1a0943cb4684b94c028bd49b72180dda4b5e12f99d1de1edd3"
    )
    Authenticator([ED25519]).verify(
        ED25519,
        call_payloads(shuffled),
        "tfYgqHVtfswOuQ7vmrnq0KdT2YJeMT3kg+b2pqQfz8JG5xB82VyvBExZQOCiuhmCoRLCxhFR8hUfQWpJPiIHAA==",
    )


@pytest.mark.parametrize("special", [{"symbols": '["ETHUSDT"]'}, {"symbols": "ETHUSDT"}])
def test_both_spellings_of_special_characters_are_payloads(special: dict[str, str]) -> None:
    assert len(call_payloads(special)) == (2 if "[" in special["symbols"] else 1)


@pytest.mark.parametrize("api_key", [None, "", "with space", "x" * 129])
def test_malformed_keys(api_key: str | None) -> None:
    with pytest.raises(Rejection, match="-2014") as refused:
        Authenticator([HMAC]).key(api_key)
    assert refused.value.http == 401


def test_unknown_key() -> None:
    with pytest.raises(Rejection, match="-2015"):
        Authenticator([HMAC]).key("nobodysKey")


@pytest.mark.parametrize(
    ("timestamp", "window", "words"),
    [
        (100_000, 5_000, None),
        (95_000, 5_000, None),
        (100_999, 5_000, None),
        (94_999, 5_000, "outside of the recvWindow"),
        (101_000, 60_000, "1000ms ahead"),
    ],
)
def test_clock_rule(timestamp: int, window: int, words: str | None) -> None:
    if words is None:
        check_time(timestamp, window, 100_000)
        return
    with pytest.raises(Rejection, match=words):
        check_time(timestamp, window, 100_000)


def test_either_clock_will_do_when_time_runs_fast() -> None:
    check_time(100_000, 5_000, 900_000, 100_500)
    with pytest.raises(Rejection, match="outside"):
        check_time(500_000, 5_000, 900_000, 100_500)
