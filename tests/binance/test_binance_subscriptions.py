"""Which streams are asked for, in which commands, at which pace."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.binance.subscriptions import MAX_STREAMS, SubscriptionSet, TooManyStreamsError


def command_of(subscriptions, now):
    command = subscriptions.next_command(now)
    return None if command is None else msgspec.json.decode(command)


def test_new_streams_are_subscribed_in_one_command():
    subscriptions = SubscriptionSet()
    subscriptions.want(frozenset({"b@trade", "a@depth"}))
    assert not subscriptions.is_settled
    assert command_of(subscriptions, 0.0) == {"method": "SUBSCRIBE", "params": ["a@depth", "b@trade"], "id": 1}
    assert command_of(subscriptions, 0.0) is None
    assert not subscriptions.is_settled
    assert subscriptions.answered(1) == ["a@depth", "b@trade"]
    assert subscriptions.is_settled


def test_streams_no_longer_wanted_are_dropped():
    subscriptions = SubscriptionSet()
    subscriptions.want(frozenset({"a"}))
    command_of(subscriptions, 0.0)
    subscriptions.want(frozenset({"b"}))
    assert command_of(subscriptions, 0.0)["method"] == "SUBSCRIBE"
    assert command_of(subscriptions, 0.0) == {"method": "UNSUBSCRIBE", "params": ["a"], "id": 3}


def test_a_flurry_of_changes_becomes_the_last_of_them():
    subscriptions = SubscriptionSet()
    for number in range(50):
        subscriptions.want(frozenset({f"s{number}"}))
    assert command_of(subscriptions, 0.0)["params"] == ["s49"]
    assert command_of(subscriptions, 0.0) is None


def test_at_most_three_commands_a_second_and_50_streams_a_command():
    subscriptions = SubscriptionSet()
    subscriptions.want(frozenset(f"s{number:04}" for number in range(200)))
    sent = [command_of(subscriptions, 10.0) for _ in range(5)]
    assert [len(command["params"]) for command in sent if command] == [50] * 3
    assert sent[3] is None
    assert subscriptions.wait_s(10.25) == pytest.approx(0.75)
    assert len(command_of(subscriptions, 11.0)["params"]) == 50
    assert not subscriptions.is_pending


def test_a_new_connection_starts_from_nothing():
    subscriptions = SubscriptionSet()
    subscriptions.want(frozenset({"a"}))
    command_of(subscriptions, 0.0)
    subscriptions.answered(1)
    subscriptions.connected()
    assert not subscriptions.is_settled
    assert command_of(subscriptions, 0.0)["params"] == ["a"]


def test_foreign_answers_belong_to_nothing():
    subscriptions = SubscriptionSet()
    assert subscriptions.answered(99) == []
    assert subscriptions.answered("x") == []
    assert subscriptions.answered(None) == []


def test_too_many_streams_are_refused_and_change_nothing():
    subscriptions = SubscriptionSet()
    subscriptions.want(frozenset({"a"}))
    with pytest.raises(TooManyStreamsError):
        subscriptions.want(frozenset(str(number) for number in range(MAX_STREAMS + 1)))
    assert subscriptions.wanted == {"a"}


def test_a_full_connection_is_emptied_before_it_is_filled():
    subscriptions = SubscriptionSet(commands_per_second=100)
    subscriptions.want(frozenset(f"a{number}" for number in range(MAX_STREAMS)))
    while command_of(subscriptions, 0.0):
        pass
    subscriptions.want(frozenset(f"b{number}" for number in range(MAX_STREAMS)))
    carried = {f"a{number}" for number in range(MAX_STREAMS)}
    now = 100.0
    while command := command_of(subscriptions, now):
        change = set(command["params"])
        carried = carried | change if command["method"] == "SUBSCRIBE" else carried - change
        assert len(carried) <= MAX_STREAMS
    assert carried == subscriptions.wanted


@given(st.lists(st.frozensets(st.integers(0, 30).map(str), max_size=20), max_size=12))
def test_commands_always_lead_to_what_is_wanted(wishes):
    subscriptions = SubscriptionSet()
    carried: set[str] = set()
    now = 0.0
    for wish in wishes:
        subscriptions.want(wish)
        now += 0.3
        if command := command_of(subscriptions, now):
            carried = (
                carried | set(command["params"]) if command["method"][0] == "S" else carried - set(command["params"])
            )
    while subscriptions.is_pending:
        now += 0.3
        if command := command_of(subscriptions, now):
            carried = (
                carried | set(command["params"]) if command["method"][0] == "S" else carried - set(command["params"])
            )
    assert carried == subscriptions.wanted
