"""The trader's own keys: what they change, and every way an entry can be wrong."""

from itertools import combinations

import pytest

from tui.ui.actions import ACTIONS, BY_ID, Danger
from tui.ui.key_names import UnusableKeyError, key_text, parse_key
from tui.ui.keymap import PRESETS, Keymap, _collide, build_keymap


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_known_actions_and_gives_no_key_twice(preset):
    assert set(PRESETS[preset]) <= set(BY_ID)
    keymap, complaints = build_keymap(preset, {})
    assert not complaints
    for one, other in combinations(ACTIONS, 2):
        if _collide(one, other):
            assert not set(keymap.keys(one.id)) & set(keymap.keys(other.id)), (one.id, other.id)


def test_a_preset_puts_no_danger_on_a_capital():
    for keys in PRESETS.values():
        for action_id, given in keys.items():
            if BY_ID[action_id].danger is not Danger.VIEW:
                assert not [key for key in given if len(key) == 1 and key.isupper()], action_id


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_put_on_another_key(action):
    keymap, complaints = build_keymap("default", {action.id: ["f7", "ctrl+g"]})
    assert not complaints
    expected = ("escape", "f7", "ctrl+g") if action.id == "trade.disarm" else ("f7", "ctrl+g")
    assert keymap.keys(action.id) == expected
    assert keymap.on("f7", (action.context,)) == action.id
    assert all(keymap.on(key, (action.context,)) != action.id for key in action.keys if key not in expected)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"ladder.cancle": "f7"}, "did you mean ladder.cancel"),
        ({"nothing.like.it": "f7"}, "no such action"),
        ({"ladder.cancel": "alt+x"}, "Alt as Esc"),
        ({"ladder.cancel": "f11"}, "full screen"),
        ({"ladder.cancel": "^s"}, "stops the terminal"),
        ({"ladder.cancel": "escape"}, "Esc always locks"),
        ({"ladder.cancel": "ctrl+enter"}, "plain terminals"),
        ({"ladder.cancel": "X"}, "Shift never makes a key more dangerous"),
        ({"ladder.cancel": "xx"}, "is no key"),
        ({"ladder.cancel": "\x1b[A"}, "is no key"),
        ({"ladder.cancel": "b"}, "b already means"),
        ({"ladder.cancel": "f12"}, "F12 already means"),
        ({"rows.up": "x"}, "x already means"),
        ({"trade.halt": "h"}, "while text is typed"),
        ({"app.quit": "none"}, "must have a key"),
    ],
)
def test_a_wrong_entry_is_a_sentence_and_the_action_keeps_its_keys(wanted, says):
    keymap, (complaint,) = build_keymap("default", wanted)
    assert says in complaint
    assert complaint.isprintable()
    for action in ACTIONS:
        assert keymap.keys(action.id) == action.keys


def test_two_of_the_traders_own_entries_on_one_key_leave_the_other_standing():
    keymap, (complaint,) = build_keymap("default", {"ladder.buy": "f4", "ladder.sell": "f4"})
    assert "ladder.buy" in complaint
    assert keymap.keys("ladder.buy") == ("b",)
    assert keymap.keys("ladder.sell") == ("f4",)


def test_keys_can_be_swapped():
    keymap, complaints = build_keymap("default", {"ladder.buy": "s", "ladder.sell": "b"})
    assert not complaints
    assert keymap.on("s", ("ladder",)) == "ladder.buy"


def test_an_entry_that_falls_back_takes_its_key_from_who_wanted_it():
    keymap, complaints = build_keymap("default", {"ladder.buy": "f12", "ladder.cancel": "b"})
    assert len(complaints) == 2
    assert keymap.keys("ladder.buy") == ("b",)
    assert keymap.keys("ladder.cancel") == ("x",)


def test_a_key_can_be_taken_away():
    keymap, complaints = build_keymap("default", {"ladder.close": "none", "ladder.hold": ()})
    assert not complaints
    assert keymap.keys("ladder.close") == keymap.keys("ladder.hold") == ()
    assert keymap.text("ladder.close") == "unbound"


def test_a_preset_that_is_none_is_said():
    keymap, (complaint,) = build_keymap("emacs", {})
    assert "default, scalper, vim" in complaint
    assert keymap.preset == "default"


@pytest.mark.parametrize("key", sorted({key for action in ACTIONS for key in action.keys} - {"escape"}))
def test_what_is_written_of_a_key_reads_as_that_key(key):
    assert parse_key(key_text(key)) == key
    assert parse_key(key) == key


@pytest.mark.parametrize(
    ("written", "key"), [("^K", "ctrl+k"), ("Ctrl+K", "ctrl+k"), ("F4", "f4"), ("<", "less_than_sign"), ("J", "J")]
)
def test_keys_are_written_as_people_do(written, key):
    assert parse_key(written) == key


@pytest.mark.parametrize("written", ["", " ", "é", "f13", "ctrl+1", "super+k"])
def test_what_is_no_key_is_refused(written):
    with pytest.raises(UnusableKeyError):
        parse_key(written)


def test_the_first_context_wins():
    keymap = Keymap({})
    assert keymap.on("x", ("orders", "rows")) == "orders.cancel"
    assert keymap.on("j", ("orders", "rows")) == "rows.down"
    assert keymap.on("j", ("ticket",)) == ""
