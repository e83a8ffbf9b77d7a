"""What is known of each watched symbol, put together anew only where something changed."""

from tui.engine.store import Store
from tui.ui.staleness import market_staleness
from tui.ui.view_state import ViewState
from tui.ui.watchlist.lines import WatchRow


class WatchedRows:
    """Rows by symbol."""

    def __init__(self, store: Store, view: ViewState) -> None:
        self._store, self._view = store, view
        self._rows: dict[str, tuple[object, WatchRow]] = {}
        self._account_at: object = None
        self._positions: frozenset[str] = frozenset()
        self._orders: frozenset[str] = frozenset()
        self._alerts: frozenset[str] = frozenset()

    def row(self, symbol: str) -> WatchRow:
        """The row of this moment."""
        store, is_shown = self._store, symbol == self._view.symbol
        self._look_at_account()
        involved = (symbol in self._positions, symbol in self._orders, symbol in self._alerts)
        instrument = store.instruments.get(symbol)
        if instrument is None:
            return WatchRow(symbol, None, None, None, (), is_shown, involved[0], involved[1], is_stale=False)
        market = store.market(symbol)
        now_ns = self._view.clock.monotonic_ns()
        is_stale = bool(market_staleness(store, symbol, now_ns, self._view.stale_after_ms))
        ticker, mark = market.ticker, market.mark
        source = (ticker, mark, market.trades_revision, market.sparkline, is_shown, is_stale, involved)
        held = self._rows.get(symbol)
        if held is not None and held[0] == source:
            return held[1]
        row = WatchRow(
            symbol,
            instrument,
            market.last_price(),
            ticker.value.change_percent if ticker else None,
            market.sparkline,
            is_shown,
            involved[0],
            involved[1],
            is_stale,
            instrument.traded_value(ticker.value.volume, ticker.value.turnover) if ticker else None,
            mark.value.funding_rate if mark else None,
            involved[2],
        )
        self._rows[symbol] = (source, row)
        return row

    def _look_at_account(self) -> None:
        store = self._store
        source = (store.revision, len(store.positions), tuple(store.alerts.values()))
        if source != self._account_at:
            self._account_at = source
            self._positions = frozenset(each.symbol for each in store.held())
            self._orders = frozenset(order.symbol for order in store.open_orders())
            self._alerts = frozenset(each.request.symbol for each in store.alerts.values() if each.is_active)
