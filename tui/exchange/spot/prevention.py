"""Self-trade prevention: what two orders of one account or trade group lose instead of trading with each other.

Binance spot API docs, FAQ "STP", 2026-07-21.
"""

from itertools import islice

from tui.domain.order_terms import Side
from tui.exchange.matching.match import Match
from tui.exchange.orders import ExchangeOrder, OrderState, Prevention
from tui.exchange.spot.floor import Floor
from tui.exchange.spot.order import SpotOrder, spot_order
from tui.exchange.symbol_book import SymbolBook

_KIND = "prevention"
#: Prevented matches kept.
_REMEMBERED = 1_000


class Preventions:
    """Every prevented match, by its number."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._records: dict[int, Prevention] = {}

    def resume(self) -> None:
        """Take back what a former run knew."""
        for record in self._floor.documents.found(_KIND, Prevention):
            self._records[record.prevention_id] = record

    def of(self, account_id: str, symbol: str) -> list[Prevention]:
        """An account's prevented matches of a symbol, oldest first."""
        return [
            record
            for record in self._records.values()
            if record.symbol == symbol and account_id in (record.account_id, record.maker_account_id)
        ]

    def take(self, book: SymbolBook, found: Match, taker: ExchangeOrder | None) -> None:
        """Take off both orders what the match says, tell both, and end those that have nothing left."""
        maker = found.maker.order
        assert maker is not None
        assert taker is not None
        record = self._record(spot_order(maker), spot_order(taker), found)
        if found.mode == "TRANSFER" and found.lots:
            self._transfer(spot_order(maker), spot_order(taker), found)
        for order, lots in ((spot_order(taker), found.taker_lots), (spot_order(maker), found.maker_lots)):
            if lots:
                self._lose(order, lots, record)
            else:
                order.preventions.append(record)

    def _transfer(self, maker: SpotOrder, taker: SpotOrder, found: Match) -> None:
        """Exchange between both accounts; between orders of two quotes the router stands, as in a trade."""
        settlement, now_ms = self._floor.settlement, self._floor.clock.now_ms()
        for order in (taker, maker):
            settlement.transfer(order, found.price, found.lots)
            if taker.listing is not maker.listing:
                settlement.settle_house(order.listing, order.side is Side.SELL, found.price, found.lots, now_ms)

    def _record(self, maker: SpotOrder, taker: SpotOrder, found: Match) -> Prevention:
        record = Prevention(
            next(reversed(self._records), 0) + 1,
            taker.account_id,
            taker.listing.symbol,
            taker.order_id,
            maker.order_id,
            found.mode,
            found.price,
            found.taker_lots,
            found.maker_lots,
            self._floor.clock.now_ms(),
            maker.account_id if maker.account_id != taker.account_id else "",
            self._floor.dealer.groups.of(taker.account_id),
        )
        self._records[record.prevention_id] = record
        self._floor.documents.put(_KIND, record.prevention_id, record)
        for number in list(islice(self._records, max(0, len(self._records) - _REMEMBERED))):
            del self._records[number]
            self._floor.documents.drop(_KIND, number)
        return record

    def _lose(self, order: SpotOrder, lots: int, record: Prevention) -> None:
        dealer, settlement = self._floor.dealer, self._floor.settlement
        if record.mode != "TRANSFER":
            settlement.release(order, lots)
        order.prevented_lots += lots
        order.preventions.append(record)
        order.updated_ms = record.time_ms
        if not order.leaves:
            order.state = OrderState.EXPIRED_IN_MATCH
            self._floor.registry.close(order)
        dealer.emit_order(order, "TRADE_PREVENTION", prevention=record)
        dealer.emit_account(order.account_id, "ORDER", *settlement.touched(order), order.updated_ms)
        if dealer.after_event is not None:
            # What was transferred is gone, as if it had been traded: a list's other order must not spend it again.
            dealer.after_event(order, "TRADE" if record.mode == "TRANSFER" else "TRADE_PREVENTION")
