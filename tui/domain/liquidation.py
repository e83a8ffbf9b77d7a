"""Margin and liquidation arithmetic of futures, linear and inverse (derivatives reference 7.8).

Linear money is quote, notional `Q·price`; inverse money is coin, notional `Q·C / price` with C USD a contract. Tiers
are in the same money. A liquidation price is where the margin balance of a position has fallen to its maintenance
margin; as maintenance changes with the notional there, each tier is tried and the one that holds itself is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.account import LeverageBracket

_ZERO = Decimal(0)
#: A price so many times the entry is none: what remains of a covered position is the rounding of its margin.
_NOWHERE = 1_000


@dataclass(frozen=True, slots=True)
class Stake:
    """A position as arithmetic sees it: `quantity` signed, `contract_size` None where it is linear."""

    quantity: Decimal
    entry: Decimal
    contract_size: Decimal | None = None

    def notional(self, price: Decimal) -> Decimal:
        """What it is worth at a price, never negative."""
        if self.contract_size is None:
            return abs(self.quantity) * price
        return abs(self.quantity) * self.contract_size / price

    def profit(self, price: Decimal) -> Decimal:
        """What it has won or lost at a price."""
        if self.contract_size is None:
            return self.quantity * (price - self.entry)
        return self.quantity * self.contract_size * (1 / self.entry - 1 / price)

    def after(self, quantity: Decimal, price: Decimal) -> "Stake":
        """The position after trading a signed quantity at a price; a part closed keeps the entry price."""
        held, total = self.quantity, self.quantity + quantity
        if not held or held * total < 0:
            return Stake(total, price, self.contract_size)
        if abs(total) <= abs(held):
            return Stake(total, self.entry, self.contract_size)
        if self.contract_size is None:
            entry = (held * self.entry + quantity * price) / total
        else:
            entry = total / (held / self.entry + quantity / price)
        return Stake(total, entry, self.contract_size)


def realized(stake: Stake, closed: Decimal, price: Decimal) -> Decimal:
    """What closing this much (unsigned) of a position at a price wins or loses, before fees."""
    part = closed if stake.quantity > 0 else -closed
    return Stake(part, stake.entry, stake.contract_size).profit(price)


def bracket_at(brackets: Sequence[LeverageBracket], notional: Decimal) -> LeverageBracket | None:
    """The tier of a notional value: the last beyond the highest cap; None without tiers."""
    for bracket in brackets:
        if notional < bracket.notional_cap:
            return bracket
    return brackets[-1] if brackets else None


def maintenance_margin(brackets: Sequence[LeverageBracket], notional: Decimal) -> Decimal | None:
    """What must stay as margin at a notional value; None without tiers."""
    bracket = bracket_at(brackets, notional)
    return None if bracket is None else max(_ZERO, notional * bracket.maintenance_rate - bracket.maintenance_amount)


def largest_notional(brackets: Sequence[LeverageBracket], leverage: int) -> Decimal | None:
    """The largest position that a leverage allows; None without tiers, zero where none allows it."""
    if not brackets:
        return None
    return max((one.notional_cap for one in brackets if one.max_leverage >= leverage), default=_ZERO)


def liquidation_price(stake: Stake, wallet: Decimal, brackets: Sequence[LeverageBracket]) -> Decimal | None:
    """Where one position would be liquidated, None where nowhere.

    `wallet` is what stands behind it: an isolated wallet, or the cross wallet less the maintenance margin of the other
    cross positions plus their unrealised profit (WB − T + U).
    """
    if not stake.quantity:
        return None
    for bracket in brackets:
        price = _at_tier(stake, wallet, bracket)
        if price is not None and _holds(stake, price, bracket):
            return price if price < stake.entry * _NOWHERE else None
    return None


def _at_tier(stake: Stake, wallet: Decimal, bracket: LeverageBracket) -> Decimal | None:
    size, sign = abs(stake.quantity), Decimal(1 if stake.quantity > 0 else -1)
    rate, amount = bracket.maintenance_rate, bracket.maintenance_amount
    if stake.contract_size is None:
        over, under = wallet + amount - sign * size * stake.entry, size * (rate - sign)
    else:
        over = size * (rate + sign)
        under = (wallet + amount) / stake.contract_size + sign * size / stake.entry
    if not under or over / under <= 0:
        return None
    return over / under


def _holds(stake: Stake, price: Decimal, bracket: LeverageBracket) -> bool:
    return bracket.notional_floor <= stake.notional(price) <= bracket.notional_cap


def hedged_liquidation_price(
    long: Stake, short: Stake, wallet: Decimal, brackets: Sequence[LeverageBracket]
) -> Decimal | None:
    """Where a cross long and short of one contract, held apart, would be liquidated; None where nowhere."""
    for of_long in brackets:
        for of_short in brackets:
            price = _both_at_tiers(long, short, wallet, of_long, of_short)
            if price is not None and _holds(long, price, of_long) and _holds(short, price, of_short):
                return price
    return None


def _both_at_tiers(
    long: Stake, short: Stake, wallet: Decimal, of_long: LeverageBracket, of_short: LeverageBracket
) -> Decimal | None:
    """Where balance and maintenance of both sides together are equal, were these their tiers."""
    bought, sold = abs(long.quantity), abs(short.quantity)
    balance = wallet + of_long.maintenance_amount + of_short.maintenance_amount
    # By how much each side's notional counts at the price: maintenance, less what a long wins, plus what a short loses.
    longs, shorts = bought * (of_long.maintenance_rate - 1), sold * (of_short.maintenance_rate + 1)
    if long.contract_size is None:
        over, under = balance - bought * long.entry + sold * short.entry, longs + shorts
    else:
        # In coin a long's loss and a short's win grow with 1 / price.
        longs, shorts = bought * (of_long.maintenance_rate + 1), sold * (of_short.maintenance_rate - 1)
        over, under = longs + shorts, balance / long.contract_size + bought / long.entry - sold / short.entry
    if not under or over / under <= 0:
        return None
    return over / under
