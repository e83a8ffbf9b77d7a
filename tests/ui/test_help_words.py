"""The help says what every column and mark of a pane means."""

from collections.abc import Sequence
from typing import Any

import pytest
from fake_desk import FakeDesk

from tui.domain.product import Product
from tui.ui.account.lines import COLUMNS as ACCOUNT
from tui.ui.actions import PANE_CONTEXTS, Situation
from tui.ui.alerts.lines import COLUMNS as ALERTS
from tui.ui.algos.lines import COLUMNS as ALGOS
from tui.ui.fills.lines import COLUMNS as FILLS
from tui.ui.help.lines import help_lines
from tui.ui.help.shown import SHOWN
from tui.ui.lines import plain
from tui.ui.orders.lines import COLUMNS as ORDERS
from tui.ui.positions.lines import WITH_VIRTUAL
from tui.ui.table import Column
from tui.ui.watchlist.lines import columns_for

TABLES: dict[str, Sequence[Column[Any]]] = {
    "account": ACCOUNT,
    "alerts": ALERTS,
    "algos": ALGOS,
    "fills": FILLS,
    "orders": ORDERS,
    "positions": WITH_VIRTUAL,
    "watchlist": columns_for(30, ()),
}


def helped(context: str, wanted: str = "", width: int = 100) -> list[str]:
    situation = Situation(FakeDesk().store.session, Product.USDM, True)
    return [plain(line) for line in help_lines(context, situation, wanted, width=width)]


@pytest.mark.parametrize("context", TABLES)
def test_every_column_of_a_table_stands_in_the_help_of_its_pane(context: str) -> None:
    named = " ".join(what for what, _ in SHOWN[context])
    for column in TABLES[context]:
        assert column.name in named, f"{context}: {column.name}"


def test_only_panes_and_the_rows_at_the_top_are_spoken_of() -> None:
    assert set(SHOWN) <= {"", *PANE_CONTEXTS}


@pytest.mark.parametrize("width", [44, 80, 120])
def test_the_help_of_positions_says_what_its_columns_are(width: int) -> None:
    lines = helped("positions", width=width)
    start = lines.index(" Positions shows")
    assert lines.index(" Positions") < start < lines.index(" Everywhere")
    assert lines[start + 1].startswith("   symbol side size   what, which way")
    assert all(len(line.rstrip()) <= width for line in lines[start : start + 20])


def test_a_mark_is_found_by_what_it_means() -> None:
    assert any(line.startswith("   ADL age") for line in helped("positions", "others' losses"))
    assert not any("shows" in line for line in helped("positions", "no such words"))
