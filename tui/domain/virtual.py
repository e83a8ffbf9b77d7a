"""Positions that the program itself keeps, long and short apart, over the one net position that the exchange holds.

Every execution belongs to the long, to the short, or to neither: what no order of a virtual position explains is
unassigned. The three always add up to the exchange's net position, and what they have realised adds up to what it has.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui.domain.order_terms import PositionSide
from tui.domain.product import Product

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a net position: signed `quantity`, what it cost, what was realised of it, fees apart.

    `cost` is the sum of quantity times worth of its price, and `realized` the same measure: quote units, or coin per
    contract size where the contract is inverse (`worth`).
    """

    quantity: Decimal = _ZERO
    cost: Decimal = _ZERO
    realized: Decimal = _ZERO

    def traded(self, quantity: Decimal, worth: Decimal) -> "Share":
        """The share after a signed quantity traded at a price of this worth; more than closes it turns it round."""
        if self.quantity * quantity >= 0:
            return replace(self, quantity=self.quantity + quantity, cost=self.cost + quantity * worth)
        closed = quantity if abs(quantity) <= abs(self.quantity) else -self.quantity
        share = self.cost if closed == -self.quantity else self.cost * abs(closed) / abs(self.quantity)
        rest = quantity - closed
        return Share(
            self.quantity + quantity,
            self.cost - share + rest * worth,
            self.realized - closed * worth - share,
        )

    def without(self, quantity: Decimal, worth: Decimal) -> "Share":
        """The share as if a signed quantity had never traded at a price of this worth; it must stay on its side."""
        left = self.quantity - quantity
        if self.quantity * quantity > 0:
            return replace(self, quantity=left, cost=self.cost - quantity * worth)
        entry = self.cost / self.quantity
        return Share(left, entry * left, self.realized + quantity * (worth - entry))

    def entry_price(self, product: Product) -> Decimal:
        """The average price it was entered at; zero where it is flat."""
        if not self.quantity or not self.cost:
            return _ZERO
        return -self.quantity / self.cost if product is Product.COINM else self.cost / self.quantity


FLAT = Share()


@dataclass(frozen=True, slots=True)
class VirtualPositions:
    """The virtual positions of one contract; `long` is never negative, `short` never positive."""

    product: Product
    symbol: str
    long: Share = FLAT
    short: Share = FLAT
    unassigned: Share = FLAT
    #: The exchange's time of the newest execution in it.
    time_ms: int = 0

    @property
    def net(self) -> Decimal:
        """What they add up to."""
        return self.long.quantity + self.short.quantity + self.unassigned.quantity

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held, opposites included."""
        return not (self.long.quantity or self.short.quantity or self.unassigned.quantity)

    def share(self, side: PositionSide) -> Share:
        """One of the three; BOTH is the unassigned one."""
        return {PositionSide.LONG: self.long, PositionSide.SHORT: self.short}.get(side, self.unassigned)

    def booked(self, quantity: Decimal, price: Decimal, side: PositionSide, time_ms: int = 0) -> "VirtualPositions":
        """A signed execution in the position of this side; what would turn a long or short round is unassigned."""
        fits = quantity
        held = self.share(side).quantity
        if side is PositionSide.LONG:
            fits = max(quantity, -held)
        elif side is PositionSide.SHORT:
            fits = min(quantity, -held)
        at = worth(self.product, price)
        after = self._with(side, self.share(side).traded(fits, at)) if fits else self
        if fits != quantity:
            rest = after.unassigned.traded(quantity - fits, at)
            after = after._with(PositionSide.BOTH, rest)
        return replace(after, time_ms=max(self.time_ms, time_ms))

    def settled(self, net: Decimal, price: Decimal) -> "VirtualPositions":
        """Adding up to what the exchange states: the difference is unassigned, as if it had traded at this price."""
        difference = net - self.net
        return self.booked(difference, price, PositionSide.BOTH) if difference else self

    def crossed(self, price: Decimal) -> "VirtualPositions":
        """All of them closed against each other at one price, where they add up to nothing; raises ValueError else."""
        if self.net:
            raise ValueError(f"{self.symbol} holds {self.net:f} net: only opposites that cancel out can be crossed")
        at = worth(self.product, price)
        long, short, rest = (one.traded(-one.quantity, at) for one in (self.long, self.short, self.unassigned))
        return replace(self, long=long, short=short, unassigned=rest)

    def taken_back(self, quantity: Decimal, price: Decimal, side: PositionSide) -> "VirtualPositions":
        """As if a signed execution had never been booked in the position of this side.

        What it closed or turned wholly has no entry to go back to: that stands as if traded back at the same price.
        """
        share, at = self.share(side), worth(self.product, price)
        if share.quantity * (share.quantity - quantity) > 0:
            return self._with(side, share.without(quantity, at))
        return self.booked(-quantity, price, side)

    def moved(self, quantity: Decimal, price: Decimal, side: PositionSide) -> "VirtualPositions":
        """An execution that was taken for unassigned, in the position that it turns out to belong to."""
        return self.taken_back(quantity, price, PositionSide.BOTH).booked(quantity, price, side)

    def _with(self, side: PositionSide, share: Share) -> "VirtualPositions":
        if side is PositionSide.LONG:
            return replace(self, long=share)
        if side is PositionSide.SHORT:
            return replace(self, short=share)
        return replace(self, unassigned=share)


def worth(product: Product, price: Decimal) -> Decimal:
    """What one unit is worth at a price, up to a constant: the price, or less its inverse where profit is in coin."""
    return -1 / price if product is Product.COINM else price
