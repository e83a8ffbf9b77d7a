"""Guards that look beyond the order itself: what is held, what works, what was lost today, what room is left."""

from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.domain.order import Order, OrderRequest
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import PositionSide, Side
from tui.engine.circumstances import Circumstances, Intent, judged_price, value_words
from tui.engine.commands.answers import Refusal


def position_limit(intent: Intent, now: Circumstances) -> Refusal | None:
    """The trader's own largest position: what is held, with this order and all entries of its side that work."""
    limit, request = now.limits.max_position_notional, intent.request
    if not limit or intent.shrinks or intent.role.is_exit:
        return None
    price = judged_price(request, now.instrument, now.market)
    if not price:
        text = f"The position this makes has no value yet: {request.symbol} has no price (limits.max_position_notional)"
        return Refusal("max-position", text)
    quantity = request.quantity
    if quantity is None:
        quantity = (request.quote_quantity or Decimal(0)) / price
    sides = {request.terms.position_side}
    if now.store.is_virtual(now.instrument.product):
        sides.add(PositionSide.BOTH)  # the exchange's net position, which it makes margin calls for
    grown = [_after(intent, quantity, side, now) for side in sides if _grows(intent, quantity, side, now)]
    after = max(grown, key=abs, default=None)
    if after is None:
        return None
    notional, quote = now.instrument.notional(price, abs(after)), now.instrument.quote
    value = now.in_dollars(notional)
    if value is None:
        text = f"The position this makes has no value yet: no market says what {quote} is worth in dollars"
        return Refusal("max-position", f"{text} (limits.max_position_notional; set max.position 0 is none)")
    if value <= limit:
        return None
    text = (
        f"The position would be worth {value_words(notional, quote, value)} with all entries filled, more than your"
        f" largest of {limit.normalize():,f} dollars (limits.max_position_notional;"
        f" set max.position {value.to_integral_value('ROUND_UP'):f} allows it)"
    )
    return Refusal("max-position", text)


def _grows(intent: Intent, quantity: Decimal, side: PositionSide, now: Circumstances) -> bool:
    before, after = _held(intent.request, side, now), _after(intent, quantity, side, now)
    return abs(after) > abs(before) or before * after < 0


def _held(request: OrderRequest, side: PositionSide, now: Circumstances) -> Decimal:
    """Signed size held now: a position's, or the coins of a wallet."""
    instrument, store = now.instrument, now.store
    if instrument.product.is_futures:
        is_virtual = store.is_virtual(instrument.product) and side is not PositionSide.BOTH
        held = store.held(instrument.symbol) if is_virtual else store.positions_of(instrument.symbol)
        return sum((one.quantity for one in held if one.position_side is side), Decimal(0))
    balance = store.wallet(instrument, instrument.base)
    return balance.net if balance is not None else Decimal(0)


def _after(intent: Intent, quantity: Decimal, side: PositionSide, now: Circumstances) -> Decimal:
    request = intent.request
    is_net = side is not request.terms.position_side
    working = [o for o in now.store.open_orders(request.symbol) if _adds(o, intent, is_net=is_net)]
    ordered = quantity + sum((order.leaves for order in working), Decimal(0))
    return _held(request, side, now) + (ordered if request.side is Side.BUY else -ordered)


def _adds(order: Order, intent: Intent, *, is_net: bool) -> bool:
    same = order.side is intent.request.side
    its = is_net or order.position_side is intent.request.terms.position_side
    return same and its and not order.is_protective and order.client_order_id != intent.changes


def open_orders_limit(intent: Intent, now: Circumstances) -> Refusal | None:
    """The trader's own largest number of entries that work at a time, over all symbols."""
    limit = now.limits.max_open_orders
    if not limit or intent.changes or now.is_way_out(intent):
        return None
    if len(now.store.orders) < limit:  # ended ones included: an order does not wait for each of them to be looked at
        return None
    count = sum(not order.is_protective for order in now.store.open_orders())
    if count < limit:
        return None
    text = (
        f"{count} entries work already, as many as you allow (limits.max_open_orders {limit};"
        f" cancel some, or set max.open.orders {count + 1} allows it)"
    )
    return Refusal("max-open-orders", text)


def conditional_room(intent: Intent, now: Circumstances) -> Refusal | None:
    """How many orders that wait for a trigger the exchange takes: else an entry would trade and its stop be refused."""
    limit, symbol = now.instrument.permits.max_conditional, now.instrument.symbol
    if not limit or intent.request.type not in CONDITIONAL_TYPES:
        return None
    count = sum(
        is_conditional(order) and not order.is_triggered and order.client_order_id != intent.changes
        for order in now.store.open_orders(symbol)
    )
    if count < limit:
        return None
    text = f"{count} orders of {symbol} wait for a trigger already, as many as the exchange takes: cancel one first"
    return Refusal("FILTER_MAX_NUM_ALGO_ORDERS", text)


def day_loss(intent: Intent, now: Circumstances) -> Refusal | None:
    """No new risk once the day has cost what the trader allows; positions can still be closed, and coins be sold."""
    limit = now.limits.day_loss
    if not limit or now.is_way_out(intent):
        return None
    summary = now.store.summary
    if summary is None or summary.day_result is None:
        text = (
            "The day's result is not known yet, so its limit cannot be kept (limits.day_loss; set day.loss 0 is none)"
        )
        return Refusal("day-loss", text)
    lost = -summary.day_result
    if lost < limit:
        return None
    text = (
        f"Today has cost {lost:,.2f} {summary.currency}, your limit is {limit.normalize():,f} (limits.day_loss;"
        f" positions can be closed; set day.loss {(lost + 1).to_integral_value('ROUND_UP'):f} allows more)"
    )
    return Refusal("day-loss", text)


def head_room(intent: Intent, now: Circumstances) -> Refusal | None:
    """Part of the exchange's limits is kept for cancels and for orders that only shrink a position."""
    reserve = now.limits.rate_reserve_percent
    if not reserve or now.is_way_out(intent):
        return None
    for what, (used, most) in (("orders", now.link.orders), ("request weight", now.link.weight)):
        if most and used + 1 > most * (100 - reserve) / 100:
            text = (
                f"{now.instrument.product.label} has used {used} of {most} {what}: the last"
                f" {reserve.normalize():f} % are kept for cancels (limits.rate_reserve_percent; set rate.reserve,"
                " or wait a moment)"
            )
            return Refusal("rate-limit", text)
    return None
