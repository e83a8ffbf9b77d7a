"""Whether what a pane would show can still be believed, in words."""

from tui.engine.store import Link, LinkHealth, Store
from tui.ui.figures import duration

#: Mark prices come every one to three seconds; one so old comes no more, whatever else does.
_MARK_OLD_MS = 15_000


def market_staleness(store: Store, symbol: str, now_ns: int, stale_after_ms: int) -> str:
    """Why this symbol's market data is not live, or "" when it is."""
    return _link(_health(store, symbol), "market", now_ns, stale_after_ms)


def book_staleness(store: Store, symbol: str, now_ns: int, stale_after_ms: int) -> str:
    """Why this symbol's book must not be shown, or "" when it may be."""
    words = market_staleness(store, symbol, now_ns, stale_after_ms)
    if words:
        return words
    return "" if store.market(symbol).book.is_live else "book is being rebuilt"


def mark_age_ms(store: Store, symbol: str, now_ns: int, stale_after_ms: int) -> float | None:
    """How old a symbol's mark price is where that is too old to believe, else None; None too where there is none."""
    mark = store.market(symbol).mark
    if mark is None:
        return None
    age = mark.age_ms(now_ns)
    is_old = age > _MARK_OLD_MS or bool(market_staleness(store, symbol, now_ns, stale_after_ms))
    return age if is_old else None


def account_is_old(store: Store, now_ns: int, stale_after_ms: int) -> bool:
    """Whether what the whole account comes to may be old: a link that its balances or prices come by is not live."""
    followed = [health for product, health in store.links.items() if product in store.accounts]
    return any(_link(health, which, now_ns, stale_after_ms) for health in followed for which in ("market", "user"))


def _health(store: Store, symbol: str) -> LinkHealth | None:
    return store.links.get(store.instruments[symbol].product)


def link_staleness(health: LinkHealth | None, which: str, now_ns: int, stale_after_ms: int) -> str:
    """Why a link (`market` or `user`) is not live, or "" when it is; a zero limit trusts the link's own state."""
    return _link(health, which, now_ns, stale_after_ms)


def _link(health: LinkHealth | None, which: str, now_ns: int, stale_after_ms: int) -> str:
    if health is None:
        return f"{which} link down"
    state = health.market if which == "market" else health.user
    heard_ns = health.market_heard_ns if which == "market" else health.user_heard_ns
    age_ms = (now_ns - heard_ns) / 1e6 if heard_ns else None
    heard = f", last heard {duration(age_ms)} ago" if age_ms is not None and age_ms >= 1000 else ""
    match state:
        case Link.DOWN:
            return f"{which} link down{heard}"
        case Link.SYNCING:
            return f"{which} link rebuilding"
        case Link.STALE:
            return f"{which} link silent{heard}"
        case Link.LIVE:
            pass
    if stale_after_ms and (age_ms is None or age_ms > stale_after_ms):
        return f"{which} link silent{heard}"
    return ""
