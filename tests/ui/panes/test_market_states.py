"""The market panes in every state they can be in, as text that a person has looked at.

`pytest --snapshot-update` writes them anew; look at the difference before it is kept.
"""

from decimal import Decimal as D

import pytest
from market_screen import market_pane
from pane_states import STATES
from syrupy.assertion import SnapshotAssertion

from tui.ui.lines import plain

#: Pane, width and height; as large as it takes to see everything once.
SIZES = {"ladder": (64, 18), "book": (45, 26), "chart": (84, 20), "tape": (26, 10), "watchlist": (56, 8)}


@pytest.mark.parametrize("state", STATES)
async def test_the_market_panes_look_as_they_were_looked_at(state: str, snapshot: SnapshotAssertion) -> None:
    async with market_pane(STATES[state](), "tape") as (tape, pilot):
        drawn = []
        for name, (width, height) in SIZES.items():
            pane = pilot.app.panes[name]
            lines = [plain(line) for line in pane.lines(width, height)]
            assert all(len(line) == width for line in lines), name
            drawn.append("\n".join([f"── {name}", *(line.rstrip() for line in lines)]))
        assert tape.view.symbol == (tape.desk.store.focus or "")
    assert "\n".join(drawn) == snapshot


async def test_a_held_cursor_of_the_ladder_is_drawn_the_same_in_every_state() -> None:
    for state in ("live", "halted", "read_only"):
        async with market_pane(STATES[state](), "ladder") as (ladder, _):
            ladder.cursor_price = D("64212.0")
            rows = [plain(line) for line in ladder.lines(64, 18)]
            assert sum(row.startswith("»") for row in rows) == 1
