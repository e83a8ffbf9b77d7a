"""The start screen: every way to begin is there, said in words, and ends with what was chosen."""

import pytest
from textual.pilot import Pilot

from tui.config import Screen, Settings
from tui.ui.lines import plain
from tui.ui.start.app import NoDesk, StartApp
from tui.ui.start.choices import OwnEnvironment, StoredAccount, first_choices, key_choices

ACCOUNTS = [StoredAccount("testnet", "main", False), StoredAccount("live", "hedge", True)]


def shown(app: StartApp) -> str:
    return "\n".join(plain(line).rstrip() for line in app.pane.lines(*app.pane.content_size))


async def chosen(*keys: str, accounts=(), size=(80, 24)):
    app = StartApp(Settings(), accounts)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
    return app.return_value


@pytest.mark.parametrize(
    ("keys", "way", "name"),
    [
        (["enter"], "demo", ""),
        (["2", "enter"], "paper", ""),
        (["down", "down", "enter"], "watch", "live"),
        (["4", "enter", "enter"], "keys", "testnet"),
        (["up", "enter", "3", "enter"], "keys", "live"),
        (["4", "enter", "escape", "enter"], "demo", ""),
    ],
)
async def test_a_way_is_chosen(keys: list[str], way: str, name: str) -> None:
    choice = await chosen(*keys)
    assert (choice.way, choice.name) == (way, name)


async def test_exchanges_of_the_settings_come_before_binances_own_where_keys_are_connected() -> None:
    app = StartApp(Settings(), own=[OwnEnvironment("lab", True)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("4", "enter")
        assert "1  lab" in shown(app)
        assert "[environments.lab]" in shown(app)
        await pilot.press("enter")
    assert (app.return_value.way, app.return_value.name) == ("keys", "lab")


async def test_it_is_left_without_a_choice() -> None:
    assert await chosen("ctrl+q") is None


async def test_accounts_that_are_connected_come_first() -> None:
    choice = await chosen("2", "enter", accounts=ACCOUNTS)
    assert (choice.way, choice.name, choice.account) == ("run", "live", "hedge")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_everything_is_said_at_every_size(size: tuple[int, int]) -> None:
    app = StartApp(Settings(), ACCOUNTS, "Paper: the source cannot be reached")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = shown(app)
        for choice in first_choices(ACCOUNTS):
            assert choice.title in text
            assert choice.summary in text
        assert "Paper: the source cannot be reached" in text
        assert "^q leaves" in text


async def test_real_money_is_a_word_wherever_it_is_meant() -> None:
    for choice in (*first_choices(ACCOUNTS), *key_choices()):
        assert ("REAL MONEY" in choice.summary) == choice.is_real_money


async def test_it_is_drawn_in_ascii_where_wanted() -> None:
    app = StartApp(Settings(screen=Screen(ascii=True)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert all(strip.text.isascii() for strip in app.screen._compositor.render_strips())


async def test_a_click_chooses_and_only_enter_begins() -> None:
    app = StartApp(Settings())

    async def click(pilot: Pilot) -> None:
        await pilot.click("#start", offset=(12, 6))

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await click(pilot)
        assert app.pane.cursor == 1
        assert app.is_running


def test_nothing_can_be_sent_from_it() -> None:
    with pytest.raises(RuntimeError, match="no engine"):
        NoDesk().send(None, None)  # type: ignore[arg-type]
