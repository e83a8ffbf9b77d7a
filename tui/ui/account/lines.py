"""Balances of every wallet as a table, with what they are worth in USDT where a price is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.account import Balance, MarginLevel
from tui.domain.product import Product
from tui.engine.dollars import DOLLARS
from tui.engine.store import AccountSummary
from tui.ui.figures import UNKNOWN, amount, clock, fitted, grouped, signed
from tui.ui.lines import Line, Span, spread
from tui.ui.table import Column

#: Assets without a price that are named below the sum.
_NAMED = 2

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
        if balance.total or balance.owned or balance.borrowed or with_empty:
            price = Decimal(1) if balance.asset in DOLLARS else prices.get(balance.asset)
            rows.append(BalanceRow(balance, None if price is None else balance.owned * price))
    order = list(Product)
    return sorted(rows, key=lambda row: (order.index(row.balance.product), -(row.worth or 0), row.balance.asset))


def total_worth(rows: Iterable[BalanceRow]) -> Decimal:
    """What all priced rows are worth in USDT."""
    return sum((row.worth for row in rows if row.worth is not None), Decimal(0))


def _quantity(value: Decimal, asset: str) -> Span:
    if not value:
        return Span("0", "dim")
    if asset in DOLLARS:
        return Span(amount(value))
    shown = fitted(f"{value.normalize():f}", 10)
    return Span(grouped(shown) if shown[0].isdigit() and shown[-1].isdigit() else shown)


def sum_words(rows: Sequence[BalanceRow], is_all_read: bool, room: int = 200) -> str:
    """What the sum of all worths is: `together`, `together, no price of BNB, BTC`, or `read so far` of some wallets.

    In fewer cells: `priced assets alone`.
    """
    if not is_all_read:
        return "read so far"
    unpriced = sorted({row.balance.asset for row in rows if row.worth is None and row.balance.net})
    names = ", ".join(unpriced[:_NAMED]) + (f" and {len(unpriced) - _NAMED} more" if len(unpriced) > _NAMED else "")
    words = f"together, no price of {names}" if names else "together"
    return words if len(words) <= room else "priced assets alone"


def detail_words(balance: Balance) -> str:
    """Everything about one balance, all decimals: `BTC in cross margin: 0.5 free, 0.1 used, …`."""

    def figure(value: Decimal) -> str:
        return grouped(f"{value.normalize():f}")

    where = f"{balance.product.label}{f' {balance.pair}' if balance.pair else ''}"
    parts = [f"{figure(balance.free)} free", f"{figure(balance.locked)} used"]
    if balance.borrowed or balance.interest:
        parts += [f"{figure(balance.borrowed)} borrowed", f"{figure(balance.interest)} interest"]
        parts.append(f"{figure(balance.net)} net")
    return f"{balance.asset} in {where}: {', '.join(parts)}, as of {clock(balance.time_ms)} UTC"


def summary_lines(summary: AccountSummary | None, width: int) -> list[Line]:
    """The account together and its day, where these are known."""
    if summary is None:
        return []
    figures = (
        (_equity_words(summary), summary.equity, False),
        ("realised today", summary.day_result, True),
        ("fees today", summary.day_fees, False),
        ("funding today", summary.day_funding, True),
    )
    return [
        spread(
            (Span(f"  {name}", "heading"),),
            (Span(f"{signed(value) if is_signed else amount(value)} ", _tone(value) if is_signed else "strong"),),
            width,
        )
        for name, value, is_signed in figures
        if value is not None
    ]


def _equity_words(summary: AccountSummary) -> str:
    """What the equity is the sum of: `equity, no Spot yet` before that account has answered."""
    return f"equity, no {', '.join(product.label for product in summary.unread)} yet" if summary.unread else "equity"


def level_words(level: MarginLevel) -> Span:
    """How far a margin wallet is from being sold, louder the nearer (the exchange warns at 1.25)."""
    if level.level is None:
        return Span("nothing owed", "dim")
    text = f"level {level.level:.2f}"
    if level.level < Decimal("1.25"):
        return Span(f"✗ {text}", "error")
    return Span(f"! {text}", "warn") if level.level < Decimal("1.5") else Span(f"✓ {text}", "ok")


def _tone(value: Decimal | None) -> str:
    return "up" if value and value > 0 else "down" if value and value < 0 else ""


def _wallet(row: BalanceRow) -> Span:
    pair = row.balance.pair
    return Span(f"iso {pair}" if pair else _WALLETS[row.balance.product], "dim")


def _owed(row: BalanceRow) -> Span:
    owed = row.balance.borrowed + row.balance.interest
    return Span("", "dim") if not owed else Span(_quantity(owed, row.balance.asset).text, "warn")


COLUMNS: tuple[Column[BalanceRow], ...] = (
    Column("asset", lambda row: Span(row.balance.asset, "strong"), 5),
    Column("wallet", _wallet, 6, priority=1),
    Column("free", lambda row: _quantity(row.balance.free, row.balance.asset), 8, is_right=True, is_pointed=True),
    Column(
        "used",
        lambda row: _quantity(row.balance.locked, row.balance.asset),
        6,
        is_right=True,
        priority=3,
        is_pointed=True,
    ),
    Column("owed", _owed, 4, is_right=True, priority=5, is_pointed=True),
    Column(
        "≈ USDT",
        lambda row: Span(UNKNOWN if row.worth is None else amount(row.worth, 0), "dim"),
        7,
        is_right=True,
        priority=4,
    ),
)
