"""What is held, ordered or traded by an algo has a price, whatever symbol is looked at."""

from decimal import Decimal

import pytest
from engine_table import limit, until
from fake_client import PERP as CONTRACT
from fake_client import position

from tui.binance.client import LinkState, StreamKind
from tui.domain.market import BestQuote
from tui.domain.order_terms import Side
from tui.engine.algos.plan import TwapPlan
from tui.engine.circumstances import Intent
from tui.engine.commands.automation import StartAlgo
from tui.engine.order_notes import order_notes
from tui.engine.product_rules import Setting
from tui.engine.symbol_rules import reference_price

D = Decimal
PERP = CONTRACT.symbol


def quote(bid="99", ask="101", update_id=1) -> BestQuote:
    return BestQuote(D(bid), D(1), D(ask), D(1), None, update_id)


def kinds(table):
    return {
        one.kind
        for one in table.perp.market_link.wanted
        if one.instrument is not None and one.instrument.symbol == PERP
    }


async def quoted(table, **prices) -> None:
    await until(lambda: StreamKind.QUOTE in kinds(table))
    table.perp.market.on_quote(CONTRACT, quote(**prices))


async def test_a_symbol_with_an_order_alone_has_its_prices_followed(open_table) -> None:
    async with open_table(PERP) as table:
        await table.submit(limit(symbol=PERP))
        await table.focus("BTCUSDT")
        await until(lambda: kinds(table) == {StreamKind.QUOTE, StreamKind.TICKER, StreamKind.MARK_PRICE})
        [order] = table.store.open_orders()
        await table.focus(PERP)
        assert StreamKind.QUOTE not in kinds(table), "the book says it"
        assert order.symbol == PERP


async def test_of_two_connections_the_quote_that_lags_is_not_heeded(open_table) -> None:
    async with open_table("BTCUSDT") as table:
        table.perp.user.on_positions([position("0.5")])
        market = table.store.market(PERP)
        await quoted(table, bid="99", update_id=7)
        table.perp.market.on_quote(CONTRACT, quote("90", update_id=6))
        assert market.touch() == (D(99), D(101))
        table.perp.market_link.say(LinkState.DOWN, "cut")
        assert market.touch() == (None, None)
        table.perp.market_link.say(LinkState.LIVE, "")
        table.perp.market.on_quote(CONTRACT, quote("0", "101", update_id=1))
        assert market.touch() == (None, D(101)), "a side without orders has no price"
        table.perp.user.on_positions([position("0")])
        await until(lambda: market.quote is None)
        table.perp.market.on_quote(CONTRACT, quote())
        assert market.quote is None, "what still trickles in is not wanted"


@pytest.mark.parametrize(("price", "rule"), [("50", "price-distance"), ("99", None)])
async def test_the_exit_of_a_symbol_that_is_not_looked_at_may_not_be_far_from_its_market(
    open_table, price, rule
) -> None:
    async with open_table("BTCUSDT", price_distance_percent=D(5)) as table:
        table.perp.user.on_positions([position("0.5")])
        await quoted(table)
        request = limit(price, "0.5", Side.SELL, PERP, reduce_only=True)
        refusal = table.bench.judge(Intent(request, reviewed=True)).refusal
        assert (refusal and refusal.rule) == rule
        assert reference_price(request, CONTRACT, table.store.market(PERP)) == D(99)


async def test_a_post_only_order_that_would_take_is_noted_by_the_quote(open_table) -> None:
    async with open_table("BTCUSDT") as table:
        table.perp.user.on_positions([position("0.5")])
        await quoted(table)
        request = limit("98", "0.5", Side.SELL, PERP, post_only=True)
        notes = order_notes(request, CONTRACT, table.store.market(PERP), Setting())
        assert any("post-only, and it would take now" in note for note in notes)


async def test_the_book_an_algo_trades_on_stays_when_another_symbol_is_looked_at(open_table) -> None:
    async with open_table(PERP) as table:
        plan = TwapPlan(PERP, Side.BUY, D("0.4"), over_s=600, slices=4)
        outcome = await table.do(StartAlgo(plan, reviewed=True))
        assert outcome.refusal is None
        await until(lambda: PERP in table.session._attention._interest.traded)
        await table.focus("BTCUSDT")
        assert table.store.market(PERP).book.is_live
        assert StreamKind.BOOK in kinds(table)
