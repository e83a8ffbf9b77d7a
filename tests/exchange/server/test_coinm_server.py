"""COIN-M over real sockets: its own shapes, its own streams, its own events."""

import asyncio
import json
import time
from decimal import Decimal as D
from typing import Any

import pytest
from exchange_caller import Caller

from tui.domain.product import Product
from tui.exchange.candles import DAY_MS
from tui.exchange.clearing import OWN_ACCOUNTS
from tui.exchange.liquidation import liquidate

SYMBOL = "BTCUSD_PERP"
ORDER = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "2"}


async def hear(socket: Any, wanted: Any) -> Any:
    async with asyncio.timeout(30):
        while True:
            message = json.loads(await socket.receive_str())
            if wanted(message):
                return message


async def test_contracts_say_their_size_and_stage(caller: Caller) -> None:
    _, info = await caller.get("coinm", "/dapi/v1/exchangeInfo")
    rows = {row["symbol"]: row for row in info["symbols"]}
    assert (rows[SYMBOL]["contractSize"], rows[SYMBOL]["contractStatus"]) == (100, "TRADING")
    assert "status" not in rows[SYMBOL]
    assert {row["contractType"] for row in rows.values()} == {"PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER"}
    assert len([row for row in rows.values() if row["contractType"] == "PERPETUAL"]) >= 6
    assert "MIN_NOTIONAL" not in [rule["filterType"] for rule in rows[SYMBOL]["filters"]]


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("ticker/24hr", "pair baseVolume volume"),
        ("ticker/price", "ps price"),
        ("ticker/bookTicker", "pair lastUpdateId"),
        ("premiumIndex", "pair lastFundingRate"),
    ],
)
async def test_even_one_symbol_is_told_in_a_list(caller: Caller, path: str, keys: str) -> None:
    _, one = await caller.get("coinm", f"/dapi/v1/{path}", symbol=SYMBOL)
    assert len(one) == 1
    assert set(keys.split()) <= set(one[0])
    _, pair = await caller.get("coinm", f"/dapi/v1/{path}", pair="BTCUSD")
    assert len(pair) == 3
    _, wrong = await caller.get("coinm", f"/dapi/v1/{path}", pair="NOUSD")
    assert wrong["code"] == -4144


async def test_what_coin_margined_contracts_do_otherwise_is_said_so(caller: Caller) -> None:
    dated = ORDER | {"price": "80000", "timeInForce": "GTD", "goodTillDate": int(time.time() * 1000) + 3_600_000}
    assert (await caller.ask("POST", "coinm", "/dapi/v1/order", **dated))[1]["code"] == -1115
    _, gone = await caller.ask("PUT", "coinm", "/dapi/v1/listenKey")
    assert (gone["code"], "POST /dapi/v1/listenKey" in gone["msg"]) == (-1125, True)


async def test_candles_of_more_days_than_two_hundred_are_refused(caller: Caller) -> None:
    about: dict[str, Any] = {"symbol": SYMBOL, "pair": "BTCUSD", "contractType": "PERPETUAL", "interval": "1d"}
    for path in ("klines", "continuousKlines", "indexPriceKlines", "markPriceKlines", "premiumIndexKlines"):
        for span, code in ((200 * DAY_MS, None), (200 * DAY_MS + 1, -4165)):
            _, body = await caller.get("coinm", f"/dapi/v1/{path}", **about, startTime=0, endTime=span)
            assert (body["code"] if isinstance(body, dict) else None) == code


async def test_leverage_and_margin_mode_are_told_by_symbol(caller: Caller) -> None:
    _, rows = await caller.ask("GET", "coinm", "/dapi/v1/symbolConfig", symbol=SYMBOL)
    assert [(row["symbol"], row["marginType"], row["leverage"]) for row in rows] == [(SYMBOL, "CROSSED", 20)]


async def test_volume_in_coins_is_what_the_contracts_are_worth(caller: Caller) -> None:
    _, bars = await caller.get("coinm", "/dapi/v1/klines", symbol=SYMBOL, interval="1m", limit=5)
    for bar in bars[:-1]:
        low, high = (D(bar[5]) * 100 / D(bar[at]) for at in (2, 3))
        assert low * D("0.999") <= D(bar[7]) <= high * D("1.001")


async def test_orders_are_cumulated_in_the_coin(caller: Caller) -> None:
    entry = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "3", "newOrderRespType": "RESULT"}
    _, bought = await caller.ask("POST", "coinm", "/dapi/v1/order", **entry)
    assert (bought["status"], bought["pair"], "goodTillDate" in bought) == ("FILLED", "BTCUSD", False)
    _, found = await caller.ask("GET", "coinm", "/dapi/v1/order", symbol=SYMBOL, orderId=bought["orderId"])
    assert "cumQuote" not in found
    assert abs(D(found["cumBase"]) - 300 / D(found["avgPrice"])) < D("0.00000002")
    _, (trade,) = await caller.ask("GET", "coinm", "/dapi/v1/userTrades", symbol=SYMBOL)
    assert (trade["commissionAsset"], trade["marginAsset"], trade["baseQty"]) == ("BTC", "BTC", found["cumBase"])
    _, both = await caller.ask("GET", "coinm", "/dapi/v1/userTrades", symbol=SYMBOL, pair="BTCUSD")
    assert both["code"] == -1128
    _, neither = await caller.ask("GET", "coinm", "/dapi/v1/allOrders")
    assert neither["code"] == -1102
    _, positions = await caller.ask("GET", "coinm", "/dapi/v1/positionRisk", pair="BTCUSD")
    assert [row["positionAmt"] for row in positions] == ["3", "0", "0"]
    _, brackets = await caller.ask("GET", "coinm", "/dapi/v2/leverageBracket", symbol=SYMBOL)
    assert set(brackets[0]["brackets"][0]) >= {"qtyCap", "qtylFloor"}


async def test_old_conditional_types_are_sent_to_the_algo_service(caller: Caller) -> None:
    entry = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": "1"}
    _, refused = await caller.ask("POST", "coinm", "/dapi/v1/order", **entry, stopPrice="1")
    assert refused["code"] == -4120
    entry |= {"algoType": "CONDITIONAL", "triggerPrice": "80000"}
    _, algo = await caller.ask("POST", "coinm", "/dapi/v1/algoOrder", **entry)
    assert (algo["algoStatus"], algo["orderType"]) == ("NEW", "STOP_MARKET")
    _, gone = await caller.ask("DELETE", "coinm", "/dapi/v1/algoOrder", algoId=algo["algoId"])
    assert gone["code"] == "200"


@pytest.mark.parametrize(
    ("stream", "event", "keys"),
    [
        ("btcusd_perp@markPrice@1s", "markPriceUpdate", "s p i P r T st"),
        ("btcusd@indexPrice", "indexPriceUpdate", "i s p st"),
        ("btcusd_perp@kline_1m", "kline", "s k st"),
        ("btcusd@indexPriceKline_1m", "indexPrice_kline", "ps k"),
        ("btcusd_perp@markPriceKline_1m", "markPrice_kline", "ps k"),
        ("btcusd_next_quarter@continuousKline_1m", "continuous_kline", "ps ct k"),
        ("btcusd_perp@depth5@100ms", "depthUpdate", "ps pu b a"),
        ("btcusd_perp@bookTicker", "bookTicker", "ps b a st"),
    ],
)
async def test_streams_have_their_own_keys(caller: Caller, stream: str, event: str, keys: str) -> None:
    async with caller.stream("coinm", "/ws/" + stream) as socket:
        payload = await hear(socket, lambda message: "e" in message)
    assert payload["e"] == event
    assert set(keys.split()) <= set(payload)
    assert payload.get("st") in (2, None)
    assert not {"ap", "nq"} & set(payload)


async def test_a_pair_s_marks_come_together_and_dated_ones_have_no_funding(caller: Caller) -> None:
    async with caller.stream("coinm", "/ws/btcusd@markPrice@1s") as socket:
        marks = await hear(socket, lambda message: isinstance(message, list))
    assert {mark["s"] for mark in marks if mark["r"] == ""} == {
        mark["s"] for mark in marks if mark["s"] != SYMBOL and mark["T"] == 0
    }
    assert len(marks) == 3


async def test_account_events_name_the_account_and_the_coin(caller: Caller) -> None:
    _, key = await caller.ask("POST", "coinm", "/dapi/v1/listenKey")
    async with caller.stream("coinm", "/ws/" + key["listenKey"]) as socket:
        await caller.ask("POST", "coinm", "/dapi/v1/order", symbol=SYMBOL, side="BUY", type="MARKET", quantity="1")
        order = await hear(socket, lambda message: message.get("o", {}).get("X") == "FILLED")
        account = await hear(socket, lambda message: message["e"] == "ACCOUNT_UPDATE")
    assert order["e"] == "ORDER_TRADE_UPDATE"
    assert (order["i"], account["i"], order["o"]["ma"]) == ("SgsRoCAu", "SgsRoCAu", "BTC")
    assert not {"gtd", "si", "ss"} & set(order["o"])
    assert account["a"]["P"][0]["pa"] == "1"


async def test_a_liquidation_reaches_its_owner_and_everybody(caller: Caller) -> None:
    venue = caller.exchange.venues[Product.COINM]
    _, key = await caller.ask("POST", "coinm", "/dapi/v1/listenKey")
    names = f"{key['listenKey']}/!forceOrder@arr"
    async with caller.stream("coinm", f"/stream?streams={names}") as socket:
        await caller.ask("POST", "coinm", "/dapi/v1/order", symbol=SYMBOL, side="SELL", type="MARKET", quantity="800")
        assert venue.futures is not None
        ending = venue.futures.liquidation_price("demo", SYMBOL)
        venue.marks[SYMBOL].values = venue.marks[SYMBOL].values.__class__(
            ending + 100, ending, ending, D(0), 1 << 60, 0
        )
        assert "demo" not in OWN_ACCOUNTS
        liquidate(venue)
        order = await hear(socket, lambda message: message["data"].get("o", {}).get("x") == "CALCULATED")
        assert order["data"]["o"]["c"].startswith("autoclose-")
        told = await hear(socket, lambda message: message["data"]["e"] == "forceOrder")
    assert (told["data"]["o"]["s"], told["data"]["o"]["S"], told["data"]["st"]) == (SYMBOL, "BUY", 2)
    _, (forced,) = await caller.ask("GET", "coinm", "/dapi/v1/forceOrders", autoCloseType="LIQUIDATION")
    assert forced["clientOrderId"] == order["data"]["o"]["c"]
    _, rows = await caller.ask("GET", "coinm", "/dapi/v1/income", incomeType="INSURANCE_CLEAR")
    assert [row["asset"] for row in rows] == ["BTC"]


async def test_arrays_of_all_symbols_carry_both_products(caller: Caller) -> None:
    for product in ("usdm", "coinm"):
        async with caller.stream(product, "/ws/!markPrice@arr@1s") as socket:
            seen = {row["st"] for _ in range(2) for row in await hear(socket, lambda message: True)}
        assert seen == {1, 2}


async def test_both_futures_products_spend_one_budget(caller: Caller) -> None:
    used = []
    for product, path in (("usdm", "/fapi/v1/ping"), ("coinm", "/dapi/v1/ping"), ("usdm", "/fapi/v1/ping")):
        _, _, headers = await caller.ask_with_headers("GET", product, path, signed=False)
        used.append(int(headers["X-MBX-USED-WEIGHT-1M"]))
    assert used[2] == used[1] + 1 == used[0] + 2


async def test_a_contract_that_enters_another_stage_is_told(caller: Caller) -> None:
    venue = caller.exchange.venues[Product.COINM]
    async with caller.stream("usdm", "/ws/!contractInfo") as socket:
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        await hear(socket, lambda message: "result" in message)
        for told in venue.life.on_stage:
            told(venue.listings["BTCUSD_PERP"])
        event = await hear(socket, lambda message: message.get("e") == "contractInfo")
    assert (event["s"], event["ps"], event["ct"], event["cs"], event["st"]) == (
        "BTCUSD_PERP", "BTCUSD", "PERPETUAL", "TRADING", 2,
    )  # fmt: skip
    assert event["dt"] == 4_133_404_800_000
