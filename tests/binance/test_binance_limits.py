"""Request limits as the exchange counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.binance.call import Call
from tui.binance.errors import RateLimitedError
from tui.binance.limits import PATH_LIMITS, LimitPools, RateLimit, RateLimits, clock_text, limited_until_ms
from tui.domain.product import Product

MINUTE = 60_000
NOW = 1_795_400_000_000 // MINUTE * MINUTE + 5_000


def read(weight=1, **more):
    return Call("GET", "/read", weight, signed=True, **more)


def place(weight=1, **more):
    return Call("POST", "/place", weight, signed=True, is_order=True, **more)


def cancel(weight=1):
    return Call("DELETE", "/place", weight, signed=True, is_cancel=True)


@pytest.fixture
def limits():
    limits = RateLimits(6_000)
    limits.configure(
        [
            RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 1_000),
            RateLimit("ORDERS", "SECOND", 10, 50),
            RateLimit("ORDERS", "DAY", 1, 160_000),
            RateLimit("RAW_REQUESTS", "MINUTE", 5, 300_000),
            RateLimit("ORDERS", "FORTNIGHT", 1, 3),
        ]
    )
    return limits


def test_headers_state_the_absolute_use_whatever_their_case(limits):
    limits.take_headers({"X-MBX-USED-WEIGHT-1M": "812", "x-mbx-order-count-10s": "7", "Date": "x"}, NOW)
    assert limits.used_weight(NOW) == (812, 1_000)
    assert limits.used_orders(NOW) == (7, 50)


def test_unreadable_headers_change_nothing(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "-1", "x-mbx-used-weight-1x": "5", "x-mbx-used-weight": "9"}, NOW)
    assert limits.used_weight(NOW) == (0, 1_000)


def test_use_is_forgotten_with_its_window(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "1000", "x-mbx-order-count-10s": "50"}, NOW)
    assert limits.used_orders(NOW + 5_000) == (0, 50)
    assert limits.used_weight(NOW + MINUTE) == (0, 1_000)


def test_requests_count_before_the_answer_comes(limits):
    limits.spend(read(20), NOW)
    limits.spend(place(), NOW)
    assert limits.used_weight(NOW) == (21, 1_000)
    assert limits.used_orders(NOW) == (1, 50)


def test_the_more_urgent_goes_first_and_the_last_tenth_is_for_cancels(limits):
    """Of a limit of 1,000: half for the past, 850 for questions, 880 for orders, 900 for what lowers the risk."""
    for call, most in (
        (read(is_history=True), 500),
        (read(), 850),
        (place(), 880),
        (place(reduces=True), 900),
        (cancel(), 1_000),
    ):
        limits.take_headers({"x-mbx-used-weight-1m": str(most - 1)}, NOW)
        assert limits.room_at_ms(call, NOW) is None, call
        limits.take_headers({"x-mbx-used-weight-1m": str(most)}, NOW)
        assert limits.room_at_ms(call, NOW), call


def test_an_order_without_weight_is_not_held_up_by_weight(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "999"}, NOW)
    assert limits.room_at_ms(place(0), NOW) is None


def test_refused_sending_counts_nothing_and_says_until_when(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "840"}, NOW)
    with pytest.raises(RateLimitedError) as caught:
        limits.spend(read(20), NOW)
    assert caught.value.until_ms == NOW - 5_000 + MINUTE
    assert limits.used_weight(NOW) == (840, 1_000)


def test_full_order_window_stops_orders_only_and_keeps_room_for_reducing(limits):
    limits.take_headers({"x-mbx-order-count-10s": "45"}, NOW)
    assert limits.room_at_ms(place(), NOW)
    assert limits.room_at_ms(place(reduces=True), NOW) is None
    limits.take_headers({"x-mbx-order-count-10s": "50"}, NOW)
    assert limits.room_at_ms(place(reduces=True), NOW)
    assert limits.room_at_ms(read(), NOW) is None
    assert limits.room_at_ms(cancel(), NOW) is None
    assert limits.room_at_ms(place(), NOW + 5_000) is None


def test_a_batch_counts_as_the_exchange_counts_it():
    limits = LimitPools().futures
    limits.spend(place(5, orders=5, orders_per_minute=1), NOW)
    assert limits.used_orders(NOW) == (5, 300)
    limits.configure([RateLimit("ORDERS", "MINUTE", 1, 2)])
    assert limits.room_at_ms(place(5, reduces=True, orders=5, orders_per_minute=1), NOW) is None
    assert limits.room_at_ms(place(5, reduces=True, orders=5), NOW)


def test_a_ban_stops_everything_even_cancels_and_says_until_when(limits):
    limits.block(NOW + 1_000, "this address is banned")
    with pytest.raises(RateLimitedError, match=f"not sent: this address is banned until {clock_text(NOW + 1_000)}"):
        limits.spend(cancel(), NOW)
    assert limits.blocked(NOW) == (NOW + 1_000, "this address is banned")
    assert limits.room_at_ms(read(), NOW + 1_000) is None
    assert limits.blocked(NOW + 1_000) == (0, "")


def test_too_many_orders_stop_orders_only(limits):
    limits.block_orders(NOW + 1_000)
    assert limits.room_at_ms(place(reduces=True), NOW)
    assert limits.room_at_ms(read(), NOW) is None
    assert limits.room_at_ms(cancel(), NOW) is None
    assert limits.room_at_ms(place(), NOW + 1_000) is None


@pytest.mark.parametrize("path", sorted(PATH_LIMITS))
def test_each_path_has_a_limit_of_its_own_that_no_cancel_waits_for(path):
    limits = RateLimits(0)
    call = Call("GET", path, 0)
    for _ in range(PATH_LIMITS[path]):
        limits.spend(call, NOW)
    assert limits.room_at_ms(call, NOW)
    assert limits.room_at_ms(Call("GET", "/other", 0), NOW) is None
    assert limits.room_at_ms(Call("DELETE", path, 0, signed=True, is_cancel=True), NOW) is None
    assert limits.room_at_ms(call, NOW + MINUTE) is None


def test_raw_requests_are_counted_too(limits):
    limits.configure([RateLimit("RAW_REQUESTS", "MINUTE", 5, 10)])
    for _ in range(8):
        limits.spend(read(0), NOW)
    assert limits.room_at_ms(read(0), NOW)
    assert limits.room_at_ms(cancel(0), NOW) is None


def test_answers_of_the_websocket_api_state_the_use(limits):
    limits.configure([RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 6_000, 321)], NOW)
    assert limits.used_weight(NOW) == (321, 6_000)


def test_sapi_states_its_use_under_names_of_its_own():
    pools = LimitPools()
    pools.sapi.take_headers({"X-SAPI-USED-IP-WEIGHT-1M": "55"}, NOW)
    assert pools.sapi.used_weight(NOW) == (55, 12_000)


def test_both_futures_share_one_pool_and_spot_has_another():
    pools = LimitPools()
    assert pools.of(Product.USDM) is pools.of(Product.COINM)
    pools.of(Product.COINM).spend(read(2_000), NOW)
    assert pools.of(Product.USDM).room_at_ms(read(100), NOW)
    assert pools.of(Product.SPOT).room_at_ms(read(100), NOW) is None


@given(st.lists(st.tuples(st.sampled_from(["read", "place", "cancel", "past"]), st.integers(0, 60)), max_size=80))
def test_no_window_is_ever_overdrawn_and_a_tenth_is_left_for_cancels(requests):
    limits = RateLimits(1_000, {10_000: 30})
    cancelled = 0
    for kind, weight in requests:
        call = {
            "read": read(weight),
            "place": place(weight),
            "cancel": cancel(weight),
            "past": read(weight, is_history=True),
        }[kind]
        if limits.room_at_ms(call, NOW) is None:
            limits.spend(call, NOW)
            cancelled += weight if kind == "cancel" else 0
    assert limits.used_weight(NOW)[0] <= 1_000
    assert limits.used_weight(NOW)[0] - cancelled <= 900
    assert limits.used_orders(NOW)[0] <= 30


@pytest.mark.parametrize(
    ("headers", "text", "wait_ms"),
    [
        ({"Retry-After": "7"}, "Too many requests", 7_000),
        ({"retry-after": "7"}, f"Way too much; IP banned until {NOW + 99_000}. Please", 99_000),
        ({}, "Too many requests", 10_000),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "", 10_000),
        ({"Retry-After": "9" * 30}, "", 3 * 86_400_000),
    ],
)
def test_how_long_a_limit_lasts(headers, text, wait_ms):
    assert limited_until_ms(headers, text, NOW) == NOW + wait_ms
