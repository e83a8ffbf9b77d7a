"""One account's position in one contract."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from tui.exchange.listing import worth

ZERO = Decimal(0)

#: The sides a position may have: one-way accounts hold BOTH, accounts in hedge mode LONG and SHORT.
BOTH, LONG, SHORT = "BOTH", "LONG", "SHORT"

_PRICE_UNIT = Decimal("0.00000001")
_AMOUNT_UNIT = Decimal("0.00000001")
_COST_UNIT = Decimal("0.000000000001")
#: Of coin there is so little that its price would move with coarser ones.
_COIN_COST_UNIT = Decimal("0.000000000000000001")


@dataclass(frozen=True, slots=True)
class PositionState:
    """A position at one moment; `quantity` is signed, prices are zero when flat."""

    quantity: Decimal
    entry_price: Decimal
    break_even_price: Decimal
    leverage: int
    is_isolated: bool
    isolated_wallet: Decimal
    updated_ms: int
    #: Profit realised on this position so far, before commissions.
    realized: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account's margin at one moment, in the margin asset."""

    wallet: Decimal
    unrealized_profit: Decimal
    margin_balance: Decimal
    initial_margin: Decimal
    position_margin: Decimal
    open_order_margin: Decimal
    maintenance_margin: Decimal
    available: Decimal


@dataclass(slots=True, eq=False)
class Position:
    """A position and the settings of its symbol.

    `cost` is what the position was worth at entry; keeping it instead of the price makes profit and cost add up
    exactly. `fees` are the commissions the open part has cost. `contract_size` is that of inverse contracts.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fees: Decimal = ZERO
    leverage: int = 20
    is_isolated: bool = False
    isolated_wallet: Decimal = ZERO
    updated_ms: int = 0
    realized: Decimal = ZERO
    contract_size: Decimal | None = None

    @property
    def entry_price(self) -> Decimal:
        """Average price of the open part, to eight decimals; zero when flat."""
        return self._price_at(self.cost)

    def _price_at(self, cost: Decimal) -> Decimal:
        """The price at which the position is worth this; zero when there is none."""
        if not self.quantity or not cost:
            return ZERO
        price = cost / self.quantity if self.contract_size is None else -self.quantity * self.contract_size / cost
        return price.quantize(_PRICE_UNIT, ROUND_HALF_EVEN)

    def state(self) -> PositionState:
        """The position as a value."""
        even = self._price_at(self.cost + self.fees)
        return PositionState(
            self.quantity,
            self.entry_price,
            even,
            self.leverage,
            self.is_isolated,
            self.isolated_wallet,
            self.updated_ms,
            self.realized,
        )

    def trade(self, quantity: Decimal, price: Decimal, now_ms: int) -> Decimal:
        """Apply a signed quantity; returns the realised profit. A trade past zero closes and opens the other way."""
        self.updated_ms = now_ms
        closing = ZERO
        if self.quantity and (self.quantity > 0) != (quantity > 0):
            closing = -min(abs(quantity), abs(self.quantity)).copy_sign(self.quantity)
        traded = worth(quantity, price, self.contract_size)
        closed = worth(closing, price, self.contract_size)
        profit = self._close(closing, closed) if closing else ZERO
        opening, opened = quantity - closing, traded - closed
        if opening:
            self.quantity += opening
            self.cost += opened
            if self.is_isolated:
                margin = abs(opened) / self.leverage
                self.isolated_wallet += margin.quantize(_AMOUNT_UNIT, ROUND_HALF_EVEN)
        return profit

    def note_fee(self, fee: Decimal) -> None:
        """Count a commission into the break-even price."""
        self.fees = self.fees + fee if self.quantity else ZERO

    def _close(self, closing: Decimal, closed: Decimal) -> Decimal:
        """Trade towards zero by a signed quantity of the opposite sign, which is worth `closed`."""
        if closing == -self.quantity:
            entered, fees, kept = self.cost, self.fees, ZERO
        else:
            share = -closing / self.quantity
            unit = _COST_UNIT if self.contract_size is None else _COIN_COST_UNIT
            entered = (self.cost * share).quantize(unit, ROUND_HALF_EVEN)
            fees = (self.fees * share).quantize(_COST_UNIT, ROUND_HALF_EVEN)
            kept = (self.isolated_wallet * (1 - share)).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        self.quantity += closing
        self.cost -= entered
        self.fees -= fees
        if self.is_isolated:
            self.isolated_wallet = kept
        profit = -closed - entered
        self.realized += profit
        return profit
