"""Addresses: what is accepted, and what the table says."""

import pytest

from tui.binance.environment import ENVIRONMENTS, AddressError, ProductUrls, environment_urls, is_loopback
from tui.config import DataOptions, Environment, ExecutionOptions, Hosts, Settings
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


FUTURES_HOSTS = {
    "live": ("https://fapi.binance.com", "https://dapi.binance.com"),
    "testnet": ("https://demo-fapi.binance.com", "https://demo-dapi.binance.com"),
    "demo-binance": ("https://demo-fapi.binance.com", "https://demo-dapi.binance.com"),
}


@pytest.mark.parametrize("name", ["live", "testnet", "demo-binance"])
def test_each_environment_of_binance_has_all_products(name):
    urls = ENVIRONMENTS[name]
    assert (urls.usdm.rest, urls.coinm.rest) == FUTURES_HOSTS[name]
    assert urls.usdm.routed
    assert urls.usdm.ws_private.endswith("/private")
    assert not urls.coinm.routed
    assert urls.coinm.ws_private == urls.coinm.ws
    assert urls.spot.ws_api.endswith("/ws-api/v3")
    assert (urls.of(Product.MARGIN) is None) == (name != "live")
    assert urls.of(Product.ISOLATED_MARGIN) == urls.of(Product.MARGIN)


def settings(name="lab", **tables):
    return Settings(environments={name: Environment(**tables)})


def test_one_address_serves_every_product_and_socket():
    urls = environment_urls("lab", settings(base_url="http://127.0.0.1:9000/"))
    for product in Product:
        one = urls.of(product)
        assert (one.rest, one.ws, one.ws_api) == ("http://127.0.0.1:9000", "ws://127.0.0.1:9000", "ws://127.0.0.1:9000")
        assert not one.routed, "a host of one's own is used as it is"
        assert one.ws_private == "ws://127.0.0.1:9000"
    assert urls.real_money


def test_the_nearer_override_wins():
    own = Environment(
        base_url="https://one.example.com",
        usdm=Hosts(rest="https://two.example.com"),
        data=DataOptions(base_url_ws="wss://three.example.com/ws/"),
        execution=ExecutionOptions(
            base_url_ws_user="wss://four.example.com", base_url_ws_api="wss://five.example.com/x"
        ),
    )
    urls = environment_urls("live", Settings(environments={"live": own}))
    assert (urls.spot.rest, urls.usdm.rest) == ("https://one.example.com", "https://two.example.com")
    assert {one.ws for one in (urls.spot, urls.usdm, urls.coinm)} == {"wss://three.example.com"}
    assert urls.usdm.ws_private == "wss://four.example.com"
    assert urls.spot.ws_api == "wss://five.example.com/x"


def test_one_product_of_binances_own_can_be_moved_and_the_others_stay():
    urls = environment_urls("live", settings("live", usdm=Hosts(ws="wss://fstream-mm.binance.com/")))
    assert urls.usdm.routed, "Binance's own split hosts keep their routes"
    assert urls.usdm.rest == "https://fapi.binance.com"
    assert urls.spot == ENVIRONMENTS["live"].spot
    assert urls.real_money


def test_options_that_hold_everywhere_reach_binances_own_environments():
    urls = environment_urls("testnet", Settings(data=DataOptions(base_url_http="https://gate.example.com/")))
    assert {one.rest for one in (urls.spot, urls.usdm, urls.coinm)} == {"https://gate.example.com"}


@pytest.mark.parametrize(
    ("own", "is_real"),
    [
        (Environment(), False),
        (Environment(spot=Hosts(rest="https://api.binance.com")), True),
        (Environment(base_url="http://127.0.0.1:9000"), False),
        (Environment(data=DataOptions(base_url_http="https://gate.example.com")), True),
        (Environment(spot=Hosts(rest="https://api.binance.com"), real_money=False), False),
    ],
)
def test_a_test_network_with_other_addresses_may_move_real_money_unless_it_is_said_not_to(own, is_real):
    """Whoever points `testnet` at the real exchange must not lose the questions that real money asks."""
    assert environment_urls("testnet", Settings(environments={"testnet": own})).real_money is is_real


@pytest.mark.parametrize(
    ("name", "own", "words"),
    [
        ("lab", Environment(), "names no address"),
        ("lab", Environment(spot=Hosts(rest="http://127.0.0.1:1")), "has no ws"),
        ("us", Environment(data=DataOptions(account_type="USDT_FUTURES")), "us has no USD-M Futures"),
        ("testnet", Environment(data=DataOptions(account_type="margin")), "has no Cross margin"),
        ("lab", Environment(base_url="http://api.example.com"), "not encrypted"),
        ("lab", Environment(base_url="api.example.com"), "not a https:// address"),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(name, own, words):
    with pytest.raises(AddressError, match=words):
        environment_urls(name, Settings(environments={name: own}))


def test_an_unknown_environment_is_none():
    assert environment_urls("nowhere", Settings()) is None


@pytest.mark.parametrize("path", ["", "/", "/ws", "/stream", "/ws/"])
def test_stream_addresses_may_end_in_a_kind_of_connection(path):
    assert ProductUrls("https://a.example.com", f"wss://b.example.com{path}").ws == "wss://b.example.com"
