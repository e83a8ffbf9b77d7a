"""Leverage brackets: how much may be held at a leverage, and the margin that keeps it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from tui.exchange.listing import Listing


@dataclass(frozen=True, slots=True)
class Bracket:
    """One band of notional value; `cum` makes maintenance margin continuous across bands."""

    bracket: int
    initial_leverage: int
    notional_floor: Decimal
    notional_cap: Decimal
    maintenance_rate: Decimal
    cum: Decimal


# upper notional bound, leverage, maintenance rate
_MAJOR = (
    (300_000, 125, "0.004"),
    (800_000, 100, "0.005"),
    (3_000_000, 75, "0.0065"),
    (12_000_000, 50, "0.01"),
    (70_000_000, 25, "0.02"),
    (100_000_000, 20, "0.025"),
    (230_000_000, 10, "0.05"),
    (480_000_000, 5, "0.1"),
    (600_000_000, 4, "0.125"),
    (800_000_000, 3, "0.15"),
    (1_200_000_000, 2, "0.25"),
    (1_800_000_000, 1, "0.5"),
)
_MINOR = (
    (10_000, 75, "0.01"),
    (50_000, 50, "0.015"),
    (200_000, 25, "0.02"),
    (1_000_000, 20, "0.025"),
    (2_000_000, 10, "0.05"),
    (5_000_000, 5, "0.1"),
    (10_000_000, 2, "0.25"),
    (20_000_000, 1, "0.5"),
)


# Inverse contracts: upper bound in coins where one is worth as much as a Bitcoin, leverage, maintenance rate.
_COINS = (
    (5, 125, "0.004"),
    (10, 100, "0.005"),
    (20, 50, "0.01"),
    (50, 20, "0.025"),
    (100, 10, "0.05"),
    (200, 5, "0.1"),
    (400, 4, "0.125"),
    (1_000, 3, "0.15"),
    (1_500, 2, "0.25"),
    (100_000, 1, "0.5"),
)
#: Coins that were worth about as much as a Bitcoin when the brackets were drawn up.
_COINS_A_BITCOIN = {
    "BTC": 1, "ETH": 25, "BNB": 100, "SOL": 500, "XRP": 40_000, "DOGE": 500_000, "ADA": 200_000, "LINK": 6_000
}  # fmt: skip


def brackets_of(listing: Listing) -> tuple[Bracket, ...]:
    """The brackets of a symbol, smallest notional first; in coins where the contract is inverse."""
    if listing.contract_size is not None:
        return _inverse_brackets(_COINS_A_BITCOIN.get(listing.base, 1_000))
    return _brackets(_MAJOR if listing.base in ("BTC", "ETH") else _MINOR)


@cache
def _brackets(rows: tuple[tuple[int, int, str], ...]) -> tuple[Bracket, ...]:
    brackets: list[Bracket] = []
    floor = rate = cum = Decimal(0)
    for number, (cap, leverage, rate_text) in enumerate(rows, 1):
        cum += floor * (Decimal(rate_text) - rate)
        rate = Decimal(rate_text)
        brackets.append(Bracket(number, leverage, floor, Decimal(cap), rate, cum))
        floor = Decimal(cap)
    return tuple(brackets)


@cache
def _inverse_brackets(coins: int) -> tuple[Bracket, ...]:
    return _brackets(tuple((cap * coins, leverage, rate) for cap, leverage, rate in _COINS))


def bracket_at(brackets: tuple[Bracket, ...], notional: Decimal) -> Bracket:
    """The bracket a notional value falls into; the last one has no upper bound."""
    return next((bracket for bracket in brackets if notional <= bracket.notional_cap), brackets[-1])


def largest_notional(brackets: tuple[Bracket, ...], leverage: int) -> Decimal:
    """The most that may be held at a leverage."""
    return max(bracket.notional_cap for bracket in brackets if bracket.initial_leverage >= leverage)
