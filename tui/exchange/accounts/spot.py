"""Balances of the spot wallet."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from tui.exchange.accounts.names import FEES, HOUSE

ZERO = Decimal(0)

#: Decimals of a commission (Binance: eight for every asset).
COMMISSION_UNIT = Decimal("0.00000001")

#: Multiplier on commission paid in BNB (Binance spot API docs, "Commission FAQ", 2026-07-21).
BNB_DISCOUNT = Decimal("0.75")


class InsufficientBalanceError(Exception):
    """More was asked of a balance than it holds free."""


class SpotLedger:
    """Free and locked amounts per account and asset; no amount is ever negative, and only fees and trades move any."""

    def __init__(self, maker_rate: Decimal = Decimal("0.001"), taker_rate: Decimal = Decimal("0.001")) -> None:
        self._free: dict[str, dict[str, Decimal]] = {}
        self._locked: dict[str, dict[str, Decimal]] = {}
        self._rates = (maker_rate, taker_rate)
        #: Accounts that pay commission in BNB, at a discount, while they have enough of it.
        self.pays_fees_in_bnb: set[str] = set()

    def accounts(self) -> list[str]:
        """Every account that ever held anything."""
        return list(self._free)

    def balances(self, account_id: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Free and locked amount of every asset the account ever held."""
        locked = self._locked.get(account_id, {})
        return {asset: (free, locked.get(asset, ZERO)) for asset, free in self._free.get(account_id, {}).items()}

    def free(self, account_id: str, asset: str) -> Decimal:
        """What the account may spend."""
        return self._free.get(account_id, {}).get(asset, ZERO)

    def locked(self, account_id: str, asset: str) -> Decimal:
        """What the account's open orders hold."""
        return self._locked.get(account_id, {}).get(asset, ZERO)

    def commission_rates(self, account_id: str, symbol: str) -> tuple[Decimal, Decimal]:
        """Maker and taker rate; the participants trade free."""
        return (ZERO, ZERO) if account_id == HOUSE else self._rates

    def deposit(self, account_id: str, asset: str, amount: Decimal) -> None:
        """Credit an account from outside the exchange."""
        self._add(account_id, asset, amount)

    def restore(self, account_id: str, asset: str, free: Decimal, locked: Decimal) -> None:
        """Set both amounts, as read from a state file."""
        self._free.setdefault(account_id, {})[asset] = free
        self._locked.setdefault(account_id, {})[asset] = locked

    def lock(self, account_id: str, asset: str, amount: Decimal) -> None:
        """Set aside for an order; InsufficientBalanceError when less is free."""
        self._take(account_id, asset, amount)
        held = self._locked.setdefault(account_id, {})
        held[asset] = held.get(asset, ZERO) + amount

    def release(self, account_id: str, asset: str, amount: Decimal) -> None:
        """Give back what an order held."""
        self._unlock(account_id, asset, amount)
        self._add(account_id, asset, amount)

    def spend(self, account_id: str, asset: str, amount: Decimal, held: Decimal) -> None:
        """Pay `amount` out of the `held` part of the locked balance and return the rest of it to free.

        With nothing held (market orders) the amount leaves the free balance; InsufficientBalanceError when it lacks.
        """
        if not held:
            self._take(account_id, asset, amount)
            return
        self._unlock(account_id, asset, held)
        if held != amount:
            self._add(account_id, asset, held - amount)

    def receive(
        self, account_id: str, asset: str, amount: Decimal, rate: Decimal, in_bnb: Callable[[str], Decimal | None]
    ) -> tuple[Decimal, str]:
        """Credit an amount less its commission; returns the commission and the asset it was paid in.

        `in_bnb` gives the price of one unit of an asset in BNB, or None while unknown.
        """
        if not rate:
            self._add(account_id, asset, amount)
            return ZERO, asset
        if account_id in self.pays_fees_in_bnb:
            price = in_bnb(asset)
            if price is not None:
                fee = _commission(amount * rate * BNB_DISCOUNT * price)
                if 0 < fee <= self.free(account_id, "BNB"):
                    self._add(account_id, asset, amount)
                    self._take(account_id, "BNB", fee)
                    self._add(FEES, "BNB", fee)
                    return fee, "BNB"
        fee = _commission(amount * rate)
        self._add(account_id, asset, amount - fee)
        self._add(FEES, asset, fee)
        return fee, asset

    def _add(self, account_id: str, asset: str, amount: Decimal) -> None:
        free = self._free.setdefault(account_id, {})
        free[asset] = free.get(asset, ZERO) + amount

    def _take(self, account_id: str, asset: str, amount: Decimal) -> None:
        free = self.free(account_id, asset)
        if amount > free:
            raise InsufficientBalanceError(f"{account_id} has {free} {asset} free, not {amount}")
        self._free.setdefault(account_id, {})[asset] = free - amount

    def _unlock(self, account_id: str, asset: str, amount: Decimal) -> None:
        held = self.locked(account_id, asset)
        if amount > held:
            raise InsufficientBalanceError(f"{account_id} has {held} {asset} locked, not {amount}")
        self._locked[account_id][asset] = held - amount


def _commission(amount: Decimal) -> Decimal:
    return amount.quantize(COMMISSION_UNIT, ROUND_DOWN)
