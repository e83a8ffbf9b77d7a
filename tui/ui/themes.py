"""Colour themes from TOML files, one theme a file.

A file names `name`, `dark`, `ansi` (true: colours are the terminal's own sixteen, as `ansi_red`), a table `[colors]`
(background, foreground, accent, pane_border, pane_focus, pane_title) and a table `[palette]` of palette names:
`"#letters"`, `"#letters on #ground"` or `"on #ground"`; what it leaves out keeps the dark look.
"""

import tomllib
from pathlib import Path

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from tui.domain.text import clean
from tui.ui import palette

FALLBACK = "dark"

_LONGEST_NAME = 40

#: Theme variables beside the palette, with the look of the dark theme.
FRAME_VARIABLES = {"pane-border": "#3d4a5b", "pane-focus": "#7fb4ff", "pane-title": "#93a1b3"}


class ThemeError(Exception):
    """A theme file that cannot be used; the text names the file, the value and the remedy."""


class ThemeColors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colours of the screen itself."""

    background: str = "#0f141b"
    foreground: str = "#c9d3df"
    accent: str = "#7fb4ff"
    pane_border: str = FRAME_VARIABLES["pane-border"]
    pane_focus: str = FRAME_VARIABLES["pane-focus"]
    pane_title: str = FRAME_VARIABLES["pane-title"]


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme as written."""

    name: str
    dark: bool = True
    ansi: bool = False
    colors: ThemeColors = ThemeColors()
    palette: dict[str, str] = {}


def theme_folders() -> list[Path]:
    """Where themes that come with the program are: inside the installed package, or at the top of the checkout."""
    package = Path(__file__).resolve().parent.parent
    return [package / "_shared" / "themes", package.parent / "themes"]


def load_themes(folders: list[Path] | None = None) -> tuple[dict[str, Theme], list[str]]:
    """All themes by name, and a sentence for each file that is not one; `dark` is always among them."""
    themes, complaints = {FALLBACK: build_theme(ThemeFile(FALLBACK), Path("built in"))}, []
    for folder in theme_folders() if folders is None else folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read_theme(path)
            except ThemeError as error:
                complaints.append(clean(str(error)))
            else:
                themes[theme.name] = theme
    return themes, complaints


def read_theme(path: Path) -> Theme:
    """One theme file; raises ThemeError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return build_theme(msgspec.convert(raw, ThemeFile), path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ThemeError(f"theme {path.name} is left out: {error}") from error


def build_theme(file: ThemeFile, path: Path) -> Theme:
    """Textual's theme of a file; raises ThemeError for an unknown palette name or a colour that is none."""
    if not file.name or clean(file.name, _LONGEST_NAME) != file.name:
        raise ThemeError(f"theme {path.name} is left out: {file.name!r} is not a name; use letters and at most 40")
    variables = palette.variables()
    for name, look in file.palette.items():
        if name not in palette.PALETTE:
            raise ThemeError(f"theme {path.name} is left out: the palette has no name {name!r}")
        letters, _, ground = (part.strip() for part in f" {look} ".partition(" on "))
        own = palette.css_name(name)
        variables |= {f"{own}": letters} if letters else {}
        variables |= {f"{own}-ground": ground} if ground else {}
    colors = file.colors
    variables |= {"pane-border": colors.pane_border, "pane-focus": colors.pane_focus, "pane-title": colors.pane_title}
    if file.ansi:  # Textual's own style sheet asks for these
        variables |= {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
    for value in (*variables.values(), colors.background, colors.foreground, colors.accent):
        _check_color(value, path)
    return Theme(
        name=file.name,
        primary=colors.accent,
        accent=colors.accent,
        background=colors.background,
        surface=colors.background,
        panel=colors.background,
        foreground=colors.foreground,
        dark=file.dark,
        ansi=file.ansi,
        variables=variables,
    )


def _check_color(value: str, path: Path) -> None:
    try:
        Color.parse(value)
    except ColorParseError as error:
        raise ThemeError(f"theme {path.name} is left out: {value!r} is not a colour; write #rrggbb") from error
