"""What the tape is made of: prints of takers, merged or single, liquidations among them, and holes named as such."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.market import Liquidation, Trade
from tui.domain.order_terms import Side

#: Prints of one side at one price this close together are one taker's and are shown as one.
MERGED_WITHIN_MS = 100


@dataclass(frozen=True, slots=True)
class Print:
    """Trades of one taker at one price; `count` of them, 1 where nothing was merged."""

    price: Decimal
    quantity: Decimal
    aggressor: Side
    time_ms: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Missed:
    """Trades that the ids on both sides say there were, and that never arrived."""

    count: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Liquidated:
    """A position somebody lost: the exchange's order that closed it."""

    price: Decimal
    quantity: Decimal
    side: Side
    time_ms: int


Entry = Print | Missed | Liquidated


def entries_of(newest_first: Iterable[Trade], *, is_merging: bool) -> list[Print | Missed]:
    """Prints newest first, with a line wherever trades are missing; neighbours of one taker as one when merging."""
    made: list[Print | Missed] = []
    newer_id: int | None = None
    for trade in newest_first:
        if newer_id is not None and newer_id - trade.trade_id > 1:
            made.append(Missed(newer_id - trade.trade_id - 1, trade.time_ms))
        newer_id = trade.trade_id
        last = made[-1] if made else None
        if is_merging and isinstance(last, Print) and _is_same_taker(last, trade):
            quantity = last.quantity + trade.quantity
            made[-1] = Print(last.price, quantity, last.aggressor, last.time_ms, last.count + 1)
        else:
            made.append(Print(trade.price, trade.quantity, trade.aggressor, trade.time_ms))
    return made


def _is_same_taker(last: Print, trade: Trade) -> bool:
    is_near = last.time_ms - trade.time_ms <= MERGED_WITHIN_MS
    return is_near and last.price == trade.price and last.aggressor is trade.aggressor


def at_least(entries: Iterable[Print | Missed], worth: Decimal, instrument: Instrument) -> list[Print | Missed]:
    """Prints worth so much in quote units or more; holes stay, because what is in them is not known."""
    return [
        each
        for each in entries
        if not worth or isinstance(each, Missed) or instrument.notional(each.price, each.quantity) >= worth
    ]


def with_liquidations(entries: Sequence[Print | Missed], liquidations: Iterable[Liquidation]) -> list[Entry]:
    """Liquidations among the prints by time, none older than the oldest print."""
    if not entries:
        return []
    oldest = entries[-1].time_ms
    lost: list[Entry] = [
        Liquidated(each.average_price or each.price, each.filled or each.quantity, each.side, each.time_ms)
        for each in liquidations
        if each.time_ms >= oldest
    ]
    if not lost:
        return list(entries)
    return sorted([*lost, *entries], key=lambda each: -each.time_ms)


def prints_among(entries: Iterable[Entry]) -> list[Print]:
    """The prints alone."""
    return [each for each in entries if isinstance(each, Print)]


def buy_share(prints: Sequence[Print]) -> int | None:
    """Percent of the quantity that buyers took; None without prints."""
    total = sum((each.quantity for each in prints), Decimal(0))
    bought = sum((each.quantity for each in prints if each.aggressor is Side.BUY), Decimal(0))
    return round(100 * bought / total) if total else None
