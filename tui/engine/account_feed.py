"""One product's account in the store: what the user stream and the account query say."""

from collections.abc import Callable
from dataclasses import replace

from tui.binance.client import AccountState, LinkState
from tui.domain.account import Balance, Position, SymbolConfig
from tui.domain.order import OrderReport
from tui.domain.product import Product
from tui.engine.journal import JournalError
from tui.engine.orders.floor import Floor

#: Assets, and positions, that an account may hold; more than any exchange lists.
MOST_HELD = 5_000


class AccountFeed:
    """Listens to one product's user stream (`UserListener`).

    While the account is being reconciled, balances and positions from the stream wait until the query's answer is in,
    because the answer may be older than they are. Orders need no waiting: their statements commute.
    """

    def __init__(
        self,
        product: Product,
        floor: Floor,
        on_link: Callable[[LinkState, str], None],
        on_activity: Callable[[], None],
    ) -> None:
        self._product = product
        self._store, self._ledger = floor.store, floor.ledger
        self._journal, self._messages = floor.journal, floor.messages
        self._holdings, self._news = floor.holdings, floor.news
        self._on_link = on_link
        self._on_activity = on_activity
        self._held_balances: list[Balance] = []
        self._held_positions: list[Position] = []
        self._is_holding = False

    def hold(self) -> None:
        """Keep balances and positions back from now on."""
        self._held_balances, self._held_positions = [], []
        self._is_holding = True

    def replace(self, state: AccountState, asked_ms: int) -> None:
        """Become the answer of the account query, then what the stream said meanwhile; holding ends.

        `asked_ms` is when it was asked, on the exchange's clock.
        """
        store, product = self._store, self._product
        others = {key: balance for key, balance in store.balances.items() if balance.product is not product}
        store.balances = others | {balance.key: balance for balance in state.balances}
        elsewhere = {symbol: held for symbol, held in store.positions.items() if held.product is not product}
        store.positions = elsewhere | {held.key: held for held in state.positions if held.quantity}
        levels = {key: level for key, level in store.margin_levels.items() if key[0] is not product}
        store.margin_levels = levels | {(product, level.pair): level for level in state.margin_levels}
        store.revision += 1
        self._holdings.read(product, state.positions, asked_ms)
        self.release()
        self._tell_positions()

    def release(self) -> None:
        """Hold nothing back any more; what was held counts now. Does nothing when not holding."""
        if self._is_holding:
            self._is_holding = False
            self.on_balances(self._held_balances)
            self.on_positions(self._held_positions)

    def on_order_report(self, report: OrderReport) -> None:
        """Take one event about an order."""
        try:
            self._journal.write_report(report)
        except JournalError as error:
            self._messages.error(str(error))
        self._ledger.apply(report)
        if report.fill is not None:
            self._on_activity()

    def on_balances(self, balances: list[Balance]) -> None:
        """Take changed balances, absolute; an empty one disappears."""
        if self._is_holding:
            self._held_balances = [*self._held_balances, *balances][-MOST_HELD:]
            return
        held = dict(self._store.balances)
        for balance in balances:
            is_empty = not (balance.free or balance.locked or balance.borrowed or balance.interest or balance.wallet)
            if not is_empty and (balance.key in held or len(held) < MOST_HELD):
                held[balance.key] = balance
            else:
                held.pop(balance.key, None)
        self._store.balances = held
        self._store.revision += 1

    def on_positions(self, positions: list[Position]) -> None:
        """Take changed positions, absolute; a flat one disappears."""
        if self._is_holding:
            self._held_positions = [*self._held_positions, *positions][-MOST_HELD:]
            return
        if not positions:
            return
        held = dict(self._store.positions)
        for position in positions:
            self._holdings.heard(position)
            key = position.key
            if position.quantity and (key in held or len(held) < MOST_HELD):
                held[key] = _with_known(position, held.get(key))
            else:
                held.pop(key, None)
        self._store.positions = held
        self._store.revision += 1
        self._tell_positions()
        self._on_activity()

    def _tell_positions(self) -> None:
        for hear in self._news.positions:
            hear(self._product)

    def on_symbol_config(self, config: SymbolConfig) -> None:
        """Take how a contract is set up now."""
        self._store.configs = {**self._store.configs, config.symbol: config}
        self._store.revision += 1

    def on_multi_assets(self, product: Product, *, is_on: bool) -> None:
        """Take whether all assets are margin now."""
        store = self._store
        store.multi_assets = store.multi_assets | {product} if is_on else store.multi_assets - {product}
        store.revision += 1

    def on_margin_call(self, product: Product, text: str) -> None:
        """Say loudly that the exchange asks for margin."""
        self._messages.error(f"MARGIN CALL on {product.label}: {text}")

    def on_user_link(self, product: Product, state: LinkState, detail: str) -> None:
        """Pass on how the stream stands."""
        self._on_link(state, detail)


def _with_known(position: Position, before: Position | None) -> Position:
    """Stream events leave out leverage and liquidation price, which change rarely: keep them until asked for again."""
    if before is None or before.side is not position.side:
        return position
    return replace(
        position,
        mark_price=position.mark_price or before.mark_price,
        liquidation_price=position.liquidation_price or before.liquidation_price,
        leverage=position.leverage or before.leverage,
        margin=position.margin or before.margin,
        break_even_price=position.break_even_price or before.break_even_price,
        maintenance_margin=position.maintenance_margin or before.maintenance_margin,
        isolated_wallet=before.isolated_wallet if position.isolated_wallet is None else position.isolated_wallet,
        adl_quantile=before.adl_quantile if position.adl_quantile is None else position.adl_quantile,
    )
