"""What happened to futures accounts besides trades: funding, clearance, transfers of margin; kept between runs."""

from collections import deque
from decimal import Decimal

import msgspec

from tui.exchange.documents import Documents

_REMEMBERED = 5_000


class Income(msgspec.Struct, frozen=True):
    """One entry of an account's income; `kind` is Binance's own word."""

    number: int
    account_id: str
    symbol: str
    kind: str
    amount: Decimal
    asset: str
    time_ms: int


class MarginMove(msgspec.Struct, frozen=True):
    """Margin put into an isolated position (type 1), or taken out (type 2)."""

    number: int
    account_id: str
    symbol: str
    side: str
    type: int
    amount: Decimal
    asset: str
    time_ms: int
    reason: str


class Records:
    """Incomes and margin moves of one venue, oldest first."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._last = 0
        self.incomes: deque[Income] = deque()
        self.moves: deque[MarginMove] = deque()

    def restore(self) -> None:
        """Take what a former run left."""
        self.incomes.extend(self._documents.found("income", Income))
        self.moves.extend(self._documents.found("margin_move", MarginMove))
        self._last = max([0, *(entry.number for entry in self.incomes), *(move.number for move in self.moves)])

    def note_income(self, account_id: str, symbol: str, kind: str, amount: Decimal, asset: str, time_ms: int) -> None:
        """Remember an income; nothing is not one."""
        if not amount:
            return
        self._last += 1
        entry = Income(self._last, account_id, symbol, kind, amount, asset, time_ms)
        self.incomes.append(entry)
        self._documents.put("income", entry.number, entry)
        if len(self.incomes) > _REMEMBERED:
            self._documents.drop("income", self.incomes.popleft().number)

    def note_move(
        self, account_id: str, symbol: str, side: str, amount: Decimal, asset: str, time_ms: int, reason: str
    ) -> None:
        """Remember a transfer of margin; a negative amount was taken out."""
        self._last += 1
        kind = 1 if amount > 0 else 2
        move = MarginMove(self._last, account_id, symbol, side, kind, abs(amount), asset, time_ms, reason)
        self.moves.append(move)
        self._documents.put("margin_move", move.number, move)
        if len(self.moves) > _REMEMBERED:
            self._documents.drop("margin_move", self.moves.popleft().number)
