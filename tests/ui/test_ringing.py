"""Alerts reach the terminal: a bell, a notification, nothing else."""

import pytest
from fake_desk import FakeDesk

from tui.config import Alerts
from tui.engine.alerts.alert import Told
from tui.ui.alerts.ringing import Ringing, notification


def test_each_telling_is_notified_and_rung_once(desk: FakeDesk) -> None:
    written: list[str] = []
    desk.store.told.appendleft(Told(1, 1, 1, "before the screen was there"))
    said: list[str] = []
    ringing = Ringing(desk.store, Alerts(), written.append, said.append)
    ringing.look()
    assert not written
    desk.store.told.extendleft([Told(2, 1, 1, "BTC above 65,000"), Told(3, 2, 1, "funding")])
    ringing.look()
    ringing.look()
    assert written == [notification("BTC above 65,000"), notification("funding"), "\a"]
    assert said == ["ALERT 1: BTC above 65,000", "ALERT 2: funding"]


@pytest.mark.parametrize(("settings", "expected"), [(Alerts(bell=False), 1), (Alerts(bell=False, notify=False), 0)])
def test_what_is_switched_off_stays_silent(desk: FakeDesk, settings, expected) -> None:
    written: list[str] = []
    ringing = Ringing(desk.store, settings, written.append, lambda text: None)
    desk.store.told.appendleft(Told(1, 1, 1, "text"))
    ringing.look()
    assert len(written) == expected


def test_a_text_cannot_end_the_sequence_it_stands_in() -> None:
    sequence = notification("a\x1b\\b\x07c\x9cd\n")
    inner = sequence.removeprefix("\x1b]9;").removesuffix("\x1b\\")
    assert not {"\x1b", "\x07", "\x9c", "\n"} & set(inner)
