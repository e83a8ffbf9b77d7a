"""What a day has brought: profits realised, fees and funding since midnight UTC, from fills and from the income list.

Futures state realised profit, commission and funding themselves. On spot and margin a day's trades are valued at the
price of now: what was sold brought its quote, what was bought is worth the price.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tui.domain.account import Income
from tui.domain.instrument import Instrument
from tui.domain.interval import DAY_MS
from tui.domain.order import Fill
from tui.domain.order_terms import Side
from tui.engine.account.worth import worth
from tui.engine.store import DayResult

_ZERO = Decimal(0)
_PROFITS = frozenset({"REALIZED_PNL", "INSURANCE_CLEAR", "DELIVERED_SETTELMENT"})
_FEES = frozenset({"COMMISSION", "COMMISSION_REBATE", "API_REBATE", "FEE_RETURN"})
_FUNDING = frozenset({"FUNDING_FEE", "SPECIAL_FUNDING_FEE"})


NOTHING = DayResult(_ZERO, _ZERO, _ZERO)


def _plus(day: DayResult, result: Decimal, fees: Decimal = _ZERO, funding: Decimal = _ZERO) -> DayResult:
    return DayResult(day.result + result - fees + funding, day.fees + fees, day.funding + funding)


def midnight(now_ms: int) -> int:
    """When this day began in UTC."""
    return now_ms - now_ms % DAY_MS


def of_income(rows: Iterable[Income], prices: Mapping[str, Decimal]) -> DayResult:
    """What the income lists of futures say; transfers and what nobody can value do not count."""
    day = NOTHING
    for row in rows:
        value = worth(row.amount, row.asset, prices)
        if value is None:
            continue
        if row.kind in _PROFITS:
            day = _plus(day, value)
        elif row.kind in _FEES:
            day = _plus(day, _ZERO, fees=-value)
        elif row.kind in _FUNDING:
            day = _plus(day, _ZERO, funding=value)
    return day


def of_fills(fills: Iterable[Fill], instruments: Mapping[str, Instrument], prices: Mapping[str, Decimal]) -> DayResult:
    """What trades of coins have brought, at the prices of now; futures are left to their income list."""
    day = NOTHING
    for fill in fills:
        instrument = instruments.get(fill.symbol)
        if instrument is None or fill.product.is_futures:
            continue
        price, quote = prices.get(instrument.base), prices.get(instrument.quote)
        if price is None or quote is None:
            continue
        gained = fill.quantity * (price - fill.price * quote)
        fee = worth(fill.commission, fill.commission_asset, prices) or _ZERO
        day = _plus(day, gained if fill.side is Side.BUY else -gained, fees=fee)
    return day


def together(days: Iterable[DayResult]) -> DayResult:
    """The sum of several."""
    total = NOTHING
    for day in days:
        total = DayResult(total.result + day.result, total.fees + day.fees, total.funding + day.funding)
    return total
