"""From futures payloads to the domain, orders apart: instruments, executions, balances, positions, settings."""

from collections.abc import Mapping
from decimal import Decimal

from tui.binance.futures import wire
from tui.binance.futures.symbols import Names, contract_kind
from tui.binance.futures.words import known
from tui.binance.rows import NotListedError
from tui.binance.status import trading_status
from tui.binance.wire import increment, listed_name, name, number, positive
from tui.domain.account import Balance, Commission, Income, LeverageBracket, Position, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.order import Fill
from tui.domain.order_terms import PositionSide, Side
from tui.domain.product import Product

_MOST_LEVERAGE = 1_000
#: Sizes without an upper bound of their own.
_UNBOUNDED = Decimal("9e12")


def instrument(info: wire.SymbolInfo, names: Names) -> Instrument:
    """One contract with its filters; raises ValueError for numbers that are none, and for a contract without size.

    Raises NotListedError for one that exists in name only.
    """
    status = info.status or info.contractStatus or ""
    if not info.contractType or status == "PENDING_TRADING":
        raise NotListedError(info.symbol)
    filters = {row.filterType: row for row in info.filters}
    empty = wire.Filter()
    lot, market_lot = filters.get("LOT_SIZE", empty), filters.get("MARKET_LOT_SIZE", empty)
    bounds = filters.get("PERCENT_PRICE", empty)
    max_quantity = positive(lot.maxQty) or _UNBOUNDED
    return Instrument(
        product=names.product,
        symbol=names.program(info.symbol),
        native=listed_name(info.symbol),
        base=listed_name(info.baseAsset),
        quote=listed_name(info.quoteAsset),
        margin_asset=listed_name(info.marginAsset),
        tick=increment(filters.get("PRICE_FILTER", empty).tickSize, info.pricePrecision),
        step=increment(lot.stepSize, info.quantityPrecision),
        min_quantity=number(lot.minQty),
        max_quantity=max_quantity,
        max_market_quantity=min(positive(market_lot.maxQty) or max_quantity, max_quantity),
        min_notional=number(filters.get("MIN_NOTIONAL", empty).notional),
        kind=contract_kind(info.symbol),
        contract_size=_contract_size(info, names.product),
        status=trading_status(names.product, status),
        raw_status=name(status),
        price_up=positive(bounds.multiplierUp),
        price_down=positive(bounds.multiplierDown),
    )


def _contract_size(info: wire.SymbolInfo, product: Product) -> Decimal:
    """USD a contract stands for where contracts are counted; every size and profit hangs on it, so it must be told."""
    if product is not Product.COINM:
        return Decimal(1)
    if info.contractSize is None or not 0 < info.contractSize <= 1_000_000:
        raise ValueError(f"contractSize of {name(info.symbol)} is {info.contractSize}, not a size")
    return Decimal(info.contractSize)


def position_side(raw: str | None) -> PositionSide:
    """A position side; silence and words not known here count as BOTH."""
    return known(PositionSide, raw) or PositionSide.BOTH


def fill(row: wire.TradeRow, names: Names) -> Fill:
    """One of our executions; trade lists carry no client id, so it stays empty."""
    return Fill(
        product=names.product,
        symbol=names.program(row.symbol),
        trade_id=row.id,
        order_id=row.orderId,
        client_order_id="",
        side=Side(row.side),
        price=number(row.price),
        quantity=number(row.qty),
        commission=number(row.commission),
        commission_asset=name(row.commissionAsset or ""),
        is_maker=row.maker,
        time_ms=row.time,
        realized_profit=number(row.realizedPnl),
        position_side=position_side(row.positionSide),
    )


def balances(account: wire.Account, product: Product) -> list[Balance]:
    """Assets held: free is what new positions may use, locked is the margin of positions and orders."""
    return [
        Balance(
            product=product,
            asset=name(row.asset),
            free=number(row.availableBalance),
            locked=number(row.initialMargin),
            time_ms=row.updateTime,
            wallet=number(row.walletBalance),
        )
        for row in account.assets
        if number(row.walletBalance) or number(row.initialMargin)
    ]


def leverage(raw: str | int) -> int:
    """A leverage; raises ValueError for one that no contract has."""
    value = int(raw)
    if not 0 < value <= _MOST_LEVERAGE:
        raise ValueError(f"{value} is not a leverage")
    return value


def position(
    row: wire.PositionRow, names: Names, configs: Mapping[str, SymbolConfig], sizes: Mapping[str, Decimal]
) -> Position:
    """One position; a liquidation price of zero means that there is none.

    `configs` by program symbol tell leverage and margin type where the row does not, `sizes` the size of a contract.
    """
    symbol = names.program(row.symbol)
    config = configs.get(symbol)
    own_leverage = leverage(row.leverage) if row.leverage else config.leverage if config else None
    is_isolated = _is_isolated(row, config)
    return Position(
        product=names.product,
        symbol=symbol,
        quantity=number(row.positionAmt),
        entry_price=number(row.entryPrice),
        time_ms=row.updateTime,
        mark_price=positive(row.markPrice),
        liquidation_price=positive(row.liquidationPrice),
        leverage=own_leverage,
        margin=number(row.isolatedMargin) if is_isolated else _cross_margin(row, own_leverage),
        is_isolated=is_isolated,
        position_side=position_side(row.positionSide),
        break_even_price=positive(row.breakEvenPrice),
        maintenance_margin=number(row.maintMargin) if row.maintMargin else None,
        isolated_wallet=_isolated_wallet(row) if is_isolated else None,
        adl_quantile=row.adl,
        contract_size=sizes.get(symbol) if names.product is Product.COINM else None,
    )


def _is_isolated(row: wire.PositionRow, config: SymbolConfig | None) -> bool:
    if row.marginType is not None:
        return row.marginType.lower() == "isolated"
    return config.is_isolated if config is not None else number(row.isolatedWallet) != 0


def _isolated_wallet(row: wire.PositionRow) -> Decimal:
    """What is set apart for a position; where no field says so, its margin less the profit that is in it."""
    if row.isolatedWallet is not None:
        return number(row.isolatedWallet)
    return number(row.isolatedMargin) - number(row.unRealizedProfit)


def _cross_margin(row: wire.PositionRow, own_leverage: int | None) -> Decimal | None:
    """Initial margin of a cross position: as stated, else its notional over the leverage."""
    if row.positionInitialMargin:
        return number(row.positionInitialMargin)
    notional = row.notional or row.notionalValue
    return abs(number(notional)) / own_leverage if notional and own_leverage else None


def config(row: wire.SymbolConfigRow, names: Names) -> SymbolConfig:
    """How one contract is set up (USD-M)."""
    return SymbolConfig(
        symbol=names.program(row.symbol),
        leverage=leverage(row.leverage),
        is_isolated=row.marginType.upper() == "ISOLATED",
        max_notional=positive(row.maxNotionalValue),
    )


def position_configs(rows: list[wire.PositionRow], names: Names) -> list[SymbolConfig]:
    """How the contracts are set up, told by rows of positions, flat ones included (COIN-M)."""
    found = {
        row.symbol: SymbolConfig(
            symbol=names.program(row.symbol),
            leverage=leverage(row.leverage),
            is_isolated=_is_isolated(row, None),
            max_notional=positive(row.maxQty),
        )
        for row in rows
        if row.leverage
    }
    return list(found.values())


def brackets(answer: wire.Brackets) -> list[LeverageBracket]:
    """The tiers of one contract, the lowest first; in quote units, in coin on COIN-M."""
    tiers = [
        LeverageBracket(
            notional_floor=_figure(_stated("notionalFloor", row.notionalFloor, row.qtylFloor)),
            notional_cap=_figure(_stated("notionalCap", row.notionalCap, row.qtyCap)),
            max_leverage=leverage(row.initialLeverage),
            maintenance_rate=_figure(row.maintMarginRatio),
            maintenance_amount=_figure(row.cum),
        )
        for row in answer.brackets
    ]
    return sorted(tiers, key=lambda tier: tier.notional_floor)


def _stated(field: str, *values: wire.Figure | None) -> wire.Figure:
    """The one of several fields that a product has; raises ValueError where it has none of them."""
    for value in values:
        if value is not None:
            return value
    raise ValueError(f"{field} is missing")


def _figure(value: wire.Figure) -> Decimal:
    """A number as it was written; doubles have the fewest digits that name them."""
    return number(value) if isinstance(value, str) else number(f"{Decimal(repr(value)):f}")


def commission(answer: wire.Commission, names: Names) -> Commission:
    """What one symbol's trades cost."""
    return Commission(
        symbol=names.program(answer.symbol),
        maker=number(answer.makerCommissionRate),
        taker=number(answer.takerCommissionRate),
    )


def income(row: wire.IncomeRow, names: Names) -> Income:
    """One movement of the wallet."""
    return Income(
        product=names.product,
        kind=name(row.incomeType),
        symbol=names.program(row.symbol) if row.symbol else "",
        asset=name(row.asset),
        amount=number(row.income),
        time_ms=row.time,
        transaction_id=int(row.tranId),
    )


def quantiles(rows: list[wire.AdlRow], names: Names) -> dict[tuple[str, PositionSide], int]:
    """The place in the queue of deleveraging, by program symbol and position side."""
    found = {}
    for row in rows:
        symbol, told = names.program(row.symbol), row.adlQuantile
        for side in PositionSide:
            rank = told.get(side.value, told.get("HEDGE"))
            if rank is not None:
                found[symbol, side] = rank
    return found
