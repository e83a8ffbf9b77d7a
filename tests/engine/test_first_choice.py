"""Which symbol is looked at first, when products answer one after the other."""

import asyncio

import pytest
from engine_table import until

from tui.config import Screen, Settings
from tui.domain.instrument import Instrument
from tui.engine.commands.safety import Arm
from tui.engine.commands.views import FocusSymbol, ShowCandles
from tui.engine.feeds.market_feed import Interest
from tui.ui.view_state import ViewState


@pytest.fixture
async def late_perp(table_with, monkeypatch):
    """A session that wishes for the perpetual, whose product answers only when told, long after the first choice."""
    monkeypatch.setattr("tui.engine.attention._FIRST_CHOICE_AFTER_S", 0.01)
    table = table_with(Settings(screen=Screen(symbol="BTCUSDT-PERP")))
    answer = asyncio.Event()

    async def instruments():
        await answer.wait()
        return [table.perp.one]

    table.perp.instruments = instruments
    await table.session.start()
    await until(lambda: table.store.focus == "BTCUSDT")
    return table, answer


async def test_the_wished_symbol_of_a_product_that_answers_late_is_shown_then(late_perp) -> None:
    table, answer = late_perp
    view = ViewState()
    view.follow(table.store.focus)
    assert view.symbol == "BTCUSDT"
    answer.set()
    await until(lambda: table.store.focus == "BTCUSDT-PERP")
    view.follow(table.store.focus)
    assert view.symbol == "BTCUSDT-PERP"


@pytest.mark.parametrize("command", [FocusSymbol("BTCUSDT"), Arm()])
async def test_what_the_trader_chose_or_is_about_to_trade_stays_when_a_product_answers_late(late_perp, command) -> None:
    table, answer = late_perp
    await table.do(command)
    answer.set()
    await until(lambda: "BTCUSDT-PERP" in table.store.watched)
    assert table.store.focus == "BTCUSDT"


async def test_an_interval_chosen_meanwhile_does_not_forget_the_wished_symbol(late_perp) -> None:
    table, answer = late_perp
    await table.do(ShowCandles("", "15m"))
    await table.do(ShowCandles("BTCUSDT", "1h"))
    answer.set()
    await until(lambda: table.store.focus == "BTCUSDT-PERP")


async def test_symbols_of_the_settings_are_taken_however_written_and_once_and_told_where_unknown(table_with) -> None:
    """A mistyped name was left out without a word, and a name that stood twice was shown twice."""
    watched = ("FOO", "btcusdt", "BTCUSDT", "btcusdt-perp")
    table = table_with(Settings(screen=Screen(watchlist=watched, symbol="btcusdt-perp")))
    await table.session.start()
    await until(lambda: table.store.focus == "BTCUSDT-PERP")
    assert table.store.watched == ("BTCUSDT", "BTCUSDT-PERP")
    assert [one.text for one in table.store.messages if "watchlist" in one.text] == [
        "FOO is not a symbol of this exchange: correct watchlist and symbol under [screen]"
    ]


async def test_settings_that_leave_out_every_symbol_are_said_and_break_nothing(table_with) -> None:
    """`load_ids` with a mistyped name ended in an internal error."""

    async def none() -> list[Instrument]:
        return []

    table = table_with(Settings())
    table.spot.instruments = table.perp.instruments = none
    await table.session.start()
    await until(lambda: sum("no symbol is loaded" in message.text for message in table.store.messages) == 2)
    await until(lambda: not any(task.get_name() == "first choice" for task in asyncio.all_tasks()))
    assert table.store.focus is None
    assert not [message.text for message in table.store.messages if "Internal error" in message.text]


def test_a_screen_follows_the_engine_until_the_trader_chooses() -> None:
    view = ViewState()
    view.follow(None)
    assert view.symbol == ""
    view.follow("BTCUSDT")
    view.has_chosen = True
    view.follow("ETHUSDT")
    assert view.symbol == "BTCUSDT"


def test_screen_and_engine_begin_with_the_same_interval() -> None:
    assert ViewState().interval == Interest().interval
