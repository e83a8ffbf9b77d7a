"""An account's history as files that the exchange serves itself."""

import csv
import io

import pytest
from exchange_caller import Caller

from tui.domain.product import Product

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("product", "root", "symbol", "quantity"),
    [("usdm", "/fapi/v1/", "BTCUSDT", "0.01"), ("coinm", "/dapi/v1/", "BTCUSD_PERP", "1")],
)
async def test_histories_become_files_on_the_exchanges_own_port(
    caller: Caller, product: str, root: str, symbol: str, quantity: str
) -> None:
    bought = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": quantity}
    _, order = await caller.ask("POST", product, root + "order", **bought)
    now = caller.exchange.clock.now_ms()
    span = {"startTime": now - DAY_MS, "endTime": now + DAY_MS}
    for kind, name in (("order", "orderId"), ("trade", "orderId"), ("income", "incomeType")):
        _, asked = await caller.ask("GET", product, f"{root}{kind}/asyn", **span)
        wanted = {"downloadId": asked["downloadId"]}
        # Two requests in a minute are all that the weight allows.
        caller.servers[1].desk.budget.weight.add(-1000, caller.exchange.clock.now_ms())
        _, found = await caller.ask("GET", product, f"{root}{kind}/asyn/id", **wanted)
        assert (found["status"], found["isExpired"]) == ("completed", None)
        assert found["url"].startswith(caller.ready[product]["rest"] + "/")
        async with caller.session.get(found["url"]) as response:
            assert response.status == 200
            rows = list(csv.DictReader(io.StringIO(await response.text())))
        assert rows[0][name] == (str(order["orderId"]) if name == "orderId" else "COMMISSION")
        other = "trade" if kind == "order" else "order"
        assert (await caller.ask("GET", product, f"{root}{other}/asyn/id", **wanted))[1]["code"] == -1130


async def test_a_file_is_gone_after_a_day(caller: Caller) -> None:
    desk = next(server.desk for server in caller.servers if server.desk.product is Product.USDM)
    now = caller.exchange.clock.now_ms()
    _, asked = await caller.ask("GET", "usdm", "/fapi/v1/order/asyn", startTime=now, endTime=now)
    wanted = {"downloadId": asked["downloadId"]}
    _, found = await caller.ask("GET", "usdm", "/fapi/v1/order/asyn/id", **wanted)
    assert found["expirationTimestamp"] == desk.downloads[asked["downloadId"]].expires_ms
    desk.downloads = {
        number: type(made)(made.account_id, made.kind, made.name, made.text, now - 1)
        for number, made in desk.downloads.items()
    }
    _, gone = await caller.ask("GET", "usdm", "/fapi/v1/order/asyn/id", **wanted)
    assert (gone["isExpired"], gone["url"]) == (True, "")
    async with caller.session.get(found["url"]) as response:
        assert response.status == 404


async def test_a_file_of_more_than_a_year_is_refused(caller: Caller) -> None:
    _, body = await caller.ask("GET", "usdm", "/fapi/v1/income/asyn", startTime=1, endTime=400 * DAY_MS)
    assert body["code"] == -4165


async def test_an_account_may_ask_for_a_hundred_files_of_a_kind_in_a_month(caller: Caller) -> None:
    now = caller.exchange.clock.now_ms()
    for number in range(102):
        kind = "trade" if number == 101 else "order"
        # The weight of a thousand has its own test.
        caller.servers[1].desk.budget.weight.add(-1000, now)
        status, body = await caller.ask("GET", "usdm", f"/fapi/v1/{kind}/asyn", startTime=now, endTime=now)
        assert (status, body.get("code")) == ((429, -1003) if number == 100 else (200, None))


async def test_statistics_and_funding_have_budgets_of_their_own(caller: Caller) -> None:
    budget, now = caller.servers[1].desk.budget, caller.exchange.clock.now_ms()
    wanted = {"symbol": "BTCUSDT", "period": "5m"}
    budget.charge_pool("STATISTICS/", "STATISTICS", 1_000, now)
    assert (await caller.get("usdm", "/futures/data/openInterestHist", **wanted))[0] == 429
    used = budget.weight.used(now)
    assert (await caller.get("usdm", "/fapi/v1/fundingInfo"))[0] == 200
    assert budget.weight.used(now) == used
    budget.charge_pool("FUNDING/", "FUNDING", 499, now)
    assert (await caller.get("usdm", "/fapi/v1/fundingRate", symbol="BTCUSDT"))[0] == 429
    assert (await caller.get("usdm", "/fapi/v1/time"))[0] == 200
