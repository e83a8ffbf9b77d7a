"""An order or a cancel spelled out for the review line, before anything is sent."""

from tui.domain.instrument import Instrument
from tui.domain.order import Order, OrderRequest
from tui.ui.figures import UNKNOWN, amount, price


def request_words(request: OrderRequest, instrument: Instrument) -> str:
    """`BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0 post-only ≈ 6,421.20 USDT`."""
    size = UNKNOWN
    if request.quantity is not None:
        size = instrument.quantity_text(request.quantity)
    elif request.quote_quantity is not None:
        size = f"{amount(request.quote_quantity)} {instrument.quote} of"
    words = [request.side.value, size, request.symbol, request.type.value]
    if request.price is not None:
        words.append(price(instrument.tick, request.price))
    words.extend(
        word for word, is_set in (("post-only", request.post_only), ("reduce-only", request.reduce_only)) if is_set
    )
    if request.quantity is not None and request.price is not None:
        words.append(f"≈ {amount(instrument.notional(request.price, request.quantity))} {instrument.quote}")
    return " ".join(words)


def cancel_words(order: Order, instrument: Instrument | None) -> str:
    """`CANCEL BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0`, with a warning where the order protects a position."""
    at = order.price if order.price is not None else order.trigger_price
    if instrument is None:
        size, at_text = f"{order.leaves:f}", "" if at is None else f"{at:f}"
    else:
        size, at_text = instrument.quantity_text(order.leaves), "" if at is None else price(instrument.tick, at)
    if order.close_position:
        size = "position"
    words = ["CANCEL", order.side.value, size, order.symbol, order.type.value.replace("_", "-"), at_text]
    if order.is_protective:
        words.append("(protects a position)")
    return " ".join(word for word in words if word)
