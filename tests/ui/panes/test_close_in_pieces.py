"""What is reviewed says in how many orders a large position is left."""

from dataclasses import replace
from decimal import Decimal as D

from fake_desk import PERP, FakeDesk
from market_screen import market_pane, press, said

from tui.engine.commands.orders import ClosePosition
from tui.ui.command.grammar import parse
from tui.ui.command.resolve import resolve
from tui.ui.view_state import ViewState
from tui.ui.words import flatten_words


async def test_a_close_in_several_orders_is_reviewed_as_that() -> None:
    desk = FakeDesk()
    small = replace(desk.store.instruments[PERP], max_market_quantity=D("0.1"))
    desk.store.instruments[PERP] = small
    view = ViewState(symbol=PERP, clock=desk.clock)
    intention = resolve(parse("close", desk.store.instruments.__contains__), desk.store, view)
    assert intention.commands == (ClosePosition(PERP, reviewed=True),)
    assert "3 orders of at most 0.084" in intention.text
    limit = resolve(parse("close @ 64300", desk.store.instruments.__contains__), desk.store, view)
    assert "orders" not in limit.text
    assert "1 position in 3 orders" in flatten_words(desk.store)
    async with market_pane(desk, "ladder") as (_, pilot):
        await press(pilot, "c")
        assert "in 3 orders of at most 0.084" in said(pilot)
