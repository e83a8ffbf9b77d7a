"""What a venue knows of its contracts and accounts beyond trading: warnings given, stages, delivery prices."""

from collections.abc import Callable
from decimal import Decimal

from tui.exchange.accounts.records import Records
from tui.exchange.documents import Documents
from tui.exchange.listing import Listing


class ContractLife:
    """The memory of one futures venue's clock-work, and who wants to know of it."""

    def __init__(self, documents: Documents) -> None:
        self.records = Records(documents)
        #: Pools that were warned: account and first leg.
        self.margin_called: set[tuple[str, str, str]] = set()
        #: The stage each dated contract was last seen in.
        self.stages: dict[str, str] = {}
        #: Times and prices of delivery, by pair.
        self.delivery_prices: dict[str, list[tuple[int, Decimal]]] = {}
        #: Called with a symbol that is new, and with a contract that has entered another stage.
        self.on_listed: list[Callable[[Listing], None]] = []
        self.on_stage: list[Callable[[Listing], None]] = []
