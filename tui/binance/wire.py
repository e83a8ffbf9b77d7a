"""Decoding what comes off the wire, the part that products share."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

import msgspec

from tui.binance.errors import OutcomeUnknownError
from tui.domain.increment import Increment, OffIncrementError, parse_decimal
from tui.domain.instrument import Instrument
from tui.domain.market import Level
from tui.domain.order import OrderStatus, OrderType, TimeInForce

Answer = TypeVar("Answer")

#: What may go wrong with one message from outside; nothing else is caught for it.
MALFORMED = (msgspec.MsgspecError, ValueError, ArithmeticError, KeyError, IndexError)

ZERO = Decimal(0)


def decode_answer(decoder: msgspec.json.Decoder[Answer], body: bytes, what: str) -> Answer:
    """Decode a REST answer; raises OutcomeUnknownError when it cannot be read: nobody knows what was done."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise OutcomeUnknownError(f"{what}: the answer cannot be read ({error})") from None


def number(text: str | None) -> Decimal:
    """A decimal from the wire; absent and empty count as zero, anything but a plain number raises ValueError."""
    return parse_decimal(text) if text else ZERO


def positive(text: str | None) -> Decimal | None:
    """A decimal from the wire where zero, absent and negative mean that there is none."""
    value = number(text)
    return value if value > 0 else None


def levels(rows: Iterable[tuple[str, str]], instrument: Instrument) -> list[Level]:
    """Rows of a book as ticks and lots.

    Increments can be made coarser while older orders rest: a size between two lots counts as the greater, and a price
    between two ticks, which cannot be shown, is left out.
    """
    tick, lot = instrument.tick.count, instrument.step.count
    try:
        return [(tick(price), lot(size)) for price, size in rows]
    except OffIncrementError:
        return [level for row in rows if (level := _coarse_level(row, instrument)) is not None]


def _coarse_level(row: tuple[str, str], instrument: Instrument) -> Level | None:
    try:
        price = instrument.tick.count(row[0])
    except OffIncrementError:
        return None
    return price, _lots_upwards(row[1], instrument.step)


def _lots_upwards(text: str, step: Increment) -> int:
    return step.count_of(step.round(parse_decimal(text), "up"))


# Binance spot API docs 2026-07-21 "Enums" and derivatives docs November 2026 "Public endpoints info".
_STATUS = {
    "NEW": OrderStatus.NEW,
    "PENDING_NEW": OrderStatus.NEW,
    "PENDING_CANCEL": OrderStatus.NEW,
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.CANCELED,
    "REJECTED": OrderStatus.REJECTED,
    "NEW_INSURANCE": OrderStatus.FILLED,
    "NEW_ADL": OrderStatus.FILLED,
}

_TIME_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "GTX": TimeInForce.GTC,
    "RPI": TimeInForce.GTC,
    "GTE_GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTD": TimeInForce.GTD,
}


def order_status(raw: str) -> OrderStatus:
    """A status of the exchange; one not known here becomes UNKNOWN, which changes nothing and asks for a query."""
    return _STATUS.get(raw, OrderStatus.UNKNOWN)


def time_in_force(raw: str | None) -> TimeInForce:
    """A time in force of the exchange; one not known here counts as GTC."""
    return _TIME_IN_FORCE.get(raw or "", TimeInForce.GTC)


def order_type(raw: str, known: dict[str, OrderType], price: Decimal | None) -> OrderType:
    """An order type of the exchange; one not known here is told by whether it has a price."""
    found = known.get(raw)
    return found or (OrderType.LIMIT if price else OrderType.MARKET)


def plain(value: Decimal) -> str:
    """A decimal as the exchange takes it: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
