"""Bursts of keys, with time as a number."""

from textual import events

from tui.ui.key_gate import ALONE_NS, BURST, WINDOW_NS, KeyGate
from tui.ui.keys_read import PieceParser, read_together

MS = 1_000_000


def arrive(gate, *times_ms, prints=True):
    for at in times_ms:
        gate.arrive(f"key{at}", prints, int(at * MS))


def test_a_key_that_came_alone_passes_after_a_moment():
    gate = KeyGate()
    arrive(gate, 0)
    assert gate.next_due_ns() == ALONE_NS
    assert gate.release(ALONE_NS - 1) == []
    assert gate.release(ALONE_NS) == ["key0"]
    assert gate.next_due_ns() is None


def test_a_key_known_to_have_come_alone_passes_at_once_and_is_counted():
    gate = KeyGate()
    assert not gate.arrive("first", True, 0, came_alone=True)
    assert gate.arrive("second", True, 10 * MS, came_alone=True)
    assert gate.release(59 * MS) == []
    assert gate.release(60 * MS) == ["second"]
    for at in (100, 110, 120, 130):
        gate.arrive(f"key{at}", True, at * MS, came_alone=True)
    assert gate.is_burst()


def test_a_key_known_to_have_come_alone_stays_behind_one_that_waits():
    gate = KeyGate()
    arrive(gate, 0)
    assert gate.arrive("second", True, 51 * MS, came_alone=True)
    assert gate.release(51 * MS + ALONE_NS) == ["key0", "second"]


def test_keys_that_came_together_wait_out_the_window_in_order():
    gate = KeyGate()
    arrive(gate, 0, 0.4)
    assert gate.release(49 * MS) == []
    assert gate.release(50 * MS) == ["key0"]
    assert gate.release(51 * MS) == ["key0.4"]


def test_a_key_soon_after_one_that_passed_waits_out_the_window():
    gate = KeyGate()
    arrive(gate, 0)
    assert gate.release(2 * MS) == ["key0"]
    arrive(gate, 20)
    assert gate.release(69 * MS) == []
    assert gate.release(70 * MS) == ["key20"]


def test_four_in_the_window_are_a_burst():
    gate = KeyGate()
    arrive(gate, 0, 10, 20)
    assert not gate.is_burst()
    arrive(gate, 50)
    assert gate.is_burst()
    assert gate.drop() == BURST
    assert gate.release(10**12) == []


def test_keys_of_a_burst_that_trickle_in_are_dropped_but_for_the_first():
    gate = KeyGate()
    arrive(gate, 0)
    assert gate.release(10 * MS) == ["key0"]
    arrive(gate, 12, 24, 36)
    assert gate.is_burst()
    assert gate.drop() == 3


def test_four_over_more_than_the_window_are_typing():
    gate = KeyGate()
    arrive(gate, 0, 17, 34, 51)
    assert not gate.is_burst()


def test_an_arrow_passes_at_once_unless_a_letter_waits_before_it():
    gate = KeyGate()
    assert not gate.arrive("up", False, 0)
    arrive(gate, 0)
    assert gate.arrive("enter", False, 1)
    assert gate.release(WINDOW_NS + 1) == ["key0", "enter"]


def test_arrows_do_not_make_a_burst():
    gate = KeyGate()
    arrive(gate, 0)
    arrive(gate, 1, 2, 3, 4, prints=False)
    assert not gate.is_burst()


def test_keys_read_in_one_piece_know_of_each_other():
    messages = list(PieceParser().feed("bsqw\x1b[A"))
    keys = [message for message in messages if isinstance(message, events.Key)]
    assert [key.key for key in keys] == ["b", "s", "q", "w", "up"]
    assert {read_together(key) for key in keys} == {4}
    assert read_together(events.Key("b", "b")) == 1


def test_a_key_in_pieces_is_still_one_key():
    parser = PieceParser()
    parts = [*parser.feed("\x1b"), *parser.feed("[A")]
    assert [part.key for part in parts if isinstance(part, events.Key)] == ["up"]
