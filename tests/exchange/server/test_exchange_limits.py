"""Windows aligned to the clock, weights, order counts, and giving an order back."""

import pytest

from tui.exchange.limits import FUTURES_WORDS, PATIENCE, Budget, RateLimit, RateLimitedRejection, Window

MINUTE = RateLimit("REQUEST_WEIGHT", "MINUTE", 1, 10)
TEN_SECONDS = RateLimit("ORDERS", "SECOND", 10, 2)


def test_windows_start_on_the_clock() -> None:
    window = Window(MINUTE)
    window.add(7, 59_999)
    assert (window.used(59_999), window.used(60_000)) == (7, 0)
    assert window.end_ms(61_000) == 120_000
    assert (MINUTE.suffix, TEN_SECONDS.suffix) == ("1M", "10S")


def test_weight_over_the_limit_is_refused_and_not_counted() -> None:
    budget = Budget(MINUTE, [TEN_SECONDS])
    budget.charge(8, 0)
    with pytest.raises(RateLimitedRejection, match="current limit is 10 request weight per 1 MINUTE") as refused:
        budget.charge(3, 30_000)
    assert (refused.value.http, refused.value.code, refused.value.retry_at_ms) == (429, -1003, 60_000)
    budget.charge(2, 30_000)
    budget.charge(10, 60_000)


def test_futures_count_requests_and_say_so() -> None:
    budget = Budget(MINUTE, [TEN_SECONDS], words=FUTURES_WORDS)
    for _ in range(PATIENCE):
        with pytest.raises(RateLimitedRejection, match=r"^-1003 Too many requests; current limit is 10 requests per"):
            budget.charge(11, 0)
    with pytest.raises(RateLimitedRejection, match=r"^-1003 Way too many requests; IP banned until 120000"):
        budget.note_request(1)


def test_orders_are_counted_by_account_and_given_back() -> None:
    budget = Budget(MINUTE, [TEN_SECONDS])
    budget.charge_orders("a", 2, 0)
    with pytest.raises(RateLimitedRejection, match="current limit is 2 orders per 10 SECOND"):
        budget.charge_orders("a", 1, 9_999)
    budget.charge_orders("b", 1, 0)
    budget.give_back("a", 1)
    budget.charge_orders("a", 1, 2)
    for _ in range(9):
        budget.give_back("b", 3)
    assert budget.orders("b")[0].used(3) == 0
