"""NO_COLOR: greys, or only the terminal's own two where its own sixteen are asked for; and the wish outlives an app."""

from os import environ

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.ui.no_colour import NoColourApp, WithoutColours


def drawn(style: str) -> Style:
    (segment,) = WithoutColours().apply([Segment("x", Style.parse(style))], Color.parse("#000000"))
    assert segment.style is not None
    return segment.style


def test_colours_of_a_theme_become_greys() -> None:
    style = drawn("bold #5fc9a2 on #173a33")
    assert style.bold
    assert len(set(style.color.triplet)) == len(set(style.bgcolor.triplet)) == 1


@pytest.mark.parametrize(
    ("asked", "is_reverse"),
    [("green", False), ("bold default on blue", True), ("reverse green", True), ("reverse red on blue", False)],
)
def test_the_terminals_own_colours_were_black_on_black(asked: str, is_reverse: bool) -> None:
    style = drawn(asked)
    assert style.color.is_default
    assert style.bgcolor.is_default
    assert bool(style.reverse) is is_reverse
    assert bool(style.bold) is ("bold" in asked)


def test_the_wish_is_there_for_the_next_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start screen took it: what was started from there had colours again."""
    monkeypatch.setenv("NO_COLOR", "1")
    for _ in range(2):
        app = NoColourApp[None]()
        assert app.no_color
        assert any(isinstance(each, WithoutColours) for each in app.get_line_filters())
    assert environ["NO_COLOR"] == "1"


def test_an_empty_wish_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert not NoColourApp[None]().no_color
