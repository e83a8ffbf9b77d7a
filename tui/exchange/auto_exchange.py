"""The automatic exchange of multi-assets mode: it pays what one wallet owes with what the others hold.

When (Binance futures docs, "Multi-assets mode"): a wallet owes more than the threshold; the account was liquidated; or
it has neither positions nor orders, and owes as much as its other assets are worth. Assets are sold in proportion to
their values. The participants are on the other side.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from tui.exchange.accounts.collateral import EXCHANGE_THRESHOLD
from tui.exchange.accounts.futures import AMOUNT_UNIT
from tui.exchange.accounts.names import HOUSE, INSURANCE
from tui.exchange.clearing import OWN_ACCOUNTS, ledger_of
from tui.exchange.venue import Venue

ZERO = Decimal(0)
_REASON = "AUTO_EXCHANGE"


def balance_all(venue: Venue) -> None:
    """Look at every account in multi-assets mode."""
    for account_id in sorted(ledger_of(venue).multi_assets.difference(OWN_ACCOUNTS)):
        balance_wallets(venue, account_id)


def balance_wallets(venue: Venue, account_id: str, *, is_liquidated: bool = False) -> None:
    """Exchange where it is due; what nothing is left to pay for is paid by the insurance after a liquidation."""
    ledger = ledger_of(venue)
    if account_id not in ledger.multi_assets:
        return
    owed = {asset: -amount for asset in ledger.assets(account_id) if (amount := ledger.wallet(account_id, asset)) < 0}
    if not owed or not (is_liquidated or _is_due(venue, account_id, owed)):
        return
    touched = set(owed)
    for asset, amount in owed.items():
        touched |= _pay(venue, account_id, asset, amount)
    # Without positions nobody but the insurance can pay what is left; with positions their profit may still do so.
    for asset in () if ledger.positions(account_id) else owed:
        left = -ledger.wallet(account_id, asset)
        if left > 0:
            ledger.credit(account_id, asset, left)
            ledger.credit(INSURANCE, asset, -left)
    venue.dealer.emit_account(account_id, _REASON, tuple(sorted(touched)), (), venue.clock.now_ms())


def _is_due(venue: Venue, account_id: str, owed: dict[str, Decimal]) -> bool:
    ledger = ledger_of(venue)
    collateral = ledger.collateral
    assert collateral is not None
    dollars = {asset: -collateral.value(asset, -amount) for asset, amount in owed.items()}
    if any(amount > EXCHANGE_THRESHOLD for amount in dollars.values()):
        return True
    if ledger.touched(account_id):
        return False
    values = (collateral.value(asset, ledger.wallet(account_id, asset)) for asset in ledger.assets(account_id))
    return sum(dollars.values(), ZERO) >= sum((value for value in values if value > 0), ZERO)


def _pay(venue: Venue, account_id: str, asset: str, owed: Decimal) -> set[str]:
    """Sell other assets for what one owes, each in proportion to its value; returns what was sold."""
    ledger, now = ledger_of(venue), venue.clock.now_ms()
    assert ledger.collateral is not None
    rate = ledger.collateral.rate(asset)
    if rate is None:
        return set()
    bids = {}
    for other in ledger.assets(account_id):
        found = ledger.collateral.rate(other)
        if found is not None and ledger.wallet(account_id, other) > 0:
            bids[other] = found.exchange_bid
    values = {other: ledger.wallet(account_id, other) * bid for other, bid in bids.items()}
    total, wanted = sum(values.values(), ZERO), owed * rate.exchange_ask
    for other, value in values.items():
        share = min(value, wanted * value / total)
        sold = min(ledger.wallet(account_id, other), (share / bids[other]).quantize(AMOUNT_UNIT, ROUND_UP))
        got = (sold * bids[other] / rate.exchange_ask).quantize(AMOUNT_UNIT, ROUND_DOWN)
        for name, amount in ((other, -sold), (asset, got)):
            ledger.credit(account_id, name, amount)
            ledger.credit(HOUSE, name, -amount)
            venue.life.records.note_income(account_id, "", _REASON, amount, name, now)
    return set(values)
