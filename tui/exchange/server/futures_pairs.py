"""Contracts found by pair and contract type, as futures endpoints and streams name them."""

from tui.exchange.delivery import contract_type
from tui.exchange.rejection import Rejection
from tui.exchange.server.desk import Desk
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters

CONTRACT_TYPES = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL")


def symbols_of(desk: Desk, parameters: Parameters) -> list[str]:
    """The symbols of a request by symbol, by pair or by neither; raises -1121 or -4144."""
    if parameters.has("symbol"):
        return [read_symbol(desk, parameters)]
    if parameters.has("pair"):
        return of_pair(desk, parameters.required("pair"))
    return trading_symbols(desk)


def trading_symbols(desk: Desk) -> list[str]:
    """Everything that has not been delivered."""
    now = desk.now_ms()
    return [name for name, listing in desk.venue.listings.items() if not 0 < listing.delivery_ms <= now]


def of_pair(desk: Desk, pair: str) -> list[str]:
    """The contracts of a pair; raises -4144."""
    found = [symbol for symbol in trading_symbols(desk) if desk.venue.listings[symbol].pair == pair]
    if not found:
        raise Rejection(-4144, "Invalid pair")
    return found


def contract_of(desk: Desk, pair: str, kind: str) -> str | None:
    """The contract of a pair that is of this type now."""
    now = desk.now_ms()
    for symbol in trading_symbols(desk):
        listing = desk.venue.listings[symbol]
        if listing.pair == pair and contract_type(listing, now) == kind:
            return symbol
    return None
