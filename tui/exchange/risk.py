"""What the clock does to futures accounts: funding is charged, positions without margin are closed."""

from tui.exchange.accounts.names import FEES, HOUSE, INSURANCE
from tui.exchange.venue import Venue

_NEVER_LIQUIDATED = (HOUSE, FEES, INSURANCE)


def update_marks(venue: Venue, now_ms: int) -> None:
    """Take one second's look at every contract; charge funding that has come due."""
    for symbol, mark in venue.marks.items():
        mark.update(now_ms)
        if mark.is_due(now_ms):
            _charge_funding(venue, symbol, now_ms)
            mark.charged(now_ms)


def liquidate(venue: Venue) -> None:
    """Close the positions of every account whose margin no longer keeps them."""
    if venue.futures is None:
        return
    for account_id in venue.futures.accounts():
        if account_id in _NEVER_LIQUIDATED:
            continue
        for symbol, side in venue.futures.is_under_water(account_id):
            venue.close_out(account_id, symbol, side)


def _charge_funding(venue: Venue, symbol: str, now_ms: int) -> None:
    assert venue.futures is not None
    asset = venue.listings[symbol].margin_asset
    for account_id, side, _ in venue.futures.charge_funding(symbol, venue.mark(symbol).funding_rate):
        if account_id != HOUSE:
            is_isolated = venue.futures.position(account_id, symbol, side).is_isolated
            symbols = (symbol,) if is_isolated else ()
            venue.dealer.emit_account(account_id, "FUNDING_FEE", (asset,), symbols, now_ms, (side,))
