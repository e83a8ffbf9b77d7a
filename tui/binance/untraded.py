"""What a client answers to orders and account questions that it does not serve."""

from collections.abc import Sequence

from tui.binance.client import AccountState, Changed, FuturesAccount, MarginAccount, OrderAnswer, OrderLists
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import Commission
from tui.domain.instrument import Instrument
from tui.domain.order import ChangeKind, Fill, Order, OrderChange, OrderReport


class Untraded:
    """The trading half of `client.ProductClient`, refused: nothing is sent. Products override what they serve."""

    #: Why nothing is sent, in a sentence for the trader.
    no_trading = "this cannot be done here"

    @property
    def batch_size(self) -> int:
        """Orders go one by one."""
        return 1

    @property
    def lists(self) -> OrderLists | None:
        """No order lists."""
        return None

    @property
    def futures(self) -> FuturesAccount | None:
        """No futures account."""
        return None

    @property
    def margin(self) -> MarginAccount | None:
        """No margin account."""
        return None

    async def place(self, order: Order) -> OrderReport:
        """Refused."""
        raise self._refusal()

    async def place_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Refused."""
        raise self._refusal()

    async def test(self, order: Order) -> Commission | None:
        """Refused."""
        raise self._refusal()

    def change_kind(self, order: Order, change: OrderChange) -> ChangeKind:
        """Refused."""
        raise self._refusal()

    async def change(self, order: Order, change: OrderChange, new_client_order_id: str) -> Changed:
        """Refused."""
        raise self._refusal()

    async def change_many(
        self, changes: Sequence[tuple[Order, OrderChange, str]]
    ) -> list[Changed | RefusedError | OutcomeUnknownError]:
        """One after another, where the product takes no several at once."""
        answers: list[Changed | RefusedError | OutcomeUnknownError] = []
        for order, change, name in changes:
            try:
                answers.append(await self.change(order, change, name))
            except (RefusedError, OutcomeUnknownError) as error:
                answers.append(error)
        return answers

    async def cancel(self, order: Order) -> OrderReport:
        """Refused."""
        raise self._refusal()

    async def cancel_many(self, orders: Sequence[Order]) -> list[OrderAnswer]:
        """Refused."""
        raise self._refusal()

    async def find_order(self, order: Order) -> OrderReport | None:
        """Refused."""
        raise self._refusal()

    async def open_orders(self, *, sparingly: bool = False) -> list[OrderReport]:
        """Refused."""
        raise self._refusal()

    async def open_orders_of(self, instruments: Sequence[Instrument]) -> list[OrderReport]:
        """Refused."""
        raise self._refusal()

    async def past_orders(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[OrderReport]:
        """Refused."""
        raise self._refusal()

    async def commission(self, instrument: Instrument) -> Commission:
        """Refused."""
        raise self._refusal()

    async def fills(self, instrument: Instrument, since_ms: int, limit: int = 500) -> list[Fill]:
        """Refused."""
        raise self._refusal()

    async def account(self) -> AccountState:
        """Refused."""
        raise self._refusal()

    def _refusal(self) -> RefusedError:
        return RefusedError(self.no_trading)
