"""A desk without an engine: a real store with a frozen market in it, commands recorded, replies as scripted.

Everything is the same at each run: times come from one frozen clock, sizes and candles from plain arithmetic.
"""

from dataclasses import replace
from decimal import Decimal as D
from math import sin
from typing import TypeVar

from tui.domain.account import Balance, Position
from tui.domain.increment import Increment
from tui.domain.instrument import ContractKind, Instrument
from tui.domain.market import BookSnapshot, Candle, Level, MarkPrice, Ticker, Trade
from tui.domain.order import Fill, Order, OrderListRequest, OrderRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.commands import Command, Desk, Origin
from tui.engine.commands.answers import Preview, Refusal, Reply, Result
from tui.engine.commands.orders import SubmitOrder
from tui.engine.commands.safety import Arm, Halt, Lock
from tui.engine.commands.views import FocusSymbol
from tui.engine.store import (
    CandleSeries,
    Link,
    LinkHealth,
    Market,
    Message,
    Session,
    Severity,
    Stamped,
    Store,
    TradingState,
)
from tui.ui.paint_clock import FrozenClock

T = TypeVar("T")

#: 2026-07-21 14:03:22 UTC.
NOW_MS = 1_784_642_602_000
NOW_NS = 5_000_000_000_000

SPOT, PERP = "BTCUSDT", "BTCUSDT-PERP"

#: symbol, tick, step, last price in ticks, 24 h change in hundredths of a percent
_LISTED = (
    ("BTCUSDT", "0.01", "0.00001", 6_421_240, 124),
    ("BTCUSDT-PERP", "0.1", "0.001", 642_124, 124),
    ("ETHUSDT", "0.01", "0.0001", 341_208, 61),
    ("SOLUSDT", "0.01", "0.001", 17_122, -210),
    ("BNBUSDT", "0.01", "0.001", 58_840, 12),
    ("XRPUSDT", "0.0001", "0.1", 5_921, -41),
    ("DOGEUSDT", "0.00001", "1", 14_310, 388),
    ("ADAUSDT", "0.0001", "0.1", 4_410, -7),
    ("LINKUSDT", "0.01", "0.01", 1_688, 96),
    ("PEPEUSDT", "0.00000001", "1", 1_342, -655),
    ("ETHUSDT-PERP", "0.01", "0.001", 341_190, 60),
    ("AVAXUSDT", "0.01", "0.01", 3_412, 0),
)

WATCHED = tuple(symbol for symbol, *_ in _LISTED[:10])


class FakeDesk(Desk):
    """The engine as the screen sees it; `sent` holds every command with its origin, newest last."""

    def __init__(self, *, trading: TradingState = TradingState.LOCKED, read_only: bool = False) -> None:
        self.clock = FrozenClock(NOW_MS, NOW_NS)
        self.store = Store(Session("DEMO", "main", is_real_money=False, read_only=read_only, trading=trading))
        self.sent: list[tuple[Command, Origin]] = []
        self.refusal: Refusal | None = None
        self._replies: list[Reply] = []
        fill_store(self.store)

    @property
    def commands(self) -> list[Command]:
        """The commands without their origins."""
        return [command for command, _ in self.sent]

    @property
    def orders_sent(self) -> list[SubmitOrder]:
        """Only the orders."""
        return [command for command in self.commands if isinstance(command, SubmitOrder)]

    def send(self, command: Command, origin: Origin) -> int:
        """Record a command, and do to the store what the engine would do at once about states and focus."""
        self.sent.append((command, origin))
        session = self.store.session
        if isinstance(command, Arm):
            self.store.session = replace(
                session, trading=TradingState.ARMED, armed_until_ns=self.clock.monotonic_ns() + 300 * 10**9
            )
        elif isinstance(command, Lock):
            self.store.session = replace(session, trading=TradingState.LOCKED, trading_reason=command.why)
        elif isinstance(command, Halt):
            self.store.session = replace(session, trading=TradingState.HALTED)
        elif isinstance(command, FocusSymbol):
            self.store.focus = command.symbol
        self.store.revision += 1
        return len(self.sent)

    def reply(self, result: Result, text: str, command_id: int | None = None) -> None:
        """Let the engine answer the newest command, or another."""
        self._replies.append(Reply(command_id or len(self.sent), result, text))

    def replies(self) -> list[Reply]:
        """Hand out what was scripted, once."""
        taken, self._replies = self._replies, []
        return taken

    def preview(self, request: OrderRequest | OrderListRequest) -> Preview:
        """Judge nothing but what the test scripted in `refusal`; of a list its entry, or its first leg."""
        if isinstance(request, OrderListRequest):
            request = request.entry or request.legs[0]
        instrument = self.store.instruments[request.symbol]
        book = self.store.market(request.symbol).book.view(1)
        touch = book.best_ask if request.side is Side.BUY else book.best_bid
        price = request.price or (instrument.tick.value(touch) if touch is not None else None)
        quantity = request.quantity
        if quantity is None and request.quote_quantity is not None and price:
            quantity = instrument.step.round(request.quote_quantity / price, "down")
        notional = price * quantity if price and quantity else None
        rate = D("0.0002") if request.post_only else D("0.0005")
        margin = notional / 10 if notional and instrument.product.is_futures else None
        passed = () if self.refusal else ("symbol rules", "size", "duplicate", "price distance")
        text = self.refusal.text if self.refusal else "passes every guard"
        fee = notional * rate if notional is not None else None
        return Preview(request, price, quantity, notional, fee, margin, self.refusal, passed, text)


def instrument(symbol: str) -> Instrument:
    """One of the listed symbols with its rules."""
    _, tick, step, _, _ = next(row for row in _LISTED if row[0] == symbol)
    native = symbol.removesuffix("-PERP")
    is_perpetual = native != symbol
    return Instrument(
        product=Product.USDM if is_perpetual else Product.SPOT,
        symbol=symbol,
        native=native,
        base=native.removesuffix("USDT"),
        quote="USDT",
        margin_asset="USDT",
        tick=Increment(D(tick)),
        step=Increment(D(step)),
        min_quantity=D(step),
        max_quantity=D(9_000_000_000),
        max_market_quantity=D(1_000_000_000),
        min_notional=D(5),
        kind=ContractKind.PERPETUAL if is_perpetual else ContractKind.COIN,
        quote_quantity_allowed=not is_perpetual,
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
    )


def fill_store(store: Store) -> None:
    """Two full markets, a watchlist of ten, orders, a position, balances, fills and messages."""
    for symbol, _, _, last, change in _LISTED:
        store.instruments[symbol] = instrument(symbol)
        _tick_market(store.market(symbol), last, change)
    for symbol in (SPOT, PERP):
        _deep_market(store.market(symbol), next(row[3] for row in _LISTED if row[0] == symbol))
    store.watched = WATCHED
    store.accounts = {Product.SPOT: True, Product.USDM: True}
    store.focus = PERP
    for product, ages in ((Product.SPOT, (38, 52)), (Product.USDM, (38, 41))):
        store.links[product] = LinkHealth(
            Link.LIVE, Link.LIVE, NOW_NS - ages[0] * 10**6, NOW_NS - ages[1] * 10**6, 12.0, 4, (112, 2400), (3, 300)
        )
    _account(store)
    _messages(store)


def _stamped(value: T) -> Stamped[T]:
    return Stamped(value, 1, NOW_MS - 38, NOW_NS - 38_000_000)


def _tick_market(market: Market, last: int, change: int) -> None:
    tick = market.instrument.tick
    price = tick.value(last)
    opened = tick.round(price / (1 + D(change) / 10_000))
    high, low = tick.round(max(price, opened) * D("1.0121")), tick.round(min(price, opened) * D("0.9794"))
    volume = D(283_000) / price * 1_000
    market.ticker = _stamped(Ticker(price, opened, high, low, volume, volume * price, NOW_MS - 38))
    shape = [(sin((i + last % 7) / 2.3) + i * change / 400) / 500 for i in range(24)]
    market.sparkline = tuple(tick.round(price * D(str(round(1 + s, 6)))) for s in shape)


def _level(i: int) -> int:
    """A size in lots for the i-th level from the touch: uneven, but the same each time."""
    return ((i * 7919 + 131) % 97 + 1) * ((i * 31) % 7 + 1) * 40


def _deep_market(market: Market, last: int) -> None:
    bids: list[Level] = [(last - 4 - i, _level(i)) for i in range(200)]
    asks: list[Level] = [(last + 1 + i, _level(i + 50)) for i in range(200)]
    market.book.load(BookSnapshot(1_000, bids, asks, NOW_MS - 38), [])
    market.book.received_ns = NOW_NS - 38_000_000
    tick, step = market.instrument.tick, market.instrument.step
    prints = []
    for i in range(120):
        side = Side.BUY if (i * 5) % 8 < 5 else Side.SELL
        ticks = last + (1 if side is Side.BUY else -4) + (i * 13) % 9 - 4 * (i > 0)
        prints.append(Trade(90_000 - i, tick.value(ticks), step.value(_level(i) % 900 + 2), side, NOW_MS - 400 * i))
    market.trades.extend([replace(prints[0], price=tick.value(last)), *prints[1:]])
    market.trades_revision = len(prints)
    market.mark = _stamped(
        MarkPrice(tick.value(last - 23), tick.value(last - 60), D("0.0001"), NOW_MS + 9_732_000, NOW_MS - 38)
    )
    market.series["5m"] = _stamped(CandleSeries("5m", _candles(tick, last)))


def _candles(tick: Increment, last: int, count: int = 300) -> tuple[Candle, ...]:
    step = 300_000
    first = NOW_MS // step * step - (count - 1) * step
    wave = [
        last * (1 + (sin(i / 17) * 6 + sin(i / 5.3) * 2 + sin(i * 1.7) - (count - i) / 40) / 1_000)
        for i in range(count)
    ]
    wave = [price + last - wave[-1] for price in wave]
    wave.append(last)
    candles = []
    for i in range(count):
        opened, closed = round(wave[i]), round(wave[i + 1])
        reach = (i * 37 % 11 + 2) * last // 20_000
        candles.append(
            Candle(
                first + i * step,
                first + (i + 1) * step - 1,
                tick.value(opened),
                tick.value(max(opened, closed) + reach),
                tick.value(min(opened, closed) - reach),
                tick.value(closed),
                D(i * 53 % 97 + 5),
                i < count - 1,
            )
        )
    return tuple(candles)


def order(number: int, symbol: str, side: Side, price: str, quantity: str, **changes: object) -> Order:
    """A working limit order, changed as told; an empty price is none."""
    made = Order(
        product=instrument(symbol).product,
        symbol=symbol,
        client_order_id=f"btui-{number}",
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=D(quantity),
        price=D(price) if price else None,
        status=OrderStatus.NEW,
        created_ms=NOW_MS - number * 17_000,
        updated_ms=NOW_MS - number * 16_000,
        order_id=7_000 + number,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def _account(store: Store) -> None:
    orders = (
        order(1, PERP, Side.BUY, "64210.5", "0.100", post_only=True),
        order(2, PERP, Side.SELL, "64217.5", "0.050", post_only=True),
        order(
            3,
            PERP,
            Side.SELL,
            "",
            "0.250",
            type=OrderType.STOP_MARKET,
            terms=Terms(trigger_price=D("63400.0")),
            reduce_only=True,
            close_position=True,
        ),
        order(4, SPOT, Side.BUY, "64100.00", "0.02000", filled=D("0.00500"), status=OrderStatus.PARTIALLY_FILLED),
        order(5, SPOT, Side.BUY, "63990.00", "0.01000", status=OrderStatus.CANCELED),
    )
    store.orders = {each.client_order_id: each for each in orders}
    store.positions = {
        PERP: Position(
            Product.USDM,
            PERP,
            D("0.250"),
            D("63880.0"),
            NOW_MS - 4_360_000,
            mark_price=D("64210.1"),
            liquidation_price=D("58102.3"),
            leverage=10,
            margin=D("1597.00"),
        )
    }
    for product, asset, free, locked in (
        (Product.SPOT, "USDT", "9880.40", "2521.00"),
        (Product.SPOT, "BTC", "0.25000", "0"),
        (Product.SPOT, "BNB", "1.204", "0"),
        (Product.USDM, "USDT", "3402.11", "1597.00"),
    ):
        store.balances[product, asset] = Balance(product, asset, D(free), D(locked), NOW_MS - 5_000)
    for number, (side, price, quantity, is_maker) in enumerate(
        (
            (Side.BUY, "64100.00", "0.00500", True),
            (Side.SELL, "64244.10", "0.010", False),
            (Side.BUY, "63880.0", "0.250", True),
        )
    ):
        symbol = SPOT if number == 0 else PERP
        store.fills.append(
            Fill(
                instrument(symbol).product,
                symbol,
                500 - number,
                7_100 - number,
                f"btui-{40 - number}",
                side,
                D(price),
                D(quantity),
                D(price) * D(quantity) * (D("0.0002") if is_maker else D("0.0005")),
                "USDT",
                is_maker,
                NOW_MS - 61_000 * (number + 1),
                D("2.41") if side is Side.SELL else None,
            )
        )


def _messages(store: Store) -> None:
    lines = (
        (Severity.SUCCESS, "order 4 accepted in 41 ms"),
        (Severity.WARNING, "user stream reconnected, account reconciled"),
        (Severity.ERROR, "-2010 [BTCUSDT] Account has insufficient balance for requested action."),
        (Severity.INFO, "connected to DEMO"),
    )
    for number, (severity, text) in enumerate(lines):
        store.messages.append(Message(len(lines) - number, NOW_MS - 14_000 * (number + 1), severity, text))
