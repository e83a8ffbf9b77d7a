"""Request limits as the exchange counts them."""

import pytest

from tui.binance.errors import RateLimitedError
from tui.binance.limits import RateLimit, RateLimits, limited_until_ms

MINUTE = 60_000
NOW = 1_795_400_000_000 // MINUTE * MINUTE + 5_000


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
    limits.spend(20, NOW)
    limits.spend(1, NOW, is_order=True)
    assert limits.used_weight(NOW) == (21, 1_000)
    assert limits.used_orders(NOW) == (1, 50)


def test_the_last_tenth_is_for_cancels(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "899"}, NOW)
    assert limits.may_send(1, NOW)
    assert not limits.may_send(2, NOW)
    assert limits.may_send(2, NOW, is_cancel=True)


def test_refused_sending_counts_nothing_and_says_until_when(limits):
    limits.take_headers({"x-mbx-used-weight-1m": "990"}, NOW)
    with pytest.raises(RateLimitedError) as caught:
        limits.spend(20, NOW)
    assert caught.value.until_ms == NOW - 5_000 + MINUTE
    assert limits.used_weight(NOW) == (990, 1_000)


def test_full_order_window_stops_orders_only(limits):
    limits.take_headers({"x-mbx-order-count-10s": "50"}, NOW)
    assert not limits.may_send(1, NOW, is_order=True)
    assert limits.may_send(1, NOW)
    assert limits.may_send(1, NOW + 5_000, is_order=True)


def test_a_ban_stops_everything_even_cancels(limits):
    limits.block(NOW + 1_000)
    assert not limits.may_send(1, NOW, is_cancel=True)
    assert limits.may_send(1, NOW + 1_000)


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
