"""How the ticket looks: pure lines from the form and its judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

from rich.cells import cell_len

from tui.domain.instrument import Instrument
from tui.domain.order_terms import OrderType, Side
from tui.engine.commands.answers import Preview
from tui.ui.figures import UNKNOWN, amount, grouped, near_price, price, signed
from tui.ui.lines import BLANK, Line, Span
from tui.ui.ticket.fields import BY_NAME, PARTS, TYPE_WORDS, Setting
from tui.ui.ticket.form import TicketForm
from tui.ui.ticket.judging import Judgement, refused_field


@dataclass(frozen=True, slots=True)
class TicketView:
    """What surrounds the form; `blocked` says why nothing can be traded, "" when it can."""

    setting: Setting
    environment: str
    is_focused: bool
    blocked: str = ""

    @property
    def instrument(self) -> Instrument:
        """What is traded."""
        return self.setting.instrument


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with the fields that stand in it."""

    names: tuple[str, ...]
    line: Line


_LABEL = 9

#: Width from which hints are told in full.
_ROOMY = 50


def ticket_lines(form: TicketForm, judged: Judgement, view: TicketView, width: int, height: int) -> list[Line]:
    """The whole ticket; where rows are few the blank and the ruled ones go first, then the fields scroll."""
    rows = _field_rows(form, judged, view, width)
    verdict = _verdict_rows(judged, view, width)
    keys = _key_rows(view, width)
    room = height - len(rows) - len(verdict) - len(keys)
    fields = [row.line for row in rows]
    if room >= 3:
        return [BLANK, *fields, _rule(width), *verdict, BLANK, *keys]
    if room >= 1:
        return [*fields, _rule(width), *verdict, *keys]
    if room < 0:
        keys = keys[:1]
    left = max(3, height - len(verdict) - len(keys))
    return [*_scrolled(rows, form.at, left), *verdict, *keys][:height]


def _scrolled(rows: Sequence[_Row], at: str, height: int) -> list[Line]:
    """So many rows that the one under the cursor is among them."""
    cursor = next((index for index, row in enumerate(rows) if at in row.names), 0)
    top = max(0, min(len(rows) - height, cursor - height + 2))
    return [row.line for row in rows[top : top + height]]


def _field_rows(form: TicketForm, judged: Judgement, view: TicketView, width: int) -> list[_Row]:
    painter = _Painter(form, judged, view, width)
    rows = [painter.side()]
    rows += [painter.text(name) for name in ("trigger", "trail", "activation", "price") if painter.has(name)]
    if form.type is OrderType.MARKET:
        touch = "best ask" if form.side is Side.BUY else "best bid"
        rows.append(_Row((), (_label("price"), Span(f"at market, from the {touch}", "dim"))))
    if painter.has("size"):
        rows += [painter.text("size"), painter.parts()]
    rows += [painter.flags(), *painter.exits(), painter.more()]
    rows += [painter.text("display")] if painter.has("display") else []
    rows += [painter.choice(name) for name in ("match", "peg", "working", "stp", "effect") if painter.has(name)]
    return rows


def _rule(width: int) -> Line:
    return (Span(" " + "─" * max(0, width - 2), "faint"),)


def _label(text: str) -> Span:
    return Span(f"{text:>{_LABEL - 2}}  ", "dim")


class _Painter:
    """Draws the fields of one form."""

    def __init__(self, form: TicketForm, judged: Judgement, view: TicketView, width: int) -> None:
        self._form, self._judged, self._view, self._width = form, judged, view, width

    def has(self, name: str) -> bool:
        """Whether a field exists now."""
        return BY_NAME[name].is_there(self._view.setting)

    def side(self) -> _Row:
        """Side, type, and in hedge mode the position."""
        buys = self._form.side is Side.BUY
        spans = [
            _label("side"),
            self._chosen("side", "[BUY]" if buys else "[SELL]", "bid" if buys else "ask"),
            Span(" sell " if buys else " buy ", "dim"),
            Span("  type ", "dim"),
            self._chosen("type", f"[{TYPE_WORDS[self._form.type]}]", "strong"),
        ]
        if self.has("position"):
            opens = (self._form.choices["position"] == "LONG") is buys
            words = f"[{'open' if opens else 'close'} {self._form.choices['position'].lower()}]"
            spans += [Span(" "), self._chosen("position", words, "accent")]
        return _Row(("side", "type", "position"), tuple(spans))

    def text(self, name: str) -> _Row:
        """A field of text with what it comes to, or why it is wrong, beside it."""
        return _Row((name,), (_label(BY_NAME[name].label), *self._typed(name, self._field_width), *self._beside(name)))

    def parts(self) -> _Row:
        """Shares and presets that fill the size in."""
        is_at = self._view.is_focused and self._form.at == "part"
        spans = [_label("")]
        for part in PARTS:
            is_chosen = self._form.choices["part"] == part
            style = "strong" if is_chosen else "dim"
            here = is_at and is_chosen
            words = f"▸{part}◂" if here else f"[{part}]" if is_chosen else part
            spans += [Span(words, f"{style} cursor" if here else style)]
            spans.append(Span(" "))
        if is_at and not self._form.choices["part"]:
            spans.append(Span("← Space", "cursor"))
        return _Row(("part",), tuple(spans))

    def flags(self) -> _Row:
        """What can be ticked, and the life time."""
        names = [name for name in ("post_only", "reduce_only", "close_position") if self.has(name)]
        ticked = [span for name in names for span in self._flag(name)]
        absent = [span for name in ("post_only", "reduce_only") if name not in names for span in self._flag(name)]
        life = self._life()
        taken = _LABEL + sum(cell_len(span.text) for span in (*ticked, *absent, *life))
        # Why something is not there gives way to what is.
        spans = [_label("flags"), *ticked, *(absent if taken <= self._width else []), *life]
        return _Row(("post_only", "reduce_only", "close_position", "tif", "till"), tuple(spans))

    def _life(self) -> list[Span]:
        spans: list[Span] = []
        if self.has("tif"):
            spans += [Span("tif ", "dim"), self._chosen("tif", self._form.tif.value, "strong"), Span(" ")]
        if self.has("till"):
            spans += self._typed("till", 7)
            spans += [Span(self._judged.errors.get("till", ""), "warn")]
        return spans

    def exits(self) -> list[_Row]:
        """Stop and target of a bracket."""
        if not self.has("stop"):
            return []
        spans = [_label("SL"), *self._typed("stop", 10), Span(" TP ", "dim"), *self._typed("target", 10), Span(" ")]
        error = self._judged.errors.get("stop") or self._judged.errors.get("target")
        if error:
            spans.append(Span(f"✗ {error}", "warn"))
        elif self._form.text("stop") or self._form.text("target"):
            spans.append(Span(self._exit_words(), "dim"))
        else:
            spans.append(Span("1% or a price" if self._width >= _ROOMY else "or 1%", "dim"))
        return [_Row(("stop", "target"), tuple(spans))]

    def more(self) -> _Row:
        """The door to the rarer instructions."""
        is_open = self._view.setting.shows_more
        at = self._view.is_focused and self._form.at == "more"
        rarer = "iceberg, price match, self-trade" if self._width >= _ROOMY else "iceberg, match, self-trade"
        words = "▾ more" if is_open else f"▸ more: {rarer}"
        return _Row(("more", "protect"), (_label(""), Span(words, "strong cursor" if at else "dim"), *self._protect()))

    def choice(self, name: str) -> _Row:
        """A rarer choice."""
        words = self._form.choices[name].lower().replace("_", " ")
        return _Row((name,), (_label(BY_NAME[name].label), self._chosen(name, f"[{words}]", "strong")))

    def _protect(self) -> list[Span]:
        return [Span("   "), *self._flag("protect")] if self.has("protect") else []

    def _exit_words(self) -> str:
        entry = self._judged.verdict.price if self._judged.verdict else None
        exits = (self._judged.stop, self._judged.target)
        return " / ".join(signed((at - entry) / entry * 100, 2, "%") for at in exits if at is not None and entry)

    @property
    def _field_width(self) -> int:
        return 16 if self._width >= 46 else 12

    def _typed(self, name: str, room: int) -> list[Span]:
        edit = self._form.texts[name]
        is_at = self._view.is_focused and self._form.at == name
        spans = edit.spans("field") if is_at else [Span(edit.text or "·", "strong" if edit.text else "dim")]
        used = sum(cell_len(span.text) for span in spans)
        return [*spans, Span(" " * max(1, room - used), "field" if is_at else ""), Span(" ")]

    def _chosen(self, name: str, words: str, style: str) -> Span:
        """A choice in brackets, which point at it while the cursor is there."""
        if not self._view.is_focused or self._form.at != name:
            return Span(words, style)
        return Span(words.replace("[", "▸").replace("]", "◂"), f"{style} cursor")

    def _flag(self, name: str) -> list[Span]:
        field = BY_NAME[name]
        if not self.has(name):
            # In hedge mode the choice between long and short says it.
            is_said = name == "reduce_only" and self._view.setting.is_hedge
            return [Span(f"{field.label}: {field.why_not}  ", "dim")] if field.why_not and not is_said else []
        is_set = name in self._form.flags
        return [
            self._chosen(name, f"[{'x' if is_set else ' '}] {field.label}", "strong" if is_set else "dim"),
            Span("  "),
        ]

    def _beside(self, name: str) -> list[Span]:
        """What stands right of a field: the reason it is wrong, or what it comes to."""
        judged, instrument = self._judged, self._view.instrument
        if name in judged.errors:
            return [Span(f"✗ {judged.errors[name]}", "warn")]
        refusal = judged.verdict.refusal if judged.verdict else None
        if refusal and refused_field(refusal.rule) == name:
            return [Span(f"✗ {refusal.text}", "warn")]
        if judged.request is None or judged.verdict is None:
            return []
        if name == "size":
            quantity = judged.verdict.quantity
            text = UNKNOWN if quantity is None else f"{grouped(instrument.quantity_text(quantity))} {instrument.unit}"
            worth = f" ≈ {amount(judged.verdict.notional)}"
            room = self._width - _LABEL - self._field_width - 1 - cell_len(text)
            unit = f" {instrument.quote}"
            shown = next((words for words in (worth + unit, worth) if cell_len(words) <= room), "")
            return [Span(text, ""), Span(shown, "dim")]
        terms = judged.request.terms
        values = {"price": judged.request.price, "trigger": terms.trigger_price, "activation": terms.activation_price}
        at = values.get(name)
        same = at is not None and self._form.text(name) == instrument.tick.format(at)
        return [] if same or at is None else [Span(f"= {price(instrument.tick, at)}", "")]


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
    notes = [row for note in verdict.notes[:2] for row in _wrapped("", "!", note, "warn", width)]
    return [tuple(spans), *_risk_row(verdict, instrument), *notes, *guards]


def _risk_row(verdict: Preview, instrument: Instrument) -> list[Line]:
    """What a bracket risks and may win, and where the position would be liquidated."""
    spans: list[Span] = []
    if verdict.risk is not None:
        spans.append(Span(f"−{amount(abs(verdict.risk))}", "down"))
    if verdict.reward is not None:
        spans.append(Span(f" +{amount(abs(verdict.reward))}", "up"))
    if verdict.risk and verdict.reward is not None:
        spans.append(Span(f"  R:R {abs(verdict.reward / verdict.risk).quantize(Decimal('0.1')):f}", "dim"))
    if verdict.liquidation_price:
        at = near_price(instrument.tick, verdict.liquidation_price)
        if not spans:
            return [(_label("liq"), Span(at, "dim"))]
        spans.append(Span(f"  liq {at}", "dim"))
    return [(_label("risk"), *spans)] if spans else []


def _passed(verdict: Preview) -> str:
    return f"passes all {len(verdict.passed)}" if verdict.passed else verdict.text


def _wrapped(label: str, sign: str, text: str, tone: str, width: int) -> list[Line]:
    """A sentence over at most three rows, so that the remedy at its end is read too."""
    rows = wrap(text, max(10, width - _LABEL - 3), max_lines=3, placeholder=" …") or [""]
    words = tone if tone == "warn" else "dim"
    first = (_label(label), Span(f"{sign} ", tone), Span(rows[0], words))
    return [first, *((_label(""), Span("  "), Span(row, words)) for row in rows[1:])]


def _key_rows(view: TicketView, width: int) -> list[Line]:
    if not view.is_focused:
        return [(Span("  F2", "key"), Span(" buy   ", "dim"), Span("F3", "key"), Span(" sell   ", "dim"))]
    send = f"send ({view.environment.upper()})"
    return [
        (Span("  Enter", "key"), Span(" review  →  ", "dim"), Span("Enter", "key"), Span(f" {send}", "dim")),
        tuple(
            Span(text, style)
            for key, does in (("Tab", "fields"), ("↑↓", "tick"), ("Space", "change"), ("Esc", "leave"))
            for text, style in ((f"{'  ' if width >= _ROOMY else ' '}{key}", "key"), (f" {does}", "dim"))
        ),
    ]
