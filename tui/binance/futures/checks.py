"""What an order for futures may say, judged before anything is sent (execution semantics 4 to 7)."""

from collections.abc import Callable

from tui.binance.futures.dialect import Dialect
from tui.binance.limits import clock_text
from tui.binance.order_parameters import CONDITIONAL_TYPES, LIMIT_TYPES, Denial, DeniedError, positive_text
from tui.domain.order import Order
from tui.domain.order_terms import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce

#: The exchange wants a GTD order to live longer than this, and to end before the year 10000 (-5040).
GTD_LEAD_MS = 600_000
_LATEST_MS = 253_402_300_799_000
_LEAST_CALLBACK_BPS = 10
_CLOSING_TYPES = frozenset({OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED})
_PREVENTIONS = frozenset(
    {
        SelfTradePrevention.NONE,
        SelfTradePrevention.EXPIRE_TAKER,
        SelfTradePrevention.EXPIRE_MAKER,
        SelfTradePrevention.EXPIRE_BOTH,
    }
)
#: The side that closes a position.
_CLOSES = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}


def check(order: Order, dialect: Dialect, now_ms: int) -> None:
    """Deny what futures cannot do; raises DeniedError. `now_ms` is the exchange's time."""
    for one in _CHECKS:
        one(order)
    _check_life(order, dialect, now_ms)
    if order.type is OrderType.TRAILING_STOP_MARKET:
        _check_trailing(order, dialect)


def _check_size(order: Order) -> None:
    if order.quote_quantity is not None:
        raise DeniedError(
            Denial.QUOTE_QUANTITY, "futures orders have no quote amount: give the size in the contract's own units"
        )
    if order.terms.display_quantity is not None:
        raise DeniedError(
            Denial.DISPLAY_QUANTITY, "Binance futures have no iceberg orders: send slices of the visible size instead"
        )


def _check_spot_terms(order: Order) -> None:
    if order.terms.peg_price is not None or order.terms.peg_levels is not None:
        raise DeniedError(Denial.PEG, "pegged orders exist only on spot: use price match on futures")
    if order.terms.margin_effect is not None:
        raise DeniedError(Denial.MARGIN_EFFECT, "borrowing and repaying by order exist only on margin")
    prevention = order.terms.self_trade_prevention
    if prevention is not None and prevention not in _PREVENTIONS:
        choices = ", ".join(sorted(mode.value for mode in _PREVENTIONS))
        raise DeniedError(Denial.SELF_TRADE_PREVENTION, f"futures have no {prevention.value}: choose one of {choices}")


def _check_post_only(order: Order) -> None:
    if not order.post_only:
        return
    if order.type not in LIMIT_TYPES:
        raise DeniedError(Denial.POST_ONLY, f"a {order.type.value} order always takes: use a limit type")
    if order.time_in_force is not TimeInForce.GTC:
        raise DeniedError(
            Denial.POST_ONLY, f"a post-only order stays until cancelled: it cannot be {order.time_in_force}"
        )


def _check_price_match(order: Order) -> None:
    if order.terms.price_match is None:
        return
    if order.type not in LIMIT_TYPES:
        raise DeniedError(Denial.PRICE_MATCH, f"a {order.type.value} order has no price to match: use a limit type")
    if order.post_only:
        raise DeniedError(Denial.PRICE_MATCH, "price match cannot be post-only: use QUEUE to stay on your own side")


def _check_condition(order: Order) -> None:
    terms = order.terms
    if order.type not in CONDITIONAL_TYPES:
        if terms.trigger_price is not None or terms.activation_price is not None or terms.trailing_bps is not None:
            sentence = f"a {order.type.value} order has no trigger: use a stop, an if-touched or a trailing type"
            raise DeniedError(Denial.TRIGGER_PRICE, sentence)
        if terms.price_protect:
            raise DeniedError(Denial.PRICE_PROTECT, "only conditional orders have price protection")
        return
    if order.type is OrderType.TRAILING_STOP_MARKET:
        return
    positive_text(terms.trigger_price, Denial.TRIGGER_PRICE, f"a {order.type.value} order needs a trigger price")
    if terms.trailing_bps is not None or terms.activation_price is not None:
        raise DeniedError(
            Denial.TRAILING_OFFSET, f"a {order.type.value} order does not trail: use TRAILING_STOP_MARKET"
        )


def _check_closing(order: Order) -> None:
    if not order.close_position:
        return
    if order.type not in _CLOSING_TYPES:
        names = " and ".join(sorted(kind.value for kind in _CLOSING_TYPES))
        raise DeniedError(Denial.CLOSE_POSITION, f"only {names} can close a whole position, not {order.type.value}")
    if order.reduce_only:
        raise DeniedError(Denial.CLOSE_POSITION, "closing the position reduces only by itself: leave reduce-only out")
    closes = _CLOSES.get(order.terms.position_side)
    if closes is not None and order.side is not closes:
        side = order.terms.position_side.value
        raise DeniedError(Denial.CLOSE_POSITION, f"{order.side.value} opens {side}: {closes.value} closes it")


def _check_life(order: Order, dialect: Dialect, now_ms: int) -> None:
    if order.time_in_force is not TimeInForce.GTD:
        return
    if order.type not in LIMIT_TYPES:
        raise DeniedError(Denial.TIME_IN_FORCE, f"a {order.type.value} order has no end of its own: use a limit type")
    if not dialect.has_gtd:
        sentence = f"{dialect.product.label} keep no GTD orders: send GTC and have the end kept here"
        raise DeniedError(Denial.TIME_IN_FORCE, sentence)
    until_ms = order.terms.good_till_ms
    if until_ms is None:
        raise DeniedError(Denial.GOOD_TILL, "a GTD order needs the time it ends at")
    if not now_ms + GTD_LEAD_MS < until_ms // 1_000 * 1_000 < _LATEST_MS:
        earliest = (now_ms + GTD_LEAD_MS) // 1_000 + 1
        raise DeniedError(Denial.GOOD_TILL, f"the earliest end of a GTD order is {clock_text(earliest * 1_000)}")


def _check_trailing(order: Order, dialect: Dialect) -> None:
    terms, most = order.terms, dialect.most_callback_bps
    if terms.trigger_price is not None:
        raise DeniedError(
            Denial.TRIGGER_PRICE, "a trailing stop has no trigger price: give an activation price instead"
        )
    if terms.activation_price is not None:
        positive_text(terms.activation_price, Denial.TRIGGER_PRICE, "the activation price must be above zero")
    if terms.trailing_bps is None or not _LEAST_CALLBACK_BPS <= terms.trailing_bps <= most:
        said = "none is given" if terms.trailing_bps is None else f"{terms.trailing_bps} is not"
        raise DeniedError(
            Denial.TRAILING_OFFSET,
            f"the callback of a trailing stop is {_LEAST_CALLBACK_BPS} to {most} basis points"
            f" (0.1 to {most // 100} %); {said}",
        )


#: In this order: the first that denies is told.
_CHECKS: tuple[Callable[[Order], None], ...] = (
    _check_size,
    _check_spot_terms,
    _check_post_only,
    _check_price_match,
    _check_closing,
    _check_condition,
)
