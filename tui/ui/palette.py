"""The names of colours: panes speak of `bid` and `stale`, a theme says what they look like.

Each name is a pair of theme variables, `NAME` for the letters and `NAME-ground` for what lies behind them, hyphens in
place of underscores. Letters of no colour of their own (`inherit`) and a clear ground are left as the pane has them, so
names can be laid over each other: `bid cursor` is the bid's letters on the cursor's ground. Weight is fixed here, not
in themes, so that bold, underline and reverse mean something where there is no colour at all.
"""

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.color import Color


class Paint(NamedTuple):
    """What a palette name looks like; colours as in Textual's CSS, "" for none, `weight` as `text-style`."""

    letters: str = ""
    ground: str = ""
    weight: str = ""


#: Every name a Span may carry, with its look in the dark theme.
PALETTE: dict[str, Paint] = {
    # text
    "dim": Paint("#96a1af"),
    #: Rules and grids; never words, which it is too weak for.
    "faint": Paint("#586575"),
    "heading": Paint("#a5b2c2"),
    "strong": Paint("#eef2f7", weight="bold"),
    "accent": Paint("#7fb4ff"),
    "key": Paint("#e3c078", weight="bold"),
    # market
    "bid": Paint("#5fc9a2"),
    "ask": Paint("#f0837e"),
    "up": Paint("#5fc9a2"),
    "down": Paint("#f0837e"),
    "bar_bid": Paint("#2f7a62"),
    "bar_ask": Paint("#9a504b"),
    "fill_bid": Paint(ground="#173a2d"),
    "fill_ask": Paint(ground="#43262a"),
    "spread": Paint("#a5b2c2"),
    "last": Paint("#eef2f7", weight="bold"),
    #: Swaps letters and ground of the name before it: `bar_bid reverse`.
    "reverse": Paint(weight="reverse"),
    "sparkline": Paint("#6f93c4"),
    # the trader's own
    "own_buy": Paint("#0c1117", "#5fc9a2", "bold"),
    "own_sell": Paint("#0c1117", "#f0837e", "bold"),
    "entry": Paint("#d9b871"),
    "stop_mark": Paint("#e3b04b"),
    "liquidation": Paint("#ff8f87", weight="bold"),
    "alert": Paint("#c6a6f5"),
    #: Sizes far above the others on the screen.
    "big": Paint(weight="bold underline"),
    # studies on the chart, each drawn with dots of its own
    "study_1": Paint("#7fb4ff"),
    "study_2": Paint("#d9b871"),
    "study_3": Paint("#c6a6f5"),
    "study_4": Paint("#8fd3d8"),
    "study_5": Paint("#e69fc8"),
    "study_6": Paint("#93a1b3"),
    "cross": Paint("#93a1b3"),
    # selection
    "cursor": Paint(ground="#2e353d", weight="bold"),
    "selected": Paint(ground="#23282e"),
    "field": Paint("#eef2f7", "#23282e"),
    "caret": Paint("#0c1117", "#e3c078", "underline"),
    # judgement
    "ok": Paint("#5fc9a2"),
    "warn": Paint("#e3b04b"),
    "error": Paint("#ff8f87", weight="bold"),
    "stale": Paint("#0c1117", "#e3b04b", "bold"),
    # states in words
    "locked": Paint("#c9d3df", "#343b44", "bold"),
    "armed": Paint("#0c1117", "#ffb454", "bold"),
    "halted": Paint("#ffffff", "#b3362f", "bold"),
    "real_money": Paint("#ffffff", "#b3362f", "bold"),
    "play_money": Paint("#0c1117", "#7fb4ff", "bold"),
    "review": Paint("#eef2f7", "#2e353d", "bold"),
}

_INHERIT, _CLEAR = "#00000000", "#00000000"


def css_name(name: str) -> str:
    """A palette name as it is written in theme variables."""
    return name.replace("_", "-")


def variables() -> dict[str, str]:
    """The dark look of every name as theme variables, the fallback of all themes."""
    looks: dict[str, str] = {}
    for name, paint in PALETTE.items():
        looks[css_name(name)] = paint.letters or _INHERIT
        looks[f"{css_name(name)}-ground"] = paint.ground or _CLEAR
    return looks


def look(name: str, variables: Mapping[str, str]) -> Style:
    """What a name adds to the style below it, in the theme whose variables these are.

    Read from the variables themselves: as component classes, every name in every pane would be styled anew by Textual
    at each change of any class, which took a third of the time to the first frame.
    """
    own = css_name(name)
    colours = (Color.parse(variables[own]), Color.parse(variables[f"{own}-ground"]))
    letters, ground = (colour.rich_color if colour.a > 0 else None for colour in colours)
    return Style(color=letters, bgcolor=ground) + Style.parse(PALETTE[name].weight)
