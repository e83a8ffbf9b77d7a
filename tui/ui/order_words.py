"""An order, a list or a cancel spelled out for the review line, before anything is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderListRequest, OrderRequest
from tui.domain.order_terms import MarginEffect, PositionSide, Side, TimeInForce, WorkingType
from tui.engine.orders.wire_form import hedged_side
from tui.ui.figures import UNKNOWN, amount, grouped, price
from tui.ui.lines import Span

#: What an order on margin does beside trading; "" for nothing.
_EFFECTS = {
    MarginEffect.NO_SIDE_EFFECT: "",
    MarginEffect.MARGIN_BUY: "borrowing what it lacks",
    MarginEffect.AUTO_REPAY: "repaying with what it brings",
    MarginEffect.AUTO_BORROW_REPAY: "borrowing what it lacks and repaying with what it brings",
}


def request_words(request: OrderRequest, instrument: Instrument, *, is_hedged: bool = False) -> str:
    """`BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0 post-only ≈ 6,421.20 USDT`; nothing the order says is left out.

    Where long and short are held apart the position is named as well, also the one that the side alone implies.
    """
    if is_hedged:
        request = replace(request, terms=replace(request.terms, position_side=hedged_side(request)))
    size = UNKNOWN
    if request.close_position:
        size = "whole position of"
    elif request.quantity is not None:
        size = instrument.quantity_text(request.quantity)
    elif request.quote_quantity is not None:
        size = f"{amount(request.quote_quantity)} {instrument.quote} of"
    words = [request.side.value, size, request.symbol, request.type.value.replace("_", "-")]
    if request.price is not None and request.terms.price_match is None:
        words.append(price(instrument.tick, request.price))
    words += _condition(request, instrument)
    flags = (("post-only", request.post_only), ("reduce-only", request.reduce_only))
    words += [word for word, is_set in flags if is_set]
    words += _instructions(request, instrument)
    if request.quantity is not None and request.price is not None and not request.close_position:
        words.append(f"≈ {amount(instrument.notional(request.price, request.quantity))} {instrument.quote}")
    return " ".join(words)


def request_of(order: Order) -> OrderRequest:
    """What was asked for with an order."""
    return OrderRequest(
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        quantity=order.quantity or None,
        price=order.price,
        quote_quantity=order.quote_quantity,
        time_in_force=order.time_in_force,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        terms=order.terms,
    )


def side_span(side: Side, position_side: PositionSide) -> Span:
    """`BUY`, and where long and short are held apart the position it is for: `SELL LONG`."""
    position = "" if position_side is PositionSide.BOTH else f" {position_side.value}"
    return Span(f"{side.value}{position}", "bid" if side is Side.BUY else "ask")


def _condition(request: OrderRequest, instrument: Instrument) -> list[str]:
    """What makes a conditional order work."""
    terms, words = request.terms, []
    if terms.trigger_price is not None:
        words.append(f"trigger {price(instrument.tick, terms.trigger_price)}")
    if terms.trailing_bps is not None:
        words.append(f"trailing {Decimal(terms.trailing_bps) / 100:.2f}%")
    if terms.activation_price is not None:
        words.append(f"from {price(instrument.tick, terms.activation_price)}")
    if terms.working_type is WorkingType.MARK_PRICE:
        words.append("by mark price")
    if terms.price_protect:
        words.append("price-protected")
    return words


def _instructions(request: OrderRequest, instrument: Instrument) -> list[str]:
    terms, words = request.terms, []
    if terms.position_side is not PositionSide.BOTH:
        words.append(f"for {terms.position_side.value}")
    if request.time_in_force is TimeInForce.GTD and terms.good_till_ms is not None:
        words.append(f"until {datetime.fromtimestamp(terms.good_till_ms / 1000, UTC):%d %b %H:%M:%S} UTC")
    elif request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        words.append(request.time_in_force.value)
    if terms.display_quantity is not None:
        words.append(f"showing {instrument.quantity_text(terms.display_quantity)}")
    if terms.price_match is not None:
        words.append(f"price by {terms.price_match.value}")
    if terms.peg_price is not None:
        words.append(f"pegged {terms.peg_price.value}" + (f" {terms.peg_levels} levels" if terms.peg_levels else ""))
    if terms.self_trade_prevention is not None:
        words.append(f"STP {terms.self_trade_prevention.value}")
    if terms.margin_effect is not None and _EFFECTS[terms.margin_effect]:
        words.append(_EFFECTS[terms.margin_effect])
    return words


def list_words(request: OrderListRequest, instrument: Instrument, *, is_hedged: bool = False) -> str:
    """`BUY 0.100 … with TP 65,000.0, SL 63,800.0`, or both legs of an OCO."""
    if request.entry is None:
        return "OCO " + " / ".join(request_words(leg, instrument, is_hedged=is_hedged) for leg in request.legs)
    exits = []
    for leg in request.legs:
        at = leg.terms.trigger_price if leg.terms.trigger_price is not None else leg.price
        is_profit = at is not None and leg.type.value in ("LIMIT", "MARKET_IF_TOUCHED", "LIMIT_IF_TOUCHED")
        exits.append(f"{'TP' if is_profit else 'SL'} {price(instrument.tick, at)}")
    return f"{request_words(request.entry, instrument, is_hedged=is_hedged)} with {', '.join(exits)}"


def cancel_words(order: Order, instrument: Instrument | None) -> str:
    """`CANCEL BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0`, with a warning where the order protects a position."""
    at = order.price if order.price is not None else order.trigger_price
    if instrument is None:
        size, at_text = f"{order.leaves:f}", "" if at is None else grouped(f"{at:f}")
    else:
        size, at_text = instrument.quantity_text(order.leaves), "" if at is None else price(instrument.tick, at)
    if order.close_position:
        size = "position"
    words = ["CANCEL", order.side.value, size, order.symbol, order.type.value.replace("_", "-"), at_text]
    if order.is_protective:
        words.append("(protects a position)")
    return " ".join(word for word in words if word)
