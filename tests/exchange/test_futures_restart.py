"""Conditional orders, changes, deadlines, modes and flags outlive the process."""

import sqlite3
from decimal import Decimal as D

import pytest
from test_state import BUY, SELL, opened
from venues import limit, market

from tui.domain.product import Product
from tui.exchange.amending import Change
from tui.exchange.conditional import AlgoOrder, AlgoState
from tui.exchange.exchange import Exchange
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.venue import Venue


@pytest.fixture
def path(tmp_path):
    return tmp_path / "exchange.sqlite"


def usdm_of(exchange: Exchange) -> Venue:
    return exchange.venues[Product.USDM]


def stop(trigger: D, **more) -> AlgoOrder:
    tick = D("0.1")
    return AlgoOrder("BTCUSDT", SELL, "STOP_MARKET", "demo", trigger_price=trigger // tick * tick, **more)


def test_conditional_orders_wait_on_after_a_restart(path):
    exchange = opened(path)
    venue = usdm_of(exchange)
    venue.place("demo", market(BUY, "0.1"))
    last = venue.books["BTCUSDT"].last_price
    waiting = venue.algos.place(stop(last - 900, close_position=True, client_algo_id="sl"))
    gone = venue.algos.place(stop(last - 500, quantity=D("0.1")))
    venue.algos.cancel("demo", gone.algo_id, None)
    exchange.close()
    again = opened(path)
    venue = usdm_of(again)
    (found,) = venue.algos.open_orders("demo")
    assert (found.algo_id, found.client_algo_id, found.trigger_price, found.close_position) == (
        waiting.algo_id,
        "sl",
        waiting.trigger_price,
        True,
    )
    assert venue.algos.order("demo", gone.algo_id, None).state is AlgoState.CANCELED
    other = venue.algos.place(stop(last - 500, quantity=D("0.1")))
    assert other.algo_id == gone.algo_id + 1
    venue.algos.cancel("demo", other.algo_id, None)
    venue.algos._prices["BTCUSDT"] = [venue.listings["BTCUSDT"].tick.count_of(found.trigger_price)]
    venue.turn()
    assert found.state is AlgoState.FINISHED
    assert venue.futures.positions("demo") == []
    again.close()


def test_the_child_of_a_trigger_finishes_its_parent_after_a_restart(path):
    exchange = opened(path)
    venue = usdm_of(exchange)
    venue.place("demo", market(BUY, "0.1"))
    last = venue.books["BTCUSDT"].last_price
    order = stop(last - 100, quantity=D("0.1"))
    order.type, order.price = "STOP", (last + 900) // D("0.1") * D("0.1")
    venue.algos.place(order)
    venue.algos._prices["BTCUSDT"] = [venue.listings["BTCUSDT"].tick.count_of(order.trigger_price)]
    venue.turn()
    assert order.state is AlgoState.TRIGGERED
    exchange.close()
    again = opened(path)
    venue = usdm_of(again)
    parent = venue.algos.order("demo", order.algo_id, None)
    venue.cancel("demo", "BTCUSDT", parent.actual_order_id, None)
    assert (parent.state, parent.actual_quantity) == (AlgoState.FINISHED, 0)
    again.close()


def test_changes_deadlines_and_matched_prices_survive(path):
    exchange = opened(path)
    venue = usdm_of(exchange)
    until = venue.clock.now_ms() + 700_000
    order = venue.place("demo", limit(BUY, "0.1", "90000", tif="GTD", good_till_ms=until))
    venue.modify("demo", Change("BTCUSDT", order.order_id, None, BUY, D("0.2"), D("90001"), modify_id="9"))
    venue.deadlines.count_down("demo", "ETHUSDT", 60_000, venue.clock.now_ms())
    other = venue.place("demo", limit(BUY, "0.1", "3000", symbol="ETHUSDT"))
    exchange.close()
    again = opened(path)
    venue = usdm_of(again)
    found = venue.order("demo", "BTCUSDT", order.order_id, None)
    assert (found.lots, found.modify_id, found.amendments, found.good_till_ms) == (200, "9", 1, until // 1000 * 1000)
    (entry,) = venue.amendments.of("demo", "BTCUSDT")
    assert (entry.lots_before, entry.lots_after, entry.modify_id) == (100, 200, "9")
    venue.clock.advance(60_000)
    venue.turn()
    assert venue.order("demo", "ETHUSDT", other.order_id, None).state is OrderState.CANCELED
    venue.clock.advance(640_000)
    venue.turn()
    assert found.state is OrderState.EXPIRED
    again.close()


def test_hedge_mode_and_its_positions_survive_and_hold_for_both_futures(path):
    exchange = opened(path)
    venue = usdm_of(exchange)
    venue.set_hedged("demo", True)
    assert exchange.venues[Product.COINM].futures.hedged == {"demo"}
    venue.futures.fee_burners.add("demo")
    venue.place("demo", market(BUY, "0.2", position_side="LONG"))
    venue.place("demo", market(SELL, "0.1", position_side="SHORT"))
    venue.place("demo", limit(SELL, "0.1", "95000", position_side="LONG"))
    before = venue.futures.positions("demo")
    exchange.close()
    again = opened(path)
    venue = usdm_of(again)
    assert venue.futures.positions("demo") == before
    assert [order.position_side for order in venue.open_orders("demo")] == ["LONG"]
    assert again.venues[Product.COINM].futures.hedged == {"demo"}
    assert (venue.futures.fee_burners, again.venues[Product.COINM].futures.fee_burners) == ({"demo"}, set())
    again.close()


def test_an_order_of_the_other_futures_product_blocks_the_mode(path):
    exchange = opened(path)
    coinm = exchange.venues[Product.COINM]
    bid = coinm.listings["BTCUSD_PERP"].tick.value(coinm.best("BTCUSD_PERP")[0][0] - 1_000)
    coinm.place("demo", limit(BUY, "1", str(bid), symbol="BTCUSD_PERP"))
    with pytest.raises(Rejection, match="-4067"):
        usdm_of(exchange).set_hedged("demo", True)
    coinm.cancel_all("demo", "BTCUSD_PERP")
    usdm_of(exchange).set_hedged("demo", True)
    with pytest.raises(Rejection, match="-4059"):
        coinm.set_hedged("demo", True)
    exchange.close()


def test_a_file_of_the_first_version_is_taken_over(path):
    exchange = opened(path)
    usdm_of(exchange).place("demo", market(BUY, "0.1"))
    usdm_of(exchange).place("demo", limit(BUY, "0.1", "90000"))
    exchange.close()
    file = sqlite3.connect(path)
    columns = "product, account, symbol, quantity, cost, fees, leverage, isolated, isolated_wallet, updated_ms"
    file.executescript(
        f"CREATE TABLE old AS SELECT {columns} FROM positions; DROP TABLE positions;"
        "ALTER TABLE old RENAME TO positions;"
        "ALTER TABLE orders DROP COLUMN more; DROP TABLE documents; PRAGMA user_version = 1;"
    )
    file.close()
    again = opened(path)
    assert [(symbol, side, state.quantity) for symbol, side, state in usdm_of(again).futures.positions("demo")] == [
        ("BTCUSDT", "BOTH", D("0.1"))
    ]
    assert len(usdm_of(again).open_orders("demo")) == 1
    again.close()


def test_a_trailing_stop_remembers_how_far_the_price_went(path):
    exchange = opened(path)
    venue = usdm_of(exchange)
    venue.place("demo", market(BUY, "0.1"))
    trail = AlgoOrder("BTCUSDT", SELL, "TRAILING_STOP_MARKET", "demo", quantity=D("0.1"), callback_rate=D(5))
    venue.algos.place(trail)
    high = venue.books["BTCUSDT"].last_ticks + 9_000
    venue.algos._prices["BTCUSDT"] = [high, high - 100]
    venue.turn()
    exchange.close()
    again = opened(path)
    found = usdm_of(again).algos.order("demo", trail.algo_id, None)
    assert found.extreme == trail.extreme == venue.listings["BTCUSDT"].tick.value(high)
    again.close()
