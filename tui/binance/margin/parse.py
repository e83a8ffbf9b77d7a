"""From margin payloads to the domain."""

from dataclasses import replace
from decimal import Decimal

from tui.binance.margin.wire import AssetRow, CrossAccount, IsolatedAccount, IsolatedPair, Number, PairRow
from tui.binance.wire import name, number, positive
from tui.domain.account import Balance, MarginLevel
from tui.domain.instrument import Instrument, TradingStatus
from tui.domain.product import Product

#: What the exchange says of an account that owes nothing (margin docs 2026, 10.4).
_NO_DEBT_LEVEL = Decimal(999)


def cross_balances(account: CrossAccount, time_ms: int) -> list[Balance]:
    """All assets that are told, empty ones too."""
    return [_balance(Product.MARGIN, row, time_ms) for row in account.userAssets]


def isolated_balances(account: IsolatedAccount, time_ms: int) -> list[Balance]:
    """Both assets of each pair, each in its own wallet, empty ones too."""
    return [
        _balance(Product.ISOLATED_MARGIN, row, time_ms, name(pair.symbol))
        for pair in account.assets
        for row in (pair.baseAsset, pair.quoteAsset)
    ]


def _balance(product: Product, row: AssetRow, time_ms: int, pair: str = "") -> Balance:
    return Balance(
        product,
        name(row.asset),
        number(row.free),
        number(row.locked),
        time_ms,
        number(row.borrowed),
        number(row.interest),
        pair,
    )


def is_empty(balance: Balance) -> bool:
    """Whether nothing is held and nothing owed."""
    return not (balance.free or balance.locked or balance.borrowed or balance.interest)


def cross_level(account: CrossAccount) -> MarginLevel:
    """Assets over debts of the cross account, valued in BTC."""
    debts = number(account.totalLiabilityOfBtc)
    return MarginLevel(
        product=Product.MARGIN,
        level=_level(account.marginLevel, debts),
        assets=number(account.totalAssetOfBtc),
        debts=debts,
        asset="BTC",
    )


def isolated_level(pair: IsolatedPair) -> MarginLevel:
    """Assets over debts of one pair, valued in its quote at the index price."""
    base, quote, index = pair.baseAsset, pair.quoteAsset, number(pair.indexPrice)

    def worth(*amounts: tuple[str, str]) -> Decimal:
        return sum((number(of_base) * index + number(of_quote) for of_base, of_quote in amounts), Decimal(0))

    debts = worth((base.borrowed, quote.borrowed), (base.interest, quote.interest))
    return MarginLevel(
        product=Product.ISOLATED_MARGIN,
        level=_level(pair.marginLevel, debts),
        assets=worth((base.free, quote.free), (base.locked, quote.locked)),
        debts=debts,
        asset=name(quote.asset),
        pair=name(pair.symbol),
        liquidation_price=positive(pair.liquidatePrice) if debts else None,
    )


def _level(told: str | None, debts: Decimal) -> Decimal | None:
    """The level; None where nothing is owed, which is told as 999."""
    level = number(told)
    return None if not debts or level >= _NO_DEBT_LEVEL else level


def amount(told: Number) -> Decimal:
    """An amount that comes as text or as a number."""
    return number(str(told)) if told is not None else Decimal(0)


def with_pairs(instruments: list[Instrument], pairs: list[PairRow]) -> list[Instrument]:
    """The symbols that are margin pairs; one that cannot be bought and sold takes no orders."""
    rows = {row.symbol: row for row in pairs}
    return [_with_pair(each, rows[each.native]) for each in instruments if each.native in rows]


def _with_pair(instrument: Instrument, row: PairRow) -> Instrument:
    if row.isMarginTrade and (row.isBuyAllowed or row.isSellAllowed):
        return instrument
    return replace(instrument, status=TradingStatus.CLOSED)
