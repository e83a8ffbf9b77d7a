"""Whatever a client sends to USD-M, it gets an answer or a refusal in Binance's words, and the ledger stays whole."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.exchange import Exchange
from tui.exchange.keys import ApiKey
from tui.exchange.rejection import Rejection
from tui.exchange.run import make_desk
from tui.exchange.server import usdm_rest
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.user_events import UserEvents

NUMBERS = ["0", "1", "-1", "0.010", "0.5", "91000", "91000.1", "1e-7", "1e99", "99999999999999999999", "1795400000000"]
WORDS = {
    "symbol": ["BTCUSDT", "ETHUSDT", "BTCUSDT_270326", "NOPE", "btcusdt"],
    "pair": ["BTCUSDT", "NOPE"],
    "side": ["BUY", "SELL", "HOLD"],
    "type": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET", "X", "1", "2"],
    "algoType": ["CONDITIONAL", "VP"],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD", "GTE_GTC", "RPI"],
    "positionSide": ["BOTH", "LONG", "SHORT", "UP"],
    "priceMatch": ["NONE", "OPPONENT", "QUEUE_5", "QUEUE_20", "BEST"],
    "workingType": ["MARK_PRICE", "CONTRACT_PRICE", "LAST"],
    "selfTradePreventionMode": ["NONE", "EXPIRE_BOTH", "X"],
    "newOrderRespType": ["ACK", "RESULT", "FULL"],
    "contractType": ["PERPETUAL", "CURRENT_QUARTER", "X"],
    "interval": ["1m", "1h", "1M", "1x"],
    "period": ["5m", "1d", "7m"],
    "marginType": ["ISOLATED", "CROSSED", "X"],
    "incomeType": ["COMMISSION", "FUNDING_FEE", "X"],
    "autoCloseType": ["ADL", "LIQUIDATION", "X"],
    "batchOrders": ["[]", "[1]", "{", '[{"symbol":"BTCUSDT"}]', '[{"symbol":"BTCUSDT","side":"BUY","quantity":1}]'],
    "orderIdList": ["[1,2]", "[", '["a"]', "7"],
    "newClientOrderId": ["a", "b", "no spaces", "x" * 40],
    "clientAlgoId": ["a", "b", "\x1b[31m"],
}
FLAGS = ["reduceOnly", "closePosition", "priceProtect", "dualSidePosition", "multiAssetsMargin", "feeBurn"]
VALUES = ["quantity", "price", "triggerPrice", "activatePrice", "callbackRate", "amount", "leverage", "orderId",
          "algoId", "startTime", "endTime", "limit", "fromId", "goodTillDate", "countdownTime", "modifyId"]  # fmt: skip

parameters = st.fixed_dictionaries(
    {"symbol": st.sampled_from(WORDS["symbol"][:2]), "side": st.sampled_from(WORDS["side"][:2])},
    optional={
        **{name: st.sampled_from(words) for name, words in WORDS.items() if name not in ("symbol", "side")},
        **{name: st.sampled_from(["true", "FALSE", "maybe", ""]) for name in FLAGS},
        **{name: st.sampled_from(NUMBERS) | st.text(max_size=8) for name in VALUES},
    },
)
strange = st.dictionaries(
    st.sampled_from([*WORDS, *FLAGS, *VALUES]), st.text(max_size=12) | st.sampled_from(NUMBERS), max_size=8
)
endpoints = st.sampled_from(sorted(usdm_rest.ENDPOINTS))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list[ApiKey]())
        exchange = Exchange(seed=7)
        desk = make_desk(exchange, exchange.venues[Product.USDM], Authenticator(exchange.keys))
        desk.venue.add_listener(UserEvents(desk, lambda account_id, event: encoded(event)))
        yield desk
        exchange.close()


def encoded(body: object) -> None:
    """Whatever is said must be JSON."""
    msgspec.json.encode(body)


def ask(desk: Desk, address: tuple[str, str], sent: dict[str, str]) -> None:
    refusal = None
    try:
        encoded(usdm_rest.ENDPOINTS[address].handler(desk, Call(Parameters(sent, scientific=True), "demo")))
    except Rejection as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.code < 0
        assert refusal.msg
        assert refusal.http < 500
    desk.venue.turn()


@settings(max_examples=300, deadline=None)
@given(endpoints, parameters | strange)
def test_every_address_answers_or_refuses(desk: Desk, address: tuple[str, str], sent: dict[str, str]) -> None:
    ask(desk, address, sent)


ORDERS = [("POST", "/fapi/v1/order"), ("POST", "/fapi/v1/algoOrder"), ("PUT", "/fapi/v1/order"),
          ("POST", "/fapi/v1/order/test")]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ORDERS), parameters)
def test_orders_answer_or_refuse(desk: Desk, address: tuple[str, str], sent: dict[str, str]) -> None:
    ask(desk, address, {"type": "LIMIT", "algoType": "CONDITIONAL", "quantity": "0.01"} | sent)
