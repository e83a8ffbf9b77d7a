"""Margin over real sockets: money in, borrowed, traded with, paid back, and told of."""

import json
from decimal import Decimal as D
from typing import Any

import pytest
from exchange_caller import Caller

MARGIN = "/sapi/v1/margin/"
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.001",
    "price": "80000",
}


async def ask(caller: Caller, method: str, name: str, **parameters: Any) -> Any:
    path = name if name.startswith("/") else MARGIN + name
    status, body = await caller.ask(method, "spot", path, **parameters)
    assert status == 200, body
    return body


async def move_in(caller: Caller, amount: str = "1000", asset: str = "USDT") -> None:
    await ask(caller, "POST", "/sapi/v1/asset/transfer", type="MAIN_MARGIN", asset=asset, amount=amount)


async def row(caller: Caller, asset: str) -> dict[str, str]:
    account = await ask(caller, "GET", "account")
    return next(row for row in account["userAssets"] if row["asset"] == asset)


async def test_borrow_and_repay_with_interest(caller: Caller) -> None:
    await move_in(caller)
    assert (await ask(caller, "GET", "maxTransferable", asset="USDT")) == {"amount": "1000"}
    assert D((await ask(caller, "GET", "maxBorrowable", asset="USDT"))["amount"]) == 2000
    await ask(caller, "POST", "borrow-repay", asset="BTC", isIsolated="FALSE", amount="0.01", type="BORROW")
    bitcoin = await row(caller, "BTC")
    assert (bitcoin["borrowed"], bitcoin["free"], bitcoin["interest"]) == ("0.01", "0.01", "0.00000002")
    account = await ask(caller, "GET", "account")
    assert 2 < D(account["marginLevel"]) < D("2.2")
    await ask(caller, "POST", "borrow-repay", asset="BTC", isIsolated="FALSE", amount="0.01", type="REPAY")
    assert (await row(caller, "BTC"))["borrowed"] == "0.00000002"
    records = await ask(caller, "GET", "borrow-repay", type="REPAY")
    assert (records["total"], records["rows"][0]["principal"]) == (1, "0.00999998")
    assert (await ask(caller, "GET", "interestHistory"))["rows"][0]["type"] == "ON_BORROW"
    assert [flow["type"] for flow in await ask(caller, "GET", "capital-flow")] == ["TRANSFER", "BORROW", "REPAY"]
    assert (await ask(caller, "GET", "transfer"))["rows"][0]["transTo"] == "CROSS_MARGIN"


@pytest.mark.parametrize(
    ("method", "name", "parameters", "code"),
    [
        ("POST", "borrow-repay", {"asset": "BTC", "isIsolated": "FALSE", "amount": "9", "type": "BORROW"}, -3006),
        ("POST", "borrow-repay", {"asset": "BTC", "isIsolated": "FALSE", "amount": "9", "type": "REPAY"}, -3015),
        ("POST", "borrow-repay", {"asset": "XYZ", "isIsolated": "FALSE", "amount": "9", "type": "REPAY"}, -3027),
        ("POST", "borrow-repay", {"asset": "BTC", "isIsolated": "PERHAPS", "amount": "9", "type": "REPAY"}, -1100),
        ("POST", "borrow-repay", {"asset": "BTC", "isIsolated": "FALSE", "amount": "1e-9", "type": "REPAY"}, -1100),
        ("POST", "borrow-repay", {"asset": "BTC", "amount": "9", "type": "REPAY"}, -1102),
        ("GET", "account", {}, 0),
        ("GET", "priceIndex", {"symbol": "NOPE"}, -3028),
        ("GET", "openOrders", {"symbol": "BTCUSDT", "isIsolated": "TRUE"}, -3003),
        ("GET", "capital-flow", {"startTime": 1, "endTime": 900_000_000}, -4047),
        ("POST", "/sapi/v1/asset/transfer", {"type": "MARGIN_MAIN", "asset": "USDT", "amount": "1"}, -3041),
        ("PUT", "listen-key", {"listenKey": "none"}, -3038),
        ("POST", "order", ORDER | {"selfTradePreventionMode": "DECREMENT"}, -1013),
        ("POST", "order", ORDER | {"selfTradePreventionMode": "TRANSFER"}, -1013),
        ("POST", "order", ORDER | {"quantity": "0.00001"}, -20204),
    ],
)
async def test_refusals(caller: Caller, method: str, name: str, parameters: dict[str, Any], code: int) -> None:
    path = name if name.startswith("/") else MARGIN + name
    _, body = await caller.ask(method, "spot", path, **parameters)
    assert body.get("code", 0) == code


async def test_orders_are_counted_for_the_margin_account_alone(caller: Caller) -> None:
    await move_in(caller)
    await ask(caller, "POST", "order", **ORDER)
    counts = [row["count"] for row in await ask(caller, "GET", "rateLimit/order")]
    _, spot = await caller.ask("GET", "spot", "/api/v3/rateLimit/order")
    assert (counts, [row["count"] for row in spot]) == ([1, 1], [0, 0])


async def test_an_order_borrows_what_it_lacks_and_another_pays_it_back(caller: Caller) -> None:
    await move_in(caller, "500")
    bought = await ask(
        caller, "POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01",
        sideEffectType="MARGIN_BUY",
    )  # fmt: skip
    assert (bought["status"], bought["isIsolated"], bought["marginBuyBorrowAsset"]) == ("FILLED", False, "USDT")
    assert 400 < bought["marginBuyBorrowAmount"] < 450
    assert "orderListId" not in bought
    assert D((await row(caller, "USDT"))["borrowed"]) > 400
    await ask(
        caller, "POST", "order", symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.00999",
        sideEffectType="AUTO_REPAY",
    )  # fmt: skip
    assert (await row(caller, "USDT"))["borrowed"] == "0"
    assert len(await ask(caller, "GET", "myTrades", symbol="BTCUSDT")) >= 2
    assert "quoteQty" not in (await ask(caller, "GET", "myTrades", symbol="BTCUSDT"))[0]


async def test_a_cancelled_order_gives_its_loan_back(caller: Caller) -> None:
    await move_in(caller, "500")
    price = str(D(caller.best("spot")[0]) - 500)
    order = await ask(
        caller, "POST", "order", symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01",
        price=price, sideEffectType="MARGIN_BUY",
    )  # fmt: skip
    assert len(await ask(caller, "GET", "openOrders")) == 1
    _, spot_orders = await caller.ask("GET", "spot", "/api/v3/openOrders")
    assert spot_orders == []
    gone = await ask(caller, "DELETE", "order", symbol="BTCUSDT", orderId=order["orderId"])
    assert (gone["status"], gone["orderId"]) == ("CANCELED", str(order["orderId"]))
    assert (await row(caller, "USDT"))["borrowed"] == "0"


async def test_a_refused_order_leaves_no_debt(caller: Caller) -> None:
    await move_in(caller, "500")
    status, body = await caller.ask(
        "POST", "spot", MARGIN + "order", symbol="BTCUSDT", side="BUY", type="LIMIT_MAKER", quantity="0.01",
        price=str(D(caller.best("spot")[1]) + 100), sideEffectType="MARGIN_BUY",
    )  # fmt: skip
    assert (status, body["code"]) == (400, -2010)
    assert (await row(caller, "USDT"))["netAsset"] == "500"


async def test_an_isolated_account_stands_alone(caller: Caller) -> None:
    assert (await ask(caller, "POST", "isolated/account", symbol="ETHUSDT"))["success"]
    await ask(
        caller, "POST", "/sapi/v1/asset/transfer", type="MAIN_ISOLATED_MARGIN", asset="USDT", amount="100",
        toSymbol="ETHUSDT",
    )  # fmt: skip
    await ask(
        caller, "POST", "borrow-repay", asset="USDT", isIsolated="TRUE", symbol="ETHUSDT", amount="400", type="BORROW"
    )
    order = await ask(
        caller, "POST", "order", symbol="ETHUSDT", isIsolated="TRUE", side="BUY", type="MARKET", quantity="0.15"
    )
    assert order["isIsolated"] is True
    pair = (await ask(caller, "GET", "isolated/account"))["assets"][0]
    assert (pair["symbol"], pair["marginLevelStatus"]) == ("ETHUSDT", "NORMAL")
    # Selling what it holds at the liquidation price leaves 1.05 times the debt.
    worth = D(pair["baseAsset"]["totalAsset"]) * D(pair["liquidatePrice"]) + D(pair["quoteAsset"]["totalAsset"])
    owed = D(pair["quoteAsset"]["borrowed"]) + D(pair["quoteAsset"]["interest"])
    assert abs(worth / owed - D("1.05")) < D("0.000001")
    assert (await row(caller, "USDT"))["borrowed"] == "0"
    assert (await ask(caller, "GET", "isolated/accountLimit"))["enabledAccount"] == 1


async def test_order_lists(caller: Caller) -> None:
    await move_in(caller, "0.01", "BTC")
    bid = D(caller.best("spot")[0])
    made = await ask(
        caller, "POST", "order/oco", symbol="BTCUSDT", side="SELL", quantity="0.01", price=str(bid + 900),
        stopPrice=str(bid - 900), stopLimitPrice=str(bid - 950), stopLimitTimeInForce="GTC",
    )  # fmt: skip
    assert (made["contingencyType"], len(made["orderReports"])) == ("OCO", 2)
    assert len(await ask(caller, "GET", "openOrderList")) == 1
    done = await ask(caller, "DELETE", "orderList", symbol="BTCUSDT", orderListId=made["orderListId"])
    assert done["listOrderStatus"] == "ALL_DONE"
    await move_in(caller, "500")
    await ask(
        caller, "POST", "order/oto", symbol="BTCUSDT", workingType="LIMIT", workingSide="BUY", workingQuantity="0.001",
        workingPrice=str(bid - 900), workingTimeInForce="GTC", pendingType="LIMIT", pendingSide="SELL",
        pendingQuantity="0.001", pendingPrice=str(bid + 900), pendingTimeInForce="GTC", sideEffectType="MARGIN_BUY",
    )  # fmt: skip
    assert len(await ask(caller, "GET", "oto/openOrderList")) == 1


async def test_a_listen_token_lets_hear_the_margin_account_and_can_be_renewed(caller: Caller) -> None:
    tokens = [await ask(caller, "POST", "/sapi/v1/userListenToken") for _ in range(2)]
    async with caller.calls("spot") as socket:

        async def call(token: str) -> Any:
            request = {"id": 1, "method": "userDataStream.subscribe.listenToken", "params": {"listenToken": token}}
            await socket.send_json(request)
            return await socket.receive_json(timeout=30)

        assert (await call("nobody's"))["error"]["code"] == -1209
        first, second = [await call(made["token"]) for made in tokens]
        assert first["result"]["subscriptionId"] == second["result"]["subscriptionId"] == 0
        await move_in(caller, "7")
        events = [await socket.receive_json(timeout=30) for _ in range(2)]
        assert [event["event"]["e"] for event in events] == ["balanceUpdate", "outboundAccountPosition"]
        assert events[0]["event"]["d"] == "7.00000000"
        async with caller.session.post(caller.ready["spot"]["rest"] + "/fault", json={"expire_listen_keys": True}):
            pass
        assert (await socket.receive_json(timeout=30))["event"]["e"] == "eventStreamTerminated"


async def test_the_risk_stream_tells_debts_and_levels(caller: Caller) -> None:
    key = (await ask(caller, "POST", "listen-key"))["listenKey"]
    async with caller.stream("spot", f"/ws/{key}") as socket:
        await move_in(caller)
        await ask(caller, "POST", "borrow-repay", asset="USDT", isIsolated="FALSE", amount="1900", type="BORROW")
        caller.exchange.margin_watch.look()
        events = [json.loads(await socket.receive_str(timeout=30)) for _ in range(3)]
        assert [event["e"] for event in events] == [
            "USER_LIABILITY_CHANGE",
            "USER_LIABILITY_CHANGE",
            "MARGIN_LEVEL_STATUS_CHANGE",
        ]
        assert (events[0]["t"], events[0]["p"], events[1]["t"], events[2]["s"]) == (
            "BORROW",
            "1900",
            "INTEREST",
            "NORMAL",
        )


async def test_sapi_weights_are_apart_and_told(caller: Caller) -> None:
    _, _, headers = await caller.ask_with_headers("GET", "spot", MARGIN + "account")
    assert headers["X-SAPI-USED-IP-WEIGHT-1M"] == "10"
    _, _, headers = await caller.ask_with_headers("GET", "spot", MARGIN + "maxBorrowable", asset="BTC")
    assert headers["X-SAPI-USED-UID-WEIGHT-1M"] == "750"
