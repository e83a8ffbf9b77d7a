"""One market under several names: what tells spot, margin and futures apart where there is little room."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk

from tui.domain.account import Balance
from tui.domain.product import Product
from tui.ui.header.lines import header_lines
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


def test_an_isolated_pair_has_a_wallet_of_its_own_and_the_header_shows_what_would_be_left(desk: FakeDesk) -> None:
    isolated = Balance(Product.ISOLATED_MARGIN, "USDT", D(1_500), D(0), 1, D(500), D(0), SPOT)
    desk.store.balances = desk.store.balances | {isolated.key: isolated}
    pair, coin = desk.store.instruments[f"{SPOT}-I"], desk.store.instruments[SPOT]
    assert desk.store.wallet(pair, "USDT") is isolated
    assert desk.store.wallet(coin, "USDT") is desk.store.balances.get((Product.SPOT, "USDT"))
    view = ViewState(symbol=pair.symbol, clock=desk.clock)
    texts = " ".join(plain(line) for line in header_lines(desk.store, view, 200))
    assert "USDT 1,000.00" in texts
    assert "free 1,500.00" in texts
