"""The start screen as pure lines."""

import textwrap
from collections.abc import Sequence

from tui.ui.lines import BLANK, Line, Span, fit, spread
from tui.ui.start.choices import Choice

_LEFT = 4


def start_lines(
    choices: Sequence[Choice], cursor: int, title: str, complaint: str, width: int, height: int
) -> list[Line]:
    """Title, choices with a number each, the text of the one under the cursor, and the keys at the foot."""
    pad = " " * _LEFT
    lines: list[Line] = [BLANK, (Span(f"{pad}binance-tui", "strong"),), BLANK, (Span(pad + title, "heading"),), BLANK]
    for number, choice in enumerate(choices):
        lines.append(_choice_line(choice, number, number == cursor, width))
    lines.append(BLANK)
    chosen = choices[cursor]
    room = max(20, min(90, width - 2 * _LEFT))
    lines += [(Span(pad + part, ""),) for part in textwrap.wrap(chosen.text, room)]
    if complaint:
        lines += [BLANK, *((Span(pad + part, "warn"),) for part in textwrap.wrap(complaint, room))]
    foot = [(Span(pad), Span("↑↓", "key"), Span(" or a number chooses   ", "dim"), Span("Enter", "key"))]
    keys: Line = (*foot[0], Span(" begins   ", "dim"), Span("Esc", "key"), Span(" back   ", "dim"))
    last = spread(keys, [Span("^q", "key"), Span(" leaves ", "dim")], width)
    lines = lines[: height - 1]
    return [*lines, *([BLANK] * (height - 1 - len(lines))), last]


def _choice_line(choice: Choice, number: int, is_chosen: bool, width: int) -> Line:
    mark = " ▶ " if is_chosen else "   "
    tone = "real_money" if choice.is_real_money else "dim"
    spans = (
        Span(mark, "key"),
        Span(f"{number + 1}  ", "key"),
        Span(f"{choice.title:<24}", "strong"),
        Span(f" {choice.summary} ", tone),
    )
    line = fit((Span("  "), *spans), width)
    return tuple(Span(text, f"{style} cursor".strip()) for text, style in line) if is_chosen else line
