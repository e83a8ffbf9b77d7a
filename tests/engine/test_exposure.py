"""What stands behind positions, against arithmetic by hand."""

from dataclasses import replace
from decimal import Decimal

from fake_client import PERP, position

from tui.domain.account import Balance, LeverageBracket
from tui.domain.market import MarkPrice
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.engine.account.exposure import cross_wallet, liquidation_after
from tui.engine.store import Session, Stamped, Store

D = Decimal
BOTH = PositionSide.BOTH
OTHER = replace(PERP, symbol="ETHUSDT-PERP", native="ETHUSDT", base="ETH")
TIERS = (LeverageBracket(D(0), D(10**9), 125, D("0.01"), D(0)),)


def store_with(*positions, mark="100", wallet="1000") -> Store:
    store = Store(Session("demo", "main", False, False))
    for one in (PERP, OTHER):
        store.instruments[one.symbol] = one
        said = MarkPrice(D(mark), D(mark), D(0), 0, 1)
        store.market(one.symbol).mark = Stamped(said, 1, 1, 1)
        store.brackets[one.symbol] = TIERS
    store.balances = {(Product.USDM, "USDT"): Balance(Product.USDM, "USDT", D(0), D(0), 1, wallet=D(wallet))}
    store.positions = {one.key: one for one in positions}
    return store


def isolated(quantity, wallet, mark):
    """A position entered at 100, as it was read while the mark was at `mark`."""
    margin = D(wallet) + D(quantity) * (D(mark) - 100)
    return replace(position(quantity), is_isolated=True, margin=margin, isolated_wallet=D(wallet), mark_price=D(mark))


def test_the_margin_of_an_isolated_position_drifted_with_the_mark() -> None:
    """Bug: its profit of now was taken from its margin of when it was read, which had another profit in it."""
    for mark in ("100", "90", "130"):
        held = isolated("2", "20", "100")
        store = store_with(held, mark=mark)
        assert cross_wallet(store, OTHER) == D(980), mark
        # 20 behind two coins from 100; each takes 0.99 of its fall beyond maintenance: (200 - 20) / (2 * 0.99).
        foreseen = liquidation_after(store, PERP, BOTH, D(-1), D(100))
        assert foreseen == D(90) / D("0.99"), mark


async def test_assets_that_all_became_margin_elsewhere_were_not_known_to_be(open_table) -> None:
    """Bug: the mode was read when the account was connected, and its event was passed over."""
    async with open_table(PERP.symbol) as table:
        table.perp.user.on_multi_assets(Product.USDM, is_on=True)
        assert table.store.multi_assets == {Product.USDM}
        table.perp.user.on_multi_assets(Product.USDM, is_on=False)
        assert not table.store.multi_assets


def test_no_liquidation_price_is_foreseen_where_all_assets_are_margin() -> None:
    """Bug: only the margin asset's own wallet was counted, though every other one stands behind the position too."""
    store = store_with()
    assert liquidation_after(store, PERP, BOTH, D(20), D(100)) is not None
    store.multi_assets = frozenset({Product.USDM})
    assert liquidation_after(store, PERP, BOTH, D(20), D(100)) is None
