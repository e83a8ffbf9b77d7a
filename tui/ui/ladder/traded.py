"""How much has traded at each price since the symbol came into view."""

from collections.abc import Iterable, Mapping

from tui.domain.instrument import Instrument
from tui.domain.market import Trade
from tui.domain.order_terms import Side


def _group_taken(tick: int, is_buy: bool, ticks_per_group: int) -> int:
    return -(-tick // ticks_per_group) if is_buy else tick // ticks_per_group


#: Prices whose traded sizes are kept; beyond it the half farthest from the last print is forgotten.
MOST_TICKS = 4_000


class TradedSizes:
    """Lots traded at each tick since the symbol came into view; takes each print once.

    A print counts to the group of the level it took from: a buyer's to the asks, a seller's to the bids.
    """

    def __init__(self) -> None:
        self._by_tick: dict[tuple[int, bool], int] = {}
        self._by_group: dict[int, int] = {}
        self._ticks_per_group = 1
        self._seen_id: int | None = None

    def take(self, newest_first: Iterable[Trade], instrument: Instrument) -> None:
        """Count the prints that are newer than the last one counted."""
        newest = self._seen_id
        for trade in newest_first:
            if self._seen_id is not None and trade.trade_id <= self._seen_id:
                break
            newest = trade.trade_id if newest is None else max(newest, trade.trade_id)
            tick, is_buy = int(trade.price / instrument.tick.size), trade.aggressor is Side.BUY
            lots = int(trade.quantity / instrument.step.size)
            self._by_tick[tick, is_buy] = self._by_tick.get((tick, is_buy), 0) + lots
            group = _group_taken(tick, is_buy, self._ticks_per_group)
            self._by_group[group] = self._by_group.get(group, 0) + lots
        self._seen_id = newest
        if len(self._by_tick) > MOST_TICKS:
            self._forget_far(tick)

    def by_group(self, ticks_per_group: int) -> Mapping[int, int]:
        """Lots by group of this width; summed again only when the width changes."""
        if ticks_per_group != self._ticks_per_group:
            self._ticks_per_group = ticks_per_group
            self._sum()
        return self._by_group

    def _forget_far(self, tick: int) -> None:
        """Keep the half that is nearest to a tick."""
        near = sorted(self._by_tick, key=lambda at: abs(at[0] - tick))[: MOST_TICKS // 2]
        self._by_tick = {at: self._by_tick[at] for at in near}
        self._sum()

    def _sum(self) -> None:
        sums: dict[int, int] = {}
        for (tick, is_buy), lots in self._by_tick.items():
            group = _group_taken(tick, is_buy, self._ticks_per_group)
            sums[group] = sums.get(group, 0) + lots
        self._by_group = sums
