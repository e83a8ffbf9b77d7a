"""How the ticket looks: pure lines from the form and its judgement."""

from dataclasses import dataclass
from textwrap import wrap

from tui.domain.instrument import Instrument
from tui.domain.order import OrderType, Side
from tui.engine.commands import Preview
from tui.ui.figures import UNKNOWN, amount, price
from tui.ui.lines import BLANK, Line, Span
from tui.ui.ticket.form import Judgement, TicketForm, refused_field


@dataclass(frozen=True, slots=True)
class TicketView:
    """What surrounds the form; `blocked` says why nothing can be traded, "" when it can."""

    instrument: Instrument
    environment: str
    is_focused: bool
    blocked: str = ""


_LABEL = 9


def ticket_lines(form: TicketForm, judged: Judgement, view: TicketView, width: int, height: int) -> list[Line]:
    """The whole ticket; where rows are few the blank and the ruled ones go first."""
    is_limit = form.type is OrderType.LIMIT
    rows = [
        _side_row(form, view, width),
        _text_row("price", form, judged, view, width) if is_limit else _market_row(form),
        _text_row("size", form, judged, view, width),
        _flags_row(form, view),
    ]
    verdict = _verdict_rows(judged, view, width)
    keys = _key_rows(view)
    room = height - len(rows) - len(verdict) - len(keys)
    if room >= 3:
        return [BLANK, *rows, _rule(width), *verdict, BLANK, *keys]
    if room >= 1:
        return [*rows, _rule(width), *verdict, *keys]
    return [*rows, *verdict, *keys]


def _rule(width: int) -> Line:
    return (Span(" " + "─" * max(0, width - 2), "faint"),)


def _label(text: str) -> Span:
    return Span(f"{text:>{_LABEL - 2}}  ", "dim")


def _choice(text: str, is_chosen: bool, is_at: bool, style: str) -> Span:
    shown = f"[{text}]" if is_chosen else f" {text} "
    return Span(shown, f"{style} cursor" if is_at and is_chosen else style)


def _side_row(form: TicketForm, view: TicketView, width: int) -> Line:
    at_side, at_type = view.is_focused and form.at == "side", view.is_focused and form.at == "type"
    buys = form.side is Side.BUY
    return (
        _label("side"),
        _choice("BUY" if buys else "buy", buys, at_side, "bid" if buys else "dim"),
        _choice("sell" if buys else "SELL", not buys, at_side, "dim" if buys else "ask"),
        Span(" " * max(2, min(8, width - 44))),
        Span("type ", "dim"),
        _choice(form.type.value, True, at_type, "strong"),
    )


def _text_row(name: str, form: TicketForm, judged: Judgement, view: TicketView, width: int) -> Line:
    edit = form.price if name == "price" else form.size
    is_at = view.is_focused and form.at == name
    field_width = 16 if width >= 46 else 12
    spans = edit.spans("field") if is_at else [Span(edit.text, "strong")]
    used = sum(len(span.text) for span in spans)
    pad = Span(" " * max(1, field_width - used), "field" if is_at else "")
    return (_label(name), *spans, pad, Span(" "), *_beside(name, form, judged, view))


def _beside(name: str, form: TicketForm, judged: Judgement, view: TicketView) -> list[Span]:
    """What stands right of a field: the reason it is wrong, or what it comes to."""
    if name in judged.errors:
        return [Span(f"✗ {judged.errors[name]}", "warn")]
    refusal = judged.verdict.refusal if judged.verdict else None
    if refusal and refused_field(refusal.rule) == name:
        return [Span(f"✗ {refusal.text}", "warn")]
    if judged.request is None or judged.verdict is None:
        return []
    instrument = view.instrument
    if name == "price":
        at = judged.request.price
        same = at is not None and form.price.text == instrument.tick.format(at)
        return [] if same or at is None else [Span(f"= {price(instrument.tick, at)}", "")]
    quantity = judged.verdict.quantity
    text = UNKNOWN if quantity is None else f"{instrument.quantity_text(quantity)} {instrument.base}"
    worth = f" ≈ {amount(judged.verdict.notional)} {instrument.quote}"
    return [Span(text, ""), Span(worth, "dim")]


def _market_row(form: TicketForm) -> Line:
    touch = "best ask" if form.side is Side.BUY else "best bid"
    return (_label("price"), Span(f"at market, from the {touch}", "dim"))


def _flags_row(form: TicketForm, view: TicketView) -> Line:
    def flag(name: str, label: str, is_set: bool, why_not: str) -> list[Span]:
        if why_not:
            return [Span(f"{label}: {why_not}  ", "faint")]
        is_at = view.is_focused and form.at == name
        style = "strong" if is_set else "dim"
        return [Span(f"[{'x' if is_set else ' '}] {label}", f"{style} cursor" if is_at else style), Span("  ")]

    is_limit = form.type is OrderType.LIMIT
    spans = [_label("flags"), *flag("post_only", "post-only", form.post_only, "" if is_limit else "limit only")]
    spans += flag("reduce_only", "reduce", form.reduce_only, "" if view.instrument.product.is_futures else "perp only")
    if is_limit:
        is_at = view.is_focused and form.at == "tif"
        spans += [Span("tif ", "dim"), Span(form.tif.value, "strong cursor" if is_at else "strong")]
    return tuple(spans)


def _verdict_rows(judged: Judgement, view: TicketView, width: int) -> list[Line]:
    verdict, instrument = judged.verdict, view.instrument
    problem = view.blocked or judged.problem
    said = problem or (_passed(verdict) if verdict is not None else "")
    guards = _wrapped("guards", "✗" if problem else "✓", said, "warn" if problem else "ok", width)
    if verdict is None:
        return [(_label("cost"), Span(UNKNOWN, "dim")), *guards]
    fee = "maker" if judged.request is not None and judged.request.post_only else "taker"
    cost = verdict.margin if verdict.margin is not None else verdict.notional
    what = "margin" if verdict.margin is not None else "cost"
    spans = [_label(what), Span(f"{amount(cost)} {instrument.quote}")]
    if verdict.fee is not None:
        spans += [Span("   fee≈ ", "dim"), Span(f"{amount(verdict.fee)} {fee}")]
    return [tuple(spans), *guards]


def _passed(verdict: Preview) -> str:
    return f"passes all {len(verdict.passed)}" if verdict.passed else verdict.text


def _wrapped(label: str, sign: str, text: str, tone: str, width: int) -> list[Line]:
    """A sentence over at most three rows, so that the remedy at its end is read too."""
    rows = wrap(text, max(10, width - _LABEL - 3), max_lines=3, placeholder=" …") or [""]
    words = tone if tone == "warn" else "dim"
    first = (_label(label), Span(f"{sign} ", tone), Span(rows[0], words))
    return [first, *((_label(""), Span("  "), Span(row, words)) for row in rows[1:])]


def _key_rows(view: TicketView) -> list[Line]:
    if not view.is_focused:
        return [(Span("  F2", "key"), Span(" buy   ", "dim"), Span("F3", "key"), Span(" sell   ", "dim"))]
    send = f"send ({view.environment.upper()})"
    return [
        (Span("  Enter", "key"), Span(" review  →  ", "dim"), Span("Enter", "key"), Span(f" {send}", "dim")),
        (Span("  Tab", "key"), Span(" fields  ", "dim"), Span("↑↓", "key"), Span(" tick  ", "dim"), *_rest()),
    ]


def _rest() -> list[Span]:
    return [Span("Space", "key"), Span(" change  ", "dim"), Span("Esc", "key"), Span(" leave", "dim")]
