"""A desk of numbers as large, as small and as long as markets really have them."""

from dataclasses import replace
from decimal import Decimal as D

import fake_desk
from fake_desk import NOW_MS, FakeDesk

from tui.domain.account import Balance, Position
from tui.domain.increment import Increment
from tui.domain.instrument import ContractKind, Instrument
from tui.domain.market import BookSnapshot, Trade
from tui.domain.order import Fill, Order, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.store import AccountSummary

#: product, symbol, quote, kind, tick, step, price in ticks, size in units of the account's position
_LISTED = (
    (Product.SPOT, "PEPEUSDT", "USDT", ContractKind.COIN, "0.00000001", "1", 1_234, "98765432109"),
    (Product.USDM, "1000SHIBUSDT-PERP", "USDT", ContractKind.PERPETUAL, "0.000001", "1", 12_345, "-123456789"),
    (Product.USDM, "1000000MOGUSDT-PERP", "USDT", ContractKind.PERPETUAL, "0.0001", "0.1", 6_543, "-12345678.9"),
    (Product.SPOT, "BTCUSDT", "USDT", ContractKind.COIN, "0.01", "0.00000001", 6_421_240, "12345678.12345678"),
    (Product.SPOT, "BTCIDR", "IDR", ContractKind.COIN, "0.1", "0.00001", 12_345_678_901, "1234.56789"),
    (Product.USDM, "BTCUSDT-PERP", "USDT", ContractKind.PERPETUAL, "0.1", "0.001", 642_124, "-1234.567"),
    (Product.USDM, "BTCUSDT_261225", "USDT", ContractKind.DELIVERY, "0.1", "0.001", 651_234, "12.345"),
    (Product.COINM, "BTCUSD-PERP", "USD", ContractKind.PERPETUAL, "0.1", "1", 642_124, "-12345678"),
    (Product.COINM, "BTCUSD_261225", "USD", ContractKind.DELIVERY, "0.1", "1", 651_234, "1234567"),
)

SYMBOLS = tuple(symbol for _, symbol, *_ in _LISTED)


def extreme_desk(focus: str) -> FakeDesk:
    """All these markets with books, prints and candles, and an account that holds and orders in each of them."""
    desk = FakeDesk()
    store = desk.store
    store.orders, store.positions, store.balances = {}, {}, {}
    store.fills.clear()
    for product in (Product.SPOT, Product.USDM, Product.COINM):
        store.accounts[product] = True
        store.links[product] = store.links[Product.USDM]
    for number, row in enumerate(_LISTED):
        _market(desk, row, number)
    store.watched = SYMBOLS
    store.focus = focus
    store.summary = AccountSummary(
        "USDT",
        equity=D("123456789.12"),
        unrealized=D("-1234567.89"),
        free=D("98765432.10"),
        margin_percent=D("103.4"),
        day_result=D("-1234567.89"),
        day_fees=D("123456.78"),
        day_funding=D("-98765.43"),
        as_of_ms=NOW_MS,
    )
    for product, asset, free, locked in (
        (Product.SPOT, "USDT", "123456789.12345678", "98765432.1"),
        (Product.SPOT, "1000000MOG", "123456789012.12345678", "0.00000001"),
        (Product.SPOT, "IDR", "1234567890123.45", "0"),
        (Product.COINM, "BTC", "12345.12345678", "0.12345678"),
    ):
        store.balances[product, asset] = Balance(product, asset, D(free), D(locked), NOW_MS - 5_000)
    return desk


def _instrument(row: tuple[Product, str, str, ContractKind, str, str, int, str]) -> Instrument:
    product, symbol, quote, kind, tick, step, _, _ = row
    native = symbol.removesuffix("-PERP")
    base = native.partition("_")[0].removesuffix(quote)
    return replace(
        fake_desk.instrument("BTCUSDT"),
        product=product,
        symbol=symbol,
        native=f"{native}_PERP" if product is Product.COINM and kind is ContractKind.PERPETUAL else native,
        base=base,
        quote=quote,
        margin_asset=base if product is Product.COINM else quote,
        tick=Increment(D(tick)),
        step=Increment(D(step)),
        kind=kind,
        contract_size=D(100) if product is Product.COINM else D(1),
    )


def _market(desk: FakeDesk, row: tuple[Product, str, str, ContractKind, str, str, int, str], number: int) -> None:
    store, symbol, last, held = desk.store, row[1], row[6], D(row[7])
    listed = store.instruments[symbol] = _instrument(row)
    store.markets.pop(symbol, None)
    market = store.market(symbol)
    fake_desk._tick_market(market, last, -1_234)
    fake_desk._deep_market(market, last)
    price, size = listed.tick.value(last), abs(held)
    lots = [listed.step.count_of(size) // share for share in (3, 1, 7, 100_000, 2)]
    bids = [(last - 4 - i, max(1, lots[i % 5])) for i in range(60)]
    asks = [(last + 1 + i, max(1, lots[-1 - i % 5])) for i in range(60)]
    market.book.load(BookSnapshot(1_000, bids, asks, NOW_MS - 38), [])
    market.trades.appendleft(Trade(90_001, price, size, Side.SELL, NOW_MS - 20))
    market.trades_revision += 1
    side = Side.BUY if held > 0 else Side.SELL
    entry = fake_desk.order(1, "BTCUSDT", side, str(price), str(size), filled=size / 3)
    stop = fake_desk.order(
        2,
        "BTCUSDT",
        side,
        "",
        str(size),
        type=OrderType.STOP_MARKET,
        terms=Terms(trigger_price=price),
        reduce_only=True,
    )
    for at, order in enumerate((entry, stop)):
        _keep(desk, replace(order, product=listed.product, symbol=symbol, client_order_id=f"btui-{number}-{at}"))
    if listed.product.is_futures:
        store.positions[symbol] = Position(
            listed.product,
            symbol,
            held,
            price * D("0.9"),
            NOW_MS - 4_360_000_000,
            mark_price=price,
            liquidation_price=price * D("1.1"),
            leverage=125,
            margin=D("1234567.89"),
            contract_size=listed.contract_size if listed.is_inverse else None,
        )
    store.fills.appendleft(
        Fill(
            listed.product,
            symbol,
            500 + number,
            7_100 + number,
            f"btui-{number}-0",
            side,
            price,
            size,
            D("1234567.12345678"),
            listed.margin_asset,
            False,
            NOW_MS - 1_000,
            D("-1234567.89"),
        )
    )
    alert = AlertRequest(AlertKind.PRICE_ABOVE, symbol, price)
    store.alerts[number + 1] = Alert(number + 1, alert, NOW_MS)


def _keep(desk: FakeDesk, order: Order) -> None:
    desk.store.orders[order.client_order_id] = replace(order, status=OrderStatus.PARTIALLY_FILLED)
