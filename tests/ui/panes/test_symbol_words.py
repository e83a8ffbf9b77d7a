"""One market under several names: what tells spot, margin and futures apart where there is little room."""

from dataclasses import replace

import pytest
from fake_desk import PERP, SPOT, FakeDesk

from tui.domain.product import Product
from tui.ui.lines import plain
from tui.ui.search.pane import SearchPane
from tui.ui.symbols import short_symbol
from tui.ui.view_state import ViewState


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    coin = desk.store.instruments[SPOT]
    for product, symbol in ((Product.MARGIN, f"{SPOT}-X"), (Product.ISOLATED_MARGIN, f"{SPOT}-I")):
        desk.store.instruments = desk.store.instruments | {symbol: replace(coin, product=product, symbol=symbol)}
    return desk


@pytest.mark.parametrize("width", [45, 61, 62, 100])
def test_search_says_in_words_what_a_symbol_is(desk: FakeDesk, width: int) -> None:
    pane = SearchPane(desk, ViewState())
    pane.query_line.text = "btcusdt"
    rows = [plain(line) for line in pane.lines(width, 12)[2:]]
    for words in ("Spot", "Cross margin", "Isolated margin", "USD-M Futures"):
        assert any(words in row for row in rows), (words, rows)
    assert all(len(row) <= width for row in rows)


def test_no_two_products_share_a_short_name(desk: FakeDesk) -> None:
    names = [SPOT, f"{SPOT}-X", f"{SPOT}-I", PERP]
    short = [short_symbol(name, desk.store.instruments[name]) for name in names]
    assert short == ["BTC", "BTC·X", "BTC·I", "BTC·P"]
