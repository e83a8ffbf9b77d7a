"""What an order, or orders that depend on each other, would mean if sent now."""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.config import ExecutionOptions
from tui.domain.instrument import Instrument
from tui.domain.liquidation import Stake
from tui.domain.order import LegRole, OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side
from tui.engine.account.exposure import leverage_of, liquidation_after
from tui.engine.circumstances import Intent
from tui.engine.commands.answers import Preview, Refusal
from tui.engine.guards import Bench
from tui.engine.holdings import leaves_what_is_held
from tui.engine.market_pieces import piece_sizes, pieces_note
from tui.engine.order_notes import list_notes, order_notes
from tui.engine.orders.announcements import describe, price_text
from tui.engine.orders.conditional_count import conditional_note
from tui.engine.orders.wire_form import completed
from tui.engine.price_guard import market_average
from tui.engine.store import Market, Store
from tui.engine.symbol_rules import reference_price
from tui.engine.virtual_guard import enlarges_net

_DEFAULTS = ExecutionOptions()


@dataclass(frozen=True, slots=True)
class Costs:
    """What one order comes to, in quote units; None where not known."""

    price: Decimal | None
    quantity: Decimal | None
    notional: Decimal | None
    fee: Decimal | None
    margin: Decimal | None


def preview(
    request: OrderRequest | OrderListRequest, store: Store, bench: Bench, options: ExecutionOptions = _DEFAULTS
) -> Preview:
    """Judge and cost an order against the book of this moment; changes nothing, may be called from any thread.

    Whoever previews is about to review, so LOCKED does not refuse here. Of a list the entry is costed (the first leg
    where there is none), every order in it is judged, and risk and reward are those of its legs.
    """
    first = request if isinstance(request, OrderRequest) else request.entry or request.legs[0]
    role = LegRole.NONE if isinstance(request, OrderRequest) else _roles(request, store)[0]
    sent, refusal, passed = _judged(first, role, store, bench, options)
    instrument = store.instruments.get(first.symbol)
    if instrument is None:
        return Preview(first, None, None, None, None, None, refusal, passed, refusal.text if refusal else "")
    market = store.market(first.symbol)
    costs = costs_of(sent, instrument, market, store)
    setting = bench.setting(instrument)
    notes = order_notes(sent, instrument, market, setting)
    if isinstance(request, OrderRequest) and (sizes := piece_sizes(request, store)):
        notes = (*notes, pieces_note(sizes))
    if any(one.type in CONDITIONAL_TYPES for one in _all(request)):
        notes = (*notes, *conditional_note(instrument.product, store))
    risk = reward = None
    text = _text(sent, instrument, costs)
    if isinstance(request, OrderListRequest):
        refusal = refusal or _leg_refusal(request, store, bench, options)
        notes = (*notes, *list_notes(request, instrument))
        risk, reward = _stakes(request, instrument, costs, store)
        text = "  ".join([text, *_exit_words(risk, reward, instrument)])
    return Preview(
        first,
        costs.price,
        costs.quantity,
        costs.notional,
        costs.fee,
        costs.margin,
        refusal,
        passed,
        text,
        risk=risk,
        reward=reward,
        liquidation_price=_liquidation(sent, instrument, costs, store),
        notes=notes,
    )


def _judged(
    request: OrderRequest, role: LegRole, store: Store, bench: Bench, options: ExecutionOptions
) -> tuple[OrderRequest, Refusal | None, tuple[str, ...]]:
    whole, sizes = completed(request, store, options), piece_sizes(request, store)
    if isinstance(whole, Refusal):
        return request, whole, ()
    piece = max(sizes, default=None) if role is LegRole.NONE else None
    verdict = bench.judge(Intent(whole, reviewed=True, role=role, piece=piece))
    return whole, verdict.refusal, verdict.passed


def _all(request: OrderRequest | OrderListRequest) -> tuple[OrderRequest, ...]:
    if isinstance(request, OrderRequest):
        return (request,)
    return request.legs if request.entry is None else (request.entry, *request.legs)


def _roles(request: OrderListRequest, store: Store) -> list[LegRole]:
    """The part of each order in a list, the entry first where there is one; two ways in have none."""
    instrument = store.instruments.get(request.symbol)
    is_way_in = instrument is not None and not all(leaves_what_is_held(leg, instrument, store) for leg in request.legs)
    if request.entry is None and is_way_in:
        return [LegRole.NONE] * len(request.legs)
    legs = [LegRole.STOP_LOSS if _is_stop(leg) else LegRole.TAKE_PROFIT for leg in request.legs]
    return legs if request.entry is None else [LegRole.ENTRY, *legs]


def _is_stop(leg: OrderRequest) -> bool:
    return leg.type in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_MARKET)


def _leg_refusal(request: OrderListRequest, store: Store, bench: Bench, options: ExecutionOptions) -> Refusal | None:
    roles = _roles(request, store)
    legs = zip(request.legs, roles[-len(request.legs) :], strict=True)
    for leg, role in legs:
        _, refusal, _ = _judged(leg, role, store, bench, options)
        if refusal is not None:
            # The offered correction is the leg's alone, and would be taken for the whole list's.
            return replace(refusal, text=f"{role.value or 'leg'}: {refusal.text}", offer=None)
    return None


def costs_of(request: OrderRequest, instrument: Instrument, market: Market, store: Store) -> Costs:
    """Price, size, value, fee and margin of one order."""
    price = _price(request, instrument, market)
    quantity = _quantity(request, instrument, price)
    notional = instrument.notional(price, quantity) if price is not None and quantity is not None else None
    fee = _fee(request, instrument, market, notional, store)
    return Costs(price, quantity, notional, fee, _margin(request, instrument, quantity, notional, store))


def _price(request: OrderRequest, instrument: Instrument, market: Market) -> Decimal | None:
    if request.price is not None:
        return request.price
    if request.type in CONDITIONAL_TYPES or request.type is OrderType.LIMIT:
        return reference_price(request, instrument, market)
    average = market_average(request, instrument, market)
    if average is None:
        return reference_price(request, instrument, market)
    return instrument.tick.round(average, "up" if request.side is Side.BUY else "down")


def _quantity(request: OrderRequest, instrument: Instrument, price: Decimal | None) -> Decimal | None:
    if request.quantity is not None or request.quote_quantity is None or not price:
        return request.quantity
    return instrument.step.round(request.quote_quantity / price, "down")


def fee_rates(instrument: Instrument, store: Store) -> tuple[Decimal | None, Decimal | None]:
    """What making and taking costs, as fractions: the account's own rates where they are known."""
    own = store.commissions.get(instrument.symbol)
    return (own.maker, own.taker) if own is not None else (instrument.maker_fee, instrument.taker_fee)


def _fee(
    request: OrderRequest, instrument: Instrument, market: Market, notional: Decimal | None, store: Store
) -> Decimal | None:
    maker, taker = fee_rates(instrument, store)
    rate = taker if _takes(request, instrument, market) else maker
    return notional * rate if notional is not None and rate is not None else None


def _takes(request: OrderRequest, instrument: Instrument, market: Market) -> bool:
    if request.price is None:
        return request.terms.price_match is None or "OPPONENT" in request.terms.price_match.value
    touch = reference_price(request, instrument, market)
    if request.post_only or touch is None:
        return False
    return request.price >= touch if request.side is Side.BUY else request.price <= touch


def _margin(
    request: OrderRequest, instrument: Instrument, quantity: Decimal | None, notional: Decimal | None, store: Store
) -> Decimal | None:
    """Initial margin on futures, where the leverage is known: of what the position would grow by.

    Derivatives reference 7.8, open-order margin; other orders that work are left out.
    """
    leverage = leverage_of(store, instrument.symbol)
    if notional is None or not quantity or not instrument.product.is_futures or not leverage:
        return None
    is_net = store.is_virtual(instrument.product) or request.terms.position_side is PositionSide.BOTH
    if request.only_shrinks and not (store.is_virtual(instrument.product) and enlarges_net(request, store)):
        return Decimal(0)
    held = store.net(instrument.symbol) if is_net else Decimal(0)
    after = held + (quantity if request.side is Side.BUY else -quantity)
    return notional * max(Decimal(0), abs(after) - abs(held)) / quantity / leverage


def _liquidation(request: OrderRequest, instrument: Instrument, costs: Costs, store: Store) -> Decimal | None:
    if not instrument.product.is_futures or costs.price is None or costs.quantity is None:
        return None
    traded = costs.quantity if request.side is Side.BUY else -costs.quantity
    fee = costs.fee or Decimal(0)
    if instrument.is_inverse:
        fee /= costs.price
    side = PositionSide.BOTH if store.is_virtual(instrument.product) else request.terms.position_side
    price = liquidation_after(store, instrument, side, traded, costs.price, fee)
    return None if price is None else instrument.tick.round(price)


def _stakes(
    request: OrderListRequest, instrument: Instrument, costs: Costs, store: Store
) -> tuple[Decimal | None, Decimal | None]:
    """What the stop loses and the target wins, fees of both ways included, in quote units."""
    if request.entry is None or costs.price is None or costs.quantity is None:
        return None, None
    _, taker = fee_rates(instrument, store)
    risk = reward = None
    for leg in request.legs:
        at = leg.terms.trigger_price if leg.terms.trigger_price is not None else leg.price
        if at is None:
            continue
        won = _won(request.entry.side, costs.price, at, costs.quantity, instrument)
        won -= (costs.fee or Decimal(0)) + instrument.notional(at, costs.quantity) * (taker or Decimal(0))
        if _is_stop(leg):
            risk = -won
        else:
            reward = won
    return risk, reward


def _won(side: Side, entry: Decimal, at: Decimal, quantity: Decimal, instrument: Instrument) -> Decimal:
    signed = quantity if side is Side.BUY else -quantity
    if instrument.is_inverse:
        return Stake(signed, entry, instrument.contract_size).profit(at) * at
    return signed * (at - entry)


def _exit_words(risk: Decimal | None, reward: Decimal | None, instrument: Instrument) -> list[str]:
    words = []
    if risk is not None:
        words.append(f"risk {risk:,.2f} {instrument.quote}")
    if reward is not None:
        words.append(f"reward {reward:,.2f}")
    if risk is not None and reward is not None and risk > 0:
        words.append(f"R:R {reward / risk:.1f}")
    return words


def _text(request: OrderRequest, instrument: Instrument, costs: Costs) -> str:
    parts = [describe(request, instrument)]
    if request.type is OrderType.MARKET and costs.price is not None:
        parts.append(f"≈ {price_text(costs.price, instrument)}")
    if costs.notional is not None:
        parts.append(f"value {costs.notional:,.2f} {instrument.quote}")
    if costs.margin is not None:
        parts.append(f"margin {costs.margin:,.2f}")
    if costs.fee is not None:
        parts.append(f"fee {costs.fee:,.4f}")
    return "  ".join(parts)
