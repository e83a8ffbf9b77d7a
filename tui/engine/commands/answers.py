"""What the engine answers: a reply to a command, a refusal, a preview of an order."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui.domain.order import OrderRequest


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not sent: the rule's stable name, a sentence with the value and the remedy."""

    rule: str
    text: str
    #: The same order made acceptable, where there is one obvious correction (rounded price, size).
    offer: OrderRequest | None = None


class Result(StrEnum):
    """How a command ended."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the command with the same id; `text` is one line for the trader."""

    command_id: int
    result: Result
    text: str
    refusal: Refusal | None = None
    client_order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would mean if it were sent now; amounts in the instrument's quote asset, None where not known."""

    request: OrderRequest
    price: Decimal | None
    quantity: Decimal | None
    notional: Decimal | None
    fee: Decimal | None
    margin: Decimal | None
    refusal: Refusal | None
    #: Names of the guards it passed, in order.
    passed: tuple[str, ...]
    text: str
    #: What is lost if the stop of its bracket is hit, and what is won at the target; fees included.
    risk: Decimal | None = None
    reward: Decimal | None = None
    #: Where the position it makes would be liquidated.
    liquidation_price: Decimal | None = None
    #: The order's own answer to things to know that stop nothing (would trigger at once, GTD converted, …).
    notes: tuple[str, ...] = ()
