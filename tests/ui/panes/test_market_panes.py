"""Chart, tape and watchlist under keys: what they show, and what they ask of the engine."""

from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest
from fake_desk import NOW_MS, PERP, SPOT, FakeDesk
from market_screen import market_pane, press, said, text_of

from tui.domain.interval import INTERVALS
from tui.domain.market import Liquidation, Trade
from tui.domain.order_terms import Side
from tui.engine.alerts.alert import Alert, AlertKind, AlertRequest
from tui.engine.commands.automation import AddAlert, RemoveAlert
from tui.engine.commands.orders import CancelEntries
from tui.engine.commands.views import FocusSymbol, FollowSymbols, LoadEarlierCandles, ShowCandles, WatchSymbols
from tui.ui.chart.studies import OFFERED
from tui.ui.line_pane import LinePane
from tui.ui.state_file import StateFile, table
from tui.ui.watchlist.lists import ORDERS


def repeat(pane: LinePane, action_id: str, times: int) -> None:
    """A key pressed often, without its way through the terminal."""
    for _ in range(times):
        pane.action_act(action_id)


# the chart


async def test_the_chart_goes_through_every_interval_and_asks_only_for_those_of_the_exchange(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        await press(pilot, "left_square_bracket")
        repeat(chart, "chart.shorter", 6)
        assert chart.view.interval == "1s"
        await press(pilot, "right_square_bracket")
        repeat(chart, "chart.longer", len(INTERVALS))
        assert chart.view.interval == "1M"
    asked = {command.interval for command in desk.commands if isinstance(command, ShowCandles)}
    assert asked == set(INTERVALS[4:])


async def test_bars_of_seconds_say_what_they_are_made_of(desk: FakeDesk) -> None:
    """The row went on naming the interval before."""
    async with market_pane(desk, "chart") as (chart, pilot):
        repeat(chart, "chart.shorter", len(INTERVALS))
        assert "bars of 1s are made of the prints" in said(pilot)


async def test_bars_of_seconds_are_made_of_the_prints_on_the_tape(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        chart.view.intents.show_interval("5s")
        assert "14:03:20 O" in text_of(chart)[0]
        market = desk.store.market(PERP)
        market.trades.appendleft(Trade(90_001, D("64300.0"), D(7), Side.BUY, NOW_MS + 500))
        market.trades_revision += 1
        desk.clock.advance(0.2)
        assert "H 64,300.0" in text_of(chart)[0]
        chart.view.intents.show_interval("5m")
        assert "14:00 O" in text_of(chart)[0]
        assert ShowCandles(PERP, "5m") in desk.commands
        del pilot


async def test_panning_to_the_end_asks_for_earlier_candles_once(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        repeat(chart, "chart.older", 25)
        assert [each for each in desk.commands if isinstance(each, LoadEarlierCandles)] == [
            LoadEarlierCandles(PERP, "5m")
        ]
        assert "past" in str(chart.border_title)
        series = desk.store.market(PERP).series["5m"]
        shown = text_of(chart)
        first = series.value.candles[0]
        earlier = tuple(
            replace(first, open_ms=first.open_ms - n * 300_000, close_ms=first.close_ms - n * 300_000)
            for n in range(200, 0, -1)
        )
        value = replace(series.value, candles=earlier + series.value.candles)
        desk.store.market(PERP).series["5m"] = replace(series, value=value, revision=series.revision + 1)
        assert text_of(chart)[-1] == shown[-1]
        repeat(chart, "chart.older", 25)
        assert len([each for each in desk.commands if isinstance(each, LoadEarlierCandles)]) == 2
        await press(pilot, "l", "0")
        assert "past" not in str(chart.border_title)


async def test_earlier_candles_that_were_given_up_are_asked_for_again_by_coming_back(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, _):
        repeat(chart, "chart.older", 25)
        repeat(chart, "chart.newer", 25)
        repeat(chart, "chart.older", 25)
        assert len([each for each in desk.commands if isinstance(each, LoadEarlierCandles)]) == 2


async def test_the_cross_hair_walks_and_enter_puts_an_alert_there(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        await press(pilot, "enter")
        assert not desk.commands
        assert any("┼" in line and "▸64,212.4" in line for line in text_of(chart))
        await press(pilot, "left", "left", "right", "up", "up", "up", "down")
        assert "13:55" in text_of(chart)[0]
        await press(pilot, "enter")
        (added,) = [each.request for each in desk.commands if isinstance(each, AddAlert)]
        assert (added.kind, added.symbol) == (AlertKind.PRICE_ABOVE, PERP)
        assert added.level > D("64212.4")
        assert added.level % D("0.1") == 0
        desk.store.alerts[7] = Alert(7, added, NOW_MS)
        assert any("!≥" in line for line in text_of(chart))
        await press(pilot, "enter")
        assert RemoveAlert(7) in desk.commands
        repeat(chart, "chart.down", 6)
        await press(pilot, "down", "enter")
        below = [each.request for each in desk.commands if isinstance(each, AddAlert)][-1]
        assert below.kind is AlertKind.PRICE_BELOW
        await press(pilot, "escape")
        assert not any("▸" in line for line in text_of(chart))


async def test_the_cross_hair_takes_the_screen_along(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart", (80, 24)) as (chart, pilot):
        await press(pilot, "enter")
        repeat(chart, "chart.left", 40)
        assert "past" in str(chart.border_title)
        assert any("┼" in line for line in text_of(chart))
        repeat(chart, "chart.right", 40)
        assert "past" not in str(chart.border_title)


@pytest.mark.parametrize("name", ["ladder", "tape"])
async def test_a_held_picture_says_so_where_there_is_hardly_room(desk: FakeDesk, name: str) -> None:
    """The word was left out with the rest of the right end, and an old picture looked alive."""
    async with market_pane(desk, name, (80, 24)) as (held, pilot):
        await press(pilot, *["plus"] * 5, "h")
        text_of(held)
        assert "HELD" in str(held.border_title)


async def test_studies_are_switched_by_their_letters(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        before = chart.studies.letters
        await press(pilot, "i", "b", "r")
        assert "■ BB20" in text_of(chart)[0]
        assert set(chart.studies.letters) == set(before) ^ {"b", "r"}
        await press(pilot, "enter")
        text = text_of(chart)
        assert "■" not in text[0]
        assert any("┤ 70" in line for line in text)
        assert len({offered.letter for offered in OFFERED}) == len(OFFERED)


async def test_what_is_drawn_is_remembered(tmp_path: Path) -> None:
    async with market_pane(FakeDesk(), "chart", folder=tmp_path) as (chart, pilot):
        await press(pilot, "n", "i", "b", "e", "enter")
    async with market_pane(FakeDesk(), "chart", folder=tmp_path) as (chart, _):
        assert chart.studies.letters == "vb"
        assert chart.look.is_line


async def test_n_draws_a_line_and_d_the_depth(desk: FakeDesk) -> None:
    async with market_pane(desk, "chart") as (chart, pilot):
        candles = text_of(chart)
        await press(pilot, "n")
        assert text_of(chart) != candles
        await press(pilot, "n", "d")
        assert "bids" in text_of(chart)[0]
        near = text_of(chart)[-1]
        await press(pilot, "minus")
        assert text_of(chart)[-1] != near
        await press(pilot, "plus")
        assert text_of(chart)[-1] == near
        desk.clock.advance(20)
        assert "STALE" in text_of(chart)[0]
        await press(pilot, "d")
        assert "STALE" in text_of(chart)[0]


# the tape


async def test_the_tape_stays_with_a_symbol_and_so_do_its_keys(desk: FakeDesk) -> None:
    async with market_pane(desk, "tape") as (tape, pilot):
        await press(pilot, "p")
        assert FollowSymbols((PERP,)) in desk.commands
        before = text_of(tape)
        pilot.app.view.intents.focus_symbol(SPOT)
        assert text_of(tape) == before
        assert str(tape.border_title).count(PERP) == 1
        await press(pilot, "f8")
        assert desk.commands[-1] == CancelEntries(PERP)
        await press(pilot, "p")
        assert tape.acting_symbol() == SPOT


async def test_the_tape_merges_or_not_and_shows_who_was_liquidated(desk: FakeDesk) -> None:
    async with market_pane(desk, "tape") as (tape, pilot):
        market = desk.store.market(PERP)
        for number in (90_001, 90_002):
            market.trades.appendleft(Trade(number, D("64300.0"), D(3), Side.BUY, NOW_MS + 10))
        market.trades_revision += 2
        assert "6.000" in text_of(tape)[1]
        await press(pilot, "n")
        assert "single" in str(tape.border_title)
        assert "3.000" in text_of(tape)[1]
        lost = Liquidation(Side.SELL, D(2), D("64100.0"), D("64100.0"), D(2), NOW_MS + 20)
        desk.store.liquidations.appendleft((PERP, lost))
        desk.store.liquidations.appendleft(("ETHUSDT-PERP", lost))
        assert "LIQ 2.000" in text_of(tape)[1]
        assert sum("LIQ" in line for line in text_of(tape)) == 1


# the watchlist


def watched(desk: FakeDesk) -> list[tuple[str, ...]]:
    return [command.symbols for command in desk.commands if isinstance(command, WatchSymbols)]


def names_of(pane: object) -> list[str]:
    return [row.symbol for row in pane.rows()]  # type: ignore[attr-defined]


async def test_a_symbol_is_added_by_search_and_taken_off(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist") as (pane, pilot):
        before = names_of(pane)
        await press(pilot, "i", *"avax", "enter")
        assert names_of(pane) == [*before, "AVAXUSDT"]
        assert watched(desk)[-1] == (*before, "AVAXUSDT")
        assert pane.has_focus
        assert not [each for each in desk.commands if isinstance(each, FocusSymbol)]
        await press(pilot, "i", *"avax", "enter")
        assert "already" in said(pilot)
        await press(pilot, "d")
        assert names_of(pane) == before
        assert watched(desk)[-1] == tuple(before)


async def test_rows_are_moved_and_the_cursor_goes_with_them(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist") as (pane, pilot):
        await press(pilot, "down", "J", "J")
        assert names_of(pane)[:4] == ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDT-PERP"]
        assert pane.chosen().symbol == "BTCUSDT-PERP"
        await press(pilot, "K")
        assert names_of(pane)[2] == "BTCUSDT-PERP"


async def test_o_sorts_by_each_column_in_turn(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist", (120, 36)) as (pane, pilot):
        arranged = names_of(pane)
        orders = []
        for _ in ORDERS[1:]:
            await press(pilot, "o")
            orders.append(names_of(pane))
        assert orders[0][0] == "DOGEUSDT"
        assert orders[0][-1] == "PEPEUSDT"
        assert set(orders[2][:2]) == {"BTCUSDT", "BTCUSDT-PERP"}
        assert orders[3] == sorted(arranged)
        assert all(sorted(rows) == sorted(arranged) for rows in orders)
        assert "symbol▲" in text_of(pane)[0]
        await press(pilot, "o")
        assert names_of(pane) == arranged


async def test_sorted_rows_change_places_no_oftener_than_every_other_second(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist") as (pane, pilot):
        await press(pilot, "o")
        first = names_of(pane)[0]
        market = desk.store.market("ADAUSDT")
        assert market.ticker is not None
        market.ticker = replace(market.ticker, value=replace(market.ticker.value, open=D("0.1")))
        assert names_of(pane)[0] == first
        desk.clock.advance(2.5)
        assert names_of(pane)[0] == "ADAUSDT"


async def test_lists_are_begun_named_walked_through_and_kept(desk: FakeDesk, tmp_path: Path) -> None:
    async with market_pane(desk, "watchlist", folder=tmp_path) as (pane, pilot):
        await press(pilot, "n", *"majors", "enter")
        assert names_of(pane) == []
        assert "majors 2/2" in str(pane.border_title)
        await press(pilot, "i", *"eth", "enter", "left_square_bracket")
        assert len(names_of(pane)) == 10
        await press(pilot, "right_square_bracket", "e", *"big", "enter")
        assert pane.lists.names == ("main", "big")
        await press(pilot, "e", "escape")
        assert not pane.is_typing
    again = FakeDesk()
    async with market_pane(again, "watchlist", folder=tmp_path) as (pane, pilot):
        assert (pane.lists.current.name, names_of(pane)) == ("big", ["ETHUSDT"])
        assert watched(again) == [("ETHUSDT",)]
        await press(pilot, "d", "d")
        assert pane.lists.names == ("main",)
        await press(pilot, "right_square_bracket")
        assert "one list" in said(pilot)
    written = StateFile(tmp_path / "screen.json").section("watchlists")
    assert table(written)["current"] == "main"


async def test_an_alert_begins_as_a_line(desk: FakeDesk) -> None:
    async with market_pane(desk, "watchlist") as (_, pilot):
        await press(pilot, "down", "a")
        assert "alert BTCUSDT-PERP > 64212.4" in said(pilot)
    assert not [each for each in desk.commands if isinstance(each, AddAlert)]


async def test_marks_tell_of_positions_orders_and_alerts(desk: FakeDesk) -> None:
    desk.store.alerts[1] = Alert(1, AlertRequest(AlertKind.PRICE_ABOVE, "SOLUSDT", D(200)), NOW_MS)
    async with market_pane(desk, "watchlist", (120, 36)) as (pane, _):
        lines = {line[2:].split()[0]: line for line in text_of(pane)[1:] if line.strip()}
        assert lines["BTCUSDT·P"][1] == "●"
        assert lines["BTCUSDT"][1] == "○"
        assert "!SOLUSDT" in lines
        assert "0.0100" in lines["BTCUSDT·P"]
        assert "283M" in lines["ETHUSDT"]


@pytest.mark.parametrize("written", ["[1, 2]", '{"watchlists": 7}', "not json", '{"watchlists": {"lists": [{}, 3]}}'])
async def test_a_state_file_of_nonsense_costs_only_what_it_held(tmp_path: Path, written: str) -> None:
    (tmp_path / "screen.json").write_text(written)
    async with market_pane(FakeDesk(), "watchlist", folder=tmp_path) as (pane, _):
        assert len(names_of(pane)) == 10
