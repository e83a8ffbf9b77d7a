"""Loans and transfers of margin accounts (margin docs 2026, 10.3; wallet docs, "User Universal Transfer")."""

from decimal import Decimal
from typing import Protocol

import msgspec

from tui.binance.call import Call
from tui.binance.errors import RefusedError
from tui.binance.http import RestTransport
from tui.binance.limits import UID_PER_IP
from tui.binance.margin import parse, wire
from tui.binance.spot.order_fields import Fields
from tui.binance.wire import answered, plain
from tui.domain.account import MarginLevel
from tui.domain.instrument import native_coin_symbol
from tui.domain.product import Product


def changes(path: str, account_weight: int) -> Call:
    """A request that moves money, held to the rules of orders though it counts as none; weight is the account's."""
    weight = -(-account_weight // UID_PER_IP)
    return Call("POST", path, weight=weight, signed=True, is_order=True, orders=0)


_LOAN = changes("/sapi/v1/margin/borrow-repay", 1_500)
_TRANSFER = changes("/sapi/v1/asset/transfer", 900)
_MAX_BORROWABLE = Call("GET", "/sapi/v1/margin/maxBorrowable", weight=750 // UID_PER_IP, signed=True)

_DONE = msgspec.json.Decoder(wire.Transfer)
_BORROWABLE = msgspec.json.Decoder(wire.Borrowable)


class ReadLevels(Protocol):
    """Asks for the levels of every account of a product."""

    async def __call__(self) -> list[MarginLevel]: ...


class CoinMargin:
    """Loans and transfers of the cross account, or of the isolated pairs. See `client.MarginAccount`.

    A pair may be named as the exchange or as the program does.
    """

    def __init__(self, rest: RestTransport, product: Product, read_levels: ReadLevels) -> None:
        self._rest = rest
        self._product = product
        self._read_levels = read_levels

    async def borrow(self, asset: str, amount: Decimal, pair: str = "") -> None:
        """Take a loan; interest begins at once."""
        await self._loan("BORROW", asset, amount, pair)

    async def repay(self, asset: str, amount: Decimal, pair: str = "") -> None:
        """Pay back principal and interest."""
        await self._loan("REPAY", asset, amount, pair)

    async def transfer(self, asset: str, amount: Decimal, into_margin: bool, pair: str = "") -> None:
        """Move an asset between spot and margin."""
        parameters: Fields = {"asset": asset, "amount": _amount(amount)}
        if self._product is Product.MARGIN:
            parameters["type"] = "MAIN_MARGIN" if into_margin else "MARGIN_MAIN"
        else:
            parameters["type"] = "MAIN_ISOLATED_MARGIN" if into_margin else "ISOLATED_MARGIN_MAIN"
            parameters["toSymbol" if into_margin else "fromSymbol"] = self._pair(pair)
        await self._change(_TRANSFER, parameters)

    async def max_borrowable(self, asset: str, pair: str = "") -> Decimal:
        """How much more of an asset the account may borrow now."""
        parameters: Fields = {"asset": asset}
        if self._product is not Product.MARGIN:
            parameters["isolatedSymbol"] = self._pair(pair)
        body = await self._rest.request(_MAX_BORROWABLE, parameters)
        return answered(_BORROWABLE, body, _MAX_BORROWABLE.path, lambda told: parse.amount(told.amount))

    async def level(self, pair: str = "") -> MarginLevel:
        """How far the account is from being sold; raises RefusedError for a pair that has no account."""
        wanted = "" if self._product is Product.MARGIN else self._pair(pair)
        for level in await self._read_levels():
            if level.pair == wanted:
                return level
        raise RefusedError(f"{wanted} has no isolated margin account: open it on Binance first")

    async def _loan(self, kind: str, asset: str, amount: Decimal, pair: str) -> None:
        parameters: Fields = {"asset": asset, "amount": _amount(amount), "type": kind}
        if self._product is Product.MARGIN:
            parameters["isIsolated"] = "FALSE"
        else:
            parameters |= {"isIsolated": "TRUE", "symbol": self._pair(pair)}
        await self._change(_LOAN, parameters)

    async def _change(self, call: Call, parameters: Fields) -> None:
        answered(_DONE, await self._rest.request(call, parameters), call.path, lambda told: told.tranId)

    def _pair(self, pair: str) -> str:
        if not pair:
            raise RefusedError("isolated margin has a wallet for each pair: name the pair")
        return native_coin_symbol(self._product, pair)


def _amount(amount: Decimal) -> str:
    if not amount.is_finite() or amount <= 0:
        raise RefusedError(f"the amount must be above zero, not {amount}")
    return plain(amount)
