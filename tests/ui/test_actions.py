"""The one table of actions against those who rely on it."""

import re

import pytest
from fake_desk import PERP, SPOT, FakeDesk

from tui.config import Settings
from tui.domain.product import Product
from tui.engine.store import Session, TradingState
from tui.ui.actions import ACTIONS, BY_ID, GLOBAL, PANE_CONTEXTS, ROWS, ROWS_CONTEXTS, Danger, Situation, in_context
from tui.ui.app import TradingApp
from tui.ui.hints.pane import hint_line, line_hints
from tui.ui.layout.places import PANE_ORDER
from tui.ui.lines import plain
from tui.ui.pane_names import PANES

LOCKED = Situation(Session("DEMO", "main", False, False), Product.USDM, True)


def test_ids_are_unique():
    assert len(BY_ID) == len(ACTIONS)


@pytest.mark.parametrize("context", [GLOBAL, *PANE_CONTEXTS])
def test_a_key_means_one_thing_in_a_context(context):
    keys = [key for action in in_context(context) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_every_global_action_has_a_handler_and_every_handler_an_action():
    app = TradingApp(FakeDesk(), Settings())
    assert set(app.board.dispatch.handlers) == {action.id for action in in_context(GLOBAL)}


def test_every_pane_action_has_a_method():
    panes = TradingApp(FakeDesk(), Settings()).panes
    for context in PANE_CONTEXTS:
        if context == ROWS:
            continue
        for action in in_context(context):
            assert callable(getattr(panes[context], f"action_{action.name}", None)), action.id


def test_panes_of_rows_have_the_methods_of_rows():
    panes = TradingApp(FakeDesk(), Settings()).panes.values()
    assert {pane.CONTEXT for pane in panes if ROWS in pane.contexts} == ROWS_CONTEXTS
    for pane in panes:
        if ROWS in pane.contexts:
            for action in in_context(ROWS):
                assert callable(getattr(pane, f"action_{action.name}", None)), (pane.CONTEXT, action.id)


def test_keys_survive_every_terminal():
    allowed = re.compile(r"[a-z0-9JK]|f([1-9]|12)|ctrl\+[qxp]|shift\+tab|[a-z_]{2,}")
    for action in ACTIONS:
        for key in action.keys:
            assert allowed.fullmatch(key), (action.id, key)


def test_shift_makes_no_key_of_the_ladder_more_dangerous():
    for action in in_context("ladder"):
        assert not any(len(key) == 1 and key.isupper() for key in action.keys), action.id


def test_no_pane_takes_a_key_that_must_work_everywhere():
    always = {key for action in ACTIONS if action.priority for key in action.keys} | {"escape", "f8", "f9"}
    for action in ACTIONS:
        if action.context != GLOBAL:
            assert not always & set(action.keys), action.id


def test_q_quits_nothing():
    assert [action.id for action in ACTIONS if "q" in action.keys] == ["ladder.join_bid"]


def test_read_only_switches_off_whatever_touches_the_account():
    situation = Situation(Session("DEMO", "main", False, read_only=True), Product.USDM, True)
    for action in ACTIONS:
        if action.danger is not Danger.VIEW and action.id not in ("trade.halt", "trade.halt_chord"):
            assert "read-only" in action.reason(situation), action.id


def test_halted_switches_off_orders_but_not_cancels():
    situation = Situation(Session("DEMO", "main", False, False, TradingState.HALTED), Product.USDM, True)
    assert "halted" in BY_ID["ladder.buy"].reason(situation)
    assert "halted" in BY_ID["trade.buy"].reason(situation)
    assert not BY_ID["cancel.symbol"].reason(situation)
    assert not BY_ID["trade.arm"].reason(situation)


def test_reduce_only_is_off_on_spot():
    assert BY_ID["ladder.reduce_only"].reason(Situation(LOCKED.session, Product.SPOT))


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("context", ["ladder", "orders", "chart", "ticket"])
def test_hints_name_keys_of_the_pane_and_always_halt_and_quit(context, width):
    text = plain(hint_line(context, LOCKED, width))
    assert len(text) == width
    assert "F12 HALT" in text
    assert "^q quit" in text
    assert "? help" in text
    first = next(action for action in in_context(context) if action.hint and not action.reason(LOCKED))
    assert f" {first.hint}" in text


def test_hints_leave_out_what_cannot_be_done():
    text = plain(hint_line("ladder", Situation(LOCKED.session, Product.SPOT), 200))
    assert "close" not in text
    assert "reduce" not in text


def test_a_key_that_a_pane_claims_is_not_promised_globally():
    text = plain(hint_line("ladder", LOCKED, 250))
    assert "F2 buy" in text
    assert text.count(" b buy ") == 1


def test_a_review_hinted_keys_that_it_does_not_take() -> None:
    session = LOCKED.session
    assert "history" in plain(line_hints(120, session))
    assert "history" not in plain(line_hints(120, session, is_review=True))
    assert "Enter do it  Esc drop it" in plain(line_hints(120, session, is_review=True))


def test_hints_named_keys_that_a_field_of_text_takes_for_itself() -> None:
    typing = plain(hint_line("ticket", LOCKED, 250, is_typing=True))
    resting = plain(hint_line("ticket", LOCKED, 250))
    assert "t arm" in resting
    assert "g pane" in resting
    assert not {"t arm", "g pane", "z zoom"} & set(typing.split("  "))
    assert ": command" in typing
    assert "F2 buy" in typing
    assert "Tab fields" in typing
    assert "Enter history" in plain(hint_line("orders", LOCKED, 250))
    assert "Enter history" not in plain(hint_line("orders", LOCKED, 250, is_typing=True)), "Enter reviews the edit"


def test_the_fake_desk_is_deterministic():
    one, other = FakeDesk().store, FakeDesk().store
    for symbol in (SPOT, PERP):
        assert one.market(symbol).book.view(50) == other.market(symbol).book.view(50)
        assert one.market(symbol).series == other.market(symbol).series
    assert one.orders == other.orders


def test_panes_are_the_places_and_carry_the_numbers_of_the_table():
    panes = TradingApp(FakeDesk(), Settings()).panes
    assert set(panes) == set(PANE_ORDER)
    for pane_id, number, _, label in PANES:
        assert (number, label) == (panes[pane_id].NUMBER, panes[pane_id].LABEL)
