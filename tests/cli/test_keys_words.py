"""What a key may do, in words that make its owner act."""

import pytest

from tui.binance.key_check import KeyCheck, KeyPermissions, ProductAnswer
from tui.cli.keys_words import document, permission_words, product_words, warnings
from tui.domain.product import Product

ACCEPTED = (ProductAnswer(Product.SPOT, can_trade=True),)
BOUND = KeyPermissions(ip_restrict=True, enable_reading=True, enable_withdrawals=False)


def test_a_key_that_is_as_it_should_be_warns_of_nothing() -> None:
    assert warnings(KeyCheck(ACCEPTED, BOUND)) == []
    assert permission_words(BOUND)[0] == "It may: read the account"
    assert "withdraw" in permission_words(BOUND)[1]
    assert permission_words(BOUND)[2] == "It may be used from the addresses set at Binance only"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"enable_withdrawals": True}, "it may WITHDRAW"),
        ({"enable_internal_transfer": True}, "it may send to other accounts"),
        ({"ip_restrict": False}, "not bound to an IP address"),
        ({"enable_reading": False}, "may not read the account"),
    ],
)
def test_each_danger_is_warned_of(change: dict[str, bool], words: str) -> None:
    permissions = KeyPermissions(**{"ip_restrict": True, "enable_reading": True, "enable_withdrawals": False} | change)
    (warning,) = warnings(KeyCheck(ACCEPTED, permissions))
    assert words in warning


def test_what_is_not_known_is_never_taken_for_harmless() -> None:
    (warning,) = warnings(KeyCheck(ACCEPTED, None, "this exchange has no such address"))
    assert "whether it may withdraw" in warning
    assert document(KeyCheck(ACCEPTED, None))["may_withdraw"] is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ProductAnswer(Product.SPOT, can_trade=False), "the account may NOT trade"),
        (
            ProductAnswer(Product.SPOT, False, "-2015 Invalid", -2015, True),
            "the key is refused (-2015 Invalid); Binance",
        ),
        (
            ProductAnswer(Product.SPOT, False, "-1021 Timestamp", -1021),
            "no answer to the key (-1021 Timestamp); set this",
        ),
        (ProductAnswer(Product.SPOT, False, "no connection"), "no answer to the key (no connection)"),
    ],
)
def test_answers_of_products(answer: ProductAnswer, words: str) -> None:
    assert words in product_words(answer)


def test_a_key_nobody_asked_about_is_not_accepted() -> None:
    assert not KeyCheck((), None).is_accepted
