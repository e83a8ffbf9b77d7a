"""Drawing for those who want no colours (NO_COLOR): greys, or nothing but the terminal's own two.

Textual makes every colour grey. Of a colour of the terminal's own sixteen it does not know how it looks, and takes them
all for black: a screen in those would be black on black.
"""

from functools import lru_cache
from os import environ
from typing import Any, TypeVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color as ScreenColor
from textual.filter import LineFilter, Monochrome, monochrome_style

R = TypeVar("R")

_TWO = Style(color=Color.default(), bgcolor=Color.default())


class WithoutColours(LineFilter):
    """Greys for colours of a theme; where the terminal's own are asked for, what has a ground is drawn in reverse."""

    def apply(self, segments: list[Segment], background: ScreenColor) -> list[Segment]:
        """The same text without colours."""
        return [Segment(text, None if style is None else _grey(style), control) for text, style, control in segments]


@lru_cache(1024)
def _grey(style: Style) -> Style:
    if not any(colour is not None and colour.triplet is None for colour in (style.color, style.bgcolor)):
        return monochrome_style(style)
    has_ground = style.bgcolor is not None and not style.bgcolor.is_default
    return style + _TWO + Style(reverse=has_ground != bool(style.reverse))


class NoColourApp(App[R]):
    """An app that does as NO_COLOR asks, and leaves the wish to whatever runs after it."""

    def __init__(self, **more: Any) -> None:
        wish = environ.get("NO_COLOR")
        if wish == "":  # asks for nothing: no-color.org
            del environ["NO_COLOR"]
        super().__init__(**more)
        self._filters[:] = [WithoutColours() if isinstance(each, Monochrome) else each for each in self._filters]
        if wish:  # Textual took it
            environ["NO_COLOR"] = wish
