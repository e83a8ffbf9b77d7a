"""Margin payloads with Binance's own field names (margin docs 2026); numbers come as texts, now and then as numbers."""

from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time

#: A number that comes as text, as a number, or not at all.
Number = str | int | float | None


class AssetRow(msgspec.Struct):
    """One asset of an account."""

    asset: str
    free: str
    locked: str
    borrowed: str
    interest: str


class CrossAccount(msgspec.Struct):
    """`margin/account`."""

    userAssets: Annotated[list[AssetRow], msgspec.Meta(max_length=ROWS)]
    marginLevel: str
    totalAssetOfBtc: str
    totalLiabilityOfBtc: str
    tradeEnabled: bool = True


class IsolatedPair(msgspec.Struct):
    """One pair of `margin/isolated/account`."""

    symbol: str
    baseAsset: AssetRow
    quoteAsset: AssetRow
    marginLevel: str
    indexPrice: str
    liquidatePrice: str
    marginLevelStatus: str | None = None
    enabled: bool = True
    tradeEnabled: bool = True


class IsolatedAccount(msgspec.Struct):
    """`margin/isolated/account`."""

    assets: Annotated[list[IsolatedPair], msgspec.Meta(max_length=ROWS)]


class PairRow(msgspec.Struct):
    """One row of `margin/allPairs` and `margin/isolated/allPairs`."""

    symbol: str
    isMarginTrade: bool = True
    isBuyAllowed: bool = True
    isSellAllowed: bool = True


class Borrowable(msgspec.Struct):
    """`margin/maxBorrowable`: what the account may borrow, and the most that anybody in its tier may."""

    amount: Number
    borrowLimit: Number = None


class Transfer(msgspec.Struct):
    """The answer to a loan, a repayment or a transfer."""

    tranId: Id


class ListenToken(msgspec.Struct):
    """`userListenToken`; times are epoch milliseconds."""

    token: str
    expirationTime: Time


class LevelChange(msgspec.Struct):
    """`MARGIN_LEVEL_STATUS_CHANGE` of the risk stream."""

    level: str = msgspec.field(name="l")
    status: str = msgspec.field(name="s")
