"""Loans of margin accounts, and assets moved between them and spot: asked for by hand, written down, sent once."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from tui.binance.client import MarginAccount, ProductClient
from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.account import Borrow, Repay, Transfer
from tui.engine.commands.answers import Refusal, Result
from tui.engine.guards import confirmation_refusal
from tui.engine.journal import AuditNote
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused

LoanCommand = Borrow | Repay | Transfer


class Loans:
    """Serves the commands that move money on margin; `refresh` has the balances of a product read again."""

    def __init__(self, floor: Floor, refresh: Callable[[Product], None]) -> None:
        self._floor = floor
        self._refresh = refresh

    async def handle(self, command: LoanCommand, origin: Origin) -> Outcome:
        """Do what was asked. Nothing is sent twice: where the answer is missing the balances will tell."""
        product = Product.ISOLATED_MARGIN if command.pair else Product.MARGIN
        words = loan_words(command)
        margin = margin_of(self._floor.clients, product)
        if (refusal := self._refusal(command, words)) is not None:
            return refused(refusal)
        if isinstance(margin, Refusal):
            return refused(margin)
        self._floor.note_asked(AuditNote(origin.value, words, command.reviewed))
        try:
            await _ask(margin, command)
        except OutcomeUnknownError as error:
            text = f"{words} unconfirmed: {error.text}; the balances will tell, it is not sent again"
            return self._ended(product, Outcome(Result.UNKNOWN, text))
        except RefusedError as error:
            return self._ended(product, Outcome(Result.REFUSED, f"{words} refused: {error}"))
        return self._ended(product, Outcome(Result.DONE, f"{words}: done"))

    def _refusal(self, command: LoanCommand, words: str) -> Refusal | None:
        session = self._floor.store.session
        if session.read_only:
            return Refusal("read-only", "This session is read-only: start without --read-only to move money")
        if (unconfirmed := confirmation_refusal(session)) is not None:
            return unconfirmed
        if not command.reviewed:
            return Refusal("review", f"{words}: review it and press Enter, money is not moved with one key")
        if not command.amount.is_finite() or command.amount <= Decimal(0):
            return Refusal("amount", f"The amount must be above zero, not {command.amount}")
        return None

    def _ended(self, product: Product, outcome: Outcome) -> Outcome:
        if outcome.result is Result.UNKNOWN:
            self._floor.messages.warning(outcome.text)
        self._refresh(product)
        self._refresh(Product.SPOT)
        return outcome


def margin_of(clients: Mapping[Product, ProductClient], product: Product) -> MarginAccount | Refusal:
    """The account that a command means, or why there is none."""
    client = clients.get(product)
    margin = client.margin if client is not None else None
    if margin is not None:
        return margin
    text = f"{product.label} is not open in this session: add {product.account_type} to account_type of the settings"
    return Refusal("no-margin", text)


def loan_words(command: LoanCommand) -> str:
    """A command in one phrase: `Borrow 500 USDT on BTCUSDT-I`."""
    amount = f"{command.amount.normalize():f} {command.asset}"
    wallet = command.pair or "cross margin"
    match command:
        case Borrow():
            return f"Borrow {amount} on {wallet}"
        case Repay():
            return f"Repay {amount} on {wallet}"
        case Transfer(into_margin=True):
            return f"Transfer {amount} from spot into {wallet}"
        case _:
            return f"Transfer {amount} from {wallet} to spot"


async def _ask(margin: MarginAccount, command: LoanCommand) -> None:
    match command:
        case Borrow():
            await margin.borrow(command.asset, command.amount, command.pair)
        case Repay():
            await margin.repay(command.asset, command.amount, command.pair)
        case Transfer():
            await margin.transfer(command.asset, command.amount, command.into_margin, command.pair)
