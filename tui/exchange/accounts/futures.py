"""Wallets, positions and margin of futures, linear and inverse: one-way and hedge mode, one margin asset or all.

Formulas: Binance futures reference, "Margin maths" (public FAQ).
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from tui.exchange.accounts.brackets import Bracket, bracket_at, brackets_of, largest_notional
from tui.exchange.accounts.collateral import Collateral
from tui.exchange.accounts.margin_end import margin_end
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE, ROUNDING
from tui.exchange.accounts.open_notional import OpenNotional
from tui.exchange.accounts.positions import BOTH, LONG, SHORT, AccountSummary, Position, PositionState
from tui.exchange.accounts.summaries import summarize, total_in_dollars, worth_in_dollars
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection

ZERO = Decimal(0)
DEFAULT_LEVERAGE = 20
#: What is left of a commission that is paid in BNB (Binance futures fee schedule, 2026).
BNB_DISCOUNT = Decimal("0.9")

#: Wallets have eight decimals.
AMOUNT_UNIT = Decimal("0.00000001")

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
        self._orders = OpenNotional()
        #: Accounts in hedge mode; one setting for all futures products of an account.
        self.hedged: set[str] = set()
        #: Accounts in multi-assets mode, and those that want BNB to pay their commissions.
        self.multi_assets: set[str] = set()
        self.fee_burners: set[str] = set()
        #: What assets are worth to accounts in multi-assets mode; None where there is no such mode.
        self.collateral: Collateral | None = None

    def margin_asset(self, symbol: str) -> str:
        """What a symbol's positions are kept with."""
        return self._listings[symbol].margin_asset

    @property
    def main_asset(self) -> str:
        """The margin asset that an account's totals are told in."""
        return next(iter(self._listings.values())).margin_asset

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
        """Add to a wallet; what an account cannot pay is paid by the insurance fund, and beyond it by the house.

        Accounts in multi-assets mode may owe one asset while others keep it.
        """
        wallet = self._wallets.setdefault(account_id, {})
        after = wallet.get(asset, ZERO) + amount
        may_owe = account_id in (HOUSE, ROUNDING) or account_id in self.multi_assets
        if after < 0 and not may_owe:
            self.credit(HOUSE if account_id == INSURANCE else INSURANCE, asset, after)
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
        return self.held(account_id, symbol, side).state()

    def positions(self, account_id: str) -> list[tuple[str, str, PositionState]]:
        """Symbol, side and state of every position that is not flat."""
        return [(symbol, side, held.state()) for (symbol, side), held in self._open(account_id)]

    def holders(self) -> list[str]:
        """Every account that ever had a position."""
        return list(self._positions)

    def open_legs(self, account_id: str) -> list[Leg]:
        """Symbols and sides of an account's positions."""
        return [leg for leg, _ in self._open(account_id)]

    def configurations(self, account_id: str) -> list[tuple[str, str, Position]]:
        """Every position the account ever had, flat ones too."""
        return [(symbol, side, held) for (symbol, side), held in self._positions.get(account_id, {}).items()]

    def restore(self, account_id: str, symbol: str, side: str, position: Position) -> None:
        """Take a position as read from a state file."""
        position.contract_size = self._listings[symbol].contract_size
        self._positions.setdefault(account_id, {})[symbol, side] = position

    def quantity(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Signed size of a position; SHORT positions are negative."""
        held = self._positions.get(account_id, {}).get((symbol, side))
        return held.quantity if held else ZERO

    def open_interest(self, symbol: str) -> Decimal:
        """What all accounts together are long of a symbol, which is what they are short of it."""
        held = (
            found for positions in self._positions.values() for (name, _), found in positions.items() if name == symbol
        )
        return sum((found.quantity for found in held if found.quantity > 0), ZERO)

    def unrealized_profit(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Profit were the position closed at the mark price."""
        held = self.held(account_id, symbol, side)
        if not held.quantity:
            return ZERO
        return self._listings[symbol].worth(held.quantity, self._mark_of(symbol)) - held.cost

    def notional(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Signed value of a position at the mark price, in the margin asset."""
        quantity = self.quantity(account_id, symbol, side)
        return self._listings[symbol].turnover(quantity, self._mark_of(symbol)) if quantity else ZERO

    def trade(
        self,
        account_id: str,
        symbol: str,
        quantity: Decimal,
        price: Decimal,
        is_maker: bool,
        now_ms: int,
        side: str = BOTH,
    ) -> tuple[Decimal, str, Decimal]:
        """Apply a signed quantity traded at a price; returns commission, its asset and the profit, all booked."""
        listing, rate = self._listings[symbol], self.commission_rates(account_id, symbol)[0 if is_maker else 1]
        fee = (listing.turnover(abs(quantity), price) * rate).quantize(AMOUNT_UNIT, ROUND_HALF_EVEN)
        profit = self.clear(account_id, symbol, quantity, price, now_ms, side)
        asset = listing.margin_asset
        if fee:
            self.held(account_id, symbol, side).note_fee(fee)
            fee, asset = self._fee_in_bnb(account_id, fee) or (fee, asset)
            self.credit(account_id, asset, -fee)
            self.credit(FEES, asset, fee)
        return fee, asset, profit

    def _fee_in_bnb(self, account_id: str, fee: Decimal) -> tuple[Decimal, str] | None:
        """A commission in BNB at its discount, for those who want that and have enough of it."""
        rate = self.collateral.rate("BNB") if self.collateral and account_id in self.fee_burners else None
        if rate is None or not rate.index:
            return None
        amount = (fee * BNB_DISCOUNT / rate.index).quantize(AMOUNT_UNIT, ROUND_HALF_EVEN)
        return (amount, "BNB") if 0 < amount <= self.wallet(account_id, "BNB") else None

    def clear(
        self, account_id: str, symbol: str, quantity: Decimal, price: Decimal, now_ms: int, side: str = BOTH
    ) -> Decimal:
        """Apply a signed quantity at a price, free of commission; returns the realised profit, already booked.

        Wallets have eight decimals: what rounding the profit leaves over goes to the account that collects it.
        """
        asset = self._listings[symbol].margin_asset
        exact = self.held(account_id, symbol, side).trade(quantity, price, now_ms)
        profit = exact.quantize(AMOUNT_UNIT, ROUND_HALF_EVEN)
        self.credit(account_id, asset, profit)
        if exact != profit:
            self.credit(ROUNDING, asset, exact - profit)
        return profit

    # Open orders

    def add_order(
        self, account_id: str, symbol: str, is_buy: bool, quantity: Decimal, price: Decimal, side: str = BOTH
    ) -> None:
        """Count an open order's value; a negative quantity takes it back."""
        self._orders.add(account_id, self._listings[symbol], is_buy, quantity, price, side)

    def open_notional(self, account_id: str, symbol: str, side: str = BOTH) -> tuple[Decimal, Decimal]:
        """Value of open buy and sell orders of a position side that are not reduce-only."""
        return self._orders.of(account_id, symbol, side)

    # Margin

    def position_margin(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Initial margin of the position: its value over its leverage."""
        return abs(self.notional(account_id, symbol, side)) / self.held(account_id, symbol, side).leverage

    def open_order_margin(
        self, account_id: str, symbol: str, bid: Decimal = ZERO, ask: Decimal = ZERO, side: str = BOTH
    ) -> Decimal:
        """Margin of open orders beyond the position's own; `bid` and `ask` ask what more orders would make it."""
        held = self.held(account_id, symbol, side)
        open_bid, open_ask = self.open_notional(account_id, symbol, side)
        if side != BOTH:
            return (open_bid + bid if side == LONG else open_ask + ask) / held.leverage
        signed = self.notional(account_id, symbol, side)
        worst = max(abs(signed + open_bid + bid), abs(signed - open_ask - ask), abs(signed))
        return (worst - abs(signed)) / held.leverage

    def maintenance_margin(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """Margin below which the position is liquidated."""
        notional = abs(self.notional(account_id, symbol, side))
        bracket = bracket_at(self.brackets(symbol), notional)
        return notional * bracket.maintenance_rate - bracket.cum

    def summary(self, account_id: str, asset: str | None = None) -> AccountSummary:
        """All that has this margin asset; without one the whole account, in dollars where its assets count together."""
        if asset is not None:
            return summarize(self, account_id, asset)
        if account_id in self.multi_assets:
            return total_in_dollars(self, account_id)
        return summarize(self, account_id, self.main_asset)

    def liquidation_price(self, account_id: str, symbol: str, side: str = BOTH) -> Decimal:
        """The mark price at which the position would be liquidated, others standing still; zero when there is none.

        Both sides of a crossed symbol in hedge mode share one price.
        """
        held = self.held(account_id, symbol, side)
        if not held.quantity:
            return ZERO
        legs, equity = [held], held.isolated_wallet
        if not held.is_isolated:
            crossed = self.crossed_legs(account_id, self.margin_asset(symbol))
            legs = [self.held(account_id, *leg) for leg in crossed if leg[0] == symbol]
            others = [leg for leg in crossed if leg[0] != symbol]
            equity = self.crossed_equity(account_id, self.margin_asset(symbol), others)
            equity -= self._sum(self.maintenance_margin, account_id, others)
        return margin_end(legs, equity, self._listings[symbol])

    def crossed_wallet(self, account_id: str, asset: str) -> Decimal:
        """The wallet without what isolated positions keep."""
        kept = ZERO
        for (symbol, _), held in self._open(account_id):
            if held.is_isolated and self._listings[symbol].margin_asset == asset:
                kept += held.isolated_wallet
        return self.wallet(account_id, asset) - kept

    def crossed_legs(self, account_id: str, asset: str) -> list[Leg]:
        """Open positions that share the crossed wallet of an asset."""
        return [
            leg
            for leg, held in self._open(account_id)
            if not held.is_isolated and self._listings[leg[0]].margin_asset == asset
        ]

    def pools(self, account_id: str) -> list[list[Leg]]:
        """Open positions by the margin that keeps them: an isolated one alone, crossed ones of an asset together."""
        alone = [[leg] for leg, held in self._open(account_id) if held.is_isolated]
        crossed = [self.crossed_legs(account_id, asset) for asset in self.assets(account_id)]
        return alone + [legs for legs in crossed if legs]

    def equity(self, account_id: str, legs: list[Leg]) -> Decimal:
        """What keeps a pool: its wallet and the profit of its positions."""
        held = self.held(account_id, *legs[0])
        if not held.is_isolated:
            return self.crossed_equity(account_id, self.margin_asset(legs[0][0]), legs)
        return held.isolated_wallet + self._sum(self.unrealized_profit, account_id, legs)

    def crossed_equity(self, account_id: str, asset: str, legs: list[Leg]) -> Decimal:
        """The crossed wallet of an asset, or of all assets that count together, with the profit of these positions."""
        if account_id in self.multi_assets:
            return worth_in_dollars(self, account_id, legs)
        return self.crossed_wallet(account_id, asset) + self._sum(self.unrealized_profit, account_id, legs)

    def needed(self, account_id: str, legs: list[Leg]) -> Decimal:
        """The maintenance margin of a pool."""
        return self._sum(self.maintenance_margin, account_id, legs)

    def move_margin(self, account_id: str, symbol: str, side: str, amount: Decimal) -> None:
        """Add to an isolated position's margin, or take away; Rejection -4049, -4050, -4051 or -4054."""
        held = self.held(account_id, symbol, side)
        if not held.is_isolated:
            raise Rejection(-4049, "Add margin only support for isolated position.")
        if not held.quantity:
            raise Rejection(-4054, "Cannot add position margin: position is 0.")
        if amount > self.summary(account_id, self._listings[symbol].margin_asset).available:
            raise Rejection(-4050, "Cross balance insufficient.")
        profit = min(ZERO, self.unrealized_profit(account_id, symbol, side))
        spare = held.isolated_wallet + profit - self.position_margin(account_id, symbol, side)
        if -amount > max(ZERO, spare):
            raise Rejection(-4051, "Isolated balance insufficient.")
        held.isolated_wallet += amount

    # Settings

    def brackets(self, symbol: str) -> tuple[Bracket, ...]:
        """Leverage brackets, smallest notional first."""
        return brackets_of(self._listings[symbol])

    def largest_notional(self, account_id: str, symbol: str) -> Decimal:
        """The most the account may hold at its leverage."""
        return largest_notional(self.brackets(symbol), self.held(account_id, symbol).leverage)

    def set_leverage(self, account_id: str, symbol: str, leverage: int) -> None:
        """Change a symbol's leverage; Rejection -4028, -2027, -2028 or -4161 when it cannot be."""
        held, all_held = self.held(account_id, symbol), self._every_side(account_id, symbol)
        if not 1 <= leverage <= self.brackets(symbol)[0].initial_leverage:
            raise Rejection(-4028, f"Leverage {leverage} is not valid")
        if held.is_isolated and leverage < held.leverage and any(side.quantity for side in all_held):
            raise Rejection(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions")
        largest = max(abs(self.notional(account_id, symbol, side)) for side in (BOTH, LONG, SHORT))
        if largest > largest_notional(self.brackets(symbol), leverage):
            raise Rejection(-2027, "Exceeded the maximum allowable position at current leverage.")
        before = held.leverage
        for side in all_held:
            side.leverage = leverage
        after = self.summary(account_id, self._listings[symbol].margin_asset)
        if leverage < before and after.initial_margin > after.margin_balance:
            for side in all_held:
                side.leverage = before
            raise Rejection(-2028, "Leverage is smaller than permitted: insufficient margin balance.")

    def set_margin_type(self, account_id: str, symbol: str, isolated: bool) -> None:
        """Change a symbol's margin mode; Rejection -4046, -4047 or -4048 when it cannot be."""
        held = self.held(account_id, symbol)
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

    def held(self, account_id: str, symbol: str, side: str = BOTH) -> Position:
        """The position itself, made when there was none yet."""
        positions = self._positions.setdefault(account_id, {})
        held = positions.get((symbol, side))
        if held is None and side != BOTH:
            like = self.held(account_id, symbol)
            held = positions[symbol, side] = Position(
                leverage=like.leverage, is_isolated=like.is_isolated, contract_size=like.contract_size
            )
        elif held is None:
            leverage = min(DEFAULT_LEVERAGE, self.brackets(symbol)[0].initial_leverage)
            size = self._listings[symbol].contract_size
            held = positions[symbol, side] = Position(leverage=leverage, contract_size=size)
        return held

    def _every_side(self, account_id: str, symbol: str) -> list[Position]:
        return [self.held(account_id, symbol, side) for side in (BOTH, LONG, SHORT)]

    def _open(self, account_id: str) -> list[tuple[Leg, Position]]:
        return [(leg, held) for leg, held in self._positions.get(account_id, {}).items() if held.quantity]

    def touched(self, account_id: str) -> set[Leg]:
        """Symbols and sides with a position or an open order."""
        return self._orders.legs(account_id) | {leg for leg, _ in self._open(account_id)}

    def _sum(self, value: Callable[[str, str, str], Decimal], account_id: str, legs: Iterable[Leg]) -> Decimal:
        return sum((value(account_id, *leg) for leg in legs), ZERO)
