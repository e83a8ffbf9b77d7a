"""How long orders live, and that all or nothing is meant: venues of both kinds against a model that is one list."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from venues import futures_venue, limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection
from tui.exchange.venue import Venue

SYMBOL = "BTCUSDT"
LOT = Decimal("0.01")
POST_ONLY = {Product.SPOT: -2010, Product.USDM: -5022}
#: Futures refuse an order that cannot be filled at once, spot lets it expire.
ALL_OR_NOTHING = {Product.SPOT: "EXPIRED", Product.USDM: -5021}

steps = st.lists(
    st.tuples(
        st.sampled_from(["GTC", "GTC", "IOC", "FOK", "POST", "MARKET"]),
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(Side),
        st.integers(-3, 3),
        st.integers(1, 9),
    ),
    max_size=30,
)
#: The own order in the way is not taken off the book by an order that comes to nothing.
OWN_IN_THE_WAY = [("GTC", "ann", Side.SELL, 0, 2), ("GTC", "bob", Side.SELL, 1, 2), ("FOK", "ann", Side.BUY, 1, 3)]


@dataclass
class Row:
    """A resting order of the model, in the sequence of `rows`."""

    owner: str
    side: Side
    price: int
    lots: int


class Model:
    """Self-trade prevention is the default: own resting orders expire when they are met."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.rows: list[Row] = []

    def reached(self, side: Side, price: int | None) -> list[Row]:
        """What an order would meet, in its turn."""
        sign = 1 if side is Side.BUY else -1
        others = [row for row in self.rows if row.side is not side]
        return sorted(
            (row for row in others if price is None or (price - row.price) * sign >= 0),
            key=lambda row: sign * row.price,
        )

    def place(self, kind: str, owner: str, side: Side, price: int | None, lots: int) -> tuple[str | int, int]:
        """State or code of refusal, and the lots that traded."""
        met = self.reached(side, price)
        if kind == "POST" and met:
            return POST_ONLY[self.product], 0
        if kind == "FOK" and sum(row.lots for row in met if row.owner != owner) < lots:
            return ALL_OR_NOTHING[self.product], 0
        left = lots
        for row in met:
            if not left:
                break
            part = row.lots if row.owner == owner else min(left, row.lots)
            left -= part if row.owner != owner else 0
            row.lots -= part
        self.rows = [row for row in self.rows if row.lots]
        if not left:
            return "FILLED", lots
        if kind in ("IOC", "MARKET"):
            return "EXPIRED", lots - left
        assert price is not None
        self.rows.append(Row(owner, side, price, left))
        return "NEW" if left == lots else "PARTIALLY_FILLED", lots - left

    def depth(self, side: Side) -> list[tuple[int, int]]:
        """Levels from the best price on."""
        sums: dict[int, int] = {}
        for row in self.rows:
            if row.side is side:
                sums[row.price] = sums.get(row.price, 0) + row.lots
        return sorted(sums.items(), reverse=side is Side.BUY)


def entry(product: Product, kind: str, side: Side, price: int, lots: int) -> OrderEntry:
    """The order as clients of the product send it."""
    quantity = str(lots * LOT)
    if kind == "MARKET":
        return market(side, quantity, symbol=SYMBOL)
    if kind != "POST":
        return limit(side, quantity, str(price), symbol=SYMBOL, tif=kind)
    if product is Product.USDM:
        return limit(side, quantity, str(price), symbol=SYMBOL, tif="GTX")
    return OrderEntry(SYMBOL, side, "LIMIT_MAKER", None, lots * LOT, None, Decimal(price))


def placed(venue: Venue, owner: str, wanted: OrderEntry) -> tuple[str | int, int]:
    """What the venue made of an order."""
    try:
        order = venue.place(owner, wanted)
    except Rejection as refused:
        return refused.code, 0
    return order.state.value, int(order.filled_lots * order.listing.step.size / LOT)


@pytest.mark.parametrize("product", [Product.SPOT, Product.USDM])
@given(played=steps)
@example(played=OWN_IN_THE_WAY)
def test_orders_live_as_long_as_they_say(product, played):
    venue, _ = spot_venue("ann", "bob") if product is Product.SPOT else futures_venue("ann", "bob", wallet="1000000")
    model, listing = Model(product), venue.listings[SYMBOL]
    for kind, owner, side, offset, lots in played:
        price = None if kind == "MARKET" else 90_000 + 10 * offset
        if kind == "MARKET" and not model.reached(side, None):
            continue  # Without another side, markets refuse in their own ways.
        wanted = entry(product, kind, side, price or 0, lots)
        assert placed(venue, owner, wanted) == model.place(kind, owner, side, price, lots)
        _, *sides = venue.depth(SYMBOL, 100)
        for found, expected in zip(sides, (model.depth(Side.BUY), model.depth(Side.SELL)), strict=True):
            shown = [(int(listing.tick.value(ticks)), int(lots * listing.step.size / LOT)) for ticks, lots in found]
            assert shown == expected
