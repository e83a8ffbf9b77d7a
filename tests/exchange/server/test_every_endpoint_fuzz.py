"""Every endpoint of every product, asked with parameters that are nearly right: it answers or refuses."""

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.exchange import Exchange
from tui.exchange.faults import Unanswered
from tui.exchange.keys import ApiKey, new_keys, restricted_key
from tui.exchange.rejection import Rejection
from tui.exchange.run import _WALLETS, make_desk
from tui.exchange.server import coinm_rest, spot_rest, usdm_rest
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, perform
from tui.exchange.server.parameters import Parameters

TABLES = {Product.SPOT: spot_rest, Product.USDM: usdm_rest, Product.COINM: coinm_rest}
ROUNDS = 12
KEY = restricted_key("demo", "read,trade,margin,futures")

#: Values that fit a parameter's name; the others are thrown in now and then.
FITTING: dict[str, list[str]] = {
    "symbol": ["BTCUSDT", "ETHUSDT", "BTCUSDC", "BTCUSD_PERP", "BTCUSDT_261225", "NOPE"],
    "pair": ["BTCUSDT", "BTCUSD"],
    "symbols": ['["BTCUSDT","ETHUSDT"]', "BTCUSDT,ETHUSDT", "[]", '["BTCUSDT"'],
    "side": ["BUY", "SELL"],
    "type": [
        "LIMIT",
        "MARKET",
        "LIMIT_MAKER",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
        "STOP",
        "STOP_MARKET",
        "TRAILING_STOP_MARKET",
        "BORROW",
        "REPAY",
        "MARGIN",
        "MAIN_MARGIN",
        "MAIN_UMFUTURE",
        "UMFUTURE_MAIN",
        "MINI",
        "FULL",
        "1",
        "2",
        "ROLL_IN",
    ],
    "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    "interval": ["1m", "1d", "1M", "1s", "7m"],
    "period": ["5m", "1d"],
    "contractType": ["PERPETUAL", "CURRENT_QUARTER", "ALL"],
    "asset": ["USDT", "BTC", "BNB", "USDC"],
    "assets": ["USDT,BTC"],
    "assetNames": ["BNB", "BNB,BTC"],
    "coin": ["BTC"],
    "incomeType": ["COMMISSION", "TRANSFER"],
    "isIsolated": ["TRUE", "FALSE"],
    "sideEffectType": ["NO_SIDE_EFFECT", "MARGIN_BUY", "AUTO_REPAY", "AUTO_BORROW_REPAY"],
    "marginType": ["ISOLATED", "CROSSED"],
    "positionSide": ["BOTH", "LONG", "SHORT"],
    "workingType": ["LIMIT", "LIMIT_MAKER", "MARK_PRICE", "CONTRACT_PRICE"],
    "workingSide": ["BUY", "SELL"],
    "pendingSide": ["SELL", "BUY"],
    "pendingType": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS"],
    "aboveType": ["LIMIT_MAKER", "STOP_LOSS", "TAKE_PROFIT"],
    "belowType": ["STOP_LOSS", "LIMIT_MAKER", "STOP_LOSS_LIMIT"],
    "pendingAboveType": ["LIMIT_MAKER", "TAKE_PROFIT"],
    "pendingBelowType": ["STOP_LOSS", "STOP_LOSS_LIMIT"],
    "cancelReplaceMode": ["STOP_ON_FAILURE", "ALLOW_FAILURE"],
    "selfTradePreventionMode": ["NONE", "EXPIRE_MAKER", "TRANSFER", "DECREMENT"],
    "newOrderRespType": ["ACK", "RESULT", "FULL"],
    "priceMatch": ["NONE", "OPPONENT", "QUEUE_5"],
    "pegPriceType": ["PRIMARY_PEG", "MARKET_PEG"],
    "pegOffsetType": ["PRICE_LEVEL"],
    "algoType": ["CONDITIONAL"],
    "windowSize": ["1d", "59m"],
    "timeZone": ["8", "-3:30"],
    "symbolStatus": ["TRADING", "HALT"],
    "batchOrders": ['[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]', "[{}]", "[[]]", "{}"],
    "orderIdList": ["[1,2]", "[]", '["x"]'],
    "dualSidePosition": ["true", "false"],
    "multiAssetsMargin": ["true", "false"],
    "feeBurn": ["true", "false"],
    "maxLeverage": ["3", "5"],
    "apiName": ["fast"],
    "fromSymbol": ["BTCUSDT"],
    "toSymbol": ["ETHUSDT"],
    "isolatedSymbol": ["BTCUSDT"],
    "publicKey": ["-----BEGIN PUBLIC KEY-----"],
}
NUMBERS = (
    "quantity", "price", "stopPrice", "quoteOrderQty", "icebergQty", "trailingDelta", "orderId", "limit", "fromId",
    "startTime", "endTime", "amount", "leverage", "countdownTime", "goodTillDate", "newQty", "triggerPrice",
    "activatePrice", "callbackRate", "abovePrice", "aboveStopPrice", "belowPrice", "belowStopPrice", "workingPrice",
    "workingQuantity", "pendingPrice", "pendingQuantity", "pendingStopPrice", "pendingAbovePrice",
    "pendingBelowStopPrice", "stopLimitPrice", "algoId", "orderListId", "preventedMatchId", "current", "size",
    "validity", "strategyId", "strategyType", "pegOffsetValue", "modifyId", "downloadId", "fromAllocationId", "tier",
)  # fmt: skip
TEXTS = ("newClientOrderId", "origClientOrderId", "listClientOrderId", "clientAlgoId", "listenKey", "cancelOrderId")
JUNK = (
    "", " ", "0", "-1", "1", "0.001", "91000", "90999.99", "1e5", "NaN", "-Infinity", "1e999999", "9" * 19, "9" * 40,
    "-0", "[]", "{}", "null", "%", "\x00", "TRUE", "٣", "1795400000000", "😀", "a" * 300, "1_000", "+1",
)  # fmt: skip


@pytest.fixture(scope="module")
def desks() -> Iterator[list[Desk]]:
    with pytest.MonkeyPatch.context() as patch:
        keys: list[ApiKey] = new_keys("demo")
        patch.setattr("tui.exchange.exchange.new_keys", lambda account_id: keys)
        exchange = Exchange(seed=7)
    made = [make_desk(exchange, venue, Authenticator(keys)) for venue in exchange.venues.values()]
    made[0].futures = {_WALLETS[desk.product]: desk for desk in made[1:]}
    made[1].neighbour, made[2].neighbour = made[2], made[1]
    for desk in made:
        desk.budget.charge = lambda weight, now_ms: None  # type: ignore[method-assign]
        desk.budget.charge_orders = lambda account, count, now_ms: None  # type: ignore[method-assign]
        desk.budget.charge_pool = lambda endpoint, pool, weight, now_ms: 0  # type: ignore[method-assign]
    for _ in range(30):
        exchange.step()
    yield made
    exchange.close()


def nearly_right(chance: random.Random, product: Product) -> dict[str, str]:
    """Most parameters there are, most of them with a value that fits."""
    found: dict[str, str] = {}
    for name in (*FITTING, *NUMBERS, *TEXTS):
        if chance.random() < 0.35:
            continue
        if chance.random() < 0.12:
            found[name] = chance.choice(JUNK)
        elif name in FITTING:
            found[name] = chance.choice(FITTING[name][:1] * 4 + FITTING[name])
        elif name in TEXTS:
            found[name] = chance.choice(["a-1", "b", "1"])
        else:
            found[name] = chance.choice(["1", "0.01", "91000", "91200.5", "3", "20", "100", "1795400000000"])
    if product is Product.COINM and found.get("symbol") == "BTCUSDT":
        found["symbol"] = "BTCUSD_PERP"
    return found


@pytest.mark.parametrize("product", TABLES)
def test_every_endpoint_answers_or_refuses(desks: list[Desk], product: Product) -> None:
    desk = next(desk for desk in desks if desk.product is product)
    chance, answered = random.Random(f"{product}/every"), set[Any]()
    for (method, path), endpoint in TABLES[product].ENDPOINTS.items():
        for number in range(ROUNDS):
            wanted = nearly_right(chance, product)
            if number % 3 == 0:
                kept = chance.sample(sorted(wanted), k=min(3, len(wanted)))
                wanted = {name: wanted[name] for name in (*kept, "symbol") if name in wanted}
            try:
                parameters = Parameters(wanted, scientific=product.is_futures)
                body = perform(desk, endpoint, Call(parameters, "demo", key=KEY))
            except Rejection as rejection:
                if rejection.code >= 0 or not 400 <= rejection.http < 500:
                    raise AssertionError(f"{method} {path} {wanted}") from rejection
                continue
            except Unanswered:
                continue
            except Exception as error:
                raise AssertionError(f"{method} {path} {wanted}") from error
            assert msgspec.json.encode(body), (method, path)
            answered.add((method, path))
    # Most of what only reads must have answered at least once, or the parameters are no good.
    reading = {(method, path) for method, path in TABLES[product].ENDPOINTS if method == "GET"}
    assert len(answered & reading) > len(reading) / 2
