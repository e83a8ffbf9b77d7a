"""Wallets, positions and margin of USD-M futures: one-way and hedge mode, single-asset margin.

Formulas: Binance futures reference, "Margin maths" (public FAQ).
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product

from tui.exchange.accounts.brackets import Bracket, bracket_at, brackets_of, largest_notional
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE
from tui.exchange.accounts.positions import BOTH, LONG, SHORT, AccountSummary, Position, PositionState
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection

ZERO = Decimal(0)
DEFAULT_LEVERAGE = 20

_PRICE_UNIT = Decimal("0.00000001")

#: A symbol and one of its position sides.
Leg = tuple[str, str]


class FuturesLedger:
    """Accounts of the futures wallet. `mark_of` gives a symbol's mark price; all values are in the margin asset.

    A position is found by symbol and side: BOTH in one-way mode, LONG and SHORT in hedge mode. Leverage and margin
    mode belong to the symbol, so all its sides have the same.
    """

    def __init__(
        self,
        listings: dict[str, Listing],
        mark_of: Callable[[str], Decimal],
        maker_rate: Decimal = Decimal("0.0002"),
        taker_rate: Decimal = Decimal("0.0005"),
    ) -> None:
        self._listings = listings
        self._mark_of = mark_of
        self._rates = (maker_rate, taker_rate)
        self._wallets: dict[str, dict[str, Decimal]] = {}
        self._positions: dict[str, dict[Leg, Position]] = {}
        self._orders: dict[tuple[str, str, str], list[Decimal]] = {}
        #: Accounts in hedge mode; one setting for all futures products of an account.
        self.hedged: set[str] = set()

    # Wallets

    def accounts(self) -> list[str]:
        """Every account with a wallet."""
        return list(self._wallets)

    def assets(self, account_id: str) -> list[str]:
        """Assets the account ever held."""
        return list(self._wallets.get(account_id, {}))

    def wallet(self, account_id: str, asset: str) -> Decimal:
        """Deposits, realised profit and funding, less commissions."""
        return self._wallets.get(account_id, {}).get(asset, ZERO)

    def credit(self, account_id: str, asset: str, amount: Decimal) -> None:
        """Add to a wallet; what an account cannot pay is paid by the insurance fund."""
        wallet = self._wallets.setdefault(account_id, {})
        after = wallet.get(asset, ZERO) + amount
        if after < 0 and account_id not in (INSURANCE, HOUSE):
            self.credit(INSURANCE, asset, after)
            after = ZERO
        wallet[asset] = after

    def commission_rates(self, account_id: str, symbol: str) -> tuple[Decimal, Decimal]:
        """Maker and taker rate; the participants trade free."""
        return (ZERO, ZERO) if account_id == HOUSE else self._rates

    # Positions

    def sides(self, account_id: str) -> tuple[str, ...]:
        """The position sides the account's orders may have."""
        return (LONG, SHORT) if account_id in self.hedged else (BOTH,)

    def position(self, account_id: str, symbol: str, side: str = BOTH) -> PositionState:
        """The position as it stands; flat where there never was one."""
        return self._position(account_id, symbol, side).state()

    def positions(self, account_id: str) -> list[tuple[str, str, PositionState]]:
        """Symbol, side and state of every position that is not flat."""
        return [(symbol, side, held.state()) for (symbol, side), held in self._open(account_id)]

    def configurations(self, account_id: str) -> list[tuple[str, str, Position]]:
        """Every position the account ever had, flat ones too."""
        return [(symbol, side, held) for (symbol, side), held in self._positions.get(account_id, {}).items()]

    def restore(self, account_id: str, symbol: str, side: str, position: Position) -> None:
        """Take a position as read from a state file."""
        self._positions.setdefault(account_id, {})[symbol, side] = position

    def quantity(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Signed size of a position; SHORT positions are negative."""
        held = self._positions.get(account_id, {}).get((symbol, side))
        return held.quantity if held else ZERO

    def open_interest(self, symbol: str) -> Decimal:
        """What all accounts together are long of a symbol, which is what they are short of it."""
        return sum(
            (
                held.quantity
                for positions in self._positions.values()
                for (name, _), held in positions.items()
                if name == symbol and held.quantity > 0
            ),
            ZERO,
        )

    def unrealized_profit(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Profit were the position closed at the mark price."""
        held = self._position(account_id, symbol, side)
        return held.quantity * self._mark_of(symbol) - held.cost if held.quantity else ZERO

    def trade(
        self,
        account_id: str,
        symbol: str,
        quantity: Decimal,
        price: Decimal,
        is_maker: bool,
        now_ms: int,
        side: str = BOTH,
    ) -> tuple[Decimal, Decimal]:
        """Apply a signed quantity traded at a price; returns commission and realised profit, both already booked."""
        listing = self._listings[symbol]
        held = self._position(account_id, symbol, side)
        profit = held.trade(quantity, price, now_ms)
        rates = self.commission_rates(account_id, symbol)
        fee = (abs(quantity) * price * rates[0 if is_maker else 1]).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        held.note_fee(fee)
        self.credit(account_id, listing.margin_asset, profit - fee)
        if fee:
            self.credit(FEES, listing.margin_asset, fee)
        return fee, profit

    def charge_funding(self, symbol: str, rate: Decimal) -> list[tuple[str, str, Decimal]]:
        """Move funding between the holders of a symbol at the mark price; returns account, side and what it received.

        What rounding leaves over goes to the insurance fund.
        """
        listing, mark, left = self._listings[symbol], self._mark_of(symbol), ZERO
        paid: list[tuple[str, str, Decimal]] = []
        for account_id, positions in self._positions.items():
            for side in (BOTH, LONG, SHORT):
                held = positions.get((symbol, side))
                if held is None or not held.quantity:
                    continue
                payment = -(held.quantity * mark * rate).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
                self.credit(account_id, listing.margin_asset, payment)
                if held.is_isolated:
                    held.isolated_wallet += payment
                paid.append((account_id, side, payment))
                left -= payment
        if left:
            self.credit(INSURANCE, listing.margin_asset, left)
        return paid

    # Open orders

    def add_order(self, account_id: str, symbol: str, is_buy: bool, notional: Decimal, side: str = BOTH) -> None:
        """Count an open order's value (negative to take it back)."""
        self._orders.setdefault((account_id, symbol, side), [ZERO, ZERO])[0 if is_buy else 1] += notional

    def open_notional(self, account_id: str, symbol: str, side: str = BOTH) -> tuple[Decimal, Decimal]:
        """Value of open buy and sell orders of a position side that are not reduce-only."""
        bid, ask = self._orders.get((account_id, symbol, side), (ZERO, ZERO))
        return bid, ask

    # Margin

    def position_margin(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Initial margin of the position: its value over its leverage."""
        held = self._position(account_id, symbol, side)
        return abs(held.quantity) * self._mark_of(symbol) / held.leverage if held.quantity else ZERO

    def open_order_margin(
        self, account_id: str, symbol: str, bid: Decimal = ZERO, ask: Decimal = ZERO, side: str = BOTH
    ) -> Decimal:
        """Margin of open orders beyond the position's own; `bid` and `ask` ask what more orders would make it."""
        held = self._position(account_id, symbol, side)
        open_bid, open_ask = self.open_notional(account_id, symbol, side)
        if side != BOTH:
            return (open_bid + bid if side == LONG else open_ask + ask) / held.leverage
        signed = held.quantity * self._mark_of(symbol) if held.quantity else ZERO
        worst = max(abs(signed + open_bid + bid), abs(signed - open_ask - ask), abs(signed))
        return (worst - abs(signed)) / held.leverage

    def maintenance_margin(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Margin below which the position is liquidated."""
        held = self._position(account_id, symbol, side)
        if not held.quantity:
            return ZERO
        notional = abs(held.quantity) * self._mark_of(symbol)
        bracket = bracket_at(self.brackets(symbol), notional)
        return notional * bracket.maintenance_rate - bracket.cum

    def summary(self, account_id: str) -> AccountSummary:
        """The whole account in its margin asset."""
        wallet = sum(self._wallets.get(account_id, {}).values(), ZERO)
        unrealized = position = orders = maintenance = isolated = crossed_profit = crossed_margin = ZERO
        for symbol, side in self._touched(account_id):
            held = self._position(account_id, symbol, side)
            profit = self.unrealized_profit(account_id, symbol, side)
            margin = self.position_margin(account_id, symbol, side)
            unrealized += profit
            position += margin
            orders += self.open_order_margin(account_id, symbol, side=side)
            maintenance += self.maintenance_margin(account_id, symbol, side)
            if held.is_isolated:
                isolated += held.isolated_wallet
            else:
                crossed_profit += profit
                crossed_margin += margin
        return AccountSummary(
            wallet=wallet,
            unrealized_profit=unrealized,
            margin_balance=wallet + unrealized,
            initial_margin=position + orders,
            position_margin=position,
            open_order_margin=orders,
            maintenance_margin=maintenance,
            available=max(ZERO, wallet - isolated + crossed_profit - crossed_margin - orders),
        )

    def liquidation_price(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """The mark price at which the position would be liquidated, others standing still; zero when there is none.

        Both sides of a crossed symbol in hedge mode share one price.
        """
        held = self._position(account_id, symbol, side)
        if not held.quantity:
            return ZERO
        legs, equity = [held], held.isolated_wallet
        if not held.is_isolated:
            equity = self.crossed_wallet(account_id, self._listings[symbol].margin_asset)
            crossed = [(leg, position) for leg, position in self._open(account_id) if not position.is_isolated]
            legs = [position for (other, _), position in crossed if other == symbol]
            for leg, _ in crossed:
                if leg[0] != symbol:
                    equity += self.unrealized_profit(account_id, *leg) - self.maintenance_margin(account_id, *leg)
        for brackets in product(self.brackets(symbol), repeat=len(legs)):
            price = _margin_end(legs, brackets, equity)
            if price > 0:
                return self._listings[symbol].tick.round(price)
        return ZERO

    def crossed_wallet(self, account_id: str, asset: str) -> Decimal:
        """The wallet without what isolated positions keep."""
        isolated = sum((held.isolated_wallet for _, held in self._open(account_id) if held.is_isolated), ZERO)
        return self.wallet(account_id, asset) - isolated

    def is_under_water(self, account_id: str) -> list[Leg]:
        """Positions to liquidate: all crossed ones when the account's margin is gone, an isolated one by itself."""
        crossed = [leg for leg, held in self._open(account_id) if not held.is_isolated]
        lost = [
            leg
            for leg, held in self._open(account_id)
            if held.is_isolated
            and held.isolated_wallet + self.unrealized_profit(account_id, *leg)
            <= self.maintenance_margin(account_id, *leg)
        ]
        if crossed:
            asset = self._listings[crossed[0][0]].margin_asset
            equity = self.crossed_wallet(account_id, asset) + self._sum(self.unrealized_profit, account_id, crossed)
            if equity <= self._sum(self.maintenance_margin, account_id, crossed):
                lost += crossed
        return lost

    # Settings

    def brackets(self, symbol: str) -> tuple[Bracket, ...]:
        """Leverage brackets, smallest notional first."""
        return brackets_of(self._listings[symbol])

    def largest_notional(self, account_id: str, symbol: str) -> Decimal:
        """The most the account may hold at its leverage."""
        return largest_notional(self.brackets(symbol), self._position(account_id, symbol).leverage)

    def set_leverage(self, account_id: str, symbol: str, leverage: int) -> None:
        """Change a symbol's leverage; Rejection -4028, -2027, -2028 or -4161 when it cannot be."""
        held, all_held = self._position(account_id, symbol), self._every_side(account_id, symbol)
        if not 1 <= leverage <= self.brackets(symbol)[0].initial_leverage:
            raise Rejection(-4028, f"Leverage {leverage} is not valid")
        if held.is_isolated and leverage < held.leverage and any(side.quantity for side in all_held):
            raise Rejection(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions")
        largest = max(abs(side.quantity) for side in all_held) * self._mark_of(symbol)
        if largest > largest_notional(self.brackets(symbol), leverage):
            raise Rejection(-2027, "Exceeded the maximum allowable position at current leverage.")
        before = held.leverage
        for side in all_held:
            side.leverage = leverage
        after = self.summary(account_id)
        if leverage < before and after.initial_margin > after.margin_balance:
            for side in all_held:
                side.leverage = before
            raise Rejection(-2028, "Leverage is smaller than permitted: insufficient margin balance.")

    def set_margin_type(self, account_id: str, symbol: str, isolated: bool) -> None:
        """Change a symbol's margin mode; Rejection -4046, -4047 or -4048 when it cannot be."""
        held = self._position(account_id, symbol)
        if held.is_isolated == isolated:
            raise Rejection(-4046, "No need to change margin type.")
        if any(any(self.open_notional(account_id, symbol, side)) for side in (BOTH, LONG, SHORT)):
            raise Rejection(-4047, "Margin type cannot be changed if there exists open orders.")
        all_held = self._every_side(account_id, symbol)
        if any(side.quantity for side in all_held):
            raise Rejection(-4048, "Margin type cannot be changed if there exists position.")
        for side in all_held:
            side.is_isolated = isolated

    def set_hedged(self, account_id: str, hedged: bool) -> None:
        """Change the position mode; Rejection -4059 or -4068 when it cannot be. The caller looks for open orders."""
        if (account_id in self.hedged) == hedged:
            raise Rejection(-4059, "No need to change position side.")
        if self._open(account_id):
            raise Rejection(-4068, "Position side cannot be changed if there exists position.")
        (self.hedged.add if hedged else self.hedged.discard)(account_id)

    def _position(self, account_id: str, symbol: str, side: str = BOTH) -> Position:
        positions = self._positions.setdefault(account_id, {})
        held = positions.get((symbol, side))
        if held is None and side != BOTH:
            like = self._position(account_id, symbol)
            held = positions[symbol, side] = Position(leverage=like.leverage, is_isolated=like.is_isolated)
        elif held is None:
            leverage = min(DEFAULT_LEVERAGE, self.brackets(symbol)[0].initial_leverage)
            held = positions[symbol, side] = Position(leverage=leverage)
        return held

    def _every_side(self, account_id: str, symbol: str) -> list[Position]:
        return [self._position(account_id, symbol, side) for side in (BOTH, LONG, SHORT)]

    def _open(self, account_id: str) -> list[tuple[Leg, Position]]:
        return [(leg, held) for leg, held in self._positions.get(account_id, {}).items() if held.quantity]

    def _touched(self, account_id: str) -> set[Leg]:
        with_orders = {
            (symbol, side) for (owner, symbol, side), sums in self._orders.items() if owner == account_id and any(sums)
        }
        return with_orders | {leg for leg, _ in self._open(account_id)}

    def _sum(self, value: Callable[[str, str, str], Decimal], account_id: str, legs: Iterable[Leg]) -> Decimal:
        return sum((value(account_id, *leg) for leg in legs), ZERO)


def _margin_end(legs: list[Position], brackets: tuple[Bracket, ...], equity: Decimal) -> Decimal:
    """The price at which equity equals maintenance margin, were each leg in that bracket; zero when it is not."""
    rates = [abs(leg.quantity) * at.maintenance_rate - leg.quantity for leg, at in zip(legs, brackets, strict=True)]
    divisor = sum(rates, ZERO)
    if not divisor:
        return ZERO
    cost = sum((leg.cost for leg in legs), ZERO)
    price = (equity + sum((at.cum for at in brackets), ZERO) - cost) / divisor
    fits = all(
        at.notional_floor <= abs(leg.quantity) * price <= at.notional_cap
        for leg, at in zip(legs, brackets, strict=True)
    )
    return price if price > 0 and fits else ZERO
