"""Which client serves which product, and what each can do without a key."""

import asyncio
from decimal import Decimal

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
