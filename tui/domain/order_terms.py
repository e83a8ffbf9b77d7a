"""The words an order is made of: side, kind, life time, and everything it may say besides."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """Order types in the trader's words; each product client turns them into its own."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP_MARKET = "STOP_MARKET"
    STOP_LIMIT = "STOP_LIMIT"
    MARKET_IF_TOUCHED = "MARKET_IF_TOUCHED"
    LIMIT_IF_TOUCHED = "LIMIT_IF_TOUCHED"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"


class TimeInForce(StrEnum):
    """How long an order may work."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"


class PositionSide(StrEnum):
    """Which position of a contract an order is for; BOTH where an account holds one net position (one-way mode)."""

    BOTH = "BOTH"
    LONG = "LONG"
    SHORT = "SHORT"


class WorkingType(StrEnum):
    """The price that triggers a conditional order; spot knows the contract's last price only."""

    CONTRACT_PRICE = "CONTRACT_PRICE"
    MARK_PRICE = "MARK_PRICE"


class PriceMatch(StrEnum):
    """The exchange takes the price of the n-th best level: OPPONENT of the other side, QUEUE of the order's own."""

    OPPONENT = "OPPONENT"
    OPPONENT_5 = "OPPONENT_5"
    OPPONENT_10 = "OPPONENT_10"
    OPPONENT_20 = "OPPONENT_20"
    QUEUE = "QUEUE"
    QUEUE_5 = "QUEUE_5"
    QUEUE_10 = "QUEUE_10"
    QUEUE_20 = "QUEUE_20"


class SelfTradePrevention(StrEnum):
    """Which of two orders of one account gives way instead of trading with the other."""

    NONE = "NONE"
    EXPIRE_TAKER = "EXPIRE_TAKER"
    EXPIRE_MAKER = "EXPIRE_MAKER"
    EXPIRE_BOTH = "EXPIRE_BOTH"
    DECREMENT = "DECREMENT"
    TRANSFER = "TRANSFER"


class PegPrice(StrEnum):
    """What the price of a pegged spot order follows: its own side's best price, or the other side's."""

    PRIMARY_PEG = "PRIMARY_PEG"
    MARKET_PEG = "MARKET_PEG"


class MarginEffect(StrEnum):
    """What a margin order does to the loan beside trading; Binance's `sideEffectType`."""

    NO_SIDE_EFFECT = "NO_SIDE_EFFECT"
    MARGIN_BUY = "MARGIN_BUY"
    AUTO_REPAY = "AUTO_REPAY"
    AUTO_BORROW_REPAY = "AUTO_BORROW_REPAY"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order says beyond side, size, price and life time; silent fields are left to the exchange.

    `trailing_bps` is the callback in basis points, `activation_price` where trailing starts, `display_quantity` the
    visible part of an iceberg, `peg_levels` how many levels behind `peg_price` a pegged order stays, `good_till_ms` the
    end of a GTD order in epoch milliseconds.
    """

    trigger_price: Decimal | None = None
    working_type: WorkingType = WorkingType.CONTRACT_PRICE
    activation_price: Decimal | None = None
    trailing_bps: int | None = None
    display_quantity: Decimal | None = None
    price_match: PriceMatch | None = None
    peg_price: PegPrice | None = None
    peg_levels: int | None = None
    self_trade_prevention: SelfTradePrevention | None = None
    price_protect: bool = False
    position_side: PositionSide = PositionSide.BOTH
    good_till_ms: int | None = None
    margin_effect: MarginEffect | None = None


#: An order that says nothing special.
PLAIN = Terms()
