"""What stands behind positions, and where they would be liquidated, now or after another trade."""

from decimal import Decimal

from tui.domain.account import LeverageBracket, Position
from tui.domain.instrument import Instrument
from tui.domain.liquidation import Stake, hedged_liquidation_price, liquidation_price, maintenance_margin, realized
from tui.domain.order_terms import PositionSide
from tui.engine.store import Store

_ZERO = Decimal(0)


def stake_of(position: Position | None, instrument: Instrument) -> Stake:
    """A position as arithmetic sees it, an empty one where there is none."""
    size = instrument.contract_size if instrument.is_inverse else None
    if position is None:
        return Stake(_ZERO, _ZERO, size)
    return Stake(position.quantity, position.entry_price, size)


def mark_of(store: Store, symbol: str) -> Decimal | None:
    """The newest mark price known of a contract."""
    market = store.markets.get(symbol)
    if market is not None and market.mark is not None:
        return market.mark.value.mark
    held = store.positions_of(symbol)
    return next((one.mark_price for one in held if one.mark_price), market.last_price() if market else None)


def unrealized(store: Store, position: Position) -> Decimal | None:
    """What an open position has won at the mark price of this moment, in its margin asset."""
    mark = mark_of(store, position.symbol) or position.mark_price
    return None if mark is None else position.profit(mark)


def is_isolated(store: Store, symbol: str) -> bool:
    """Whether a contract's margin is held apart."""
    config = store.configs.get(symbol)
    held = store.positions_of(symbol)
    return held[0].is_isolated if held else config.is_isolated if config else False


def leverage_of(store: Store, symbol: str) -> int | None:
    """The leverage of a contract, from its setting or its position."""
    config = store.configs.get(symbol)
    if config is not None:
        return config.leverage
    return next((one.leverage for one in store.positions_of(symbol) if one.leverage), None)


def cross_wallet(store: Store, instrument: Instrument) -> Decimal | None:
    """The wallet behind all cross positions of a margin asset, without unrealised profit; None where not known.

    Where all assets are margin, the exchange counts every wallet at rates that nobody tells here.
    """
    if instrument.product in store.multi_assets:
        return None
    balance = store.balances.get((instrument.product, instrument.margin_asset))
    if balance is None or balance.wallet is None:
        return None
    isolated = (one.isolated_wallet for one in _with_asset(store, instrument) if one.is_isolated)
    return balance.wallet - sum((wallet or _ZERO for wallet in isolated), _ZERO)


def backing(store: Store, instrument: Instrument) -> Decimal | None:
    """WB − T + U for a cross position of this symbol: the wallet less what the other cross positions need."""
    wallet = cross_wallet(store, instrument)
    if wallet is None:
        return None
    for position in _with_asset(store, instrument):
        if position.is_isolated or position.symbol == instrument.symbol:
            continue
        wallet += (unrealized(store, position) or _ZERO) - _maintenance(store, position)
    return wallet


def _with_asset(store: Store, instrument: Instrument) -> list[Position]:
    """Open positions whose margin is the same asset of the same wallet."""
    return [
        position
        for position in store.positions.values()
        if position.product is instrument.product
        and position.symbol in store.instruments
        and store.instruments[position.symbol].margin_asset == instrument.margin_asset
    ]


def _maintenance(store: Store, position: Position) -> Decimal:
    if position.maintenance_margin is not None:
        return position.maintenance_margin
    instrument = store.instruments[position.symbol]
    mark = mark_of(store, position.symbol)
    tiers = store.brackets.get(position.symbol, ())
    needed = maintenance_margin(tiers, stake_of(position, instrument).notional(mark)) if mark else None
    return needed or _ZERO


def liquidation_after(
    store: Store, instrument: Instrument, side: PositionSide, traded: Decimal, price: Decimal, fee: Decimal = _ZERO
) -> Decimal | None:
    """Where the position would be liquidated after trading a signed quantity at a price; None where not known.

    `fee` is in the margin asset. Of an isolated position the margin that the trade brings at the contract's leverage
    counts as well.
    """
    tiers = store.brackets.get(instrument.symbol, ())
    held = next((one for one in store.positions_of(instrument.symbol) if one.position_side is side), None)
    before = stake_of(held, instrument)
    after = before.after(traded, price)
    if not tiers or not after.quantity:
        return None
    if is_isolated(store, instrument.symbol):
        wallet = _isolated_wallet(store, instrument, held, before, after, price)
    else:
        wallet = backing(store, instrument)
        wallet = None if wallet is None else wallet + _closed_profit(before, traded, price) - fee
    if wallet is None:
        return None
    other = _other_side(store, instrument, side)
    if other is not None and not is_isolated(store, instrument.symbol):
        return _hedged(after, other, wallet, tiers)
    return liquidation_price(after, wallet, tiers)


def _closed_profit(before: Stake, traded: Decimal, price: Decimal) -> Decimal:
    if before.quantity * traded >= 0:
        return _ZERO
    return realized(before, min(abs(traded), abs(before.quantity)), price)


def _isolated_wallet(
    store: Store, instrument: Instrument, held: Position | None, before: Stake, after: Stake, price: Decimal
) -> Decimal | None:
    leverage = leverage_of(store, instrument.symbol)
    wallet = _ZERO
    if held is not None and before.quantity * after.quantity > 0:
        wallet = held.isolated_wallet or _ZERO
    elif held is not None:
        before = Stake(_ZERO, _ZERO, before.contract_size)
    grown = abs(after.quantity) - abs(before.quantity)
    if grown > 0:
        if not leverage:
            return None
        return wallet + Stake(grown, price, after.contract_size).notional(price) / leverage
    return wallet * abs(after.quantity) / abs(before.quantity) if before.quantity else wallet


def _other_side(store: Store, instrument: Instrument, side: PositionSide) -> Stake | None:
    for position in store.positions_of(instrument.symbol):
        if position.position_side is not side and position.position_side is not PositionSide.BOTH and position.quantity:
            return stake_of(position, instrument)
    return None


def _hedged(after: Stake, other: Stake, wallet: Decimal, tiers: tuple[LeverageBracket, ...]) -> Decimal | None:
    long, short = (after, other) if after.quantity > 0 else (other, after)
    return hedged_liquidation_price(long, short, wallet, tiers)
