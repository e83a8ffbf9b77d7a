"""The orders, lists and algos that lines mean in the market of this moment."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms, TimeInForce, WorkingType
from tui.engine.algos.plan import AlgoPlan, ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.orders.wire_form import meant_side
from tui.engine.preview import fee_rates
from tui.engine.store import LinkHealth, Store
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import (
    ChaseLine,
    IcebergLine,
    OcoLine,
    OrderLine,
    ScaleLine,
    TwapLine,
)
from tui.ui.command.values import Around, dollar_worth, instrument_of, price_of, size_of, touch
from tui.ui.figures import amount, plain_quantity
from tui.ui.figures import price as price_words
from tui.ui.view_state import ViewState

_TYPES = {
    ("stop", False): OrderType.STOP_MARKET,
    ("stop", True): OrderType.STOP_LIMIT,
    ("touch", False): OrderType.MARKET_IF_TOUCHED,
    ("touch", True): OrderType.LIMIT_IF_TOUCHED,
}

#: What Binance takes of a trade on spot and margin where the account's own rate is not known.
_USUAL_FEE = Decimal("0.001")

AlgoLine = ScaleLine | ChaseLine | TwapLine | IcebergLine


def order_request(line: OrderLine, store: Store, view: ViewState) -> OrderRequest:
    """The order of an order line with its anchors resolved, its bracket left out; raises GrammarError."""
    instrument = instrument_of(line.symbol or view.symbol, store)
    if line.reduce_only and not instrument.product.is_futures:
        raise GrammarError(f"{instrument.symbol} is spot, which has no reduce-only: leave out ro")
    price = None if line.price is None else price_of(line.price, line.side, instrument, store, view)
    _refuse_price_as_size(line, instrument, price, store, view)
    trigger = _trigger(line, instrument, store, view)
    entry = price if price is not None else trigger
    if line.size.unit == "risk":
        entry = entry or _taken_at(line.side, instrument, store, view)
    stop = None if line.stop_loss is None else _stop_price(line, entry, instrument, store, view)
    around = Around(entry, stop, profit=line.side)
    quantity, quote = _quantities(line, instrument, entry, store, view, around)
    return OrderRequest(
        symbol=instrument.symbol,
        side=line.side,
        type=_type(line),
        quantity=quantity,
        price=price,
        quote_quantity=quote,
        time_in_force=line.time_in_force,
        post_only=line.post_only,
        reduce_only=line.reduce_only,
        terms=_terms(line, trigger, instrument, entry, store, view),
    )


def order_or_list(line: OrderLine, store: Store, view: ViewState) -> OrderRequest | OrderListRequest:
    """The order of a line, with its bracket where the line has `sl` or `tp`; raises GrammarError."""
    entry = order_request(line, store, view)
    if line.stop_loss is None and line.take_profit is None:
        return entry
    instrument = store.instruments[entry.symbol]
    at = entry.price or entry.terms.trigger_price or _taken_at(line.side, instrument, store, view)
    stop = None if line.stop_loss is None else _stop_price(line, at, instrument, store, view)
    held = replace(entry, quantity=_left_after_fee(entry, at, instrument, store))
    legs = []
    if line.take_profit is not None:
        around = Around(at, stop, profit=line.side)
        target = price_of(line.take_profit, line.side.opposite, instrument, store, view, around)
        _check_exit("tp", target, at, line.side, instrument)
        legs.append(_exit(held, at, target, instrument, is_profit=True))
    if stop is not None:
        _check_exit("sl", stop, at, line.side, instrument)
        legs.append(_exit(held, at, stop, instrument, is_profit=False))
    return OrderListRequest(entry, tuple(legs))


def oco_request(line: OcoLine, store: Store, view: ViewState) -> OrderListRequest:
    """Two orders of which one cancels the other, a profit at a limit and a stop at market; raises GrammarError."""
    instrument = instrument_of(line.symbol or view.symbol, store)
    # Either way the order trades away from the market, so profit lies towards the other side.
    bid, ask = touch(instrument, store, view)
    middle = (bid + ask) / 2
    around = Around(middle, profit=line.side.opposite)
    profit = price_of(line.profit, line.side, instrument, store, view, around)
    stop = price_of(line.stop, line.side, instrument, store, view, around)
    if (profit > stop) is not (line.side is Side.SELL):
        order = "above" if line.side is Side.SELL else "below"
        raise GrammarError(f"the profit price of a {line.side.value.lower()} stands {order} its stop")
    quantity = size_of(line.size, line.side, instrument, profit, store, view)
    base = OrderRequest(instrument.symbol, line.side, OrderType.LIMIT, quantity)
    legs = (
        _exit(replace(base, side=line.side.opposite), middle, profit, instrument, is_profit=True),
        _exit(replace(base, side=line.side.opposite), middle, stop, instrument, is_profit=False),
    )
    return OrderListRequest(None, legs)


def algo_plan(line: AlgoLine, store: Store, view: ViewState) -> AlgoPlan:
    """The plan of an algo with its anchors resolved; raises GrammarError."""
    instrument = instrument_of(line.symbol or view.symbol, store)
    if line.reduce_only and not instrument.product.is_futures:
        raise GrammarError(f"{instrument.symbol} is spot, which has no reduce-only: leave out ro")
    if isinstance(line, ScaleLine):
        return _scale(line, instrument, store, view)
    if isinstance(line, IcebergLine):
        price = price_of(line.price, line.side, instrument, store, view)
        whole = size_of(line.size, line.side, instrument, price, store, view)
        show = size_of(line.show, line.side, instrument, price, store, view)
        if show >= whole:
            raise GrammarError(f"show {plain_quantity(show)} is not less than the whole {plain_quantity(whole)}")
        return IcebergPlan(instrument.symbol, line.side, whole, price, show, line.reduce_only, line.position)
    quantity = size_of(line.size, line.side, instrument, None, store, view)
    if isinstance(line, ChaseLine):
        return ChasePlan(
            instrument.symbol, line.side, quantity, line.max_percent, line.for_s, line.reduce_only, line.position
        )
    return TwapPlan(instrument.symbol, line.side, quantity, line.over_s, line.slices, line.reduce_only, line.position)


def plan_words(plan: AlgoPlan, instrument: Instrument, *, is_hedged: bool = False) -> str:
    """An algo spelled out: `BUY 0.300 BTCUSDT-PERP: SCALE of 6 orders from 64,000.0 to 63,500.0`.

    Where long and short are held apart the position is named as well.
    """
    size = f"{plan.side.value} {instrument.quantity_text(plan.quantity)} {plan.symbol}"
    if is_hedged:
        size += f" for {meant_side(plan.side, plan.position_side, shrinks=plan.reduce_only)}"
    flags = " reduce-only" if plan.reduce_only else ""
    match plan:
        case ScalePlan():
            ends = (
                f"{price_words(instrument.tick, plan.first_price)} to {price_words(instrument.tick, plan.last_price)}"
            )
            skew = f", the last {plain_quantity(plan.skew)} × the first" if plan.skew != 1 else ""
            post = " post-only" if plan.post_only else ""
            return f"{size}: SCALE of {plan.count} orders from {ends}{skew}{post}{flags}"
        case ChasePlan():
            return f"{size}: CHASE at the touch, at most {plain_quantity(plan.max_percent)}% for {plan.for_s} s{flags}"
        case TwapPlan():
            each = amount(plan.quantity / plan.slices, 8).rstrip("0").rstrip(".")
            every = plan.over_s // plan.slices
            return f"{size}: TWAP of {plan.slices} market orders of about {each}, one each {every} s{flags}"
    show, at = instrument.quantity_text(plan.display_quantity), price_words(instrument.tick, plan.price)
    return f"{size}: ICEBERG at {at} showing {show} at a time{flags}; app-managed, active only while this runs"


def _scale(line: ScaleLine, instrument: Instrument, store: Store, view: ViewState) -> ScalePlan:
    first = price_of(line.first, line.side, instrument, store, view)
    last = price_of(line.last, line.side, instrument, store, view)
    if first == last:
        raise GrammarError("scale between two different prices: 64000..63500")
    return ScalePlan(
        instrument.symbol,
        line.side,
        size_of(line.size, line.side, instrument, (first + last) / 2, store, view),
        first,
        last,
        line.count,
        line.skew,
        line.post_only,
        line.reduce_only,
        line.position,
    )


def _type(line: OrderLine) -> OrderType:
    condition = line.condition
    if condition is None:
        rests = line.price is not None or line.extras.match is not None or line.extras.peg is not None
        return OrderType.LIMIT if rests else OrderType.MARKET
    if condition.kind == "trail":
        return OrderType.TRAILING_STOP_MARKET
    return _TYPES[condition.kind, line.price is not None or line.extras.match is not None]


def _trigger(line: OrderLine, instrument: Instrument, store: Store, view: ViewState) -> Decimal | None:
    """The price the order waits for, or starts to trail from."""
    if line.condition is None or line.condition.price is None:
        return None
    # A buy stop waits above the market: rounding it up makes it later, never earlier.
    side = line.side.opposite if line.condition.kind == "stop" else line.side
    return price_of(line.condition.price, side, instrument, store, view)


def _terms(
    line: OrderLine,
    trigger: Decimal | None,
    instrument: Instrument,
    price: Decimal | None,
    store: Store,
    view: ViewState,
) -> Terms:
    said, condition = line.extras, line.condition
    trails = condition is not None and condition.kind == "trail"
    good_till = None
    if said.good_for_s is not None:
        offset = store.links.get(instrument.product, LinkHealth()).clock_offset_ms
        # Only whole seconds are honoured.
        good_till = (view.clock.now_ms() + offset) // 1_000 * 1_000 + said.good_for_s * 1_000
    show = None if said.show is None else size_of(said.show, line.side, instrument, price, store, view)
    return Terms(
        trigger_price=None if trails else trigger,
        working_type=WorkingType.MARK_PRICE if said.at_mark else WorkingType.CONTRACT_PRICE,
        activation_price=trigger if trails else None,
        trailing_bps=condition.trailing_bps if condition is not None else None,
        display_quantity=show,
        price_match=said.match,
        peg_price=said.peg,
        peg_levels=said.peg_levels,
        self_trade_prevention=said.prevention,
        price_protect=said.protect,
        position_side=said.position,
        good_till_ms=good_till,
        margin_effect=said.effect,
    )


def _taken_at(side: Side, instrument: Instrument, store: Store, view: ViewState) -> Decimal:
    bid, ask = touch(instrument, store, view)
    return ask if side is Side.BUY else bid


def _stop_price(
    line: OrderLine, entry: Decimal | None, instrument: Instrument, store: Store, view: ViewState
) -> Decimal:
    assert line.stop_loss is not None
    if entry is None and not line.stop_loss.number:
        entry = _taken_at(line.side, instrument, store, view)
    return price_of(line.stop_loss, line.side.opposite, instrument, store, view, Around(entry, profit=line.side))


def _check_exit(name: str, price: Decimal, entry: Decimal, side: Side, instrument: Instrument) -> None:
    profits = price > entry if side is Side.BUY else price < entry
    if profits is (name == "tp") and price != entry:
        return
    where = "above" if (side is Side.BUY) is (name == "tp") else "below"
    at = price_words(instrument.tick, entry)
    raise GrammarError(f"{name} of a {side.value.lower()} stands {where} its entry {at}, not at {price:f}")


def _exit(entry: OrderRequest, at: Decimal, price: Decimal, instrument: Instrument, *, is_profit: bool) -> OrderRequest:
    """One leg that leaves what the entry opens: on futures by triggers, elsewhere a limit against a stop."""
    quantity = _bought(entry, at, instrument)
    is_contract = instrument.product.is_futures
    side = entry.terms.position_side if is_contract else PositionSide.BOTH
    # In hedge mode the position that is named says what is reduced.
    reduces = is_contract and side is PositionSide.BOTH
    leg = OrderRequest(entry.symbol, entry.side.opposite, OrderType.STOP_MARKET, quantity, reduce_only=reduces)
    terms = Terms(trigger_price=price, working_type=entry.terms.working_type, position_side=side)
    if not is_profit:
        return replace(leg, terms=terms)
    if is_contract:
        return replace(leg, type=OrderType.MARKET_IF_TOUCHED, terms=terms)
    return replace(leg, type=OrderType.LIMIT, price=price, time_in_force=TimeInForce.GTC)


def _bought(entry: OrderRequest, at: Decimal, instrument: Instrument) -> Decimal | None:
    if entry.quantity is None and entry.quote_quantity is not None:
        return instrument.step.round(entry.quote_quantity / at, "down")
    return entry.quantity


def _left_after_fee(entry: OrderRequest, at: Decimal, instrument: Instrument, store: Store) -> Decimal | None:
    """What can be sold of a purchase: all of it where its fee is paid from what is there already.

    The fee of a purchase is taken in what was bought; exits for more than is left would be refused, both of them.
    """
    quantity = _bought(entry, at, instrument)
    if quantity is None or entry.side is Side.SELL or instrument.product.is_futures:
        return quantity
    rates = [rate for rate in fee_rates(instrument, store) if rate is not None]
    fee = quantity * max(rates, default=_USUAL_FEE)
    held = store.wallet(instrument, instrument.base)
    if held is not None and held.free >= fee:
        return quantity
    return instrument.step.round(quantity - fee, "down")


def _quantities(
    line: OrderLine, instrument: Instrument, price: Decimal | None, store: Store, view: ViewState, around: Around
) -> tuple[Decimal | None, Decimal | None]:
    """Base quantity, or the quote amount where the exchange itself spends one."""
    is_market = _type(line) is OrderType.MARKET
    is_spent = line.size.unit == "dollars" and dollar_worth(instrument, view, f"{line.size.amount:f}$") == 1
    if is_spent and is_market and line.side is Side.BUY and instrument.quote_quantity_allowed:
        return None, line.size.amount
    return size_of(line.size, line.side, instrument, price, store, view, around), None


def _refuse_price_as_size(
    line: OrderLine, instrument: Instrument, price: Decimal | None, store: Store, view: ViewState
) -> None:
    last = store.market(instrument.symbol).last_price()
    size = line.size.amount
    if line.size.unit != "base" or last is None or last < 5 or not last * 4 / 5 <= size <= last * 5 / 4:
        return
    if price is not None and last / 2 <= price <= last * 2:
        raise GrammarError(
            f"size {plain_quantity(size)} looks like a price of {instrument.symbol}: "
            f"for that worth in dollars write {size:f}$"
        )
    letter = "b" if line.side is Side.BUY else "s"
    named = f" {line.symbol}" if line.symbol else ""
    other = f"{price:f}" if price is not None else f"p{view.preset + 1}"
    offer = f"{letter} {other}{named} @ {size:f}"
    raise GrammarError(f"size {plain_quantity(size)} looks like a price of {instrument.symbol}", offer)
