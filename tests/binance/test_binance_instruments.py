"""Which instruments are loaded, what their statuses mean, and what is said of those that cannot be read."""

import json
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest

from tui.binance.call import Call
from tui.binance.errors import RefusedError
from tui.binance.limits import RateLimits
from tui.binance.rest_client import MarketCalls, RestClient
from tui.binance.selection import Selection
from tui.binance.status import trading_status
from tui.config import DataOptions
from tui.domain.increment import Increment
from tui.domain.instrument import ContractKind, Instrument, TradingStatus
from tui.domain.product import Product

S = TradingStatus


@pytest.mark.parametrize(
    ("product", "raw", "status"),
    [
        (Product.SPOT, "TRADING", S.TRADING),
        (Product.SPOT, "END_OF_DAY", S.CLOSED),
        (Product.SPOT, "HALT", S.HALT),
        (Product.SPOT, "BREAK", S.PAUSE),
        (Product.SPOT, "CANCEL_ONLY", S.CANCEL_ONLY),
        (Product.MARGIN, "BREAK", S.PAUSE),
        (Product.USDM, "TRADING", S.TRADING),
        (Product.USDM, "PENDING_TRADING", S.PRE_OPEN),
        (Product.USDM, "POST_TRADING", S.POST_CLOSE),
        (Product.USDM, "END_OF_DAY", S.CLOSED),
        (Product.USDM, "AUCTION_MATCH", S.CROSS),
        (Product.USDM, "TRADING_HALT", S.HALT),
        (Product.USDM, "TRADING_CANCEL_ONLY", S.CANCEL_ONLY),
        (Product.COINM, "PRE_DELIVERING", S.PRE_CLOSE),
        (Product.COINM, "PRE_SETTLE", S.PRE_CLOSE),
        (Product.COINM, "DELIVERING", S.CLOSED),
        (Product.COINM, "CLOSE", S.CLOSED),
        (Product.COINM, "DELISTING", S.SUSPENDED),
        (Product.COINM, "DOWN", S.NOT_AVAILABLE),
        (Product.COINM, "A_WORD_OF_2027", S.OTHER),
    ],
)
def test_every_status_is_folded_to_what_a_trader_can_do(product, raw, status):
    assert trading_status(product, raw) is status


def instrument(symbol="BTCUSDT", quote="USDT", status=S.TRADING):
    one = Decimal(1)
    return Instrument(
        Product.SPOT, symbol, symbol, "BTC", quote, quote, Increment(one), Increment(one), one, one, one, one,
        status=status,
    )  # fmt: skip


def starts_with_b(one):
    return one.symbol.startswith("B")


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        (DataOptions(), ["BTCUSDT", "ETHUSDT", "BTCEUR"]),
        (DataOptions(load_ids=("ETHUSDT.BINANCE", "BTCEUR")), ["ETHUSDT", "BTCEUR"]),
        (DataOptions(load_ids=("ETHUSDT",), load_all=True), ["BTCUSDT", "ETHUSDT", "BTCEUR"]),
        (DataOptions(filters={"quote": "usdt"}), ["BTCUSDT", "ETHUSDT"]),
        (DataOptions(filters={"quote": "USDT", "status": "halted"}), ["ETHUSDT"]),
        (DataOptions(filter_callable="test_binance_instruments:starts_with_b"), ["BTCUSDT", "BTCEUR"]),
    ],
)
def test_instruments_are_selected_by_name_property_and_own_function(options, taken):
    listed = [instrument(), instrument("ETHUSDT", status=S.HALT), instrument("BTCEUR", "EUR")]
    selection = Selection(options)
    assert [one.symbol for one in listed if selection.takes(one)] == taken


@pytest.mark.parametrize("path", ["no.such.module:f", "json:nothing", "json:__name__"])
def test_a_filter_that_cannot_be_loaded_is_named(path):
    with pytest.raises(RefusedError, match="filter_callable"):
        Selection(DataOptions(filter_callable=path))


class Info(msgspec.Struct):
    symbol: str
    tick: str


def client(body, **options):
    """A client whose only answer is this exchange information."""

    async def request(call, parameters):
        return json.dumps(body).encode()

    def read(raw):
        info = msgspec.json.decode(raw, type=Info)
        return Instrument(
            Product.SPOT, info.symbol, info.symbol, "B", "Q", "Q", Increment(Decimal(info.tick)),
            Increment(Decimal(1)), Decimal(1), Decimal(1), Decimal(1), Decimal(1), ContractKind.COIN,
        )  # fmt: skip

    call = Call("GET", "/x", 1)
    calls = MarketCalls(call, call, call, call, call, call, 1_000, str, read)
    rest = SimpleNamespace(request=request, limits=RateLimits(100), clock=SimpleNamespace(now_ms=lambda: 0))
    return RestClient(rest, calls, DataOptions(**options))


BODY = {"symbols": [{"symbol": "GOOD", "tick": "0.1"}, {"symbol": "BAD"}, {"symbol": "WORSE", "tick": "0"}, 7]}


async def test_an_instrument_that_cannot_be_read_is_left_out_with_one_warning(caplog):
    one = client(BODY)
    for _ in range(3):
        assert [found.symbol for found in await one.instruments()] == ["GOOD"]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 3
    assert any(words.startswith("BAD left out") and "tick" in words for words in warnings)


async def test_warnings_of_instruments_can_be_switched_off(caplog):
    assert [found.symbol for found in await client(BODY, log_warnings=False).instruments()] == ["GOOD"]
    assert not caplog.records
