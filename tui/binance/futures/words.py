"""Binance's words for futures orders and ours, in both directions (derivatives docs, November 2026)."""

from enum import StrEnum
from typing import TypeVar

from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType

ORDER_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT": OrderType.LIMIT_IF_TOUCHED,
    "TAKE_PROFIT_MARKET": OrderType.MARKET_IF_TOUCHED,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP_MARKET,
    # Made by the exchange itself; they take whatever price there is.
    "LIQUIDATION": OrderType.MARKET,
    "ADL": OrderType.MARKET,
    "INSURANCE_FUND": OrderType.MARKET,
}

NATIVE_TYPES = {
    OrderType.LIMIT: "LIMIT",
    OrderType.MARKET: "MARKET",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.STOP_MARKET: "STOP_MARKET",
    OrderType.LIMIT_IF_TOUCHED: "TAKE_PROFIT",
    OrderType.MARKET_IF_TOUCHED: "TAKE_PROFIT_MARKET",
    OrderType.TRAILING_STOP_MARKET: "TRAILING_STOP_MARKET",
}

#: Times in force of orders that never take.
POST_ONLY = frozenset({"GTX", "RPI"})

#: States of the service for conditional orders; FINISHED is judged by what was executed.
ALGO_STATUS = {
    "NEW": OrderStatus.NEW,
    "TRIGGERING": OrderStatus.NEW,
    "TRIGGERED": OrderStatus.NEW,
    "CANCELED": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "EXPIRED": OrderStatus.EXPIRED,
}

ALGO_STATUSES = frozenset({*ALGO_STATUS, "FINISHED"})

#: `er` of an order event.
EXPIRY = {
    "1": "self-trade prevention",
    "2": "rest of an IOC order",
    "3": "self-trade prevention of an IOC order",
    "4": "reduce-only would have reversed the position",
    "5": "the account was liquidated",
    "6": "its condition no longer holds",
    "7": "the symbol was delisted",
    "8": "the order that triggered it expired",
    "9": "rest of a market order",
}

Word = TypeVar("Word", bound=StrEnum)


def known(kind: type[Word], raw: str | None) -> Word | None:
    """One of our words where Binance uses it; None for NONE, nothing, and one not known here."""
    return kind(raw) if raw is not None and raw in kind.__members__ and raw != "NONE" else None
