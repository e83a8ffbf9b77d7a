"""Which client serves which product, and what each can do without a key."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest

from tui.binance.client import StreamKind, Subscription
from tui.binance.environment import ProductUrls
from tui.binance.errors import BinanceError, OutcomeUnknownError, RefusedError
from tui.binance.products import open_client
from tui.binance.refetch import Refetch
from tui.binance.rows import Depth
from tui.binance.stream_names import StreamNames
from tui.binance.wire import MALFORMED, decode_answer, number, plain
from tui.config import DataOptions, Options
from tui.domain.product import Product

URLS = ProductUrls("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1")


@pytest.mark.parametrize("product", [Product.SPOT, Product.USDM, Product.COINM])
async def test_market_data_needs_no_key_and_the_account_does(product):
    client = open_client(product, URLS, None)
    assert client.product is product
    assert client.used_weight[0] == 0
    assert client.used_orders[0] == 0
    assert client.latency_ms is None
    with pytest.raises(RefusedError, match="no API key"):
        client.user_stream(object())
    with pytest.raises(RefusedError, match="no API key"):
        await client.account()
    with pytest.raises(RefusedError, match="connection refused"):
        await client.open()
    await client.close()


@pytest.mark.parametrize("kind", [StreamKind.MARK_PRICE, StreamKind.LIQUIDATIONS, StreamKind.ALL_LIQUIDATIONS])
def test_spot_has_neither_mark_price_nor_liquidations(kind):
    with pytest.raises(RefusedError, match="Spot has no"):
        StreamNames(Product.SPOT)(Subscription(kind, object()))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e5", "1_000", "0x10", " 1", "--1"])
def test_only_plain_numbers_are_numbers(text):
    with pytest.raises(MALFORMED):
        number(text)


@pytest.mark.parametrize(
    ("value", "text"), [("1E+3", "1000"), ("0.00100", "0.001"), ("100", "100"), ("1E-8", "0.00000001"), ("0", "0")]
)
def test_decimals_are_written_without_exponent(value, text):
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b"\xff", b'{"lastUpdateId":"x"}'])
def test_an_unreadable_answer_leaves_the_outcome_unknown(body):
    with pytest.raises(OutcomeUnknownError):
        decode_answer(msgspec.json.Decoder(Depth), body, "/depth")


async def test_refetch_tries_again_after_a_failure_and_joins_wishes():
    fetched = []
    done = asyncio.Event()

    async def fetch():
        fetched.append(1)
        if len(fetched) == 1:
            raise BinanceError("down")
        done.set()

    refetch = Refetch(fetch, every_s=0.01)
    for _ in range(5):
        refetch.want()
    running = asyncio.create_task(refetch.run())
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(fetched) == 2


@pytest.mark.parametrize("product", list(Product))
async def test_every_client_keeps_to_the_options_of_market_data(product, monkeypatch):
    options = Options(data=DataOptions(book_levels=100, load_ids=("NONE",), log_warnings=False))
    client = open_client(product, URLS, None, options)
    asked = []

    async def request(call, parameters=None):
        asked.append((call, dict(parameters or {})))
        return b'{"lastUpdateId":1,"bids":[],"asks":[]}' if call.path.endswith("depth") else b"[]"

    monkeypatch.setattr(client.rest, "request", request)
    of = SimpleNamespace(native="BTCUSDT", symbol="BTCUSDT", tick=None, step=None)
    snapshot = await client.book_snapshot(of)
    assert (asked[-1][1]["limit"], asked[-1][0].weight, snapshot.levels_asked) == (100, 5, 100)
    await client.recent_trades(of, 500)
    prints, weight = ("aggTrades", 20) if product.is_futures else ("trades", 25)
    assert (asked[-1][0].path.rpartition("/")[2], asked[-1][0].weight) == (prints, weight)
    await client.candles(of, "1m", 30)
    assert asked[-1][0].weight == (1 if product.is_futures else 2)
    await client.candles(of, "1m", 5_000)
    assert (asked[-1][1]["limit"], asked[-1][0].weight) == ((1_500, 10) if product.is_futures else (1_000, 2))
    assert not client._selection.takes(of)
    await client.close()
