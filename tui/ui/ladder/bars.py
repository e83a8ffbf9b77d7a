"""Depth bars in eighths of a cell, growing away from the price column on both sides."""

from tui.ui.lines import Span

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NICE = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


def scale_for(largest: int) -> int:
    """A round size at least as large as the largest shown, so that bars keep their length while sizes flicker."""
    if largest <= 10:
        return max(1, largest)
    power: int = 10 ** (len(str(largest)) - 2)
    return next(nice * power for nice in _NICE if nice * power >= largest)


def eighths(lots: int, scale: int, cells: int) -> int:
    """The length of a bar in eighths of a cell; something is always visible of a size above zero."""
    if lots <= 0 or cells <= 0:
        return 0
    return max(1, min(cells * 8, lots * cells * 8 // scale))


def rightward(length: int, cells: int, style: str) -> tuple[Span, ...]:
    """A bar that starts at the left edge of its cells."""
    full, rest = divmod(length, 8)
    text = "█" * full + (_EIGHTHS[rest] if rest else "")
    return (Span(text.ljust(cells), style),)


def leftward(length: int, cells: int, style: str) -> tuple[Span, ...]:
    """A bar that starts at the right edge: its broken cell is the complement of a left block, drawn in reverse."""
    full, rest = divmod(length, 8)
    blank = Span(" " * (cells - full - (1 if rest else 0)))
    spans = [blank] if blank.text else []
    if rest:
        spans.append(Span(_EIGHTHS[8 - rest], f"{style} reverse"))
    if full:
        spans.append(Span("█" * full, style))
    return tuple(spans)


def filled(text: str, length: int, style: str, fill: str, from_right: bool) -> tuple[Span, ...]:
    """Text on a ground that reaches as far as the bar would; `length` in whole cells."""
    length = min(length, len(text))
    if from_right:
        cut = len(text) - length
        parts = (Span(text[:cut], style), Span(text[cut:], f"{style} {fill}"))
    else:
        parts = (Span(text[:length], f"{style} {fill}"), Span(text[length:], style))
    return tuple(part for part in parts if part.text)
