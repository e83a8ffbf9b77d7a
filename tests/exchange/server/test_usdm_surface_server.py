"""What surrounds trading on USD-M: flags, history, indices and the streams of them."""

import itertools
import json
from decimal import Decimal
from typing import Any

from exchange_caller import Caller

from tui.exchange.risk import _charge_funding

EIGHT_HOURS_MS = 8 * 3_600_000


async def read(socket: Any, wanted: str) -> Any:
    """The next message of one kind; subscriptions and others pass by."""
    while True:
        message = json.loads((await socket.receive(timeout=30)).data)
        first = message[0] if isinstance(message, list) else message
        if first.get("e") == wanted:
            return message


async def test_flags_of_the_account(caller: Caller) -> None:
    mode = "/fapi/v1/multiAssetsMargin"
    assert (await caller.ask("POST", "usdm", mode, multiAssetsMargin="false"))[1]["code"] == -4171
    isolate = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/marginType", **isolate))[0] == 200
    assert (await caller.ask("POST", "usdm", mode, multiAssetsMargin="true"))[1]["code"] == -4167
    assert (await caller.ask("POST", "usdm", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="CROSSED"))[0] == 200
    _, key = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    async with caller.stream("usdm", "/ws/" + key["listenKey"]) as socket:
        assert (await caller.ask("POST", "usdm", mode, multiAssetsMargin="true"))[0] == 200
        assert (await read(socket, "ACCOUNT_CONFIG_UPDATE"))["ai"] == {"j": True}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/marginType", **isolate))[1]["code"] == -4168
    assert (await caller.ask("POST", "usdm", "/fapi/v1/feeBurn", feeBurn="true"))[0] == 200
    assert await caller.ask("GET", "usdm", "/fapi/v1/feeBurn") == (200, {"feeBurn": True})
    _, config = await caller.ask("GET", "usdm", "/fapi/v1/accountConfig")
    assert config["multiAssetsMargin"] is True
    assert (await caller.ask("POST", "usdm", "/fapi/v1/stock/contract"))[1]["code"] == -4084


async def test_a_commission_paid_in_bnb_stood_as_dollars_in_the_income(caller: Caller) -> None:
    move = {"type": "MAIN_UMFUTURE", "asset": "BNB", "amount": "1"}
    assert (await caller.ask("POST", "spot", "/sapi/v1/asset/transfer", **move))[0] == 200
    assert (await caller.ask("POST", "usdm", "/fapi/v1/feeBurn", feeBurn="true"))[0] == 200
    entry = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **entry))[0] == 200
    _, trades = await caller.ask("GET", "usdm", "/fapi/v1/userTrades", symbol="BTCUSDT")
    _, income = await caller.ask("GET", "usdm", "/fapi/v1/income", incomeType="COMMISSION")
    assert {(Decimal(row["income"]), row["asset"]) for row in income} == {
        (-Decimal(trade["commission"]), "BNB") for trade in trades
    }


async def test_funding_has_a_history(caller: Caller) -> None:
    _, rates = await caller.get("usdm", "/fapi/v1/fundingRate", symbol="BTCUSDT", limit=12)
    times = [row["fundingTime"] for row in rates]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [EIGHT_HOURS_MS] * 11
    assert all(time % EIGHT_HOURS_MS == 0 for time in times)
    assert all(abs(Decimal(row["fundingRate"])) < Decimal("0.001") for row in rates)
    assert (await caller.get("usdm", "/fapi/v1/fundingRate", symbol="BTCUSDT", limit=12))[1] == rates
    _, since = await caller.get("usdm", "/fapi/v1/fundingRate", symbol="BTCUSDT", startTime=times[3], limit=2)
    assert [row["fundingTime"] for row in since] == times[3:5]


async def test_charged_funding_is_on_record(caller: Caller) -> None:
    usdm = next(venue for name, venue in caller.exchange.venues.items() if name.value == "usdm")
    await caller.ask("POST", "usdm", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
    values = usdm.mark("BTCUSDT")
    _charge_funding(usdm, "BTCUSDT", usdm.clock.now_ms())
    (charge,) = usdm.funding.of("BTCUSDT")
    assert (charge.rate, charge.time_ms) == (values.funding_rate, values.next_funding_ms)
    _, rows = await caller.ask("GET", "usdm", "/fapi/v1/income", incomeType="FUNDING_FEE")
    assert [(row["symbol"], row["asset"]) for row in rows] == [("BTCUSDT", "USDT")]


async def test_a_change_tells_its_modify_id(caller: Caller) -> None:
    _, key = await caller.ask("POST", "usdm", "/fapi/v1/listenKey")
    price = Decimal(caller.best("usdm")[0]) - 500
    entry = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.010"}
    async with caller.stream("usdm", f"/private/ws?listenKey={key['listenKey']}&events=ORDER_TRADE_UPDATE") as socket:
        _, order = await caller.ask(
            "POST", "usdm", "/fapi/v1/order", **entry, type="LIMIT", timeInForce="GTC", price=str(price)
        )
        assert (await read(socket, "ORDER_TRADE_UPDATE"))["o"]["b"] == str(price / 100)
        change = entry | {"orderId": order["orderId"], "price": str(price - 1), "modifyId": 8}
        await caller.ask("PUT", "usdm", "/fapi/v1/order", **change)
        told = (await read(socket, "ORDER_TRADE_UPDATE"))["o"]
        assert (told["x"], told["X"], told["M"], told["p"]) == ("AMENDMENT", "NEW", "8", f"{price - 1:.2f}")


async def test_streams_of_asset_indices_and_retail_depth(caller: Caller) -> None:
    names = "!assetIndex@arr/btcusd@assetIndex/btcusdt@rpiDepth@500ms/tradingSession"
    async with caller.stream("usdm", "/market/ws/" + names) as socket:
        rows = await read(socket, "assetIndexUpdate")
        rows = rows if isinstance(rows, list) else [rows]
        assert set(rows[0]) == {"e", "E", "s", "i", "b", "a", "B", "A", "q", "g", "Q", "G"}
    _, one = await caller.get("usdm", "/fapi/v1/assetIndex", symbol="BTCUSD")
    assert Decimal(one["index"]) > 1_000
    assert (await caller.get("usdm", "/fapi/v1/assetIndex", symbol="NOPE"))[1]["code"] == -1121
    _, book = await caller.get("usdm", "/fapi/v1/rpiDepth", symbol="BTCUSDT", limit=1000)
    assert book["bids"]
    assert (await caller.get("usdm", "/fapi/v1/rpiDepth", symbol="BTCUSDT", limit=500))[1]["code"] == -4021
