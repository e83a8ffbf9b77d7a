"""Whatever parameters come, spot answers or refuses in Binance's codes; nothing else ever escapes."""

from functools import cache

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.rejection import Rejection
from tui.exchange.run import make_desk
from tui.exchange.server import spot_lists, spot_market, spot_orders, spot_replace
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint
from tui.exchange.server.parameters import Parameters

HANDLERS: dict[tuple[str, str], Endpoint] = {
    **spot_orders.ENDPOINTS,
    **spot_lists.ENDPOINTS,
    **spot_replace.ENDPOINTS,
    **{("GET", name): endpoint for name, endpoint in spot_market.ENDPOINTS.items()},
}
PREFIXES = ("", "above", "below", "working", "pending", "pendingAbove", "pendingBelow")
MEMBER = (
    "Type",
    "Side",
    "Quantity",
    "Price",
    "StopPrice",
    "TrailingDelta",
    "TimeInForce",
    "IcebergQty",
    "PegPriceType",
)
NAMES = [
    (prefix + name) if prefix else name[0].lower() + name[1:] for prefix in PREFIXES for name in MEMBER
] + [
    *("orderId", "cancelOrderId", "cancelReplaceMode", "newQty", "orderListId", "fromId", "startTime", "endTime"),
    *("limit", "interval", "timeZone", "windowSize", "stopLimitPrice", "stopLimitTimeInForce", "quoteOrderQty"),
]  # fmt: skip
SENSIBLE = ("BUY", "SELL", "LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "TAKE_PROFIT_LIMIT", "GTC", "PRIMARY_PEG")
NUMBERS = ("0.01", "1", "2", "100", "90000", "91234.5", "93000", "ALLOW_FAILURE", "1h", "8")
values = st.one_of(st.sampled_from(SENSIBLE + NUMBERS), st.text(max_size=12), st.integers().map(str))


@cache
def desk() -> Desk:
    exchange = Exchange(seed=3, clock=ManualClock(1_795_400_000_000))
    return make_desk(exchange, exchange.venues[Product.SPOT], Authenticator(exchange.keys))


def status(endpoint: Endpoint, parameters: Parameters) -> int:
    """The HTTP status of the answer."""
    try:
        body = endpoint.handler(desk(), Call(parameters, "demo"))
    except Rejection as rejection:
        return rejection.http if rejection.code < 0 else 0
    msgspec.json.encode(body)
    return 200


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(HANDLERS)), st.dictionaries(st.sampled_from(NAMES), values, max_size=14))
def test_spot_answers_or_refuses(address, sent):
    assert status(HANDLERS[address], Parameters({"symbol": "BTCUSDT"} | sent)) in (200, 400, 409)
