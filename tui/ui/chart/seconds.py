"""Bars shorter than a minute, made of prints: the exchange streams none for futures."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from tui.domain.interval import SECOND_MS, opening_ms
from tui.domain.market import Candle, Trade

#: Seconds with prints that are kept, and how many more there may be before the oldest are dropped.
SECONDS_KEPT, _SPARE = 7_200, 600

#: Bars without a print that are drawn in a row; a longer silence is left out.
_MOST_FILLED = 600


class SecondBars:
    """Bars of one symbol since it came into view, and as far back as its prints reach; takes each print once."""

    def __init__(self) -> None:
        self._bars: dict[int, Candle] = {}
        self._seconds: list[int] = []
        self._made: dict[int, list[Candle]] = {}
        self.source: Iterable[Trade] | None = None
        self._newest_id: int | None = None

    def take(self, kept: Iterable[Trade], newest_first: Sequence[Trade]) -> None:
        """Count prints newer than the last one counted; `kept` is the store's own list, made anew when it was filled.

        Where prints are missing between, bars begin anew after the hole: none is ever drawn of half its prints.
        """
        if not newest_first:
            return
        if kept is not self.source:
            self.source = kept
            self._begin_anew(newest_first)
            return
        newest = self._newest_id or 0
        fresh = list(takewhile(lambda trade: trade.trade_id > newest, newest_first))
        if fresh and fresh[-1].trade_id > newest + 1:
            self._forget()
        self._add_all(fresh)

    def candles(self, length_ms: int) -> tuple[Candle, ...]:
        """Bars of a length in whole seconds, oldest first; spans without a print repeat the last close."""
        made = self._made.setdefault(length_ms, [])
        start = made.pop().open_ms if made else 0
        for second in self._seconds[bisect_left(self._seconds, start) :]:
            _join(made, self._bars[second], length_ms)
        return tuple(made)

    def _begin_anew(self, newest_first: Sequence[Trade]) -> None:
        """Count everything kept; what lies before it stays when nothing is missing between."""
        oldest, newest = newest_first[-1], self._newest_id
        before: dict[int, Candle] = {}
        if newest is not None and newest >= oldest.trade_id - 1:
            at = opening_ms(oldest.time_ms, SECOND_MS)
            before = {second: bar for second, bar in self._bars.items() if second < at}
        self._forget()
        self._bars, self._seconds = before, sorted(before)
        self._add_all(newest_first)

    def _add_all(self, newest_first: Sequence[Trade]) -> None:
        for trade in reversed(newest_first):
            self._add(trade)
            self._newest_id = trade.trade_id
        if len(self._seconds) > SECONDS_KEPT + _SPARE:
            for second in self._seconds[:-SECONDS_KEPT]:
                del self._bars[second]
            self._seconds = self._seconds[-SECONDS_KEPT:]
            self._made.clear()

    def _add(self, trade: Trade) -> None:
        # Prints of one millisecond may be told out of order: they count to the newest second.
        second = opening_ms(trade.time_ms, SECOND_MS)
        second = max(second, self._seconds[-1]) if self._seconds else second
        held, price = self._bars.get(second), trade.price
        if held is None:
            self._seconds.append(second)
            held = Candle(second, second + SECOND_MS - 1, price, price, price, price, trade.quantity * 0, closed=False)
        self._bars[second] = replace(
            held,
            high=max(held.high, price),
            low=min(held.low, price),
            close=price,
            volume=held.volume + trade.quantity,
        )

    def _forget(self) -> None:
        self._bars, self._seconds = {}, []
        self._made.clear()


def _join(made: list[Candle], bar: Candle, length_ms: int) -> None:
    """Let a second count to the last bar, or open the next, with flat ones between."""
    opened = opening_ms(bar.open_ms, length_ms)
    last = made[-1] if made else None
    if last is not None and last.open_ms == opened:
        made[-1] = replace(
            last,
            high=max(last.high, bar.high),
            low=min(last.low, bar.low),
            close=bar.close,
            volume=last.volume + bar.volume,
        )
        return
    if last is not None:
        made[-1] = replace(last, closed=True)
        missing = range(last.open_ms + length_ms, opened, length_ms)
        flat, nothing = last.close, last.volume * 0
        made.extend(
            Candle(at, at + length_ms - 1, flat, flat, flat, flat, nothing, closed=True)
            for at in (missing if len(missing) <= _MOST_FILLED else ())
        )
    made.append(replace(bar, open_ms=opened, close_ms=opened + length_ms - 1, closed=False))
