"""Decoding what comes off the wire, the part that products share."""

from collections.abc import Callable, Container
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec

from tui.binance import bounds
from tui.binance.errors import OutcomeUnknownError
from tui.domain.increment import Increment, parse_decimal
from tui.domain.order import OrderStatus
from tui.domain.order_terms import OrderType, TimeInForce
from tui.domain.text import clean, is_clean

Answer = TypeVar("Answer")
Result = TypeVar("Result")

#: What decoding raises for bytes that cannot be read, nesting deeper than the stack included.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
#: What may go wrong with one message from outside; nothing else is caught for it.
MALFORMED = (*UNDECODABLE, ValueError, ArithmeticError, KeyError, IndexError)

ZERO = Decimal(0)

#: Price and size of a level as the doubles nearest to their texts (see `tui.domain.book`), within what can be real.
_Price = Annotated[float, msgspec.Meta(gt=0, lt=float(bounds.LARGEST))]
_Size = Annotated[float, msgspec.Meta(ge=0, lt=float(bounds.LARGEST))]
Rows = Annotated[list[tuple[_Price, _Size]], msgspec.Meta(max_length=bounds.LEVELS)]


def decode_answer(decoder: msgspec.json.Decoder[Answer], body: bytes, what: str) -> Answer:
    """Decode a REST answer; raises OutcomeUnknownError when it cannot be read: nobody knows what was done."""
    try:
        answer = decoder.decode(body)
    except UNDECODABLE as error:
        raise OutcomeUnknownError(f"{what}: the answer cannot be read ({clean(str(error), 200)})") from None
    if isinstance(answer, list) and len(answer) > bounds.ROWS:
        raise OutcomeUnknownError(f"{what}: the answer has {len(answer)} rows, more than {bounds.ROWS}")
    return answer


def answered(
    decoder: msgspec.json.Decoder[Answer], body: bytes, what: str, parse: Callable[[Answer], Result]
) -> Result:
    """Decode and translate an answer; raises OutcomeUnknownError when it cannot be read or makes no sense."""
    answer = decode_answer(decoder, body, what)
    try:
        return parse(answer)
    except MALFORMED as error:
        raise OutcomeUnknownError(f"{what}: the answer makes no sense ({clean(str(error))})") from None


def number(text: str | None) -> Decimal:
    """A decimal from the wire; absent and empty count as zero.

    Raises ValueError for anything but a plain number, and for one too large to be real.
    """
    if not text:
        return ZERO
    value = parse_decimal(text) if len(text) <= bounds.NUMBER else bounds.LARGEST
    if abs(value) >= bounds.LARGEST:
        raise ValueError(f"{text[:60]!r} is too large a number")
    return value


def positive(text: str | None) -> Decimal | None:
    """A decimal from the wire where zero, absent and negative mean that there is none."""
    value = number(text)
    return value if value > 0 else None


def price(text: str) -> Decimal:
    """A price that must be one; raises ValueError for zero and less."""
    value = number(text)
    if value <= 0:
        raise ValueError(f"{text!r} is not a price")
    return value


def size(text: str) -> Decimal:
    """A size, volume or turnover; raises ValueError for one below zero."""
    value = number(text)
    if value < 0:
        raise ValueError(f"{text!r} is not a size")
    return value


def name(text: str) -> str:
    """The name of a symbol or asset, or an id, as it may be shown."""
    return clean(text, bounds.NAME)


def listed_name(text: str) -> str:
    """The name of a symbol or asset that can be traded; raises ValueError for one that could pass for something else.

    Letters of every script are names (Binance lists Chinese ones), marks and spaces are not.
    """
    if not text or len(text) > bounds.NAME or not all(ch.isalnum() or ch in "_-." for ch in text) or not is_clean(text):
        raise ValueError(f"{clean(text, 60)!r} is not a name")
    return text


def increment(text: str | None, decimals: int) -> Increment:
    """The step of a filter; zero switches the filter off, and the decimals of the asset are what remains.

    Raises ValueError for a step finer or coarser than any market has.
    """
    step = positive(text) or Decimal(1).scaleb(-max(0, min(decimals, 10)))
    if not bounds.FINEST <= step <= bounds.COARSEST:
        raise ValueError(f"{text!r} is not a step that a market has")
    return Increment(step)


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

#: Why an order ended that its exchange calls EXPIRED_IN_MATCH, where it gives no other reason.
_PREVENTED = "self-trade prevention"

_TIME_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "GTX": TimeInForce.GTC,
    "RPI": TimeInForce.GTC,
    "GTE_GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTD": TimeInForce.GTD,
}


_PLAIN_LIVES = frozenset({"GTC", "GTX", "IOC", "FOK", "GTD"})


def prevention_text(raw: str | None) -> str:
    """What a state says of why the order ended; "" where it says nothing."""
    return _PREVENTED if raw == "EXPIRED_IN_MATCH" else ""


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


def unfamiliar(
    status: str | None,
    force: str | None,
    type_: str | None,
    types: Container[str],
    statuses: Container[str] = _STATUS,
) -> tuple[tuple[str, str], ...]:
    """Words of the exchange about an order that mean nothing here, to be shown as they are; see `OrderReport`.

    Times in force that are taken for GTC without being called so (RPI, GTE_GTC) are among them.
    """
    words = (("status", status, statuses), ("tif", force, _PLAIN_LIVES), ("type", type_, types))
    return tuple((what, name(word)) for what, word, known in words if word and word not in known)


def plain(value: Decimal) -> str:
    """A decimal as the exchange takes it: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
