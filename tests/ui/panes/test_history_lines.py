"""An order's history in lines: times, who asked, guards, events told once, executions with their fees."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import NOW_MS, PERP, FakeDesk, order

from tui.domain.order import Fill, OrderReport, OrderStatus
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.journal import AuditNote
from tui.engine.order_history import Intended, Noted, OrderHistory, OrderKey, Stated
from tui.ui.history.lines import history_lines, totals
from tui.ui.lines import plain

INSTRUMENT = FakeDesk().store.instruments[PERP]
ORDER = order(9, PERP, Side.BUY, "64210.5", "0.100", post_only=True, created_ms=NOW_MS)
WORDS = f"BUY 0.100 {PERP} LIMIT 64,210.5 post-only ≈ 6,421.05 USDT"
WHICH = OrderKey(PERP, ORDER.client_order_id, 7_009)


def said(status: OrderStatus, after_ms: int, filled: str = "0", fill: Fill | None = None, **changes: object) -> Stated:
    report = OrderReport(
        Product.USDM,
        PERP,
        ORDER.client_order_id,
        7_009,
        status,
        ORDER.side,
        ORDER.type,
        ORDER.time_in_force,
        ORDER.quantity,
        D(filled),
        ORDER.price,
        None,
        NOW_MS + after_ms,
        fill=fill,
    )
    return Stated(NOW_MS + after_ms, replace(report, **changes))  # type: ignore[arg-type]


def executed(trade_id: int, quantity: str, after_ms: int, **changes: object) -> Fill:
    fill = Fill(
        Product.USDM,
        PERP,
        trade_id,
        7_009,
        ORDER.client_order_id,
        Side.BUY,
        D("64210.5"),
        D(quantity),
        D("1.2842"),
        "USDT",
        True,
        NOW_MS + after_ms,
    )
    return replace(fill, **changes)  # type: ignore[arg-type]


def shown(*entries: Intended | Noted | Stated, fills: tuple[Fill, ...] = (), width: int = 120) -> list[str]:
    done = replace(ORDER, status=OrderStatus.FILLED, filled=ORDER.quantity, average_price=D("64210.5"))
    history = OrderHistory(WHICH, (done,), entries, fills, is_read=True)
    return [plain(line).rstrip() for line in history_lines(history, INSTRUMENT, width)]


ASKED = Intended(NOW_MS, "ladder", False, ("read-only", "locked", "tick"), ORDER)


def test_a_whole_life_is_told_in_order_with_times() -> None:
    first, second = executed(1, "0.04", 900), executed(2, "0.06", 75_000, is_maker=False, realized_profit=D("3.5"))
    rows = shown(
        ASKED,
        said(OrderStatus.NEW, 8),
        said(OrderStatus.PARTIALLY_FILLED, 900, "0.04", first),
        Noted(NOW_MS + 60_000, "asked", "", AuditNote("orders", 'CancelOrder {"client_order_id":"btui-9"}', True)),
        Noted(NOW_MS + 60_001, "cancel", ""),
        said(OrderStatus.FILLED, 75_000, "0.1", second),
        fills=(first, second),
    )
    assert rows == [
        f" {WORDS}",
        " ✓ filled 64,210.5  btui-9, the exchange's 7009",
        " 0.100 in 2 fills at 64,210.5 · fees 2.5684 USDT · realised +3.50",
        "",
        " 21 July 2026, UTC",
        f" 14:03:22.000            asked    by ladder, at once: {WORDS}",
        "                         guards   passed 3: read-only, locked, tick",
        " 14:03:22.008     +8 ms  exchange new",
        " 14:03:22.900   +900 ms  fill     0.040 at 64,210.5, maker, fee 1.2842 USDT, trade 1",
        "                         exchange partially filled, 0.040 of 0.100",
        " 14:04:22.000     +60 s  asked    by orders, reviewed: cancel it",
        " 14:04:22.001     +60 s  sent     the cancel left",
        " 14:04:37.000     +75 s  fill     0.060 at 64,210.5, taker, fee 1.2842 USDT, realised +3.50, trade 2",
        "                         exchange filled",
    ]


def test_profit_in_coin_was_told_in_cents_of_a_coin() -> None:
    """Bug: 0.0012 BTC realised stood as `+0.00`."""
    inverse = replace(INSTRUMENT, product=Product.COINM, contract_size=D(100), margin_asset="BTC")
    fills = [
        replace(executed(1, "2", 9, realized_profit=D("0.0012")), product=Product.COINM, price=D(50_000)),
        replace(executed(2, "2", 9), product=Product.COINM, price=D(100_000)),
    ]
    assert "realised +0.00120000 BTC" in totals(fills, inverse)
    assert " at 66,666.7 " in totals(fills, inverse)


def test_what_the_exchange_says_twice_stands_once_and_a_short_statement_takes_its_fee_from_the_full_one() -> None:
    fill = executed(1, "0.1", 9)
    short = said(OrderStatus.NEW, 9, "0", replace(fill, commission=D(0)), is_lite=True)
    rows = shown(ASKED, said(OrderStatus.NEW, 5), said(OrderStatus.NEW, 6), short, fills=(fill,))
    assert sum("new" in row for row in rows) == 1
    assert sum("fee 1.2842 USDT" in row and "trade 1" in row for row in rows) == 1


def test_a_trailing_stop_says_when_it_began_to_trail() -> None:
    rows = shown(ASKED, said(OrderStatus.NEW, 5), said(OrderStatus.NEW, 60, is_trailing=True))
    assert rows[-1].endswith("new, begins to trail")


def test_an_execution_that_no_event_told_of_stands_at_its_time() -> None:
    rows = shown(
        ASKED, said(OrderStatus.NEW, 5), said(OrderStatus.CANCELED, 50, "0.04"), fills=(executed(1, "0.04", 30),)
    )
    assert [row.split()[2] for row in rows[-2:]] == ["ms", "ms"]
    assert "fill" in rows[-2]
    assert "canceled, 0.040 of 0.100" in rows[-1]


def test_changes_and_refusals_are_told_in_the_traders_words() -> None:
    change = 'ChangeOrder {"client_order_id":"btui-9","change":{"price":"64200.0","quantity":null},"reviewed":true}'
    rows = shown(
        Noted(NOW_MS, "asked", "", AuditNote("command line", change, True)),
        Noted(NOW_MS + 1, "change", '{"price":"64200.0","quantity":null,"trigger_price":null}'),
        Noted(NOW_MS + 2, "expired here", ""),
    )
    assert "by command line, reviewed: change it to price 64,200.0" in rows[-3]
    assert "the change left to price 64,200.0" in rows[-2]
    assert "its GTD time is over" in rows[-1]


@pytest.mark.parametrize("width", [44, 60, 85])
def test_long_guards_go_on_below_themselves_and_nothing_is_cut_off(width: int) -> None:
    rows = shown(replace(ASKED, passed=tuple(f"guard-{n}" for n in range(20))), width=width)
    assert all(len(row) <= width for row in rows)
    assert "guard-19" in rows[-1]
    assert "14:03:22" in "".join(rows)


def test_until_it_is_read_it_says_so_and_what_is_wrong_is_said() -> None:
    unread = OrderHistory(WHICH)
    assert plain(history_lines(unread, INSTRUMENT, 80)[-1]) == " reading the journal …"
    empty = OrderHistory(WHICH, is_read=True, problem="the journal x cannot be read: locked")
    shown_rows = [plain(line) for line in history_lines(empty, INSTRUMENT, 80)]
    assert " ! the journal x cannot be read: locked" in shown_rows
    assert shown_rows[-1] == " nothing is written down of this order"


def test_a_symbol_that_is_no_longer_listed_is_told_of_all_the_same() -> None:
    market = replace(ORDER, type=OrderType.MARKET, price=None)
    history = OrderHistory(WHICH, (market,), (replace(ASKED, order=market),), (executed(1, "0.1", 3),), is_read=True)
    rows = [plain(line) for line in history_lines(history, None, 120)]
    assert any(f"BUY 0.100 {PERP} MARKET" in row for row in rows)
    assert any("0.1 at 64,210.5" in row for row in rows)
