"""A held Enter, with time as a number."""

from tui.ui.held_key import HeldKey

MS = 1_000_000


def test_a_held_key_acts_twice_however_long_it_is_held():
    key = HeldKey()
    assert [key.acts(at * MS) for at in range(0, 3_000, 30)] == [True, True] + [False] * 98


def test_a_key_that_was_let_go_acts_again():
    key = HeldKey()
    assert [key.acts(at * MS) for at in (0, 30, 60, 210, 240, 270)] == [True, True, False, True, True, False]


def test_deliberate_presses_always_act():
    key = HeldKey()
    assert all(key.acts(at * MS) for at in range(0, 3_000, 150))


def test_another_key_in_between_ends_the_hold():
    key = HeldKey()
    for at in range(0, 300, 30):
        assert key.acts(at * MS)
        key.let_go()
