"""Keys from the environment, and secrets that hide."""

import pickle

import pytest

from tui.keys.environment_variables import (
    KeyMissingError,
    key_from_variables,
    outdated_names,
    variable_names,
)
from tui.keys.secret import Secret


@pytest.mark.parametrize(
    ("environment", "futures", "key_name"),
    [
        ("live", False, "BINANCE_API_KEY"),
        ("live", True, "BINANCE_API_KEY"),
        ("testnet", False, "BINANCE_TESTNET_API_KEY"),
        ("testnet", True, "BINANCE_FUTURES_TESTNET_API_KEY"),
        ("demo-binance", True, "BINANCE_DEMO_API_KEY"),
        ("my lab", False, "BINANCE_MY_LAB_API_KEY"),
    ],
)
def test_each_environment_has_its_own_variables(environment: str, futures: bool, key_name: str) -> None:
    assert variable_names(environment, futures=futures)[0] == key_name


def test_live_keys_are_never_used_elsewhere() -> None:
    live = {"BINANCE_API_KEY": "k" * 16, "BINANCE_API_SECRET": "s"}
    assert key_from_variables("testnet", live, futures=False) is None
    assert key_from_variables("lab", live, futures=True) is None


def test_half_a_key_is_named() -> None:
    with pytest.raises(KeyMissingError, match="BINANCE_API_SECRET is not set"):
        key_from_variables("live", {"BINANCE_API_KEY": "k"}, futures=False)


def test_private_key_on_one_line_gets_its_line_breaks_back() -> None:
    pair = key_from_variables(
        "live", {"BINANCE_API_KEY": "abcdefghijklmnop", "BINANCE_API_SECRET": r"-----BEGIN\nX"}, futures=False
    )
    assert pair is not None
    assert pair.secret.reveal() == "-----BEGIN\nX"
    assert pair.masked == "abcd…mnop"


def test_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter2")
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", repr([secret]), repr(secret.__slots__)):
        assert "hunter2" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_names_of_former_times_are_told_with_the_ones_that_are_read() -> None:
    variables = {"BINANCE_TESTNET_ED25519_API_KEY": "k", "BINANCE_API_KEY": "k", "BINANCE_ED25519_API_SECRET": "s"}
    assert outdated_names(variables) == [
        ("BINANCE_ED25519_API_SECRET", "BINANCE_API_SECRET"),
        ("BINANCE_TESTNET_ED25519_API_KEY", "BINANCE_TESTNET_API_KEY"),
    ]
