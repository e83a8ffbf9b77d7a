"""Quarterly contracts: when they are delivered, what they are called, and the stages of their life.

Binance futures docs, "Delivery": contracts expire on the last Friday of a quarter at 08:00 UTC, at the index averaged
over the hour before; in the last ten minutes positions may only be reduced.
"""

from calendar import monthcalendar
from datetime import UTC, datetime

from tui.exchange.listing import Listing
from tui.exchange.rejection import Rejection

#: Delivery date of what is never delivered.
NEVER_MS = 4_133_404_800_000

AVERAGED_MS = 3_600_000
_REDUCING_MS = 600_000
_DELIVERING_MS = 60_000
_QUARTER_ENDS = (3, 6, 9, 12)
_FRIDAY = 4


def deliveries(now_ms: int, count: int = 2) -> list[int]:
    """The next quarterly delivery times after this moment."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    found: list[int] = []
    year = moment.year
    while len(found) < count:
        times = [_last_friday_ms(year, month) for month in _QUARTER_ENDS]
        found += [time for time in times if time > now_ms]
        year += 1
    return found[:count]


def _last_friday_ms(year: int, month: int) -> int:
    day = max(week[_FRIDAY] for week in monthcalendar(year, month))
    return int(datetime(year, month, day, 8, tzinfo=UTC).timestamp() * 1000)


def delivery_suffix(delivery_ms: int) -> str:
    """The date as symbols carry it: `261225`."""
    return datetime.fromtimestamp(delivery_ms / 1000, UTC).strftime("%y%m%d")


def delivery_of(symbol: str) -> int:
    """The delivery time a symbol names; 0 for symbols that name none."""
    suffix = symbol.partition("_")[2]
    if len(suffix) != 6 or not suffix.isdigit():
        return 0
    try:
        day = datetime.strptime(suffix, "%y%m%d").replace(hour=8, tzinfo=UTC)
    except ValueError:
        return 0
    return int(day.timestamp() * 1000)


def contract_type(listing: Listing, now_ms: int) -> str:
    """PERPETUAL, CURRENT_QUARTER or NEXT_QUARTER."""
    if not listing.delivery_ms:
        return "PERPETUAL"
    return "NEXT_QUARTER" if listing.delivery_ms > deliveries(now_ms, 1)[0] else "CURRENT_QUARTER"


def contract_status(listing: Listing, now_ms: int) -> str:
    """The stage of a contract's life: TRADING, PRE_DELIVERING, DELIVERING or DELIVERED."""
    left = listing.delivery_ms - now_ms
    if not listing.delivery_ms or left > _REDUCING_MS:
        return "TRADING"
    if left > 0:
        return "PRE_DELIVERING"
    return "DELIVERING" if left > -_DELIVERING_MS else "DELIVERED"


def refuse_untradable(listing: Listing, now_ms: int, *, reduces: bool) -> None:
    """Rejection -4141 once the contract is delivered, -4140 for opening a position shortly before."""
    status = contract_status(listing, now_ms)
    if status in ("DELIVERING", "DELIVERED"):
        raise Rejection(-4141, "Symbol is closed.")
    if status == "PRE_DELIVERING" and not reduces:
        raise Rejection(-4140, "Invalid symbol status for opening position.")
