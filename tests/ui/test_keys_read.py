"""What is known of a key where it is read, with a pipe for the terminal."""

import os
import time

import pytest
from textual import events

from tui.ui.key_gate import ALONE_NS
from tui.ui.keys_read import PieceParser, Reader, came_alone, read_together


@pytest.fixture
def terminal():
    """The end that reads and the one that types."""
    inside, outside = os.pipe()
    yield inside, outside
    os.close(inside)
    os.close(outside)


def a_key(character="q"):
    return events.Key(character, character)


def test_a_key_that_nothing_follows_is_alone_once_a_moment_has_gone_by(terminal):
    reader, key = Reader(terminal[0]), a_key()
    began = time.monotonic_ns()
    reader.read(key)
    assert came_alone(key)
    assert time.monotonic_ns() - began >= ALONE_NS


def test_the_moment_is_counted_from_when_the_bytes_were_read(terminal):
    reader = Reader(terminal[0])
    (key,) = PieceParser().feed("q")
    read = time.monotonic_ns()
    while time.monotonic_ns() - read < ALONE_NS:
        pass
    reader.read(key)
    assert reader._last[1] <= read
    assert came_alone(key)


def test_a_key_is_not_alone_while_more_can_be_read(terminal):
    reader, key = Reader(terminal[0]), a_key()
    os.write(terminal[1], b"w")
    reader.read(key)
    assert not came_alone(key)


def test_a_key_is_not_alone_when_another_was_read_after_it(terminal):
    reader, first, second = Reader(terminal[0]), a_key(), a_key("escape")
    reader.read(first)
    reader.read(second)
    assert not came_alone(first)


def test_keys_of_one_piece_are_not_alone(terminal):
    reader = Reader(terminal[0])
    keys = [message for message in PieceParser().feed("qw") if isinstance(message, events.Key)]
    for key in keys:
        reader.read(key)
    assert [read_together(key) for key in keys] == [2, 2]
    assert not any(map(came_alone, keys))


def test_of_a_key_that_no_reader_saw_nothing_is_known():
    assert not came_alone(a_key())


def test_a_key_is_coming_from_its_first_byte_until_the_app_has_it(terminal):
    reader, key = Reader(terminal[0]), a_key()
    assert not reader.is_key_coming()
    os.write(terminal[1], b"q")
    assert reader.is_key_coming()
    os.read(terminal[0], 1)
    reader.read(key)
    assert reader.is_key_coming()
    reader.arrived(key)
    assert not reader.is_key_coming()


def test_a_key_that_never_arrives_is_not_waited_for_for_ever(terminal, monkeypatch):
    reader = Reader(terminal[0])
    reader.read(a_key())
    later = time.monotonic_ns() + 1_000_000_000
    monkeypatch.setattr(time, "monotonic_ns", lambda: later)
    assert not reader.is_key_coming()
