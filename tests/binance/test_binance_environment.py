"""Addresses: what is accepted, and what the table says."""

import pytest

from tui.binance.environment import ENVIRONMENTS, AddressError, ProductUrls, is_loopback
from tui.domain.product import Product


@pytest.mark.parametrize(
    ("rest", "ws"),
    [
        ("http://api.example.com", "wss://ws.example.com"),
        ("https://api.example.com", "ws://ws.example.com"),
        ("ftp://api.example.com", "wss://ws.example.com"),
        ("https://", "wss://ws.example.com"),
        ("https://api.example.com:99999", "wss://ws.example.com"),
        ("https://user:secret@api.example.com", "wss://ws.example.com"),
        ("https://api.example.com?x=1", "wss://ws.example.com"),
        ("http://127.0.0.1.example.com", "wss://ws.example.com"),
    ],
)
def test_addresses_that_leave_the_machine_must_be_encrypted_and_bare(rest, ws):
    with pytest.raises(AddressError) as caught:
        ProductUrls(rest, ws)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_loopback_may_be_plain(host):
    urls = ProductUrls(f"http://{host}/", f"ws://{host}/")
    assert urls.rest == f"http://{host}"
    assert urls.is_loopback


def test_loopback_is_not_guessed_from_the_beginning_of_a_name():
    assert not is_loopback("https://localhost.example.com")
    assert not is_loopback("https://127.0.0.1.nip.example")


def test_only_live_and_us_move_real_money_and_only_binances_futures_are_routed():
    assert {name for name, urls in ENVIRONMENTS.items() if urls.real_money} == {"live", "us"}
    assert ENVIRONMENTS["live"].usdm.routed
    assert not ENVIRONMENTS["live"].spot.routed
    assert ENVIRONMENTS["us"].of(Product.USDM) is None
    assert ENVIRONMENTS["live"].of(Product.MARGIN) is ENVIRONMENTS["live"].spot
