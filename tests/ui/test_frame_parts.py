"""Small parts of the frame: themes, search, review, edited lines, reports."""

from dataclasses import replace
from pathlib import Path

import pytest
from fake_desk import FakeDesk
from rich.color import ColorSystem
from textual.color import Color

from tui.domain.order import LegRole
from tui.engine.commands import Origin
from tui.engine.commands.safety import Arm
from tui.keys.redaction import redact
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.review import Review, ReviewSlot
from tui.ui.crash import write_report
from tui.ui.palette import PALETTE, css_name
from tui.ui.search.ranking import rank
from tui.ui.themes import ThemeError, load_themes, read_theme, theme_folders
from tui.ui.words import leaving_words, quit_words

THEMES = ["dark", "light", "deutan", "tritan", "red-up", "high-contrast"]

#: Drawn shapes and marks whose meaning a shape or a word carries as well.
FAINT = ("faint", "bar_bid", "bar_ask", "sparkline", "cross")

#: What is laid over other grounds: words on rows under the cursor, in reviews, on depth bars.
OVER = {
    "cursor": set(PALETTE) - {*FAINT, "caret"},
    "selected": {"dim", "strong", "bid", "ask"},
    "review": {"strong", "key", "dim", "bid", "ask"},
    "fill_bid": {"bid"},
    "fill_ask": {"ask"},
}


@pytest.mark.parametrize("name", THEMES)
def test_themes_that_come_along_are_whole_and_readable(name):
    themes, complaints = load_themes()
    assert not complaints
    variables, background = themes[name].variables, Color.parse(themes[name].background)
    for palette_name in PALETTE:
        letters = Color.parse(variables[css_name(palette_name)])
        ground = Color.parse(variables[f"{css_name(palette_name)}-ground"])
        if letters.a and palette_name not in FAINT:
            behind = ground if ground.a else background
            assert contrast(letters, behind) >= (7 if name == "high-contrast" else 4.5), palette_name
    for ground_name in ("cursor", "selected", "review", "field"):
        under = Color.parse(variables[f"{css_name(ground_name)}-ground"])
        assert contrast(Color.parse(themes[name].foreground), under) >= 4.5, ground_name


def of_256(colour: Color) -> Color:
    """What a terminal of 256 colours is sent for it."""
    found = colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return Color(found.red, found.green, found.blue)


@pytest.mark.parametrize("shown", [lambda colour: colour, of_256], ids=["true", "256"])
@pytest.mark.parametrize("name", THEMES)
def test_words_are_readable_on_every_ground_and_shapes_are_seen(name, shown):
    theme = load_themes()[0][name]
    background = shown(Color.parse(theme.background))

    def colour(of: str) -> Color | None:
        found = Color.parse(theme.variables[of])
        return shown(found) if found.a else None

    for ground, names in OVER.items():
        under = colour(f"{css_name(ground)}-ground")
        for each in names:
            letters, own_ground = colour(css_name(each)), colour(f"{css_name(each)}-ground")
            if letters is not None and (own_ground is None or ground != "cursor"):
                assert contrast(letters, under) >= 4.4, (each, ground)
    for each in FAINT:
        assert contrast(colour(css_name(each)), background) >= 3, each
    for frame, least in (("pane-border", 2), ("pane-focus", 3), ("pane-title", 4.5)):
        assert contrast(colour(frame), background) >= least, frame


@pytest.mark.parametrize("name", THEMES)
def test_what_rises_and_what_falls_differ_in_lightness_or_hue(name):
    """`red-up` swaps them all, and no theme draws both sides alike."""
    variables, usual = load_themes()[0][name].variables, load_themes()[0]["dark"].variables
    pairs = (("bid", "ask"), ("up", "down"), ("bar-bid", "bar-ask"), ("fill-bid-ground", "fill-ask-ground"))
    for one, other in (*pairs, ("own-buy-ground", "own-sell-ground")):
        assert variables[one] != variables[other]
        if name == "red-up":
            assert (variables[one], variables[other]) == (usual[other], usual[one]), one


#: What terminals show for the sixteen colours, when nobody chose others (xterm).
XTERM = [
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
]  # fmt: skip


def test_the_theme_of_sixteen_colours_has_only_those_and_is_readable_on_black():
    themes, _ = load_themes()
    variables = themes["ansi"].variables
    for palette_name in PALETTE:
        pair = [Color.parse(variables[name]) for name in (css_name(palette_name), f"{css_name(palette_name)}-ground")]
        if not pair[0].a:
            continue
        assert all(color.ansi is not None for color in pair if color.a), palette_name
        letters, ground = (Color.parse(XTERM[color.ansi]) if color.a and color.ansi >= 0 else None for color in pair)
        if letters is not None and palette_name not in FAINT:
            assert contrast(letters, ground or Color.parse("#000000")) >= 4.5, palette_name


def test_a_theme_of_ones_own_is_offered_and_a_broken_one_is_said(tmp_path: Path):
    (tmp_path / "mine.toml").write_text('name = "mine"\n[palette]\nbid = "#00ff00"\n')
    (tmp_path / "broken.toml").write_text('name = "broken"\n[palette]\nbid = "greenish"\n')
    themes, (complaint,) = load_themes([*theme_folders(), tmp_path])
    assert {"mine", "dark", "light"} <= set(themes)
    assert "broken.toml" in complaint
    assert "greenish" in complaint


def contrast(one, other):
    """Contrast ratio as WCAG 2 defines it, which is not Textual's brightness."""

    def luminance(color):
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 3", "theme bad.toml is left out"),
        ("not toml", "theme bad.toml is left out"),
        ('name = "x"\n[palette]\nbud = "#fff"', "has no name 'bud'"),
        ('name = "x"\n[palette]\nbid = "[red"', "is not a colour"),
        ('name = "x"\n[colors]\nbakground = "#fff"', "bakground"),
    ],
)
def test_a_bad_theme_is_a_sentence_and_the_others_stand(tmp_path: Path, text, says):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ThemeError, match=says):
        read_theme(path)
    themes, complaints = load_themes([tmp_path])
    assert list(themes) == ["dark"]
    assert len(complaints) == 1


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("btc", "BTCUSDT"),
        ("btcp", "BTCUSDT-PERP"),
        ("BTCUSDT-P", "BTCUSDT-PERP"),
        ("eth", "ETHUSDT"),
        ("ink", "LINKUSDT"),
        ("pp", "PEPEUSDT"),
    ],
)
def test_search_finds(query, first):
    assert rank(query, FakeDesk().store.instruments.values(), [])[0].symbol == first


def test_search_puts_recent_first_and_nothing_where_letters_are_missing():
    instruments = FakeDesk().store.instruments.values()
    assert rank("", instruments, ["SOLUSDT"])[0].symbol == "SOLUSDT"
    assert rank("zzz", instruments, []) == []


def test_among_thousands_what_is_traded_is_found_by_its_first_letters():
    """Two letters begin the names of many coins; the dollar market is meant, and what is looked at comes first."""
    listed = FakeDesk().store.instruments
    model = listed["ETHUSDT"]
    letters = "ABCDEFGHIJKLMNOPQRST"
    many = [
        replace(model, symbol=f"{a}{b}{c}{quote}", base=f"{a}{b}{c}", quote=quote)
        for a in letters
        for b in letters
        for c in "TUV"
        for quote in ("BTC", "TRY", "USDC", "USDT")
    ]
    assert len(many) == 4_800
    everything = [*many, *listed.values()]
    assert [found.symbol for found in rank("bt", everything, [])][:2] == ["BTCUSDT", "BTTUSDT"]
    assert rank("bt", everything, ["BTVTRY"])[0].symbol == "BTVTRY"
    assert rank("", everything, ["SOLUSDT", "BTVTRY"])[1].symbol == "BTVTRY"
    assert len(rank("", everything, [])) == len(everything)


def test_a_review_is_taken_once():
    slot = ReviewSlot()
    slot.put(Review("ARM", (Arm(),), Origin.KEY))
    assert slot.take() is not None
    assert slot.take() is None
    assert not slot.drop()


def test_a_line_is_edited():
    edit = LineEdit()
    for character in "b 0.1 mk":
        edit.press(character, character)
    edit.press("home", None)
    edit.press("delete", None)
    edit.press("s", "s")
    edit.press("end", None)
    edit.press("t", "t")
    assert edit.text == "s 0.1 mkt"
    edit.press("ctrl+w", "\x17")
    assert edit.text == "s 0.1 "
    assert not edit.press("f5", None)


def test_a_line_takes_no_invisible_characters_and_does_not_grow_without_end():
    edit = LineEdit()
    edit.insert("b\x1b[A\u202e1" + "9" * 1000)
    assert edit.text.startswith("b[A19")
    assert len(edit.text) == 200


def test_a_report_that_cannot_be_written_is_still_one_line(tmp_path: Path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    words = write_report(ValueError("x"), blocker / "crash.log")
    assert "no report could be written" in words
    assert "\n" not in words


def test_scrubbing_takes_what_looks_like_a_key():
    assert redact(f"key {'aB3' * 20} symbol BTCUSDT-PERP") == "key [removed] symbol BTCUSDT-PERP"


def test_quitting_with_many_orders_names_four():
    orders = FakeDesk().store.open_orders()
    assert quit_words([]) == ""
    assert quit_words(orders * 2).endswith("and 4 more")


def test_quitting_said_nothing_of_brackets_and_countdowns_that_it_leaves_alone():
    store = FakeDesk().store
    entry = replace(store.open_orders()[0], group="btui-1", role=LegRole.ENTRY, list_id=None)
    stop = replace(entry, client_order_id="2", group="protect BTCUSDT-PERP", role=LegRole.STOP_LOSS)
    store.orders, store.algos = {"1": entry, "2": stop}, {}
    said = leaving_words(store)
    assert said.startswith("QUIT: 2 working orders stay at the exchange")
    assert said.endswith("; 1 bracket without its keeper: what fills gets no exits, no exit ends the other")
    store.orders, store.countdowns = {}, {"BTCUSDT-PERP": 1}
    assert leaving_words(store) == ("QUIT: 1 countdown runs out: the exchange cancels that symbol's orders, exits too")
    store.countdowns = {}
    assert leaving_words(store) == ""


def test_a_selected_line_is_replaced_by_the_first_key_and_kept_by_an_arrow():
    edit = LineEdit("p1")
    edit.is_selected = True
    edit.press("5", "5")
    edit.press("0", "0")
    assert edit.text == "50"
    edit.is_selected = True
    edit.press("left", None)
    edit.press("1", "1")
    assert edit.text == "510"
    edit.is_selected = True
    edit.press("backspace", "\x08")
    assert edit.text == ""
