"""Balances of every wallet as a table, with what they are worth in USDT where a price is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.account import Balance
from tui.domain.product import Product
from tui.ui.figures import UNKNOWN, amount, fitted, grouped
from tui.ui.lines import Span
from tui.ui.table import Column

_DOLLARS = frozenset({"USDT", "USDC", "FDUSD"})

_WALLETS = {
    Product.SPOT: "spot",
    Product.MARGIN: "cross",
    Product.ISOLATED_MARGIN: "isolated",
    Product.USDM: "USD-M",
    Product.COINM: "COIN-M",
}


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One asset in one wallet; `worth` in USDT, None where no live price is known."""

    balance: Balance
    worth: Decimal | None


def balance_rows(
    balances: Iterable[Balance], prices: Mapping[str, Decimal], *, with_empty: bool = False
) -> list[BalanceRow]:
    """Wallet by wallet, the most valuable first; `prices` are assets in USDT."""
    rows = []
    for balance in balances:
        if balance.total or with_empty:
            price = Decimal(1) if balance.asset in _DOLLARS else prices.get(balance.asset)
            rows.append(BalanceRow(balance, None if price is None else balance.total * price))
    order = list(Product)
    return sorted(rows, key=lambda row: (order.index(row.balance.product), -(row.worth or 0), row.balance.asset))


def total_worth(rows: Iterable[BalanceRow]) -> Decimal:
    """What all priced rows are worth in USDT."""
    return sum((row.worth for row in rows if row.worth is not None), Decimal(0))


def _quantity(value: Decimal, asset: str) -> Span:
    if not value:
        return Span("0", "dim")
    if asset in _DOLLARS:
        return Span(amount(value))
    text = f"{value.normalize():f}"
    return Span(grouped(text) if len(text) <= 10 else fitted(text, 10))


COLUMNS: tuple[Column[BalanceRow], ...] = (
    Column("asset", lambda row: Span(row.balance.asset, "strong"), 5),
    Column("wallet", lambda row: Span(_WALLETS[row.balance.product], "dim"), 6, priority=1),
    Column("free", lambda row: _quantity(row.balance.free, row.balance.asset), 8, is_right=True),
    Column("used", lambda row: _quantity(row.balance.locked, row.balance.asset), 6, is_right=True, priority=3),
    Column(
        "≈ USDT",
        lambda row: Span(UNKNOWN if row.worth is None else amount(row.worth, 0), "dim"),
        7,
        is_right=True,
        priority=4,
    ),
)
