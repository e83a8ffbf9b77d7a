"""The middle of a market, for distances; nothing where it would be old."""

from decimal import Decimal

from tui.engine.store import Store
from tui.ui.staleness import market_staleness


def middle(store: Store, symbol: str, now_ns: int, stale_after_ms: int) -> Decimal | None:
    """Half way between best bid and best ask, or the last price where neither is followed; None when not live."""
    if symbol not in store.instruments or market_staleness(store, symbol, now_ns, stale_after_ms):
        return None
    market = store.market(symbol)
    bid, ask = market.touch()
    if bid is not None and ask is not None:
        return (bid + ask) / 2
    return market.ticker.value.last if market.ticker else None
