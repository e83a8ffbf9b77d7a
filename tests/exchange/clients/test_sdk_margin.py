"""Margin through the official SDK and python-binance: replies parse into their models, orders of every type trade.

Runs where the clients are installed.
"""

import asyncio
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from exchange_for_clients import key_of
from sdk_methods import reading_methods

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip("binance_sdk_margin_trading.margin_trading", reason="the official SDK is not installed")
    from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
    from binance_common.utils import send_request

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
    pytest.mark.usefixtures("nothing_is_parsed_leniently"),
]

#: Arguments that reading methods need, whatever their name.
ARGUMENTS: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "asset": "USDT",
    "assets": "USDT,BTC",
    "type": "MARGIN",
    "is_isolated": "FALSE",
}
#: Methods that change something or need an order.
APART = (
    "adjust", "close", "create", "delete", "disable", "edit", "enable", "exit", "get_small_liability_exchange_history",
    "keepalive", "liquidation_loan", "margin_", "query_isolated_margin_info", "query_margin_accounts_oco",
    "query_margin_accounts_order", "query_prevented", "send", "small", "start",
)  # fmt: skip


@pytest.fixture(scope="module")
def api(ready: dict[str, Any]) -> Any:
    key = key_of(ready)
    config = ConfigurationRestAPI(
        api_key=key["api_key"], api_secret=key["api_secret"], base_path=ready["spot"]["rest"], timeout=10_000
    )
    made = sdk.MarginTrading(config_rest_api=config).rest_api
    move(made, type="MAIN_MARGIN", asset="USDT", amount=20_000)
    move(made, type="MAIN_MARGIN", asset="BTC", amount=0.2)
    return made


def move(api: Any, **transfer: Any) -> None:
    """A transfer between wallets, which belongs to another SDK; `send_signed_request` of this one does not work."""
    send_request(
        api._session, api.configuration, "POST", "/sapi/v1/asset/transfer", transfer, is_signed=True, signer=api._signer
    )


def test_every_reading_method_parses(api: Any) -> None:
    asked = 0
    for name, method, arguments in reading_methods(api, APART, ARGUMENTS):
        method(**arguments | ({"type": "BORROW"} if "borrow_repay" in name and "type" in arguments else {})).data()
        asked += 1
    assert asked > 30


def code_of(act: Callable[[], Any]) -> int:
    """The code with which a request was refused."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the SDK has a class of its own for each status)
        return int(error.args[0] if isinstance(error.args[0], int) else error.args[0][0])
    raise AssertionError("the request was not refused")


def test_special_keys_and_the_mode_they_bring(api: Any) -> None:
    made = api.create_special_key(api_name="fast").data()
    assert (made.type, len(made.secret_key)) == ("HMAC_SHA256", 64)
    assert api.query_special_key().data().api_key == made.api_key
    api.edit_ip_for_special_key(ip="127.0.0.1")
    assert [row.ip for row in api.query_special_key_list().data()] == ["127.0.0.1"]
    api.delete_special_key(api_name="fast")
    assert api.query_special_key_list().data() == []
    api.exit_special_key_mode()
    assert code_of(lambda: api.create_special_key(api_name="again")) == -3022


def prices(api: Any) -> tuple[float, float]:
    """A bid far below the market and an ask far above."""
    index = Decimal(api.query_margin_priceindex(symbol="BTCUSDT").data().price)
    return float(round(index - 2_000)), float(round(index + 2_000))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("LIMIT", {"price": "low", "time_in_force": "GTC"}),
        ("LIMIT_MAKER", {"price": "low"}),
        ("STOP_LOSS", {"stop_price": "high"}),
        ("STOP_LOSS_LIMIT", {"stop_price": "high", "price": "high", "time_in_force": "GTC"}),
        ("TAKE_PROFIT", {"stop_price": "low"}),
        ("TAKE_PROFIT_LIMIT", {"stop_price": "low", "price": "low", "time_in_force": "GTC"}),
    ],
)
def test_each_type_is_placed_found_and_cancelled(api: Any, kind: str, more: dict[str, Any]) -> None:
    low, high = prices(api)
    more = {name: {"low": low, "high": high}.get(value, value) for name, value in more.items()}
    made = api.margin_account_new_order(symbol="BTCUSDT", side="BUY", type=kind, quantity=0.001, **more).data()
    found = api.query_margin_accounts_order(symbol="BTCUSDT", order_id=made.order_id).data()
    assert (found.status, found.type, found.is_isolated) == ("NEW", kind, False)
    assert api.margin_account_cancel_order(symbol="BTCUSDT", order_id=made.order_id).data().status == "CANCELED"


def test_borrowing_orders_fill_and_pay_back(api: Any) -> None:
    # The SDK takes whole numbers only for what was borrowed.
    bought = api.margin_account_new_order(
        symbol="BTCUSDT", side="BUY", type="MARKET", quote_order_qty=21_000, side_effect_type="MARGIN_BUY"
    ).data()
    assert (bought.status, bought.margin_buy_borrow_asset) == ("FILLED", "USDT")
    sold = api.margin_account_new_order(
        symbol="BTCUSDT", side="SELL", type="MARKET", quantity=0.2, side_effect_type="AUTO_REPAY"
    ).data()
    assert sold.status == "FILLED"
    account = api.query_cross_margin_account_details().data()
    assert next(row.borrowed for row in account.user_assets if row.asset == "USDT") == "0"
    assert len(api.query_margin_accounts_trade_list(symbol="BTCUSDT").data()) >= 2


def test_order_lists(api: Any) -> None:
    low, high = prices(api)
    oco = api.margin_account_new_oco(
        symbol="BTCUSDT", side="SELL", quantity=0.001, price=high, stop_price=low, stop_limit_price=low - 10,
        stop_limit_time_in_force="GTC",
    ).data()  # fmt: skip
    assert oco.contingency_type == "OCO"
    found = api.query_margin_accounts_oco(order_list_id=oco.order_list_id).data()
    assert found.list_order_status == "EXECUTING"
    done = api.margin_account_cancel_oco(symbol="BTCUSDT", order_list_id=oco.order_list_id).data()
    assert done.list_order_status == "ALL_DONE"
    working = {"working_type": "LIMIT", "working_side": "BUY", "working_price": low, "working_quantity": 0.001}
    oto = api.margin_account_new_oto(
        symbol="BTCUSDT", **working, working_iceberg_qty=0, working_time_in_force="GTC", pending_type="LIMIT",
        pending_side="SELL", pending_quantity=0.001, pending_price=high, pending_time_in_force="GTC",
    ).data()  # fmt: skip
    assert oto.contingency_type == "OTO"
    otoco = api.margin_account_new_otoco(
        symbol="BTCUSDT", **working, working_time_in_force="GTC", pending_side="SELL", pending_quantity=0.001,
        pending_above_type="LIMIT_MAKER", pending_above_price=high, pending_below_type="STOP_LOSS",
        pending_below_stop_price=low - 100,
    ).data()  # fmt: skip
    assert len(otoco.orders) == 3
    assert len(api.query_margin_accounts_open_otootoco_order_lists().data()) == 2
    assert len(api.margin_account_cancel_all_open_orders_on_a_symbol(symbol="BTCUSDT").data()) == 2


def test_loans_and_an_isolated_account(api: Any) -> None:
    loan = {"asset": "USDT", "is_isolated": "FALSE", "symbol": "BTCUSDT"}
    assert api.margin_account_borrow_repay(**loan, amount=100, type="BORROW").data().tran_id
    assert api.margin_account_borrow_repay(**loan, amount=100, type="REPAY").data().tran_id
    assert code_of(lambda: api.margin_account_borrow_repay(**loan, amount=10**7, type="BORROW")) == -3006
    assert api.enable_isolated_margin_account(symbol="ETHUSDT").data().success
    move(api, type="MAIN_ISOLATED_MARGIN", asset="USDT", amount=500, toSymbol="ETHUSDT")
    bought = api.margin_account_new_order(
        symbol="ETHUSDT", side="BUY", type="MARKET", quote_order_qty=800, is_isolated="TRUE",
        side_effect_type="AUTO_BORROW_REPAY",
    ).data()  # fmt: skip
    assert (bought.status, bought.is_isolated) == ("FILLED", True)
    found = api.query_isolated_margin_account_info().data()
    assert found.assets[0].symbol == "ETHUSDT"
    assert api.adjust_cross_margin_max_leverage(max_leverage=5).data().success


def test_small_debts_and_liquidation_loans(api: Any) -> None:
    loan = {"asset": "BNB", "is_isolated": "FALSE", "symbol": "BTCUSDT"}
    api.margin_account_borrow_repay(**loan, amount=0.005, type="BORROW")
    assert [row.asset for row in api.get_small_liability_exchange_coin_list().data()] == ["BNB"]
    api.small_liability_exchange(asset_names="BNB")
    done = api.get_small_liability_exchange_history(current=1, size=10).data()
    assert [(row.asset, row.target_asset) for row in done.rows] == [("BNB", "USDT")]
    assert api.query_liquidation_loan().data().remaining_amount == "0.00000000"
    assert code_of(lambda: api.liquidation_loan_repay(asset="USDT", amount=1)) == -3015


async def test_the_risk_stream(ready: dict[str, Any], api: Any) -> None:
    key = (await asyncio.to_thread(api.start_user_data_stream)).data().listen_key
    config = ConfigurationWebSocketStreams(stream_url=ready["spot"]["ws"])
    connection = await sdk.MarginTrading(config_ws_streams=config).websocket_streams.create_connection()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    stream = await connection.risk_data(listenKey=key)
    stream.on("message", heard.put_nowait)
    loan = {"asset": "USDT", "is_isolated": "FALSE", "symbol": "BTCUSDT", "amount": 45_000}
    # Answered after the subscription, so that nothing of the loan is missed.
    await connection.list_subscribe()
    # So much that the account stands otherwise than after any test before.
    await asyncio.to_thread(lambda: api.margin_account_borrow_repay(**loan, type="BORROW"))
    kinds: set[str] = set()
    async with asyncio.timeout(30):
        while kinds != {"MarginLevelStatusChange", "UserLiabilityChange"}:
            kinds.add(type((await heard.get()).actual_instance).__name__)
    await asyncio.to_thread(lambda: api.margin_account_borrow_repay(**loan, type="REPAY"))
    await connection.close_connection(close_session=True)


async def test_python_binance_hears_its_margin_account(ready: dict[str, Any], api: Any) -> None:
    binance = pytest.importorskip("binance", reason="python-binance is not installed")
    key = key_of(ready)
    made = binance.AsyncClient(key["api_key"], key["api_secret"])
    made.API_URL = ready["spot"]["rest"] + "/api"
    made.MARGIN_API_URL = ready["spot"]["rest"] + "/sapi"
    made.WS_API_URL = ready["spot"]["ws_api"]
    made.ws_api._url = ready["spot"]["ws_api"]
    try:
        assert (await made.get_margin_account())["accountType"] == "MARGIN_1"
        assert (await made.get_max_margin_loan(asset="BTC"))["borrowLimit"]
        async with binance.BinanceSocketManager(made).margin_socket() as socket:
            low, _ = await asyncio.to_thread(prices, api)
            order = await made.create_margin_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.001", price=str(low)
            )
            event = await asyncio.wait_for(socket.recv(), 5)
            assert (event["e"], event["i"]) == ("executionReport", order["orderId"])
            await made.cancel_margin_order(symbol="BTCUSDT", orderId=order["orderId"])
    finally:
        await made.close_connection()
