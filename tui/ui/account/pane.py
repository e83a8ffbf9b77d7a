"""The account pane."""

from collections.abc import Sequence
from decimal import Decimal

from tui.engine.store import Severity
from tui.ui.account.lines import (
    COLUMNS,
    BalanceRow,
    balance_rows,
    detail_words,
    level_words,
    sum_words,
    summary_lines,
    total_worth,
)
from tui.ui.figures import amount
from tui.ui.lines import Line, Span, spread
from tui.ui.middles import middle
from tui.ui.rows_pane import RowsPane

#: Rows from which the day and margin levels are shown below the balances.
_ROOMY = 10


class AccountPane(RowsPane[BalanceRow]):
    """Balances of all wallets."""

    CONTEXT = "account"
    LABEL = "Account"
    EMPTY = "no balances"

    _with_empty = False

    def rows(self) -> Sequence[BalanceRow]:
        """Balances by wallet, with their worth at prices that are live."""
        balances = list(self.desk.store.balances.values())
        return balance_rows(balances, self._prices({each.asset for each in balances}), with_empty=self._with_empty)

    def key_of(self, row: BalanceRow) -> object:
        """Balances are known by wallet and asset."""
        return row.balance.key

    def symbol_of(self, row: BalanceRow) -> str:
        """The asset against USDT, where that is listed."""
        symbol = f"{row.balance.asset}USDT"
        return symbol if symbol in self.desk.store.instruments else ""

    def is_dim(self, row: BalanceRow) -> bool:
        """Of a wallet not heard of lately."""
        return self.is_old(row.balance.product)

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        rows = self.rows()
        self.set_title("with empty ones" if self._with_empty else "")
        if not rows:
            return self.table(COLUMNS, rows, width, height, note=self.account_note(), empty=self.unknown())
        worth = Span(f"≈ {amount(total_worth(rows))} USDT ", "strong")
        room = width - 3 - len(worth.text)
        together = sum_words(rows, all(self.desk.store.accounts.values()), room)
        below = [spread((Span(f"  {together}", "heading"),), (worth,), width)]
        if height >= _ROOMY:
            below += self._levels(width) + summary_lines(self.desk.store.summary, width)
        lines = self.table(COLUMNS, rows, width, height - len(below), note=self.account_note())
        return [*lines, *below]

    def _levels(self, width: int) -> list[Line]:
        """How far each margin wallet that holds or owes something is from a call."""
        used = {(each.product, each.pair) for each in self.desk.store.balances.values() if each.total or each.borrowed}
        levels = [each for each in self.desk.store.margin_levels.values() if (each.product, each.pair) in used]
        return [
            spread((Span(f"  {each.product.label} {each.pair}".rstrip(), "heading"),), (level_words(each),), width)
            for each in levels
        ]

    def action_detail(self) -> None:
        """Say everything about the balance under the cursor."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no balance is chosen", Severity.WARNING)
        else:
            self.view.intents.say(detail_words(row.balance))

    def action_all(self) -> None:
        """Show empty balances too, or not."""
        self._with_empty = not self._with_empty

    def _prices(self, assets: set[str]) -> dict[str, Decimal]:
        store, now_ns = self.desk.store, self.view.clock.monotonic_ns()
        found = {asset: middle(store, f"{asset}USDT", now_ns, self.view.stale_after_ms) for asset in assets}
        return {asset: price for asset, price in found.items() if price is not None}
