"""Special keys, transfers between all wallets, small debts and what liquidations leave, over REST."""

from decimal import Decimal
from typing import Any

import pytest
from exchange_caller import Caller

from tui.domain.product import Product
from tui.exchange.accounts.names import INSURANCE, LENDER
from tui.exchange.accounts.spot import SpotLedger


async def post(caller: Caller, path: str, **parameters: Any) -> Any:
    return (await caller.ask("POST", "spot", f"/sapi/v1/{path}", **parameters))[1]


async def get(caller: Caller, path: str, **parameters: Any) -> Any:
    return (await caller.ask("GET", "spot", f"/sapi/v1/{path}", **parameters))[1]


async def move(caller: Caller, kind: str, asset: str, amount: str, **more: str) -> Any:
    return await post(caller, "asset/transfer", type=kind, asset=asset, amount=amount, **more)


def spot_of(caller: Caller) -> SpotLedger:
    ledger = caller.exchange.venues[Product.SPOT].spot
    assert ledger is not None
    return ledger


def sums(caller: Caller) -> dict[str, Decimal]:
    """All there is of each asset, in every wallet of every account."""
    found: dict[str, Decimal] = {}
    for account in spot_of(caller).accounts():
        for asset, amounts in spot_of(caller).balances(account).items():
            found[asset] = found.get(asset, Decimal(0)) + sum(amounts)
    for venue in caller.exchange.venues.values():
        ledger = venue.futures
        for account in ledger.accounts() if ledger else ():
            for asset in ledger.assets(account):
                found[asset] = found.get(asset, Decimal(0)) + ledger.wallet(account, asset)
    return {asset: amount for asset, amount in found.items() if amount}


def with_key(caller: Caller, made: dict[str, str]) -> Caller:
    key = {"type": "HMAC", "api_key": made["apiKey"], "api_secret": made["secretKey"]}
    return Caller(caller.session, {**caller.ready, "keys": [key]}, caller.exchange, caller.servers)


async def test_transfers_between_all_wallets_lose_nothing(caller: Caller) -> None:
    before = sums(caller)
    ways = [
        ("MAIN_UMFUTURE", "USDT", "1000"), ("MAIN_UMFUTURE", "BNB", "2"), ("UMFUTURE_MAIN", "USDT", "500"),
        ("MAIN_CMFUTURE", "BTC", "0.1"), ("CMFUTURE_MAIN", "ETH", "1"), ("MAIN_MARGIN", "USDT", "700"),
        ("MARGIN_UMFUTURE", "USDT", "300"), ("UMFUTURE_MARGIN", "BNB", "1"), ("CMFUTURE_MARGIN", "BTC", "0.05"),
        ("MARGIN_CMFUTURE", "BTC", "0.02"),
    ]  # fmt: skip
    for kind, asset, amount in ways:
        assert (await move(caller, kind, asset, amount))["tranId"], kind
        assert sums(caller) == before
    usdm = caller.exchange.venues[Product.USDM].futures
    assert (usdm.wallet("demo", "USDT"), usdm.wallet("demo", "BNB")) == (50_000 + 1000 - 500 + 300, 1)
    assert spot_of(caller).free("demo:margin", "BTC") == Decimal("0.03")
    history = await get(caller, "asset/transfer", type="MAIN_UMFUTURE")
    assert [(row["asset"], row["amount"], row["status"]) for row in history["rows"]] == [
        ("BNB", "2", "CONFIRMED"), ("USDT", "1000", "CONFIRMED"),
    ]  # fmt: skip
    rows = (await get(caller, "margin/transfer"))["rows"]
    assert {(row["transFrom"], row["transTo"]) for row in rows} == {
        ("SPOT", "CROSS_MARGIN"), ("CROSS_MARGIN", "FUTURES"), ("FUTURES", "CROSS_MARGIN"),
        ("DELIVERY", "CROSS_MARGIN"), ("CROSS_MARGIN", "DELIVERY"),
    }  # fmt: skip
    _, income = await caller.ask("GET", "usdm", "/fapi/v1/income", incomeType="TRANSFER")
    assert [(row["income"], row["asset"]) for row in income] == [
        ("1000.00000000", "USDT"), ("2.00000000", "BNB"), ("-500.00000000", "USDT"), ("300.00000000", "USDT"),
        ("-1.00000000", "BNB"),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "asset", "amount", "code"), [
    ("MAIN_UMFUTURE", "DOGE", "1", -3027),
    ("MAIN_CMFUTURE", "USDT", "1", -3027),
    ("UMFUTURE_MAIN", "USDT", "50001", -3041),
    ("MAIN_UMFUTURE", "USDT", "100001", -3041),
    ("UMFUTURE_CMFUTURE", "BTC", "1", -1130),
    ("MAIN_UMFUTURE", "USDT", "-1", -1100),
])  # fmt: skip
async def test_transfers_that_cannot_be(caller: Caller, kind: str, asset: str, amount: str, code: int) -> None:
    assert (await move(caller, kind, asset, amount))["code"] == code


async def test_what_positions_need_stays_in_the_futures_wallet(caller: Caller) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "5"}
    assert (await caller.ask("POST", "usdm", "/fapi/v1/order", **order))[0] == 200
    _, balances = await caller.ask("GET", "usdm", "/fapi/v3/balance")
    most = next(row["maxWithdrawAmount"] for row in balances if row["asset"] == "USDT")
    assert Decimal(most) < 30_000
    assert (await move(caller, "UMFUTURE_MAIN", "USDT", str(Decimal(most) + 1)))["code"] == -3041
    assert "tranId" in await move(caller, "UMFUTURE_MAIN", "USDT", most)


async def test_a_special_key_trades_its_margin_account_through_spots_addresses(caller: Caller) -> None:
    await move(caller, "MAIN_MARGIN", "USDT", "5000")
    made = await post(caller, "margin/apiKey", apiName="fast")
    assert made["type"] == "HMAC_SHA256"
    special = with_key(caller, made)
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert (await special.ask("POST", "spot", "/api/v3/order", **order))[1]["status"] == "FILLED"
    assert spot_of(caller).free("demo:margin", "BTC") > Decimal("0.009")
    _, account = await special.ask("GET", "spot", "/api/v3/account")
    assert account["accountType"] == "MARGIN"
    assert (await special.ask("GET", "spot", "/sapi/v1/margin/account"))[1]["code"] == -2015
    assert (await special.ask("POST", "usdm", "/fapi/v1/order", **order))[1]["code"] == -2015
    assert [row["apiName"] for row in await get(caller, "margin/api-key-list")] == ["fast"]
    assert (await get(caller, "margin/apiKey", apiKey=made["apiKey"]))["ip"] == ""


async def test_special_keys_are_bound_to_addresses_and_deleted(caller: Caller) -> None:
    made = await post(caller, "margin/apiKey", apiName="fast", ip="10.0.0.1")
    special = with_key(caller, made)
    assert (await special.ask("GET", "spot", "/api/v3/account"))[1]["code"] == -2015
    await caller.ask("PUT", "spot", "/sapi/v1/margin/apiKey/ip", ip="127.0.0.1,10.0.0.1")
    assert (await special.ask("GET", "spot", "/api/v3/account"))[0] == 200
    assert (await caller.ask("PUT", "spot", "/sapi/v1/margin/apiKey/ip", ip="nowhere"))[1]["code"] == -1130
    await caller.ask("DELETE", "spot", "/sapi/v1/margin/apiKey", apiName="fast")
    assert (await special.ask("GET", "spot", "/api/v3/account"))[1]["code"] == -2015
    assert (await caller.ask("DELETE", "spot", "/sapi/v1/margin/apiKey", apiName="fast"))[1]["code"] == -2008


def pem(kind: str, body: str) -> str:
    return f"-----BEGIN {kind} KEY-----\n{body}\n-----END {kind} KEY-----\n"


async def test_a_reading_key_of_ed25519_may_not_trade(caller: Caller) -> None:
    public = pem("PUBLIC", "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
    private = pem("PRIVATE", "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")
    made = await post(caller, "margin/apiKey", apiName="eyes", publicKey=public, permissionMode="READ")
    assert made == {"apiKey": made["apiKey"], "type": "Ed25519"}
    key = {"type": "ED25519", "api_key": made["apiKey"], "private_key": private}
    special = Caller(caller.session, {**caller.ready, "keys": [key]}, caller.exchange, caller.servers)
    assert (await special.ask("GET", "spot", "/api/v3/account", kind="ED25519"))[0] == 200
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert (await special.ask("POST", "spot", "/api/v3/order", kind="ED25519", **order))[1]["code"] == -2015
    assert (await post(caller, "margin/apiKey", apiName="x", publicKey="nonsense"))["code"] == -4057


async def test_the_special_key_mode_is_left_without_debts_and_for_a_day(caller: Caller) -> None:
    assert await post(caller, "margin/exit-special-key-mode") == {}
    await move(caller, "MAIN_MARGIN", "USDT", "5000")
    special = with_key(caller, await post(caller, "margin/apiKey", apiName="fast"))
    loan = {"asset": "USDT", "isIsolated": "FALSE", "amount": "100"}
    await post(caller, "margin/borrow-repay", type="BORROW", **loan)
    assert (await post(caller, "margin/exit-special-key-mode"))["code"] == -3023
    await post(caller, "margin/borrow-repay", type="REPAY", **(loan | {"amount": "100.0005"}))
    assert await post(caller, "margin/exit-special-key-mode") == {}
    assert (await special.ask("GET", "spot", "/api/v3/account"))[1]["code"] == -2015
    assert (await post(caller, "margin/apiKey", apiName="again"))["code"] == -3022


async def test_small_debts_are_exchanged_into_one(caller: Caller) -> None:
    await move(caller, "MAIN_MARGIN", "USDT", "5000")
    before = sums(caller)
    for asset, amount in (("BNB", "0.005"), ("BTC", "0.00005"), ("ETH", "1")):
        await post(caller, "margin/borrow-repay", type="BORROW", isIsolated="FALSE", asset=asset, amount=amount)
    assert {row["asset"] for row in await get(caller, "margin/exchange-small-liability")} == {"BNB", "BTC"}
    assert (await post(caller, "margin/exchange-small-liability", assetNames="BNB,ETH"))["code"] == -1130
    assert await post(caller, "margin/exchange-small-liability", assetNames="BNB,BTC") == {}
    assert set(caller.exchange.margin.ledger.debts("demo:margin")) == {"ETH", "USDT"}
    history = await get(caller, "margin/exchange-small-liability-history")
    assert [(row["asset"], row["targetAsset"]) for row in history["rows"]] == [("BTC", "USDT"), ("BNB", "USDT")]
    await post(caller, "margin/borrow-repay", type="BORROW", isIsolated="FALSE", asset="BNB", amount="0.005")
    assert (await post(caller, "margin/exchange-small-liability", assetNames="BNB"))["code"] == -3007
    assert sums(caller) == before


async def test_what_a_liquidation_leaves_is_a_loan_that_is_paid_back_from_spot(caller: Caller) -> None:
    margin, spot = caller.exchange.margin, spot_of(caller)
    before = sums(caller)
    # Fifty thousand lent against nothing, and half of it gone.
    margin.ledger.borrow("demo:margin", "USDT", Decimal(50_000), "MANUAL")
    margin.ledger.transfer("USDT", Decimal(25_000), "demo:margin", "demo")
    caller.exchange.margin_watch.look()
    owed = await get(caller, "margin/liquidation-loan")
    assert owed["asset"] == "USDC"
    assert 25_000 < Decimal(owed["remainingAmount"]) < 25_010
    assert margin.ledger.debts("demo:margin") == {}
    assert (await post(caller, "margin/liquidation-loan/repay", asset="BTC", amount="1"))["code"] == -3027
    assert (await post(caller, "margin/liquidation-loan/repay", asset="USDC", amount="1"))["code"] == -3041
    assert (await post(caller, "margin/liquidation-loan/repay", asset="USDT", amount="30000"))["code"] == -3015
    insured = spot.free(INSURANCE, "USDT")
    paid = await post(caller, "margin/liquidation-loan/repay", asset="USDT", amount="20000")
    assert (paid["status"], paid["amount"]) == ("SUCCESS", "20000.00000000")
    assert spot.free(INSURANCE, "USDT") == insured + 20_000
    owed = await get(caller, "margin/liquidation-loan")
    assert owed["repaidAmount"] == "20000.00000000"
    assert (await get(caller, "margin/liquidation-loan/repay-history"))["total"] == 1
    assert sums(caller) == before
    assert spot.free(LENDER, "USDT") > 0


async def test_limit_prices_of_some_pairs_are_bound_to_the_index(caller: Caller) -> None:
    await move(caller, "MAIN_MARGIN", "USDT", "5000")
    index = Decimal((await get(caller, "margin/priceIndex", symbol="LINKUSDT"))["price"])
    order = {"symbol": "LINKUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1"}
    low, near = (str((index * part).quantize(Decimal("0.01"))) for part in (Decimal("0.84"), Decimal("0.87")))
    assert (await post(caller, "margin/order", **order, price=low))["code"] == -3064
    assert (await post(caller, "margin/order", **order, price=near))["status"] == "NEW"
    assert "LINKUSDT" in (await get(caller, "margin/limit-price-pairs"))["crossMarginSymbols"]
    low = str((Decimal(caller.best("spot")[0]) * Decimal("0.8")).quantize(Decimal("0.01")))
    order |= {"symbol": "BTCUSDT", "quantity": "0.001", "price": low}
    assert (await post(caller, "margin/order", **order))["status"] == "NEW"


async def test_the_second_version_of_the_listen_key(caller: Caller) -> None:
    path = "/sapi/v2/margin/listen-key"
    status, made = await caller.ask("POST", "spot", path)
    assert status == 200
    assert (await caller.ask("PUT", "spot", path, listenKey=made["listenKey"]))[0] == 200
    assert (await caller.ask("PUT", "spot", path, listenKey="x"))[1]["code"] == -3038
    assert (await caller.ask("DELETE", "spot", path))[0] == 200
