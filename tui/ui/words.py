"""Sentences that belong to no pane."""

from collections.abc import Sequence

from tui.domain.order import Order


def quit_words(orders: Sequence[Order]) -> str:
    """What stays behind when the program is left; "" when nothing does."""
    if not orders:
        return ""
    listed = ", ".join(f"{o.side} {o.leaves.normalize():f} {o.symbol}" for o in orders[:4])
    more = f" and {len(orders) - 4} more" if len(orders) > 4 else ""
    count = "1 working order stays" if len(orders) == 1 else f"{len(orders)} working orders stay"
    return f"QUIT: {count} at the exchange: {listed}{more}"
