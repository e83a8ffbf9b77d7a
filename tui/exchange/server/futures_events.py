"""Account events of futures besides orders and balances, and how COIN-M's differ."""

from itertools import product

from tui.exchange.events import AccountChanged
from tui.exchange.server.desk import Desk
from tui.exchange.server.notation import eight, short

Event = dict[str, object]

#: The account's name in COIN-M's events.
ALIAS = "SgsRoCAu"
_WITH_ALIAS = ("ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "MARGIN_CALL")
_NOT_IN_COIN = ("si", "ss", "gtd")


def margin_call(desk: Desk, change: AccountChanged) -> Event:
    """A pool of positions is near its liquidation."""
    ledger, account_id = desk.venue.futures, change.account_id
    assert ledger is not None
    positions: list[Event] = []
    is_crossed = False
    for symbol, side in product(change.symbols, change.sides):
        held = ledger.position(account_id, symbol, side)
        if not held.quantity:
            continue
        is_crossed = is_crossed or not held.is_isolated
        position: Event = {
            "s": symbol,
            "ps": side,
            "pa": desk.venue.listings[symbol].step.format(held.quantity),
            "mt": "ISOLATED" if held.is_isolated else "CROSSED",
            "iw": short(held.isolated_wallet),
            "mp": eight(desk.venue.mark_price(symbol)),
            "up": eight(ledger.unrealized_profit(account_id, symbol, side)),
            "mm": eight(ledger.maintenance_margin(account_id, symbol, side)),
        }
        positions.append(position)
    event: Event = {"e": "MARGIN_CALL", "E": desk.now_ms(), "p": positions}
    if is_crossed:
        event["cw"] = eight(ledger.crossed_wallet(account_id, change.assets[0]))
    return event


def in_coin(desk: Desk, event: Event) -> Event:
    """COIN-M's form of an event: it names the account, and an order its margin asset."""
    if event["e"] in _WITH_ALIAS:
        event["i"] = ALIAS
    order = event.get("o")
    if event["e"] == "ORDER_TRADE_UPDATE" and isinstance(order, dict):
        for name in _NOT_IN_COIN:
            del order[name]
        order["ma"] = desk.listing(order["s"]).margin_asset
    return event
