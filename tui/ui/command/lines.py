"""How the command row looks: pure lines from what is typed, waits or was said."""

from dataclasses import dataclass
from textwrap import wrap

from rich.cells import cell_len

from tui.domain.instrument import Instrument
from tui.engine.commands.answers import Preview
from tui.engine.store import Severity
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.resolve import Intention
from tui.ui.command.review import Review, verb_of
from tui.ui.figures import amount, price
from tui.ui.lines import Line, Span, fit

SEVERITY_STYLE = {
    Severity.INFO: "",
    Severity.SUCCESS: "ok",
    Severity.WARNING: "warn",
    Severity.ERROR: "error",
}

SEVERITY_SIGN = {
    Severity.INFO: "·",
    Severity.SUCCESS: "✓",
    Severity.WARNING: "!",
    Severity.ERROR: "✗",
}


#: Width from which words are written out.
ROOMY = 100


@dataclass(frozen=True, slots=True)
class TypedPreview:
    """What the line would do: an intention with the guards' verdict, or why it means nothing and what would."""

    text: str
    intention: Intention | None = None
    verdict: Preview | None = None
    instrument: Instrument | None = None
    error: str = ""
    offer: str = ""
    stale: str = ""

    @property
    def refusal(self) -> str:
        """Why Enter would not send, "" when it would."""
        if self.error or self.stale:
            return self.error or self.stale
        if self.verdict is not None and self.verdict.refusal is not None:
            return self.verdict.refusal.text
        return ""


def idle_line(severity: Severity, said: str, width: int) -> Line:
    """What was said last, or an invitation."""
    if not said:
        return fit([Span(" : type a command", "dim")], width)
    return fit([Span(f" {SEVERITY_SIGN[severity]} {said}", SEVERITY_STYLE[severity])], width)


def typed_line(edit: LineEdit, preview: TypedPreview, width: int) -> Line:
    """The typed text with its caret, and beside it what it means."""
    left = [Span(": ", "key"), *edit.spans("strong")]
    typed = sum(cell_len(span.text) for span in left)
    gap = max(2, min(42, width // 3) - typed)
    end = _end(preview, width)
    body = fit([*left, Span(" " * gap), *_meaning(preview)], width - len(end))
    return (*body, Span(end, "key"))


def _end(preview: TypedPreview, width: int) -> str:
    """What Enter does, at the end of the row; "" where it does nothing."""
    if preview.intention is None or preview.refusal:
        return ""
    commands = preview.intention.commands
    return f" [Enter] {verb_of(commands)} " if commands and width >= ROOMY else " [Enter] "


def _meaning(preview: TypedPreview) -> list[Span]:
    if not preview.text.strip():
        return [Span("b 0.1 @ bid po · s 50%pos mkt · x all · close 50% · sym · help", "dim")]
    if preview.error:
        offer = [Span("  → ", "dim"), Span(preview.offer, "accent"), Span(" [Tab]", "key")] if preview.offer else []
        return [Span(f"✗ {preview.error}", "warn"), *offer]
    assert preview.intention is not None
    spans = [Span("→ ", "dim"), Span(preview.intention.text, side_style(preview.intention.text) or "strong")]
    if preview.refusal:
        offer = [Span("  → ", "dim"), Span(preview.offer, "accent"), Span(" [Tab]", "key")] if preview.offer else []
        return [Span(f"✗ {preview.refusal}", "error"), *offer]
    if preview.verdict is not None:
        spans.append(Span(f"  {costs(preview.verdict, preview.instrument)}", "dim"))
    return spans


def review_line(review: Review, width: int) -> Line:
    """What Enter will send, spelled out, and the two keys.

    Where room is short the label and Escape go first, because an order that is cut off has not been seen; what still
    does not fit goes on in the row below (`review_rest`).
    """
    keys = [Span(f" [Enter] {review.verb} ", "key review"), Span(" [Esc] drop ", "dim review")]
    label = Span(" REVIEW ", "armed")
    if sum(cell_len(span.text) for span in (label, *keys)) + cell_len(review.text) + 1 > width:
        keys, label = keys[:1], Span(" ", "armed")
    text, rest = _split(review, width)
    spelled = Span(f" {text}", f"{side_style(review.text)} review".strip())
    note = Span(f"  {review.note}", "dim review") if review.note and not rest else Span("", "review")
    room = max(0, width - sum(cell_len(span.text) for span in keys))
    body = fit([label, spelled, note], room)
    return tuple(span if span.style else Span(span.text, "review") for span in (*body, *keys))


def review_rest(review: Review, width: int) -> Line | None:
    """What of a review did not fit its row, with its note; None when all did."""
    rest = _split(review, width)[1]
    if not rest:
        return None
    note = Span(f"  {review.note}", "dim review") if review.note else Span("", "review")
    line = fit([Span(f"  {rest}", f"{side_style(review.text)} review".strip()), note], width)
    return tuple(span if span.style else Span(span.text, "review") for span in line)


def _split(review: Review, width: int) -> tuple[str, str]:
    """The words of a review that fit its row, and those that do not."""
    room = width - cell_len(f" [Enter] {review.verb} ") - 2
    if cell_len(review.text) <= room:
        return review.text, ""
    first = wrap(review.text, max(10, room - 2), max_lines=None, break_long_words=True)[0]
    return f"{first} …", review.text[len(first) :].strip()


def typed_rest(preview: TypedPreview, edit: LineEdit, width: int) -> Line | None:
    """The whole meaning of a typed line, where the row of the line has no room for it; None where it has."""
    if preview.intention is None or preview.refusal:
        return None
    spans = _meaning(preview)
    typed = sum(cell_len(span.text) for span in edit.spans()) + 2
    meant = sum(cell_len(span.text) for span in spans) + len(_end(preview, width))
    taken = max(typed + 2, min(42, width // 3)) + meant
    return fit([Span(" "), *spans], width) if taken > width else None


def side_style(text: str) -> str:
    """The colour of a text that begins with a side."""
    first = text.partition(" ")[0]
    return {"BUY": "bid", "SELL": "ask"}.get(first, "")


def costs(verdict: Preview, instrument: Instrument | None) -> str:
    """What a guard's preview says of money: `margin 64.21 · fee≈ 1.28 · risk 41.20 · R:R 1.9 · liq 58,402.1`."""
    quote = f" {instrument.quote}" if instrument else ""
    parts = []
    if verdict.request.price is None and verdict.notional is not None:
        parts.append(f"≈ {amount(verdict.notional)}{quote}")
    if verdict.margin is not None:
        parts.append(f"margin {amount(verdict.margin)}")
    if verdict.fee is not None:
        parts.append(f"fee≈ {amount(verdict.fee)}")
    if verdict.risk is not None:
        parts.append(f"risk {amount(verdict.risk)}")
    if verdict.risk is not None and verdict.reward is not None and verdict.risk > 0:
        parts.append(f"R:R {amount(verdict.reward / verdict.risk, 1)}")
    if verdict.liquidation_price is not None and instrument is not None:
        parts.append(f"liq {price(instrument.tick, verdict.liquidation_price)}")
    parts += verdict.notes
    return " · ".join(parts)
