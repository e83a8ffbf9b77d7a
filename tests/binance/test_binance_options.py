"""Every option of the clients reaches what it is about; those with a test of their own elsewhere are not here."""

from decimal import Decimal as D

import pytest
from futures_orders import client, order
from test_futures_events import UPDATE, Account

from tui.binance.environment import ProductUrls
from tui.binance.futures.requests import placement
from tui.binance.market_stream import ProductMarketStream
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.config import DataOptions, ExecutionOptions, Options
from tui.domain.order_terms import OrderType, Terms
from tui.domain.product import Product

URLS = ProductUrls("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1/ws-fapi/v1")
EVERY = (Product.SPOT, Product.MARGIN, Product.ISOLATED_MARGIN, Product.USDM, Product.COINM)


def options(**execution) -> Options:
    return Options(execution=ExecutionOptions(**execution))


@pytest.mark.parametrize("product", EVERY)
def test_retries_and_the_receive_window_are_those_of_every_client(product) -> None:
    chosen = options(max_retries=4, retry_delay_initial_ms=250, retry_delay_max_ms=700, recv_window_ms=9_000)
    rest = open_client(product, URLS, Credentials("k", signer_for("s" * 64)), chosen).rest
    assert (rest._retries.most, rest._retries.first_s, rest._retries.longest_s) == (4, 0.25, 0.7)
    assert rest._recv_window_ms == 9_000
    plain = open_client(product, URLS, None, Options()).rest
    assert (plain._retries.most, plain._retries.first_s, plain._retries.longest_s) == (0, 1.0, 10.0)


@pytest.mark.parametrize("product", [Product.USDM, Product.COINM])
def test_a_listen_key_is_given_up_after_as_many_failures_as_chosen(product) -> None:
    credentials = Credentials("k", signer_for("s" * 64))
    chosen = options(listen_key_ping_max_failures=7)
    stream = open_client(product, URLS, credentials, chosen).user_stream(object())
    assert stream._session._most_failures == 7


def test_other_keys_of_account_streams_took_three_failures_whatever_was_chosen() -> None:
    """Those of cross margin's risk events, and of Binance US."""
    credentials = Credentials("k", signer_for("s" * 64))
    chosen = options(listen_key_ping_max_failures=7)
    margin = open_client(Product.MARGIN, URLS, credentials, chosen).user_stream(object())
    assert margin._risk._key_calls.most_failures == 7
    spot = open_client(Product.SPOT, URLS, credentials, chosen)
    assert spot._us_link(print, print)._key_calls.most_failures == 7


@pytest.mark.parametrize(("uses", "trigger"), [(True, "triggerPrice"), (False, "stopPrice")])
def test_conditional_orders_go_where_the_exchange_wants_them(uses, trigger) -> None:
    dialect = client(Product.USDM, options(use_algo_service=uses)).dialect
    said = placement(order(OrderType.STOP_MARKET, terms=Terms(trigger_price=D(88_000))), dialect, 0)
    assert trigger in said
    assert ("algoType" in said) is uses


def test_a_fee_that_is_not_told_is_estimated_by_the_rate_chosen() -> None:
    untold = {key: value for key, value in UPDATE["o"].items() if key not in ("N", "n")}
    event = {**UPDATE, "o": {**untold, "c": "adl_autoclose"}}
    fees = [
        Account(Product.USDM, **how).take(event).report.fill.commission
        for how in ({}, {"default_taker_fee": D("0.001")})
    ]
    assert fees == [D("0.366"), D("0.915")]


@pytest.mark.parametrize(("interval_ms", "suffix"), [(0, "depth@0ms"), (100, "depth@100ms"), (500, "depth@500ms")])
def test_the_speed_of_books_is_the_one_chosen(interval_ms, suffix) -> None:
    stream = ProductMarketStream(Product.USDM, URLS, object(), DataOptions(book_interval_ms=interval_ms))
    assert stream.names.book_suffix == suffix


def test_spot_market_data_is_read_as_json_alone() -> None:
    assert DataOptions(spot_market_data_mode="json").spot_market_data_mode == "json"
    with pytest.raises(ValueError, match="spot_market_data_mode is 'SBE'; choose one of JSON"):
        DataOptions(spot_market_data_mode="SBE")
