"""Ticks and lots are exact in both directions."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.domain.increment import Increment, OffIncrementError, parse_decimal

D = Decimal
SIZES = st.sampled_from(["0.00000001", "0.0001", "0.01", "0.05", "0.25", "0.5", "1", "5", "10", "1000", "0.10"])


@given(SIZES, st.integers(-(10**15), 10**15))
def test_text_and_count_are_each_others_inverse(size, count) -> None:
    increment = Increment(D(size))
    assert increment.count(increment.text(count)) == count
    assert D(increment.text(count)) == increment.value(count)
    assert increment.fits(increment.value(count))


@given(SIZES, st.decimals(-1_000_000, 1_000_000, places=9))
def test_rounding_goes_the_asked_way_by_less_than_a_step(size, value) -> None:
    increment = Increment(D(size))
    down, up = increment.round(value, "down"), increment.round(value, "up")
    assert down <= value <= up
    assert up - down in (0, increment.size)
    assert increment.round(value) in (down, up)
    assert increment.fits(down)


@pytest.mark.parametrize("text", ["nan", "inf", "1e5", "1_000", "1,5", "", "--1", "0x1", " 1", "١"])
def test_what_is_no_plain_number_is_refused(text) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_decimal(text)


@example("0.00000001", 34_359_738_369, 0)
@given(SIZES, st.integers(0, 10**15 - 1), st.integers(0, 8))
def test_a_double_counts_as_its_text(size, digits, decimals) -> None:
    """Whatever 15 digits say, the double they are read as says the same, also where it is off the step."""
    increment, text = Increment(D(size)), f"{D(digits).scaleb(-decimals):f}"
    assert outcome(lambda: increment.count_double(float(text))) == outcome(lambda: increment.count(text))


def outcome(count):
    try:
        return count()
    except OffIncrementError:
        return "off"


def test_off_the_step_is_refused_with_value_and_step() -> None:
    with pytest.raises(OffIncrementError, match=r"0.15 is not a multiple of 0.1"):
        Increment(D("0.10")).count("0.15")


def test_text_has_the_decimals_of_the_step() -> None:
    assert Increment(D("0.10")).text(5) == "0.5"
    assert Increment(D("0.00000010")).text(123) == "0.0000123"
    assert Increment(D(5)).text(3) == "15"
    assert Increment(D("0.01")).text(-5) == "-0.05"


def test_formatting_never_cuts_decimals() -> None:
    assert Increment(D("0.1")).format(D("2")) == "2.0"
    assert Increment(D("0.1")).format(D("2.345")) == "2.345"


@pytest.mark.parametrize("size", ["0", "-1", "NaN", "Infinity"])
def test_a_step_is_a_positive_number(size) -> None:
    with pytest.raises(ValueError, match="positive"):
        Increment(D(size))


def test_nothing_has_no_sign_and_few_digits_count_as_many() -> None:
    cents = Increment(D("0.01"))
    assert (cents.text(0), cents.text(-1)) == ("0.00", "-0.01")
    assert [cents.count(text) for text in ("1", "1.0", "1.00", "1.000", "-1.5")] == [100, 100, 100, 100, -150]


def test_a_number_too_large_to_be_exact_is_refused() -> None:
    cents = Increment(D("0.01"))
    assert cents.count("9" * 26) == int("9" * 26) * 100
    for text in ("9" * 27, "1." + "0" * 60):
        with pytest.raises(ValueError, match="is too large a number"):
            cents.count(text)


def test_how_many_make_a_unit_is_told_where_it_is_a_whole_number() -> None:
    assert [Increment(D(size)).per_unit for size in ("0.01", "1", "0.25", "10")] == [100.0, 1.0, 0.0, 0.0]
