"""Which margin account a request means, and the parameters all of them share."""

from decimal import Decimal

from tui.exchange.accounts.spot import COMMISSION_UNIT
from tui.exchange.listing import Listing
from tui.exchange.margin import Account, Margin
from tui.exchange.rejection import Rejection, illegal, invalid, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_desk import MarginDesk
from tui.exchange.server.order_entry import read_symbol
from tui.exchange.server.parameters import Parameters

_DAY_MS = 24 * 3_600_000


def margin_of(desk: Desk) -> Margin:
    """The margin accounts of this venue."""
    return margin_desk(desk).accounts


def margin_desk(desk: Desk) -> MarginDesk:
    """The margin side of the desk; spot desks have one."""
    assert desk.margin is not None
    return desk.margin


def is_isolated(parameters: Parameters) -> bool:
    """`isIsolated`, the text TRUE or FALSE in any case."""
    return parameters.flag("isIsolated")


def wallet(desk: Desk, call: Call, *, needs_symbol: bool = True) -> Account:
    """The account that `isIsolated` and `symbol` name; Rejection -3003 for a pair without one, -3028 for no pair."""
    if not is_isolated(call.parameters):
        if needs_symbol:
            read_symbol(desk, call.parameters)
        return margin_of(desk).cross(call.account_id)
    return isolated_wallet(desk, call, "symbol")


def isolated_wallet(desk: Desk, call: Call, name: str) -> Account:
    """The isolated account of the pair in a parameter."""
    listing = pair(desk, call.parameters, name)
    setting = margin_of(desk).setting(call.account_id)
    if not setting.pairs.get(listing.symbol):
        raise Rejection(-3003, "Margin account does not exist.")
    return margin_of(desk).isolated(call.account_id, listing)


def named_wallet(desk: Desk, call: Call) -> Account:
    """The isolated account of `isolatedSymbol`, the cross account when it is not sent."""
    if call.parameters.has("isolatedSymbol"):
        return isolated_wallet(desk, call, "isolatedSymbol")
    return margin_of(desk).cross(call.account_id)


def pair(desk: Desk, parameters: Parameters, name: str) -> Listing:
    """A margin pair; Rejection -1102 or -3028."""
    found = desk.venue.listings.get(parameters.required(name))
    if found is None:
        raise Rejection(-3028, "Not a valid margin pair.")
    return found


def read_asset(desk: Desk, parameters: Parameters, account: Account | None = None, name: str = "asset") -> str:
    """A margin asset, of the account's pair where it has one; Rejection -1102 or -3027."""
    asset = parameters.required(name)
    allowed = margin_of(desk).assets_of(account) if account else margin_of(desk).assets
    if asset not in allowed:
        raise Rejection(-3027, "Not a valid margin asset.")
    return asset


def read_amount(parameters: Parameters) -> Decimal:
    """A mandatory positive amount of at most eight decimals; -1102, -1100, -1111 or -1130."""
    amount = parameters.decimal("amount")
    if amount is None:
        raise missing("amount")
    if amount <= 0:
        raise invalid("amount")
    if amount != amount.quantize(COMMISSION_UNIT):
        raise Rejection(-1111, "Parameter 'amount' has too much precision.")
    return amount


def read_choice(parameters: Parameters, name: str, allowed: tuple[str, ...], default: str = "") -> str:
    """One of a few words; -1102 when mandatory and missing, -1130 when it is none of them."""
    value = parameters.get(name) or default
    if not value:
        raise missing(name)
    if value not in allowed:
        raise invalid(name)
    return value


def read_span(desk: Desk, parameters: Parameters, days: int = 30) -> tuple[int, int]:
    """`startTime` and `endTime`, the last week unless sent; -4047 when they are too far apart."""
    start, end = parameters.whole("startTime"), parameters.whole("endTime")
    last = desk.now_ms() if end is None else end
    first = last - min(7, days) * _DAY_MS if start is None else start
    if last - first > days * _DAY_MS:
        raise Rejection(-4047, f"Time interval must be within 0-{days} days")
    return first, last


def page(rows: list[dict[str, object]], parameters: Parameters) -> dict[str, object]:
    """The page `current` of `size` rows, newest first, and how many there are."""
    current, size = parameters.whole("current") or 1, parameters.whole("size") or 10
    if current < 1 or not 1 <= size <= 100:
        raise illegal("current" if current < 1 else "size", "^[0-9]{1,3}$")
    return {"rows": rows[(current - 1) * size : current * size], "total": len(rows)}
