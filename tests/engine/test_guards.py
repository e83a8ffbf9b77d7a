"""Guards refuse in one order, name rule, value and remedy, and offer what can be mended."""

from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import limit
from fake_client import BOOK, PERP, SPOT, TICKER, instrument, position
from guard_world import World, market_order
from msgspec.structs import replace as replace_limits

from tui.config import Limits
from tui.domain.account import Balance
from tui.domain.increment import Increment
from tui.domain.instrument import Permits, TradingStatus
from tui.domain.market import BestQuote
from tui.domain.order import LegRole, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, PriceMatch, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.engine.circumstances import Intent
from tui.engine.guards import GUARDS
from tui.engine.limit_names import NAMES, with_limit
from tui.engine.preview import preview
from tui.engine.store import Link, Stamped, TradingState

D = Decimal


def test_elsewhere_a_quote_will_do_for_an_order_with_a_price() -> None:
    """An order of another symbol could not be moved from the list of orders though its touch was followed."""
    world = World(price_distance_percent=D(5))
    world.store.focus = "ETHUSDT"
    world.market.book.blank()
    assert "switch to it first" in world.refusal(limit()).text
    world.market.quote = Stamped(BestQuote(D(100), D(1), D("100.5"), D(1), 1, 1), 1, 1, world.clock.ns)
    assert world.rule(limit("99.5")) is None
    assert world.rule(limit("80")) == "price-distance"
    assert world.rule(market_order()) == "stale-market"
    world.link(market=Link.STALE)
    assert world.rule(limit("99.5")) == "stale-market"


def test_the_order_of_the_guards_is_fixed() -> None:
    assert [name for name, _ in GUARDS] == [
        "read-only",
        "unconfirmed",
        "locked",
        "halted",
        "set-up",
        "stale-market",
        "stale-account",
        "virtual-position",
        "symbol-rules",
        "max-quantity",
        "max-notional",
        "max-position",
        "max-open-orders",
        "day-loss",
        "rate-limit",
        "duplicate",
        "price-distance",
        "slippage",
    ]


def test_the_first_broken_rule_is_the_one_named() -> None:
    """Everything is wrong at once; mending the first shows the second, down to the last."""
    world = World(
        max_order_quantity=D(10),
        max_order_notional=D(500),
        max_position_notional=D(90),
        max_open_orders=1,
        day_loss=D(5),
    )
    bad = limit("150.05", "20")
    met = []

    def meet(request, **how) -> None:
        rule = world.rule(request, **how)
        met.append("symbol-rules" if rule == "FILTER_PRICE" else rule)

    world.trading(TradingState.LOCKED, read_only=True)
    world.heard(Product.SPOT, Link.STALE, Link.STALE)
    meet(bad, reviewed=False)
    world.trading(TradingState.LOCKED, read_only=False, awaits_confirmation=True)
    meet(bad, reviewed=False)
    world.trading(TradingState.LOCKED, awaits_confirmation=False)
    meet(bad, reviewed=False)
    world.trading(TradingState.HALTED)
    meet(bad, reviewed=False)
    world.trading(TradingState.LOCKED)
    world.store.barred = {"BTCUSDT": "its margin type could not be set"}
    meet(bad)
    world.store.barred = {}
    meet(bad)
    world.heard(Product.SPOT, Link.LIVE, Link.STALE)
    meet(bad)
    world.heard(Product.SPOT)
    meet(bad)
    bad = replace(bad, price=D("150"))
    meet(bad)
    bad = replace(bad, quantity=D(9))
    meet(bad)
    bad = replace(bad, quantity=D(1))
    meet(bad)
    bad = replace(bad, quantity=D("0.5"))
    world.working(limit("90", "0.1"))
    meet(bad)
    world.store.orders.clear()
    world.day(D(-5))
    meet(bad)
    world.day(D("-4.99"))
    world.link(orders=(90, 100))
    meet(bad)
    world.link(orders=(89, 100))
    world.bench.remember(Intent(bad, True))
    meet(bad)
    world.clock.ns += 2 * 10**9
    meet(bad)
    world.bench.limits = replace_limits(world.bench.limits, max_order_quantity=D(0), max_order_notional=D(0))
    world.bench.limits = replace_limits(world.bench.limits, max_position_notional=D(0))
    meet(market_order("45"))
    names = [name for name, _ in GUARDS]
    assert met == [name for name in names if name != "virtual-position"]  # which is about contracts alone
    verdict = world.bench.judge(Intent(replace(bad, price=D(100)), True))
    assert verdict.refusal is None
    assert verdict.passed == tuple(names)


def test_armed_keys_send_until_the_time_is_up() -> None:
    world = World()
    world.trading(TradingState.ARMED, armed_until_ns=world.clock.ns + 10**9)
    assert world.rule(limit(), reviewed=False) is None
    world.clock.ns += 10**9
    assert world.rule(limit(), reviewed=False) == "locked"


def test_after_a_halt_only_reviewed_closing_is_sent() -> None:
    world = World(PERP)
    world.trading(TradingState.HALTED)
    close = market_order(symbol=PERP.symbol, reduce_only=True)
    assert world.rule(close) is None
    assert world.rule(close, reviewed=False) == "halted"
    assert world.rule(market_order(symbol=PERP.symbol)) == "halted"


def test_silence_counts_before_anybody_has_noticed_it() -> None:
    world = World()
    world.clock.ns += 3_100_000_000
    assert "STALE" in world.refusal(limit()).text
    assert "limits.stale_after_ms" in world.refusal(limit()).text


@pytest.mark.parametrize("link", [Link.DOWN, Link.SYNCING, Link.STALE])
def test_a_position_could_not_be_left_while_the_account_stream_was_down(link) -> None:
    """The exchange cuts such an order to what is held, so it can do no harm whatever has happened meanwhile."""
    world = World(PERP)
    world.heard(Product.USDM, user=link)
    symbol = PERP.symbol
    assert world.rule(market_order(side=Side.SELL, symbol=symbol)) == "stale-account"
    assert world.rule(market_order(side=Side.SELL, symbol=symbol, reduce_only=True)) is None
    long_ = Terms(position_side=PositionSide.LONG)
    assert world.rule(market_order(side=Side.SELL, symbol=symbol, terms=long_)) == "stale-account"
    world.store.hedge_modes = frozenset({Product.USDM})
    assert world.rule(market_order(side=Side.SELL, symbol=symbol, terms=long_)) is None
    assert world.rule(market_order(side=Side.BUY, symbol=symbol, terms=long_)) == "stale-account"
    coins = World()
    coins.heard(Product.SPOT, user=link)
    assert coins.rule(market_order(side=Side.SELL)) == "stale-account"


def test_a_blank_book_refuses_and_one_not_followed_says_how_to_follow_it() -> None:
    world = World(PERP)
    world.market.book.blank()
    assert "rebuilt" in world.refusal(limit(symbol=PERP.symbol)).text
    world.store.focus = "BTCUSDT"
    assert "/BTCUSDT-PERP" in world.refusal(limit(symbol=PERP.symbol)).text
    assert world.rule(market_order(symbol=PERP.symbol, reduce_only=True)) is None


@pytest.mark.parametrize(
    ("request_", "rule", "words", "offer"),
    [
        (limit("99.55"), "FILTER_PRICE", "tick 0.1", {"price": D("99.5")}),
        (limit("100.55", side=Side.SELL), "FILTER_PRICE", "tick 0.1", {"price": D("100.6")}),
        (limit(quantity="0.1239"), "FILTER_LOT_SIZE", "step 0.001", {"quantity": D("0.123")}),
        (limit(quantity="0.0001"), "FILTER_LOT_SIZE", "step 0.001", {"quantity": D("0.001")}),
        (limit(quantity="101"), "FILTER_LOT_SIZE", "largest order of 100", {"quantity": D(100)}),
        (market_order("51"), "FILTER_MARKET_LOT_SIZE", "largest market order of 50", {"quantity": D(50)}),
        (limit(quantity="0.049"), "FILTER_NOTIONAL", "smallest order of 5 USDT", {"quantity": D("0.051")}),
        (limit("0"), "INVALID_PRICE", "needs a price", None),
        (limit(quantity="-1"), "INVALID_QUANTITY", "above zero", None),
        (limit(reduce_only=True), "UNSUPPORTED_REDUCE_ONLY", "reduce-only exists on futures", None),
        (limit(post_only=True, time_in_force=TimeInForce.IOC), "UNSUPPORTED_POST_ONLY", "contradict", None),
        (replace(limit(), quote_quantity=D(5)), "INVALID_QUANTITY", "not both", None),
        (replace(limit(), type=OrderType.STOP_MARKET), "INVALID_PRICE", "leave the price out", None),
    ],
)
def test_symbol_rules_name_the_value_and_offer_the_mended_order(request_, rule, words, offer) -> None:
    world = World(max_order_notional=D(0), price_distance_percent=D(0), slippage_percent=D(0))
    refusal = world.refusal(request_)
    assert refusal.rule == rule
    assert words in refusal.text
    assert refusal.offer == (None if offer is None else replace(request_, **offer))
    while refusal is not None and refusal.offer is not None:
        refusal = world.refusal(refusal.offer)
    assert offer is None or refusal is None


def test_a_symbol_that_does_not_trade_refuses() -> None:
    world = World(instrument(status=TradingStatus.CANCEL_ONLY))
    assert "cancel only" in world.refusal(limit()).text


def test_the_price_band_is_the_exchanges() -> None:
    world = World(instrument(price_up=D("1.2"), price_down=D("0.8")), price_distance_percent=D(0))
    refusal = world.refusal(limit("121"))
    assert refusal.offer.price == D(120)
    assert world.refusal(limit("79.9", "1")).offer.price == D(80)


def test_a_low_bid_on_futures_is_not_refused_for_the_band_of_asks() -> None:
    world = World(replace(PERP, price_up=D("1.2"), price_down=D("0.8")), price_distance_percent=D(0))
    low_bid = limit("70", "1", symbol=PERP.symbol)
    assert world.rule(low_bid) is None
    assert world.refusal(replace(low_bid, price=D(121))).offer.price == D(120)
    high_ask = replace(low_bid, side=Side.SELL, price=D(130))
    assert world.rule(high_ask) is None
    assert world.refusal(replace(high_ask, price=D(79))).offer.price == D(80)


def test_quote_amounts_belong_to_spot_market_orders() -> None:
    amount = OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, None, quote_quantity=D(50))
    assert World().rule(amount) is None
    assert World(instrument(quote_quantity_allowed=False)).rule(amount) == "UNSUPPORTED_QUOTE_QUANTITY"


def test_size_limits_name_the_key_and_let_closing_through() -> None:
    world = World(PERP, max_order_notional=D(100), max_order_quantity=D(3))
    refusal = world.refusal(market_order("2", symbol=PERP.symbol))
    assert refusal.rule == "max-notional"
    assert "limits.max_order_notional" in refusal.text
    assert "set max.order.notional" in refusal.text
    assert world.rule(market_order("4", symbol=PERP.symbol)) == "max-quantity"
    assert world.rule(market_order("4", symbol=PERP.symbol, reduce_only=True)) is None


def test_an_amount_of_dollars_went_past_the_largest_size() -> None:
    world = World(max_order_quantity=D(2))
    spent = OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, None, quote_quantity=D(150))
    assert world.rule(spent) is None
    refusal = world.refusal(replace(spent, quote_quantity=D(250)))
    assert refusal.rule == "max-quantity"
    assert "set max.order.quantity 2.498 allows it" in refusal.text


def test_an_entry_was_sent_whose_stop_the_exchange_had_no_room_for() -> None:
    world = World(instrument(permits=Permits(max_conditional=2)))
    stop = OrderRequest("BTCUSDT", Side.SELL, OrderType.STOP_MARKET, D(1), terms=Terms(trigger_price=D(90)))
    world.working(stop, "1")
    world.working(stop, "triggered", is_triggered=True)
    world.working(limit(), "not waiting")
    assert world.rule(stop) is None
    world.working(stop, "2")
    refusal = world.refusal(stop)
    assert refusal.rule == "FILTER_MAX_NUM_ALGO_ORDERS"
    assert "2 orders of BTCUSDT wait for a trigger already" in refusal.text
    assert world.rule(limit()) is None
    assert world.bench.judge(Intent(stop, True, changes="2")).refusal is None, "it takes the place of one"


def test_a_held_key_sends_once_however_long_it_is_held() -> None:
    world = World()
    intent = Intent(limit(), True)
    world.bench.remember(intent)
    for _ in range(10):
        world.clock.ns += 400_000_000
        world.heard(Product.SPOT)
        refusal = world.bench.judge(intent).refusal
        assert refusal.rule == "duplicate"
        world.bench.renew(intent, refusal)
    world.clock.ns += 1_000_000_000
    assert world.bench.judge(intent).refusal is None
    assert world.rule(limit("99.4")) is None


def test_prices_far_from_the_middle_are_refused() -> None:
    world = World()
    assert world.rule(limit("105")) is None
    assert world.rule(limit("105.1")) == "price-distance"
    assert world.rule(limit("94.9")) == "price-distance"


def test_a_market_order_is_judged_by_what_it_would_reach() -> None:
    world = World(slippage_percent=D("2"), max_order_notional=D(0))
    assert world.rule(market_order("30")) is None
    assert world.rule(market_order("45")) == "slippage"
    assert "set slippage" in world.refusal(market_order("45")).text
    thin = World(instrument(max_market_quantity=D(1000)), max_order_notional=D(0))
    assert "too thin" in thin.refusal(market_order("101")).text


@pytest.mark.parametrize(
    "order", [limit("0.1"), limit("0.2"), OrderRequest("BTCUSDT", Side.BUY, OrderType.MARKET, D(9))]
)
def test_where_a_tick_is_a_large_part_of_the_price_nothing_could_be_ordered(order) -> None:
    """Bug: at a bid of one tick and an ask of two each is a third away from the middle."""
    world = World(instrument(min_notional=D(0)), max_order_notional=D(0))
    world.market.book.load(replace(BOOK, bids=[(1, 10_000)], asks=[(2, 10_000)]), [])
    assert world.rule(order) is None
    assert world.rule(limit("0.3")) == "price-distance"


def test_coins_could_not_be_sold_after_a_halt_or_a_days_loss() -> None:
    """Bug: a position could be closed, but coins are left by selling them, and that was called a new order."""
    world = World(day_loss=D(250), max_open_orders=1)
    coins = Balance(Product.SPOT, "BTC", D(1), D(0), 1)
    world.store.balances = {coins.key: coins}
    world.working(limit("99", "0.1"))
    world.day(D(-300))
    assert world.rule(limit("100.2", "1", Side.SELL)) is None
    assert world.rule(limit("100.2", "1.001", Side.SELL)) == "max-open-orders"
    world.store.orders.clear()
    assert world.rule(limit("100.2", "1.001", Side.SELL)) == "day-loss", "more than is held is no way out"
    assert world.rule(limit("99.9", "0.5")) == "day-loss"
    world.trading(TradingState.HALTED)
    assert world.rule(market_order("0.5", Side.SELL)) is None
    assert world.rule(market_order("0.5", Side.SELL), reviewed=False) == "halted"
    assert world.rule(market_order("1.5", Side.SELL)) == "halted"


def test_a_book_with_one_side_alone_let_any_price_pass() -> None:
    """Bug: without a bid there is no middle, so a buy at ten times the last price was judged by nothing."""
    world = World(max_order_notional=D(0))
    world.market.book.load(replace(BOOK, bids=[], asks=[(ticks * 10, lots) for ticks, lots in BOOK.asks]), [])
    assert world.rule(limit("1001")) == "price-distance"
    assert "the last price 100.0" in world.refusal(limit("1001")).text
    assert world.rule(limit("101")) is None
    assert world.rule(market_order("1")) == "slippage"
    assert "the last price 100.0" in world.refusal(market_order("1")).text
    world.market.ticker = None
    assert world.rule(market_order("1")) == "slippage"
    assert "no price to judge it by" in world.refusal(market_order("1")).text


def test_an_unknown_symbol_is_refused_by_name() -> None:
    assert "NOSUCH is not a symbol" in World().refusal(limit(symbol="NOSUCH")).text


def test_a_preview_costs_an_order_and_needs_no_arming() -> None:
    world = World()
    seen = preview(limit("99.5", "2"), world.store, world.bench)
    assert (seen.notional, seen.fee, seen.refusal) == (D("199"), D("0.199"), None)
    assert seen.passed == tuple(name for name, _ in GUARDS)
    taken = preview(market_order("2"), world.store, world.bench)
    assert taken.price == D("100.2")
    assert "value 200.40 USDT" in taken.text
    assert preview(limit(symbol="NOSUCH"), world.store, world.bench).refusal.rule == "unknown-symbol"


def test_a_position_counts_what_is_held_and_what_works() -> None:
    world = World(PERP, max_position_notional=D(250))
    perp = PERP.symbol
    world.store.positions[perp] = position("1")
    assert world.rule(limit("100", "1", symbol=perp)) is None
    world.working(limit("99", "1", symbol=perp))
    refusal = world.refusal(limit("100", "1", symbol=perp))
    assert refusal.rule == "max-position"
    assert "300.00 USDT" in refusal.text
    assert "set max.position 300" in refusal.text
    assert world.rule(limit("100", "1.5", side=Side.SELL, symbol=perp)) is None
    assert world.rule(limit("100", "9", side=Side.SELL, symbol=perp)) == "max-position"
    assert world.rule(limit("100", "9", side=Side.SELL, symbol=perp, reduce_only=True)) is None


def test_coins_held_count_as_a_position_on_spot() -> None:
    world = World(max_position_notional=D(250))
    world.store.balances[(Product.SPOT, "BTC")] = Balance(Product.SPOT, "BTC", D(2), D(0), 1)
    assert world.rule(limit("100", "1")) == "max-position"
    assert world.rule(limit("100", "2", side=Side.SELL)) is None


def test_protective_orders_and_changes_do_not_count_as_entries() -> None:
    world = World(PERP, max_open_orders=1)
    world.working(limit("99", "1", symbol=PERP.symbol, reduce_only=True))
    assert world.rule(limit(symbol=PERP.symbol)) is None
    world.working(limit("99", "1", symbol=PERP.symbol), name="2")
    assert world.rule(limit(symbol=PERP.symbol)) == "max-open-orders"
    assert world.bench.judge(Intent(limit(symbol=PERP.symbol), True, changes="2")).refusal is None
    assert world.bench.judge(Intent(limit(symbol=PERP.symbol), True, role=LegRole.STOP_LOSS)).refusal is None


def test_after_the_days_loss_only_closing_is_left() -> None:
    world = World(PERP, day_loss=D(100))
    order = limit(symbol=PERP.symbol)
    assert "not known yet" in world.refusal(order).text
    world.day(D(-100))
    assert "100.00 USDT" in world.refusal(order).text
    assert "set day.loss" in world.refusal(order).text
    assert world.rule(replace(order, reduce_only=True, price=D("100.5"), side=Side.SELL)) is None


def test_room_is_kept_for_cancels_and_for_closing() -> None:
    world = World(PERP, rate_reserve_percent=D(20))
    order = limit(symbol=PERP.symbol)
    world.link(weight=(1921, 2400))
    assert "kept for cancels" in world.refusal(order).text
    assert world.rule(replace(order, reduce_only=True)) is None
    world.link(weight=(0, 2400), orders=(240, 300))
    assert world.rule(order) == "rate-limit"


def test_a_stop_is_judged_by_its_trigger_not_by_the_market() -> None:
    world = World()
    stop = replace(limit("131", "0.1"), type=OrderType.STOP_LIMIT, terms=Terms(trigger_price=D(130)))
    assert world.rule(stop) is None
    assert "its trigger" in world.refusal(replace(stop, price=D(140))).text


@pytest.mark.parametrize("name", list(NAMES))
def test_every_limit_can_be_set_and_is_named_in_its_refusal(name) -> None:
    field = NAMES[name]
    limits = with_limit(Limits(), name, D(7))
    assert getattr(limits, field) == 7
    with pytest.raises(ValueError, match="zero"):
        with_limit(Limits(), name, D(-1))


def test_every_number_of_the_limits_has_a_name() -> None:
    assert set(NAMES.values()) == set(Limits.__struct_fields__)


def in_bitcoin(dollars="60000", **limits):
    """A world of ETHBTC at 100 BTC, with BTCUSDT at so many dollars, or unknown."""
    world = World(instrument(symbol="ETHBTC", native="ETHBTC", base="ETH", quote="BTC"), **limits)
    if dollars:
        world.store.instruments["BTCUSDT"] = SPOT
        world.store.market("BTCUSDT").ticker = Stamped(replace(TICKER, last=D(dollars)), 1, 1, world.clock.ns)
    return world


def test_the_largest_order_value_counted_bitcoins_as_dollars() -> None:
    world = in_bitcoin()
    refusal = world.refusal(limit("100", "1", symbol="ETHBTC"))
    assert refusal.rule == "max-notional"
    assert "100.00 BTC (about 6,000,000 dollars)" in refusal.text
    assert "set max.order.notional 6000000 allows it" in refusal.text
    assert in_bitcoin("400").rule(limit("100", "1", symbol="ETHBTC")) is None
    inverse = in_bitcoin(max_order_notional=D(0), max_position_notional=D(50_000))
    assert "about 6,000,000 dollars" in inverse.refusal(limit("100", "1", symbol="ETHBTC")).text


def test_a_value_that_no_market_puts_in_dollars_is_refused_not_passed() -> None:
    order = limit("100", "1", symbol="ETHBTC")
    refusal = in_bitcoin("").refusal(order)
    assert refusal.rule == "max-notional"
    assert "no market says what BTC is worth in dollars" in refusal.text
    assert in_bitcoin("", max_order_notional=D(0)).rule(order) is None
    assert in_bitcoin("", max_order_notional=D(0), max_position_notional=D(1)).rule(order) == "max-position"


def test_contracts_of_coin_margined_futures_are_worth_their_dollars_not_their_price() -> None:
    coin = instrument(Product.COINM, "BTCUSD-PERP", quote="USD", contract_size=D(100), step=Increment(D(1)))
    world = World(coin, max_order_notional=D(500))
    assert world.rule(limit("100", "5", symbol=coin.symbol)) is None
    assert world.rule(limit("100", "6", symbol=coin.symbol)) == "max-notional"


def test_the_number_offered_by_the_value_guard_really_allows_the_order() -> None:
    world, order = World(max_order_notional=D(100)), limit("100.3", "1.001")
    offered = world.refusal(order).text.split("set max.order.notional ")[1].split()[0]
    assert World(max_order_notional=D(offered)).rule(order) is None


@pytest.mark.parametrize("limits", [{"max_order_notional": D(500)}, {"max_position_notional": D(500)}])
def test_an_order_whose_price_the_exchange_takes_was_valued_at_the_price_typed(limits) -> None:
    matched = limit("2", "6", symbol=PERP.symbol, terms=Terms(price_match=PriceMatch.OPPONENT))
    world = World(PERP, **limits)
    assert world.rule(matched) in ("max-notional", "max-position")
    assert world.rule(replace(matched, quantity=D(4))) is None
