"""Where panes are: every one inside the area, none over another, each one reachable, at any size and composition."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.ui.layout.composition import (
    BOOK_OF,
    CHART_PANES,
    KINDS,
    LAYOUTS,
    STANDARD,
    Composition,
    CompositionError,
    composition_of,
    kind_of,
    slot_of,
)
from tui.ui.layout.places import (
    FIXED_ROWS,
    LEAST_CHART,
    LEAST_LADDER,
    LOW_CHART,
    MID,
    PANE_ORDER,
    arrange,
    is_too_small,
)

SIZES = [(200, 50), (120, 36), (80, 24), (160, 30), (99, 60), (300, 80)]

LADDERS_AND_BOOKS = {*BOOK_OF, *BOOK_OF.values()}

#: Every composition there is.
COMPOSITIONS = [
    found
    for size in range(5)
    for panes in combinations([*tuple(BOOK_OF)[1:], *CHART_PANES], size)
    if (found := composition_of(panes)) is not None
]


def overlap(a, b):
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def least(pane: str, composition: Composition) -> tuple[int, int]:
    """The smallest width and height a pane may be given; a chart that was only called for takes a ladder's place."""
    if pane in CHART_PANES:
        return (LEAST_CHART if pane in composition else LEAST_LADDER), 7
    return (LEAST_LADDER, 10) if pane in LADDERS_AND_BOOKS else (20, 4)


@given(
    st.integers(80, 400),
    st.integers(24, 120),
    st.permutations(PANE_ORDER),
    st.integers(0, 23),
    st.sampled_from(COMPOSITIONS),
)
def test_the_area_is_filled_nothing_overlaps_and_what_was_gone_to_shows(width, height, order, used, composition):
    recent = order[:used]
    rows = height - FIXED_ROWS
    rects = arrange(width, rows, recent, composition=composition).rects
    assert sum(r.width * r.height for r in rects.values()) == width * rows
    assert not [pair for pair in combinations(rects.values(), 2) if overlap(*pair)]
    assert not recent or recent[0] in rects
    assert {"ladder", "book"} & rects.keys(), "the first ladder or its book is always there"
    for pane, (x, y, wide, high) in rects.items():
        assert (x >= 0, y >= 0, x + wide <= width, y + high <= rows) == (True,) * 4
        least_wide, least_high = least(pane, composition)
        assert wide >= least_wide, pane
        assert high >= least_high, pane


@given(st.integers(80, 400), st.integers(24, 120), st.sampled_from(COMPOSITIONS))
def test_whatever_belongs_to_the_composition_shows_or_is_named_on_a_border(width, height, composition):
    found = arrange(width, height - FIXED_ROWS, [], composition=composition)
    named = {pane for tabs in found.tabs.values() for pane in tabs}
    if width >= MID or composition != STANDARD:
        assert set(composition.panes) <= found.rects.keys() | named
    if width >= MID:
        assert "tape" in found.rects.keys() | named
    for front, tabs in found.tabs.items():
        assert front in tabs
        assert front in found.rects


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda each: "-".join(each.panes))
def test_at_200x50_every_composition_stands_whole(composition):
    rects = arrange(200, 46, [], composition=composition).rects
    assert set(composition.panes) <= rects.keys()
    books = [BOOK_OF[ladder] for ladder in composition.ladders]
    assert {*books, *composition.charts} <= arrange(200, 46, books, composition=composition).rects.keys()


def test_a_ladder_a_book_of_another_symbol_and_a_chart_stand_at_120x36():
    composition = Composition(("ladder", "ladder2"), ("chart",))
    rects = arrange(120, 32, ["book2"], composition=composition).rects
    assert {"ladder", "book2", "chart"} <= rects.keys()


def test_the_first_ladder_does_not_move_when_others_come():
    for width, height in [(200, 50), (160, 40), (300, 80)]:
        places = {
            rects["ladder"]
            for name in ("standard", "ladders", "charts")
            if "tape" in (rects := arrange(width, height - FIXED_ROWS, [], composition=LAYOUTS[name]).rects)
        }
        assert len(places) == 1


def test_two_charts_stand_beside_each_other_below_or_take_turns():
    shown = {}
    for width, height in [*SIZES, (120, 50)]:
        rects = arrange(width, height - FIXED_ROWS, [], composition=LAYOUTS["charts"]).rects
        one, other = rects["chart"], rects.get("chart2")
        shown[width, height] = "turns" if other is None else "below" if other.y > one.y else "beside"
        assert other is None or one.height >= LOW_CHART
    assert shown == {
        (200, 50): "below",
        (120, 36): "beside",
        (80, 24): "turns",
        (160, 30): "beside",
        (99, 60): "below",
        (300, 80): "beside",
        (120, 50): "below",
    }


def test_a_zoomed_pane_has_everything():
    assert arrange(120, 30, [], "chart").rects == {"chart": (0, 0, 120, 30)}


def test_lists_share_a_place_as_tabs():
    arrangement = arrange(200, 46, ["fills"])
    assert arrangement.tabs == {"fills": ("orders", "fills", "messages", "alerts", "algos")}


def test_what_is_too_small():
    assert is_too_small(79, 24)
    assert is_too_small(80, 23)
    assert not is_too_small(80, 24)


def test_a_book_belongs_to_the_place_of_its_ladder():
    assert [slot_of(each) for each in ("book", "book3", "ladder2", "chart2")] == [
        "ladder",
        "ladder3",
        "ladder2",
        "chart2",
    ]
    assert [kind_of(each) for each in ("book3", "ladder", "chart2", "tape")] == ["book", "ladder", "chart", ""]
    assert "book2" in LAYOUTS["ladders"]
    assert "book2" not in STANDARD


@given(st.sampled_from(COMPOSITIONS), st.sampled_from(["ladder", "book", "chart"]))
def test_what_is_added_can_be_closed_again(composition, kind):
    if all(pane in composition for pane in KINDS[kind]):
        with pytest.raises(CompositionError, match="off"):
            composition.free(kind)
    else:
        pane = composition.free(kind)
        more = composition.with_pane(pane)
        assert pane in more
        assert more.without(pane) == composition


@pytest.mark.parametrize("pane", ["ladder", "book", "chart", "chart2", "tape"])
def test_what_must_stay_says_so(pane):
    with pytest.raises(CompositionError):
        STANDARD.without(pane)


@given(st.lists(st.sampled_from([*PANE_ORDER, "x", ""])))
def test_any_list_of_panes_is_a_composition_or_none(panes):
    found = composition_of(panes)
    assert found is None or (found.ladders[0] == "ladder" and found in COMPOSITIONS)
