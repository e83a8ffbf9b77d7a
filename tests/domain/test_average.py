"""Average prices, against what the executions are worth together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.average import average_price, price_of_rest
from tui.domain.product import Product

D = Decimal
PRODUCTS = st.sampled_from([Product.SPOT, Product.USDM, Product.COINM])
executions = st.lists(st.tuples(st.integers(1, 10**20).map(D), st.integers(1, 10**9).map(lambda n: D(n) / 10**8)))


def worth(product, size, price):
    return size / price if product is Product.COINM else size * price


@given(PRODUCTS, executions)
def test_all_at_the_average_is_worth_what_all_are_worth(product, done) -> None:
    average = average_price(product, done)
    if not done:
        assert average is None
        return
    assert average is not None
    whole = worth(product, sum(size for size, _ in done), average)
    assert whole == pytest.approx(sum(worth(product, *one) for one in done), rel=D("1e-20"))


@given(PRODUCTS, executions, st.tuples(st.integers(1, 10**6).map(D), st.integers(1, 10**9).map(D)))
def test_what_is_left_of_an_average_is_the_price_of_the_last(product, done, last) -> None:
    size = sum((one for one, _ in done), last[0])
    found = price_of_rest(product, size, average_price(product, [*done, last]) or D(0), done)
    if size < 10**9:
        assert found == pytest.approx(last[1], rel=D("1e-6"))


def test_contracts_were_averaged_like_coins() -> None:
    """A contract at 50,000 is worth twice the coin of one at 100,000."""
    assert average_price(Product.COINM, [(D(1), D(50_000)), (D(1), D(100_000))]) == D(200_000) / 3
