"""The screen for keys under keys and pastes, with a desk that keeps them in memory."""

import gc
import threading
from contextlib import asynccontextmanager
from dataclasses import replace

from fake_desk import FakeDesk
from test_app import type_line
from test_lock_screen import Door
from textual import events

from tui.config import Screen, Settings
from tui.engine.commands import WRITES
from tui.engine.store import TradingState
from tui.keys.key_material import KeyKind, generate
from tui.keys.secret import Secret
from tui.ui.app import TradingApp
from tui.ui.help.lines import help_lines
from tui.ui.keys.key_desk import KeyDeskError, KeyRow, PassphraseNeededError, Told, WantedKey
from tui.ui.lines import plain

MAIN = KeyRow("testnet", "main", "hmac", "abcd…wxyz", "spot", "system keyring", True)
SECOND = KeyRow("live", "second", "ed25519", "1234…5678", "all", "file keyring", public_key="PUBLIC LINE")
WAITING = KeyRow("live", "new", "ed25519", "", "all", "file keyring", public_key="OTHER LINE")
API_KEY = "markedApiKey" * 5
PEM = generate(KeyKind.ED25519).secret.reveal()


class FakeKeys:
    """Remembers what it was asked for; `passphrase` opens it, "" when it is open."""

    def __init__(self, *rows: KeyRow, passphrase: str = "") -> None:
        self.listed = list(rows)
        self.passphrase = passphrase
        self.asked: list[tuple] = []
        self.forgotten = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.threads: set[int] = set()
        self.error: Exception | None = None

    def rows(self) -> list[KeyRow]:
        return list(self.listed)

    def environments(self) -> tuple[str, ...]:
        return "live", "testnet"

    def refusal(self, wanted: WantedKey) -> str:
        return "taken already" if wanted.account == "taken" else ""

    def set_default(self, row: KeyRow) -> None:
        self.listed = [replace(each, is_default=each == row) for each in self.listed]

    def check(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        self._work(passphrase)
        return [Told("It may: read the account"), Told("WARNING: it may WITHDRAW", "warn")]

    def add(self, wanted, api_key, secret, passphrase) -> list[Told]:
        self._work(passphrase)
        self.asked.append((wanted, api_key.reveal(), secret.reveal() if secret else None))
        self.listed.append(KeyRow(wanted.environment, wanted.account, "ed25519", "mark…iKey", wanted.serves, "here"))
        return [Told("kept")]

    def generate(self, wanted: WantedKey, passphrase: Secret | None) -> list[Told]:
        self._work(passphrase)
        return [Told("MADE PUBLIC KEY")]

    def remove(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        self._work(passphrase)
        self.listed.remove(row)
        return [Told("forgotten here")]

    def forget(self) -> None:
        self.forgotten += 1

    def _work(self, passphrase: Secret | None) -> None:
        self.threads.add(threading.get_ident())
        assert self.go_on.wait(10)
        if self.passphrase and (passphrase is None or passphrase.reveal() != self.passphrase):
            raise PassphraseNeededError("wrong passphrase" if passphrase else "", is_new=False)
        if self.error is not None:
            raise self.error


@asynccontextmanager
async def screen(keys, desk=None, size=(120, 36), unlock=None):
    desk = desk or FakeDesk()
    app = TradingApp(desk, Settings(screen=Screen(frames_per_second=1)), desk.clock, key_desk=keys, unlock=unlock)
    async with app.run_test(size=size, notifications=True) as pilot:
        await type_line(pilot, ":keys")
        await pilot.press("enter")
        await pilot.pause()
        assert app.focused is app.panes["keys"]
        yield app.panes["keys"], pilot


def shown(pane) -> str:
    return "\n".join(plain(line) for line in pane.lines(*pane.content_size))


async def answer(pane, pilot, *texts: str) -> None:
    """Paste each text into its question and end it."""
    for text in texts:
        if text:
            pane.post_message(events.Paste(text))
            await pilot.pause()
        # Enter after Enter would be taken for a key that is held down.
        await pilot.press("end", "enter")
    await done(pane, pilot)


async def done(pane, pilot) -> None:
    while pane.is_working:
        await pilot.pause(0.005)
    await pilot.pause()


async def test_help_and_a_narrow_list_tell_what_there_is() -> None:
    async with screen(FakeKeys(replace(MAIN, is_default=False), replace(SECOND, is_default=True)), size=(80, 24)) as (
        pane,
        pilot,
    ):
        rows = shown(pane).splitlines()
        assert [row.strip("▶ ").startswith("*") for row in rows if "/" in row] == [False, True]
        helped = "\n".join(plain(line) for line in help_lines("keys", pane.situation(), ""))
        for words in ("API keys", "make an Ed25519 pair", "forget the key here", "list, add, make, check"):
            assert words in helped
        await pilot.press("question_mark")
        assert pilot.app.focused is pilot.app.panes["help"]


async def test_the_list_names_every_key_and_when_changes_count() -> None:
    async with screen(FakeKeys(MAIN, SECOND, WAITING), size=(200, 50)) as (pane, _):
        text = shown(pane)
        for words in ("testnet/main", "hmac", "abcd…wxyz", "spot", "default", "live/second", "none yet"):
            assert words in text
        assert "next start" in text


async def test_a_key_is_added_by_paste_and_nothing_of_it_is_shown_or_kept() -> None:
    keys = FakeKeys()
    async with screen(keys) as (pane, pilot):
        texts = []
        await pilot.press("a")
        await answer(pane, pilot, "live", "second", "all")
        for text in (API_KEY, PEM):
            pane.post_message(events.Paste(text))
            await pilot.pause()
            texts.append(shown(pane))
            await pilot.press("end", "enter")
        await done(pane, pilot)
        assert f"{len(PEM)} characters, not shown" in texts[1]
        assert keys.asked == [(WantedKey("live", "second", "all"), API_KEY, PEM.strip())]
        assert threading.get_ident() not in keys.threads
        keys.asked.clear()
        assert "kept" in shown(pane)
        await pilot.press("enter")
        assert "mark…iKey" in shown(pane)
        drawn = "\n".join(texts) + pilot.app.export_screenshot()
        assert not [part for part in (API_KEY, *PEM.strip().splitlines()) if part in drawn]
        gc.collect()
        left = [each for each in gc.get_objects() if isinstance(each, Secret) and each.reveal() == PEM.strip()]
        assert not left
        assert not pilot.app.row._history.lines[1:]


async def test_a_pending_pair_needs_its_api_key_only() -> None:
    keys = FakeKeys(WAITING)
    async with screen(keys) as (pane, pilot):
        await pilot.press("c")
        assert "no API key yet" in shown(pane)
        await pilot.press("enter", "a")
        await answer(pane, pilot, "", "new", "", API_KEY)
        assert keys.asked == [(WantedKey("live", "new", "all"), API_KEY, None)]


async def test_a_refused_name_or_api_key_is_said_at_its_question() -> None:
    async with screen(FakeKeys()) as (pane, pilot):
        await pilot.press("a")
        await answer(pane, pilot, "mainnet")
        assert "choose one of live, testnet" in shown(pane)
        await pilot.press("ctrl+u")
        await answer(pane, pilot, "live", "taken", "")
        assert "taken already" in shown(pane)
        await pilot.press("escape", "a")
        await answer(pane, pilot, "live", "", "", PEM)
        assert "this is a private key" in " ".join(shown(pane).split())


async def test_a_check_tells_in_words_after_the_passphrase() -> None:
    keys = FakeKeys(SECOND, passphrase="correct horse")
    async with screen(keys) as (pane, pilot):
        keys.go_on.clear()
        await pilot.press("c")
        assert "asking live what the keys of second may do" in " ".join(shown(pane).split())
        keys.go_on.set()
        await done(pane, pilot)
        assert "Passphrase of the keyring file" in shown(pane)
        await answer(pane, pilot, "wrong")
        assert "wrong passphrase" in shown(pane)
        await answer(pane, pilot, "correct horse")
        assert "It may: read the account" in shown(pane)
        assert "WARNING: it may WITHDRAW" in shown(pane)
        assert "correct" not in shown(pane)


async def test_removing_needs_the_typed_name() -> None:
    keys = FakeKeys(MAIN)
    async with screen(keys) as (pane, pilot):
        await pilot.press("x")
        assert "REMOVE testnet/main (spot), hmac abcd…wxyz" in " ".join(shown(pane).split())
        await answer(pane, pilot, "mains")
        assert keys.listed == [MAIN]
        await pilot.press("backspace", "enter")
        await done(pane, pilot)
        assert not keys.listed
        assert "forgotten here" in shown(pane)


async def test_the_default_is_chosen_and_the_public_key_shown() -> None:
    keys = FakeKeys(MAIN, SECOND)
    async with screen(keys) as (pane, pilot):
        await pilot.press("down", "d")
        assert keys.listed[1].is_default
        await pilot.press("p")
        assert "PUBLIC LINE" in shown(pane)
        await pilot.press("escape", "n")
        await answer(pane, pilot, "", "third", "")
        assert "MADE PUBLIC KEY" in shown(pane)


async def test_going_elsewhere_and_the_lock_forget_what_was_typed() -> None:
    keys = FakeKeys()
    async with screen(keys, unlock=Door()) as (pane, pilot):
        for leave in ("escape", "f1", "lock"):
            pilot.app.board.openings.keys()
            await pilot.pause()
            keys.forgotten = 0
            await pilot.press("a")
            await answer(pane, pilot, "", "", "", API_KEY)
            pane.post_message(events.Paste(PEM))
            await pilot.pause()
            form = pane.form
            if leave == "lock":
                # Idle time may end while the terminal is looked away from, when no pane has the focus.
                pilot.app.post_message(events.AppBlur())
                await pilot.pause()
                assert pane.form is form
                pilot.app.board.lock_screen()
            else:
                await pilot.press(leave)
            await pilot.pause()
            assert pane.form is None
            assert not form.answers.hidden
            assert len(form.hidden) == 0
            assert bool(keys.forgotten) is (leave != "escape")


async def test_looking_away_to_copy_a_key_keeps_the_questions() -> None:
    async with screen(FakeKeys()) as (pane, pilot):
        await pilot.press("a")
        pilot.app.post_message(events.AppBlur())
        await pilot.pause()
        pilot.app.post_message(events.AppFocus())
        await pilot.pause()
        assert pane.form is not None
        await answer(pane, pilot, "", "", "", API_KEY)
        assert "Secret, or private key" in shown(pane)


async def test_an_unforeseen_failure_tells_its_type_alone() -> None:
    keys = FakeKeys(MAIN)
    async with screen(keys) as (pane, pilot):
        for error, words in ((ValueError(PEM), "it failed (ValueError)"), (KeyDeskError("no keyring"), "no keyring")):
            keys.error = error
            await pilot.press("c")
            await done(pane, pilot)
            assert words in shown(pane)
            assert "PRIVATE" not in shown(pane)
            await pilot.press("enter")


async def test_keys_are_kept_but_nothing_is_sent_read_only_and_while_trading_is_locked() -> None:
    for desk in (FakeDesk(read_only=True), FakeDesk(trading=TradingState.LOCKED)):
        keys = FakeKeys(MAIN, SECOND)
        async with screen(keys, desk) as (pane, pilot):
            assert "testnet/main" in shown(pane)
            await pilot.press("down", "d", "a")
            await answer(pane, pilot, "", "b", "", API_KEY, "s" * 64)
            assert keys.listed[1].is_default
            assert len(keys.listed) == 3
        assert not [command for command in desk.commands if isinstance(command, WRITES)]


async def test_without_a_desk_the_screen_says_where_keys_are_kept() -> None:
    async with screen(None) as (pane, pilot):
        await pilot.press("a", "c", "d", "n", "p", "x")
        assert "binance-tui keys" in shown(pane)
