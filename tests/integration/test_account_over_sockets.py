"""The account over real sockets: settings read back, liquidation as the exchange states it, the result of the day."""

from decimal import Decimal

import pytest
from exchange_process import ExchangeProcess
from trader import SIZES, Trader, wait

from tui.config import Limits, Settings
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.account import AddMargin, SetHedgeMode, SetIsolated, SetLeverage, SetMultiAssets
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import ClosePosition
from tui.engine.commands.safety import Arm, Lock
from tui.engine.preview import fee_rates

D = Decimal
CONTRACTS = ["BTCUSDT-PERP", "BTCUSD-PERP"]


@pytest.fixture(scope="module")
def trader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("account")
    exchange = ExchangeProcess(folder / "exchange.sqlite")
    one = Trader(
        exchange,
        folder / "journal.sqlite",
        settings=Settings(limits=Limits(max_order_notional=D(0), duplicate_window_ms=0)),
    )
    one.runtime.start()
    try:
        wait(lambda: one.store.focus)
        yield one
    finally:
        assert one.runtime.stop()
        exchange.kill()


def done(reply) -> None:
    assert reply.result is Result.DONE, reply.text


def market(symbol, side, size, **changes) -> OrderRequest:
    return OrderRequest(symbol, side, OrderType.MARKET, size, **changes)


def close(trader, symbol) -> None:
    done(trader.ask(ClosePosition(symbol, reviewed=True)))
    wait(lambda: not trader.store.positions_of(symbol))


def test_the_day_is_what_trading_cost_and_brought(trader) -> None:
    symbol = CONTRACTS[0]
    trader.focus(symbol)
    before = wait(lambda: (said := trader.store.summary) and said.day_fees is not None and said)
    for side in (Side.BUY, Side.SELL):
        done(trader.submit(market(symbol, side, D("0.05"), reduce_only=side is Side.SELL)))
    fills = wait(lambda: len(trader.store.fills) >= 2 and trader.store.fills)
    paid = sum(fill.commission for fill in list(fills)[:2])
    assert paid > 0
    wait(lambda: trader.store.summary.day_fees > before.day_fees, timeout=20)
    after = trader.store.summary
    assert after.day_result < before.day_result
    assert after.equity > 50_000


@pytest.mark.parametrize("symbol", CONTRACTS)
def test_what_a_symbol_costs_and_risks_is_asked_for_when_it_is_looked_at(trader, symbol) -> None:
    trader.focus(symbol)
    wait(lambda: symbol in trader.store.brackets)
    assert fee_rates(trader.store.instruments[symbol], trader.store)[1], "the tier's, until it may be traded"
    done(trader.ask(Arm()))
    wait(lambda: symbol in trader.store.commissions)
    tiers = trader.store.brackets[symbol]
    assert tiers[0].notional_floor == 0
    assert 0 < tiers[0].maintenance_rate < D("0.1")
    assert 0 < trader.store.commissions[symbol].taker < D("0.01")
    done(trader.ask(Lock("the test has seen it")))


@pytest.mark.parametrize("symbol", CONTRACTS)
def test_leverage_and_margin_change_and_are_read_back(trader, symbol) -> None:
    trader.focus(symbol)
    done(trader.ask(SetLeverage(symbol, 7, reviewed=True)))
    assert trader.store.configs[symbol].leverage == 7
    too_much = trader.ask(SetLeverage(symbol, 126, reviewed=True))
    assert too_much.refusal.rule == "leverage"
    done(trader.ask(SetIsolated(symbol, isolated=True, reviewed=True)))
    assert trader.store.configs[symbol].is_isolated
    done(trader.submit(market(symbol, Side.BUY, SIZES[symbol])))
    position = wait(lambda: next(iter(trader.store.positions_of(symbol)), None))
    wait(lambda: trader.store.positions[symbol].margin)
    before = trader.store.positions[symbol].margin
    amount = D(20) if position.product is Product.USDM else D("0.0005")
    done(trader.ask(AddMargin(symbol, amount, reviewed=True)))
    wait(lambda: trader.store.positions[symbol].margin > before + amount / 2)
    refused = trader.ask(SetIsolated(symbol, isolated=False, reviewed=True))
    assert "close it" in refused.text
    close(trader, symbol)
    done(trader.ask(SetIsolated(symbol, isolated=False, reviewed=True)))
    assert not trader.store.configs[symbol].is_isolated


@pytest.mark.parametrize("symbol", CONTRACTS)
@pytest.mark.parametrize("isolated", [False, True])
def test_the_liquidation_price_foreseen_is_the_one_the_exchange_states(trader, symbol, isolated) -> None:
    trader.focus(symbol)
    store = trader.store
    done(trader.ask(SetLeverage(symbol, 20, reviewed=True)))
    done(trader.ask(SetIsolated(symbol, isolated=isolated, reviewed=True)))
    wait(lambda: symbol in store.brackets)
    # Short, and most of what the wallet can carry: a small long would be liquidated nowhere.
    instrument = store.instruments[symbol]
    size = D(2) if instrument.product is Product.USDM else D(400)
    request = market(symbol, Side.SELL, size)
    foreseen = trader.runtime.preview(request).liquidation_price
    assert foreseen is not None
    done(trader.submit(request))
    stated = wait(lambda: next((one.liquidation_price for one in store.positions_of(symbol)), None))
    assert abs(stated - foreseen) / stated < D("0.003")
    close(trader, symbol)
    done(trader.ask(SetIsolated(symbol, isolated=False, reviewed=True)))


def test_long_and_short_are_held_apart_and_together_again(trader) -> None:
    symbol = CONTRACTS[0]
    trader.focus(symbol)
    done(trader.ask(SetHedgeMode(Product.USDM, hedge=True, reviewed=True)))
    assert Product.USDM in trader.store.hedge_modes
    long, short = (Terms(position_side=side) for side in (PositionSide.LONG, PositionSide.SHORT))
    done(trader.submit(market(symbol, Side.BUY, D("0.02"), terms=long)))
    done(trader.submit(market(symbol, Side.SELL, D("0.01"), terms=short)))
    wait(lambda: len(trader.store.positions_of(symbol)) == 2)
    held = {one.position_side: one.quantity for one in trader.store.positions_of(symbol)}
    assert held == {PositionSide.LONG: D("0.02"), PositionSide.SHORT: D("-0.01")}
    for side in held:
        done(trader.ask(ClosePosition(symbol, reviewed=True, position_side=side)))
    wait(lambda: not trader.store.positions_of(symbol))
    done(trader.ask(SetHedgeMode(Product.USDM, hedge=False, reviewed=True)))
    assert Product.USDM not in trader.store.hedge_modes


def test_all_assets_may_be_margin(trader) -> None:
    for multi in (True, False):
        reply = trader.ask(SetMultiAssets(Product.USDM, multi, reviewed=True))
        done(reply)
        assert (Product.USDM in trader.store.multi_assets) is multi


def test_a_bracket_is_foreseen_with_risk_and_reward(trader) -> None:
    symbol = CONTRACTS[0]
    trader.focus(symbol)
    entry = trader.limit(symbol, Side.BUY, "-0.01")
    tick = trader.store.instruments[symbol].tick
    legs = tuple(
        OrderRequest(
            symbol,
            Side.SELL,
            kind,
            entry.quantity,
            reduce_only=True,
            terms=Terms(trigger_price=tick.round(entry.price * D(at))),
        )
        for kind, at in ((OrderType.MARKET_IF_TOUCHED, "1.02"), (OrderType.STOP_MARKET, "0.99"))
    )
    seen = trader.runtime.preview(OrderListRequest(entry, legs))
    assert seen.refusal is None
    assert seen.risk > entry.price * entry.quantity / 100
    assert seen.reward > seen.risk
    assert seen.margin is not None
