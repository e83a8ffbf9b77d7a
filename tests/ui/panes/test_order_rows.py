"""Orders in rows: states in words, editing, queue bounds, filters."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk, order
from textual import events

from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Forced, LegRole, Order, OrderChange, OrderStatus
from tui.domain.order_change import change_kind
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.ui.lines import plain
from tui.ui.orders.filter import OrderFilter
from tui.ui.orders.lines import COLUMNS, OrderRow
from tui.ui.orders.queue import QueueWatch
from tui.ui.orders.row_edit import begin_edit, change_of, change_words, edit_line
from tui.ui.orders.state import flags, role, state_words
from tui.ui.row_edit import EditError


@pytest.fixture
def perp() -> Instrument:
    return FakeDesk().store.instruments[PERP]


def working(**changes: object) -> Order:
    return replace(order(1, PERP, Side.BUY, "64210.5", "0.100"), **changes)  # type: ignore[arg-type]


def key(name: str, character: str | None = None) -> events.Key:
    return events.Key(name, character)


STOP = Terms(trigger_price=D("63400.0"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "● working"),
        ({"type": OrderType.STOP_MARKET, "terms": STOP}, "● armed at exchange"),
        ({"type": OrderType.STOP_LIMIT, "terms": STOP, "is_triggered": True}, "● triggered"),
        ({"type": OrderType.TRAILING_STOP_MARKET, "is_triggered": True}, "● triggered, trailing"),
        ({"type": OrderType.TRAILING_STOP_MARKET, "is_trailing": True}, "● trails at exchange"),
        ({"awaits_entry": True}, "○ waits for the entry"),
        ({"change_requested": True}, "± change on its way"),
        ({"cancel_requested": True}, "× cancel on its way"),
        ({"status": OrderStatus.UNKNOWN}, "? UNKNOWN, asking"),
        ({"unfamiliar": (("status", "HIBERNATING"),)}, "? HIBERNATING"),
        ({"forced": Forced.LIQUIDATION}, "! LIQUIDATION by the exchange"),
        ({"status": OrderStatus.CANCELED, "prevented": D("0.03")}, "− canceled (0.03 not traded with yourself)"),
        ({"status": OrderStatus.EXPIRED, "filled": D("0.05")}, "− expired (0.05 filled)"),
        ({"status": OrderStatus.REJECTED, "reason": "-2019 Margin"}, "✗ rejected: -2019 Margin"),
    ],
)
def test_every_state_has_words_of_its_own(changes: dict[str, object], words: str, perp: Instrument) -> None:
    assert state_words(working(**changes), perp).text == words


def test_words_of_the_exchange_that_mean_nothing_here_are_shown_as_they_are(perp: Instrument) -> None:
    strange = working(unfamiliar=(("type", "PATIENT"), ("tif", "RPI")))
    row = OrderRow(strange, perp, None, None, 0)
    shown = {column.name: column.cell(row).text for column in COLUMNS}
    assert (shown["type"], shown["tif"]) == ("PATIENT", "RPI")
    assert flags(strange) == flags(working())


def test_a_post_only_order_that_would_take_is_no_error(perp: Instrument) -> None:
    rejected = working(status=OrderStatus.REJECTED, reason="would take")
    assert state_words(rejected, perp).style == "error"
    assert state_words(replace(rejected, would_take=True), perp).style == "warn"


def test_flags_and_roles() -> None:
    leg = working(reduce_only=True, group="b-1", role=LegRole.STOP_LOSS, terms=Terms(display_quantity=D("0.01")))
    assert flags(leg) == "RO ICE APP"
    assert role(leg) == "SL"
    assert "APP" not in flags(replace(leg, list_id=5))
    assert "APP" not in flags(replace(leg, group=f"protect {PERP}")), "it stands at the exchange whatever happens here"


@pytest.mark.parametrize(
    ("product", "change", "kind"),
    [
        (Product.SPOT, OrderChange(quantity=D("0.05")), ChangeKind.KEEPS_QUEUE),
        (Product.SPOT, OrderChange(quantity=D("0.2")), ChangeKind.REPLACES),
        (Product.SPOT, OrderChange(price=D("64000"), quantity=D("0.05")), ChangeKind.REPLACES),
        (Product.USDM, OrderChange(quantity=D("0.05")), ChangeKind.LOSES_QUEUE),
        (Product.COINM, OrderChange(price=D("64000")), ChangeKind.LOSES_QUEUE),
        (Product.MARGIN, OrderChange(quantity=D("0.05")), ChangeKind.REPLACES),
    ],
)
def test_what_a_change_does_to_the_queue(product: Product, change: OrderChange, kind: ChangeKind) -> None:
    assert change_kind(working(product=product), change) is kind


def test_an_order_that_has_not_triggered_is_replaced_whatever_its_product() -> None:
    stop = working(type=OrderType.STOP_LIMIT, terms=STOP)
    assert change_kind(stop, OrderChange(price=D("63000"))) is ChangeKind.REPLACES
    assert change_kind(replace(stop, is_triggered=True), OrderChange(price=D("63000"))) is ChangeKind.LOSES_QUEUE


def test_an_edit_replaces_the_field_entered_and_says_what_it_does(perp: Instrument) -> None:
    edit = begin_edit(working(), perp)
    for character in "64212":
        assert edit.take(key(character, character), perp)
    edit.take(key("tab"), perp)
    edit.take(key("down"), perp)
    change = change_of(edit, working(), perp)
    assert change == OrderChange(D("64212"), D("0.099"))
    words = change_words(working(), change, perp)
    assert words == f"CHANGE BUY {PERP} 64,210.5 → 64,212.0, 0.100 → 0.099: goes to the end of the queue"
    assert "goes to the end of the queue" in plain(edit_line(edit, working(), perp))


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("64210.55", "off its step: try 64210.6"),
        ("0", "must be above zero|nothing is changed"),
        ("1.2.3", "is not a number"),
        ("0.03", r"is less than its step 0\.1"),
        ("64210.5", "nothing is changed yet"),
    ],
)
def test_an_edit_that_makes_no_sense_says_why(typed: str, complaint: str, perp: Instrument) -> None:
    edit = begin_edit(working(), perp)
    edit.fields["price"].text = typed
    if typed == "0":
        edit.fields["qty"].text, edit.fields["price"].text = "0", "64210.5"
    with pytest.raises(EditError, match=complaint):
        change_of(edit, working(), perp)


def test_less_than_has_filled_cannot_be_left(perp: Instrument) -> None:
    partly = working(status=OrderStatus.PARTIALLY_FILLED, filled=D("0.06"))
    edit = begin_edit(partly, perp)
    edit.fields["qty"].text = "0.05"
    with pytest.raises(EditError, match=r"0\.060 has filled already"):
        change_of(edit, partly, perp)


def test_orders_that_ended_or_are_unanswered_are_not_edited(perp: Instrument) -> None:
    with pytest.raises(EditError, match="ended already"):
        begin_edit(working(status=OrderStatus.FILLED), perp)
    with pytest.raises(EditError, match="before the exchange has answered"):
        begin_edit(working(status=OrderStatus.UNKNOWN), perp)


def test_the_queue_before_an_order_only_shrinks_until_it_moves() -> None:
    watch, one = QueueWatch(), working()
    seen = [watch.update([one], {"btui-1": D(level)})["btui-1"] for level in ("3.1", "9.0", "1.1", "5.0")]
    assert seen == [D("3.0"), D("3.0"), D("1.0"), D("1.0")]
    moved = replace(one, price=D("64000"))
    assert watch.update([moved], {"btui-1": D("7.1")}) == {"btui-1": D("7.0")}
    assert watch.update([moved], {"btui-1": None}) == {}


def test_filters_go_round_and_let_through_what_they_say() -> None:
    chosen, seen = OrderFilter(), []
    buy, stop = working(), working(side=Side.SELL, reduce_only=True, symbol=SPOT, is_foreign=True)
    for _ in range(8):
        seen.append((chosen.words, chosen.passes(buy, PERP), chosen.passes(stop, PERP)))
        chosen = chosen.next()
    assert seen == [
        ("", True, True),
        ("this symbol", True, False),
        ("buys", True, False),
        ("sells", False, True),
        ("protection", False, True),
        ("open", True, True),
        ("placed elsewhere", False, True),
        ("", True, True),
    ]
    assert not OrderFilter("open").passes(working(status=OrderStatus.FILLED), PERP)
