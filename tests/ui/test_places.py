"""The three layouts: every pane inside the area, none over another, each one reachable."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.ui.layout.places import FIXED_ROWS, LAYOUTS, PANE_ORDER, arrange, is_too_small

SIZES = [(200, 50), (120, 36), (80, 24), (160, 30), (99, 60), (300, 80)]


def overlap(a, b):
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("front", PANE_ORDER)
def test_the_pane_gone_to_shows_and_nothing_overlaps(width, height, front, layout):
    rects = arrange(width, height - FIXED_ROWS, [front], layout=layout).rects
    assert front in rects
    assert {"ladder", "book"} & rects.keys()
    for rect in rects.values():
        assert rect.x >= 0
        assert rect.y >= 0
        assert rect.width >= 20
        assert rect.height >= 4
        assert rect.x + rect.width <= width
        assert rect.y + rect.height <= height - FIXED_ROWS
    assert not [pair for pair in combinations(rects.values(), 2) if overlap(*pair)]
    assert sum(r.width * r.height for r in rects.values()) == width * (height - FIXED_ROWS)


@given(st.integers(80, 400), st.integers(24, 120), st.permutations(PANE_ORDER), st.sampled_from(tuple(LAYOUTS)))
def test_any_usable_size_is_filled_exactly(width, height, recent, layout):
    rects = arrange(width, height - FIXED_ROWS, recent, layout=layout).rects
    assert sum(r.width * r.height for r in rects.values()) == width * (height - FIXED_ROWS)


def test_a_zoomed_pane_has_everything():
    assert arrange(120, 30, [], "chart").rects == {"chart": (0, 0, 120, 30)}


def test_lists_share_a_place_as_tabs():
    arrangement = arrange(200, 46, ["fills"])
    assert arrangement.tabs == {"fills": ("orders", "fills", "messages", "alerts", "algos")}


def test_two_ladders_stand_side_by_side_where_there_is_room():
    for width, height in SIZES:
        rects = arrange(width, height - FIXED_ROWS, [], layout="ladders").rects
        assert {"ladder", "ladder2"} <= rects.keys()
        assert ("chart" in rects) == (width >= 200)


def test_a_second_chart_stands_below_or_beside_the_first_where_there_is_room():
    places = {}
    for width, height in SIZES:
        rects = arrange(width, height - FIXED_ROWS, [], layout="charts").rects
        assert {"ladder", "chart"} <= rects.keys()
        if "chart2" in rects:
            one, other = rects["chart"], rects["chart2"]
            places[width, height] = "below" if other.y > one.y else "beside" if other.x > one.x else "over"
    assert places == {(200, 50): "below", (300, 80): "beside"}


def test_what_is_too_small():
    assert is_too_small(79, 24)
    assert is_too_small(80, 23)
    assert not is_too_small(80, 24)
