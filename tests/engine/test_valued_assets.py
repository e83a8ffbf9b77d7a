"""What assets are worth now: whichever way round their markets are, and whatever symbol is looked at."""

from dataclasses import replace
from decimal import Decimal

from engine_table import until
from fake_client import PERP, SPOT, TICKER, fill_of

from tui.binance.client import StreamKind
from tui.domain.account import Balance
from tui.domain.order import OrderRequest, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.account.day import of_fills
from tui.engine.account.worth import Prices
from tui.engine.commands.views import WatchSymbols
from tui.engine.dollars import DOLLARS
from tui.engine.store import Session, Stamped, Store

D = Decimal


def store_of(*markets) -> Store:
    """A store with these markets: symbol, base, quote, last price."""
    store = Store(Session("demo", "main", False, False))
    for symbol, base, quote, last in markets:
        store.instruments[symbol] = replace(SPOT, symbol=symbol, native=symbol, base=base, quote=quote)
        store.market(symbol).ticker = Stamped(replace(TICKER, last=D(last)), 1, 1, 1)
    return store


def test_a_currency_that_dollars_are_quoted_in_had_no_worth() -> None:
    """Bug: USDTTRY prices the dollar in lira; what was lost in lira did not count towards the day's limit."""
    store = store_of(("BTCUSDT", "BTC", "USDT", 100), ("USDTTRY", "USDT", "TRY", 40), ("BTCTRY", "BTC", "TRY", 4000))
    known = Prices(store)
    assert known["TRY"] == D(1) / 40
    order = order_from_request(OrderRequest("BTCTRY", Side.BUY, OrderType.MARKET, D(1)), Product.SPOT, "1", 1)
    bought = replace(fill_of(order, 1, "1", "5000"), commission=D(40), commission_asset="TRY")
    day = of_fills([bought], store.instruments, known)
    # A coin worth 100 bought for 125, and a fee of 1.
    assert (day.result, day.fees) == (D(-26), D(1))


def test_what_counts_as_a_dollar_for_limits_had_no_worth_in_the_equity() -> None:
    store = store_of(("BTCUSD1", "BTC", "USD1", 100))
    known = Prices(store)
    assert {known[asset] for asset in DOLLARS} == {D(1)}
    assert known["BTC"] == D(100)


def test_a_coin_priced_in_another_coin_alone_had_no_worth() -> None:
    store = store_of(("ETHUSDT", "ETH", "USDT", 50), ("ABCETH", "ABC", "ETH", "0.1"), ("BTCARS", "BTC", "ARS", 10))
    assert Prices(store)["ABC"] == D(5)
    assert "ARS" not in Prices(store), "nobody says what the other end is worth"


def test_the_markets_that_value_an_asset_are_those_on_the_way_to_a_dollar() -> None:
    store = store_of(("BTCUSDT", "BTC", "USDT", 100), ("ABCBTC", "ABC", "BTC", "0.5"), ("USDTTRY", "USDT", "TRY", 40))
    known = Prices(store)
    assert {asset: known.by(asset) for asset in known if known.by(asset)} == {
        "BTC": ("BTCUSDT",),
        "ABC": ("ABCBTC", "BTCUSDT"),
        "TRY": ("USDTTRY",),
    }


async def test_a_wallet_that_owes_was_not_there_as_long_as_nothing_was_free(open_table) -> None:
    """Bug: in multi-assets mode a wallet may be below zero, with neither anything free of it nor held."""
    async with open_table(PERP.symbol) as table:
        table.perp.user.on_balances([Balance(Product.USDM, "USDC", D(0), D(0), 2, wallet=D(-50))])
        assert table.store.balances[Product.USDM, "USDC"].owned == D(-50)
        table.perp.user.on_balances([Balance(Product.USDM, "USDC", D(0), D(0), 3, wallet=D(0))])
        assert (Product.USDM, "USDC") not in table.store.balances


async def test_coins_in_a_wallet_kept_the_price_they_had_at_the_start(open_table) -> None:
    """Bug: only symbols looked at, ordered or held as positions were followed; equity and day stood still."""
    coin = replace(SPOT, symbol="ABCUSDT", native="ABCUSDT", base="ABC")

    async def listed():
        return [SPOT, coin]

    async def tickers():
        return {SPOT.symbol: TICKER, coin.symbol: TICKER}

    async with open_table(start=False) as table:
        table.spot.instruments, table.spot.tickers = listed, tickers
        await table.start(PERP.symbol)
        await table.do(WatchSymbols((PERP.symbol,)))

        def followed():
            return {one.instrument.symbol for one in table.spot.market_link.wanted if one.kind is StreamKind.TICKER}

        assert "ABCUSDT" not in followed()
        table.spot.user.on_balances([Balance(Product.SPOT, "ABC", D(2), D(0), 2)])
        await until(lambda: "ABCUSDT" in followed())
        table.spot.user.on_balances([Balance(Product.SPOT, "ABC", D(0), D(0), 3)])
        await until(lambda: "ABCUSDT" not in followed())
