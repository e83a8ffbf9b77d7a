"""The ticket's fields: what each is called, where it exists, and what may be chosen in it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tui.domain.instrument import Instrument
from tui.domain.order_terms import (
    MarginEffect,
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product

#: A choice that leaves the matter to the exchange.
NONE = "none"

TYPES = tuple(OrderType)
STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
STOP_TYPES = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)
#: Types that can close whatever a position is when they trigger.
CLOSING = (OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED)
CONDITIONAL = (*STOPS, OrderType.TRAILING_STOP_MARKET)

TYPE_WORDS = {
    OrderType.LIMIT: "LIMIT",
    OrderType.MARKET: "MARKET",
    OrderType.STOP_MARKET: "STOP",
    OrderType.STOP_LIMIT: "STOP-LIMIT",
    OrderType.MARKET_IF_TOUCHED: "TAKE-PROFIT",
    OrderType.LIMIT_IF_TOUCHED: "TAKE-PROFIT-LIMIT",
    OrderType.TRAILING_STOP_MARKET: "TRAILING",
}

#: Sizes a key or a click fills in: shares of what is held or can be bought, then the presets.
PARTS = ("25%", "50%", "75%", "100%", "p1", "p2", "p3", "p4", "p5")


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides which fields there are."""

    instrument: Instrument
    side: Side
    type: OrderType
    tif: TimeInForce
    is_hedge: bool
    closes_position: bool
    has_match: bool
    post_only: bool
    shows_more: bool

    @property
    def is_futures(self) -> bool:
        """Whether contracts are traded."""
        return self.instrument.product.is_futures

    @property
    def is_margin(self) -> bool:
        """Whether coins are traded on loan."""
        return self.instrument.product in (Product.MARGIN, Product.ISOLATED_MARGIN)

    @property
    def enters(self) -> bool:
        """Whether the order can be the entry of a bracket."""
        return self.type in (OrderType.LIMIT, OrderType.MARKET)


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `is_there` says whether it exists in a setting, `why_not` what to say of it where it does not."""

    name: str
    label: str
    kind: Kind
    is_there: Callable[[Setting], bool]
    choices: tuple[str, ...] = ()
    why_not: str = ""


def _always(setting: Setting) -> bool:
    return True


def _can_post(at: Setting) -> bool:
    return at.type is OrderType.LIMIT or (at.is_futures and at.type in LIMITS)


FIELDS: tuple[Field, ...] = (
    Field("side", "side", Kind.CHOICE, _always, tuple(Side)),
    Field("type", "type", Kind.CHOICE, _always, TYPES),
    Field("position", "for", Kind.CHOICE, lambda at: at.is_hedge, (PositionSide.LONG, PositionSide.SHORT)),
    Field("trigger", "trigger", Kind.TEXT, lambda at: at.type in STOPS),
    Field("trail", "trail %", Kind.TEXT, lambda at: at.type is OrderType.TRAILING_STOP_MARKET),
    Field("activation", "from", Kind.TEXT, lambda at: at.type is OrderType.TRAILING_STOP_MARKET),
    Field("price", "price", Kind.TEXT, lambda at: at.type in LIMITS and not at.has_match),
    Field("size", "size", Kind.TEXT, lambda at: not at.closes_position),
    Field("part", "", Kind.CHOICE, lambda at: not at.closes_position, PARTS),
    Field("post_only", "post-only", Kind.FLAG, _can_post, why_not="limit only"),
    Field(
        "reduce_only",
        "reduce",
        Kind.FLAG,
        lambda at: at.is_futures and not at.is_hedge and not at.closes_position,
        why_not="futures only",
    ),
    Field(
        "close_position",
        "close all",
        Kind.FLAG,
        lambda at: at.is_futures and at.type in CLOSING,
    ),
    Field("tif", "tif", Kind.CHOICE, lambda at: at.type in LIMITS and not at.post_only, tuple(TimeInForce)),
    Field("till", "till", Kind.TEXT, lambda at: at.type in LIMITS and at.tif is TimeInForce.GTD),
    Field("stop", "SL", Kind.TEXT, lambda at: at.enters),
    Field("target", "TP", Kind.TEXT, lambda at: at.enters),
    Field("more", "more", Kind.FLAG, _always),
    Field("display", "iceberg", Kind.TEXT, lambda at: at.shows_more and at.type in LIMITS),
    Field(
        "match",
        "match",
        Kind.CHOICE,
        lambda at: at.shows_more and at.is_futures and at.type in LIMITS and not at.post_only,
        (NONE, *PriceMatch),
    ),
    Field(
        "peg",
        "peg",
        Kind.CHOICE,
        lambda at: at.shows_more and at.instrument.product is Product.SPOT and at.type in LIMITS,
        (NONE, *PegPrice),
    ),
    Field(
        "working",
        "watches",
        Kind.CHOICE,
        lambda at: at.shows_more and at.is_futures and at.type in CONDITIONAL,
        tuple(WorkingType),
    ),
    Field(
        "protect",
        "protect price",
        Kind.FLAG,
        lambda at: at.shows_more and at.is_futures and at.type in CLOSING,
    ),
    Field("stp", "self-trade", Kind.CHOICE, lambda at: at.shows_more, (NONE, *SelfTradePrevention)),
    Field("effect", "loan", Kind.CHOICE, lambda at: at.shows_more and at.is_margin, tuple(MarginEffect)),
)

BY_NAME = {field.name: field for field in FIELDS}


def fields_there(setting: Setting) -> list[Field]:
    """The fields of a setting, in the order Tab goes."""
    return [field for field in FIELDS if field.is_there(setting)]
