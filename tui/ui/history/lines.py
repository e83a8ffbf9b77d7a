"""An order's history as lines: who asked, what the guards said, what the exchange told, what it cost."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len

from tui.domain.average import average_price
from tui.domain.instrument import Instrument
from tui.domain.order import Fill, Order, OrderReport, OrderStatus
from tui.engine.order_history import Intended, Noted, OrderHistory, Stated
from tui.engine.orders.announcements import describe
from tui.engine.protection import PROTECT
from tui.ui.figures import grouped, near_price, price
from tui.ui.lines import BLANK, Line, Span
from tui.ui.margin_money import profit_text
from tui.ui.order_words import request_of, request_words
from tui.ui.orders.state import state_words

_TIME_CELLS = 12
_AFTER_CELLS = 10
_SOURCE_CELLS = 9

#: Width from which times are told in full.
_ROOMY = 70

#: What a command of the journal did, in the trader's words.
_COMMANDS = {
    "CancelOrder": "cancel it",
    "CancelOrders": "cancel it with others",
    "ChangeOrder": "change it",
    "ChangeOrders": "change it with others",
    "ResolveOrder": "ask what became of it",
}

_REQUESTS = {"cancel": "the cancel left", "change": "the change left", "expired here": "its GTD time is over"}


class Told(NamedTuple):
    """One thing that happened: when (epoch ms, None under the one above), where it comes from, what."""

    time_ms: int | None
    source: str
    text: str
    style: str = ""


def history_lines(history: OrderHistory, instrument: Instrument | None, width: int) -> list[Line]:
    """The order, what it came to, then everything that happened, oldest first."""
    lines = [*_heading(history, instrument, width), BLANK]
    if history.problem:
        lines += [(Span(f" ! {part}", "warn"),) for part in wrap(history.problem, max(20, width - 4))]
    told = _told(history, instrument)
    first_ms = next((each.time_ms for each in told if each.time_ms is not None), 0)
    day = ""
    for each in told:
        at = "" if each.time_ms is None else f"{_utc(each.time_ms):%d %B %Y}"
        if at and at != day:
            day = at
            lines.append((Span(f" {day}, UTC", "heading"),))
        lines += _wrapped(each, first_ms, width)
    if not history.is_read:
        lines.append((Span(" reading the journal …", "dim"),))
    elif not told:
        lines.append((Span(" nothing is written down of this order", "dim"),))
    return lines


def _heading(history: OrderHistory, instrument: Instrument | None, width: int) -> Iterator[Line]:
    for order in history.orders[-1:]:
        for row in wrap(_words(order, instrument), max(20, width - 2)):
            yield (Span(f" {row}", "strong"),)
        whose = "the position" if order.group.startswith(PROTECT) else order.group
        group = f", {order.role.value} of {whose}" if order.group and order.role.value else ""
        number = f", the exchange's {order.order_id}" if order.order_id else ""
        state, named = state_words(order, instrument), f"{order.client_order_id}{number}{group}"
        if cell_len(state.text) + len(named) + 4 <= width:
            yield (Span(" "), state, Span(f"  {named}", "dim"))
        else:
            yield (Span(" "), state)
            yield from ((Span(f" {row}", "dim"),) for row in wrap(named, max(20, width - 2)))
    if history.fills:
        yield from ((Span(f" {row}"),) for row in wrap(totals(history.fills, instrument), max(20, width - 2)))


def totals(fills: Sequence[Fill], instrument: Instrument | None) -> str:
    """What executions came to: `0.050 in 2 fills at 91,174.7 · fees 2.27936 USDT · realised +1.20`."""
    quantity = sum((fill.quantity for fill in fills), Decimal(0))
    average = average_price(fills[0].product, ((fill.quantity, fill.price) for fill in fills)) or Decimal(0)
    fees: dict[str, Decimal] = {}
    for fill in fills:
        fees[fill.commission_asset] = fees.get(fill.commission_asset, Decimal(0)) + fill.commission
    at = near_price(instrument.tick, average) if instrument else f"{average:.8g}"
    how = "1 fill" if len(fills) == 1 else f"{len(fills)} fills"
    parts = [f"{_size(quantity, instrument)} in {how} at {at}"]
    parts.append("fees " + ", ".join(f"{_plain(fee)} {asset}" for asset, fee in fees.items()))
    realized = sum((fill.realized_profit or Decimal(0) for fill in fills), Decimal(0))
    return " · ".join([*parts, f"realised {profit_text(realized, instrument)}"] if realized else parts)


def _told(history: OrderHistory, instrument: Instrument | None) -> list[Told]:
    """Everything in the order it happened; an execution that no event told of stands where its time puts it."""
    fills = {fill.trade_id: fill for fill in history.fills}
    groups: list[list[Told]] = []
    said: tuple[object, ...] = ()
    for entry in history.entries:
        if isinstance(entry, Stated):
            fill = entry.report.fill
            executed = fills.pop(fill.trade_id, None) if fill is not None else None
            group = [] if executed is None else [_executed(entry.time_ms, executed, instrument)]
            now_said = _essence(entry.report)
            if not entry.report.is_lite and now_said != said:
                said = now_said
                group.append(_stated(entry, instrument, is_under=bool(group)))
        else:
            group = list(_asked(entry, instrument, has_chain=len(history.orders) > 1))
        groups.append(group)
    groups += [[_executed(fill.time_ms, fill, instrument)] for fill in fills.values()]
    groups = sorted((group for group in groups if group), key=lambda group: group[0].time_ms or 0)
    return [told for group in groups for told in group]


def _essence(report: OrderReport) -> tuple[object, ...]:
    """What a statement says; the exchange tells most things twice, in its answer and in the stream."""
    terms = (report.price, report.quantity) if report.is_amendment else ()
    return report.client_order_id, report.status, report.filled, report.is_triggered, report.is_trailing, terms


def _asked(entry: Intended | Noted, instrument: Instrument | None, *, has_chain: bool) -> Iterator[Told]:
    if isinstance(entry, Intended):
        how = "reviewed" if entry.reviewed else "at once"
        yield Told(entry.time_ms, "asked", f"by {entry.who}, {how}: {_words(entry.order, instrument)}", "strong")
        if entry.passed:
            yield Told(None, "guards", f"passed {len(entry.passed)}: {', '.join(entry.passed)}", "dim")
        if has_chain:
            instead = f" in place of {entry.order.replaces}" if entry.order.replaces else ""
            yield Told(None, "", f"sent as {entry.order.client_order_id}{instead}", "dim")
        return
    if entry.asked is None:
        yield Told(entry.time_ms, "sent", f"{_REQUESTS.get(entry.kind, entry.kind)}{_change(entry.text)}")
        return
    how = ", reviewed" if entry.asked.reviewed else ""
    name, _, values = entry.asked.what.partition(" {")
    what = f"{_COMMANDS[name]}{_change('{' + values)}" if name in _COMMANDS else entry.asked.what
    outcome = f": {entry.asked.outcome}" if entry.asked.outcome else ""
    yield Told(entry.time_ms, "asked", f"by {entry.asked.who}{how}: {what}{outcome}", "strong")


def _change(text: str) -> str:
    """What of an order a command changes: ` to price 64,200.0, size 0.099`."""
    try:
        told = json.loads(text)
    except ValueError:
        return f": {text}" if text and not text.startswith("{") else ""
    wanted = told.get("change", told) if isinstance(told, dict) else {}
    names = (("price", "price"), ("quantity", "size"), ("trigger_price", "trigger"))
    parts = [f"{word} {grouped(str(wanted[name]))}" for name, word in names if wanted.get(name) is not None]
    return f" to {', '.join(parts)}" if parts else ""


def _stated(entry: Stated, instrument: Instrument | None, *, is_under: bool) -> Told:
    report = entry.report
    words = [report.status.value.lower().replace("_", " ")]
    if report.filled and report.status is not OrderStatus.FILLED:
        words.append(f"{_size(report.filled, instrument)} of {_size(report.quantity, instrument)}")
    if report.is_triggered and report.status is OrderStatus.NEW:
        words.append("triggered")
    if report.is_trailing and not report.is_triggered:
        words.append("begins to trail")
    if report.awaits_entry:
        words.append("waits for its entry")
    if report.is_amendment:
        at = f" at {price(instrument.tick, report.price)}" if instrument and report.price else ""
        words.append(f"changed to {_size(report.quantity, instrument)}{at}")
    if report.prevented:
        words.append(f"{_size(report.prevented, instrument)} kept from trading with yourself")
    reason = f": {report.reason}" if report.reason else ""
    style = "error" if report.status is OrderStatus.REJECTED else ""
    return Told(None if is_under else entry.time_ms, "exchange", f"{', '.join(words)}{reason}", style)


def _executed(time_ms: int, fill: Fill, instrument: Instrument | None) -> Told:
    at = price(instrument.tick, fill.price) if instrument else grouped(f"{fill.price.normalize():f}")
    parts = [f"{_size(fill.quantity, instrument)} at {at}", "maker" if fill.is_maker else "taker"]
    parts.append(f"fee {_plain(fill.commission)} {fill.commission_asset}{' (estimated)' if fill.is_estimated else ''}")
    if fill.realized_profit:
        parts.append(f"realised {profit_text(fill.realized_profit, instrument)}")
    forced = f"{fill.forced.value.upper()}: " if fill.forced else ""
    return Told(time_ms, "fill", f"{forced}{', '.join(parts)}, trade {fill.trade_id}", "error" if fill.forced else "ok")


def _wrapped(told: Told, first_ms: int, width: int) -> Iterable[Line]:
    """Time of day, how long after the first, where from, what; the text goes on below itself.

    Where room is short the thousandths and the time since the first are left out.
    """
    is_narrow = width < _ROOMY
    at = f"{_utc(told.time_ms):%H:%M:%S.%f}"[:-3] if told.time_ms is not None else ""
    times = [Span(f" {at[:8]:<8} " if is_narrow else f" {at:<{_TIME_CELLS}}", "dim")]
    if not is_narrow:
        after = "" if told.time_ms is None or told.time_ms <= first_ms else _after(told.time_ms - first_ms)
        times.append(Span(f"{after:>{_AFTER_CELLS}}  ", "faint"))
    start = sum(len(span.text) for span in times) + _SOURCE_CELLS
    rows = wrap(told.text, max(16, width - start - 1), break_on_hyphens=False) or [""]
    yield (*times, Span(f"{told.source:<{_SOURCE_CELLS}}", "accent"), Span(rows[0], told.style))
    for row in rows[1:]:
        yield (Span(" " * start), Span(row, told.style))


def _after(milliseconds: int) -> str:
    if milliseconds < 10_000:
        return f"+{milliseconds} ms"
    seconds = milliseconds // 1000
    return f"+{seconds} s" if seconds < 600 else f"+{seconds // 60} min"


def _words(order: Order, instrument: Instrument | None) -> str:
    """The order in full."""
    if instrument is None:
        return describe(order, None)
    return request_words(request_of(order), instrument)


def _size(quantity: Decimal, instrument: Instrument | None) -> str:
    return grouped(instrument.quantity_text(quantity) if instrument else f"{quantity.normalize():f}")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _utc(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
