"""Wallets, positions and margin of USD-M futures: one-way mode, single-asset margin.

Formulas: Binance futures reference, "Margin maths" (public FAQ).
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal

from tui.exchange.accounts.brackets import Bracket, bracket_at, brackets_of, largest_notional
from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE
from tui.exchange.accounts.positions import AccountSummary, Position, PositionState
from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection

ZERO = Decimal(0)
DEFAULT_LEVERAGE = 20

_PRICE_UNIT = Decimal("0.00000001")


class FuturesLedger:
    """Accounts of the futures wallet. `mark_of` gives a symbol's mark price; all values are in the margin asset."""

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
        self._positions: dict[str, dict[str, Position]] = {}
        self._orders: dict[tuple[str, str], list[Decimal]] = {}

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

    def position(self, account_id: str, symbol: str) -> PositionState:
        """The position as it stands; flat where there never was one."""
        return self._position(account_id, symbol).state()

    def positions(self, account_id: str) -> list[tuple[str, PositionState]]:
        """Every position that is not flat."""
        return [(symbol, held.state()) for symbol, held in self._open(account_id)]

    def configurations(self, account_id: str) -> list[tuple[str, Position]]:
        """Every symbol the account ever touched, flat ones too."""
        return list(self._positions.get(account_id, {}).items())

    def restore(self, account_id: str, symbol: str, position: Position) -> None:
        """Take a position as read from a state file."""
        self._positions.setdefault(account_id, {})[symbol] = position

    def quantity(self, account_id: str, symbol: str) -> Decimal:
        """Signed size of a position."""
        held = self._positions.get(account_id, {}).get(symbol)
        return held.quantity if held else ZERO

    def unrealized_profit(self, account_id: str, symbol: str) -> Decimal:
        """Profit were the position closed at the mark price."""
        held = self._position(account_id, symbol)
        return held.quantity * self._mark_of(symbol) - held.cost if held.quantity else ZERO

    def trade(
        self, account_id: str, symbol: str, quantity: Decimal, price: Decimal, is_maker: bool, now_ms: int
    ) -> tuple[Decimal, Decimal]:
        """Apply a signed quantity traded at a price; returns commission and realised profit, both already booked."""
        listing = self._listings[symbol]
        held = self._position(account_id, symbol)
        profit = held.trade(quantity, price, now_ms)
        rates = self.commission_rates(account_id, symbol)
        fee = (abs(quantity) * price * rates[0 if is_maker else 1]).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
        held.note_fee(fee)
        self.credit(account_id, listing.margin_asset, profit - fee)
        if fee:
            self.credit(FEES, listing.margin_asset, fee)
        return fee, profit

    def charge_funding(self, symbol: str, rate: Decimal) -> list[str]:
        """Move funding between the holders of a symbol at the mark price; returns the accounts it touched.

        What rounding leaves over goes to the insurance fund.
        """
        listing, mark, touched, left = self._listings[symbol], self._mark_of(symbol), [], ZERO
        for account_id, positions in self._positions.items():
            held = positions.get(symbol)
            if held is None or not held.quantity:
                continue
            payment = -(held.quantity * mark * rate).quantize(_PRICE_UNIT, ROUND_HALF_EVEN)
            self.credit(account_id, listing.margin_asset, payment)
            if held.is_isolated:
                held.isolated_wallet += payment
            touched.append(account_id)
            left -= payment
        if left:
            self.credit(INSURANCE, listing.margin_asset, left)
        return touched

    # Open orders

    def add_order(self, account_id: str, symbol: str, is_buy: bool, notional: Decimal) -> None:
        """Count an open order's value (negative to take it back)."""
        self._orders.setdefault((account_id, symbol), [ZERO, ZERO])[0 if is_buy else 1] += notional

    def open_notional(self, account_id: str, symbol: str) -> tuple[Decimal, Decimal]:
        """Value of open buy and sell orders that are not reduce-only."""
        bid, ask = self._orders.get((account_id, symbol), (ZERO, ZERO))
        return bid, ask

    # Margin

    def position_margin(self, account_id: str, symbol: str) -> Decimal:
        """Initial margin of the position: its value over its leverage."""
        held = self._position(account_id, symbol)
        return abs(held.quantity) * self._mark_of(symbol) / held.leverage if held.quantity else ZERO

    def open_order_margin(self, account_id: str, symbol: str, bid: Decimal = ZERO, ask: Decimal = ZERO) -> Decimal:
        """Margin of open orders beyond the position's own; `bid` and `ask` ask what more orders would make it."""
        held = self._position(account_id, symbol)
        open_bid, open_ask = self.open_notional(account_id, symbol)
        signed = held.quantity * self._mark_of(symbol) if held.quantity else ZERO
        worst = max(abs(signed + open_bid + bid), abs(signed - open_ask - ask), abs(signed))
        return (worst - abs(signed)) / held.leverage

    def maintenance_margin(self, account_id: str, symbol: str) -> Decimal:
        """Margin below which the position is liquidated."""
        held = self._position(account_id, symbol)
        if not held.quantity:
            return ZERO
        notional = abs(held.quantity) * self._mark_of(symbol)
        bracket = bracket_at(self.brackets(symbol), notional)
        return notional * bracket.maintenance_rate - bracket.cum

    def summary(self, account_id: str) -> AccountSummary:
        """The whole account in its margin asset."""
        symbols = self._touched(account_id)
        wallet = sum(self._wallets.get(account_id, {}).values(), ZERO)
        unrealized = position = orders = maintenance = isolated = crossed_profit = crossed_margin = ZERO
        for symbol in symbols:
            held = self._position(account_id, symbol)
            profit, margin = self.unrealized_profit(account_id, symbol), self.position_margin(account_id, symbol)
            unrealized += profit
            position += margin
            orders += self.open_order_margin(account_id, symbol)
            maintenance += self.maintenance_margin(account_id, symbol)
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

    def liquidation_price(self, account_id: str, symbol: str) -> Decimal:
        """The mark price at which the position would be liquidated, others standing still; zero when there is none."""
        held = self._position(account_id, symbol)
        if not held.quantity:
            return ZERO
        equity = held.isolated_wallet
        if not held.is_isolated:
            equity = self.crossed_wallet(account_id, self._listings[symbol].margin_asset)
            for other, position in self._open(account_id):
                if other != symbol and not position.is_isolated:
                    equity += self.unrealized_profit(account_id, other) - self.maintenance_margin(account_id, other)
        size, sign = abs(held.quantity), 1 if held.quantity > 0 else -1
        for bracket in self.brackets(symbol):
            price = (equity + bracket.cum - held.cost) / (size * (bracket.maintenance_rate - sign))
            if price > 0 and bracket.notional_floor <= size * price <= bracket.notional_cap:
                return self._listings[symbol].tick.round(price)
        return ZERO

    def crossed_wallet(self, account_id: str, asset: str) -> Decimal:
        """The wallet without what isolated positions keep."""
        isolated = sum((held.isolated_wallet for _, held in self._open(account_id) if held.is_isolated), ZERO)
        return self.wallet(account_id, asset) - isolated

    def is_under_water(self, account_id: str) -> list[str]:
        """Symbols to liquidate: all crossed ones when the account's margin is gone, an isolated one by itself."""
        crossed = [symbol for symbol, held in self._open(account_id) if not held.is_isolated]
        lost = [
            symbol
            for symbol, held in self._open(account_id)
            if held.is_isolated
            and held.isolated_wallet + self.unrealized_profit(account_id, symbol)
            <= self.maintenance_margin(account_id, symbol)
        ]
        if crossed:
            asset = self._listings[crossed[0]].margin_asset
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
        held = self._position(account_id, symbol)
        if not 1 <= leverage <= self.brackets(symbol)[0].initial_leverage:
            raise Rejection(-4028, f"Leverage {leverage} is not valid")
        if held.is_isolated and held.quantity and leverage < held.leverage:
            raise Rejection(-4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions")
        if abs(held.quantity) * self._mark_of(symbol) > largest_notional(self.brackets(symbol), leverage):
            raise Rejection(-2027, "Exceeded the maximum allowable position at current leverage.")
        before, held.leverage = held.leverage, leverage
        after = self.summary(account_id)
        if leverage < before and after.initial_margin > after.margin_balance:
            held.leverage = before
            raise Rejection(-2028, "Leverage is smaller than permitted: insufficient margin balance.")

    def set_margin_type(self, account_id: str, symbol: str, isolated: bool) -> None:
        """Change a symbol's margin mode; Rejection -4046, -4047 or -4048 when it cannot be."""
        held = self._position(account_id, symbol)
        if held.is_isolated == isolated:
            raise Rejection(-4046, "No need to change margin type.")
        if any(self.open_notional(account_id, symbol)):
            raise Rejection(-4047, "Margin type cannot be changed if there exists open orders.")
        if held.quantity:
            raise Rejection(-4048, "Margin type cannot be changed if there exists position.")
        held.is_isolated = isolated

    def _position(self, account_id: str, symbol: str) -> Position:
        positions = self._positions.setdefault(account_id, {})
        held = positions.get(symbol)
        if held is None:
            leverage = min(DEFAULT_LEVERAGE, self.brackets(symbol)[0].initial_leverage)
            held = positions[symbol] = Position(leverage=leverage)
        return held

    def _open(self, account_id: str) -> list[tuple[str, Position]]:
        return [(symbol, held) for symbol, held in self._positions.get(account_id, {}).items() if held.quantity]

    def _touched(self, account_id: str) -> set[str]:
        with_orders = {symbol for (owner, symbol), sums in self._orders.items() if owner == account_id and any(sums)}
        return with_orders | {symbol for symbol, _ in self._open(account_id)}

    def _sum(self, value: Callable[[str, str], Decimal], account_id: str, symbols: Iterable[str]) -> Decimal:
        return sum((value(account_id, symbol) for symbol in symbols), ZERO)
