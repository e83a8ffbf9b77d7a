"""Universal transfers between somebody's wallets: spot, margin, USD-M and COIN-M (Binance wallet docs, 2026)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tui.exchange.accounts.collateral import MARGIN_ASSETS
from tui.exchange.margin import Account
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_loans import tell
from tui.exchange.server.margin_wallets import isolated_wallet, margin_of, page, read_amount, read_choice, read_span
from tui.exchange.server.notation import short
from tui.exchange.server.usdm_account import ledger_of, withdrawable

#: The payer and the receiver of each type.
_TYPES = {
    "MAIN_MARGIN": ("MAIN", "MARGIN"),
    "MARGIN_MAIN": ("MARGIN", "MAIN"),
    "MAIN_ISOLATED_MARGIN": ("MAIN", "ISOLATED"),
    "ISOLATED_MARGIN_MAIN": ("ISOLATED", "MAIN"),
    "MARGIN_ISOLATEDMARGIN": ("MARGIN", "ISOLATED"),
    "ISOLATEDMARGIN_MARGIN": ("ISOLATED", "MARGIN"),
    "ISOLATEDMARGIN_ISOLATEDMARGIN": ("ISOLATED", "ISOLATED"),
    **{
        f"{one}_{other}": (one, other)
        for wallet in ("MAIN", "MARGIN")
        for future in ("UMFUTURE", "CMFUTURE")
        for one, other in ((wallet, future), (future, wallet))
    },
}


class _Wallet(Protocol):
    """One end of a transfer. `name` is unique among all wallets."""

    @property
    def name(self) -> str: ...
    def holds(self, asset: str) -> bool:
        """Whether the wallet may have the asset."""

    def check(self, asset: str, amount: Decimal) -> None:
        """Rejection -3041 or -3020 when so much cannot leave."""

    def move(self, asset: str, amount: Decimal, time_ms: int) -> None:
        """Add a signed amount."""

    def tell(self, asset: str, amount: Decimal, time_ms: int) -> None:
        """Tell the owner that a signed amount was moved."""


@dataclass(frozen=True, slots=True)
class _SpotWallet:
    """The spot wallet, or a margin account of it."""

    desk: Desk
    name: str
    account: Account | None

    def holds(self, asset: str) -> bool:
        margin = margin_of(self.desk)
        return asset in (margin.assets_of(self.account) if self.account else margin.assets)

    def check(self, asset: str, amount: Decimal) -> None:
        margin = margin_of(self.desk)
        if amount > margin.spot.free(self.name, asset):
            raise Rejection(-3041, "Balance is not enough.")
        if self.account is not None and amount > margin.max_transferable(self.account, asset):
            raise Rejection(-3020, "Transfer out amount exceeds max amount.")

    def move(self, asset: str, amount: Decimal, time_ms: int) -> None:
        spot = margin_of(self.desk).spot
        if amount < 0:
            spot.spend(self.name, asset, -amount, held=Decimal(0))
        else:
            spot.deposit(self.name, asset, amount)

    def tell(self, asset: str, amount: Decimal, time_ms: int) -> None:
        now = self.desk.now_ms()
        event = {"e": "balanceUpdate", "E": now, "a": asset, "d": f"{amount:.8f}", "T": time_ms}
        self.desk.announce(self.name, event)
        tell(self.desk, self.name, "TRANSFER", asset)


@dataclass(frozen=True, slots=True)
class _FuturesWallet:
    """The wallet of a futures product, whose `desk` it belongs to."""

    desk: Desk
    owner: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.owner}:{self.kind}"

    def holds(self, asset: str) -> bool:
        listed = {listing.margin_asset for listing in self.desk.venue.listings.values()}
        return asset in listed or (self.kind == "UMFUTURE" and asset in MARGIN_ASSETS)

    def check(self, asset: str, amount: Decimal) -> None:
        if amount > withdrawable(ledger_of(self.desk), self.owner, asset):
            raise Rejection(-3041, "Balance is not enough.")

    def move(self, asset: str, amount: Decimal, time_ms: int) -> None:
        ledger_of(self.desk).credit(self.owner, asset, amount)
        self.desk.venue.life.records.note_income(self.owner, "", "TRANSFER", amount, asset, time_ms)

    def tell(self, asset: str, amount: Decimal, time_ms: int) -> None:
        reason = "DEPOSIT" if amount > 0 else "WITHDRAW"
        self.desk.venue.dealer.emit_account(self.owner, reason, (asset,), (), time_ms)


def transfer(desk: Desk, call: Call) -> object:
    """Move an asset between two wallets; Rejection -1130, -3003, -3020, -3027 or -3041."""
    parameters, margin = call.parameters, margin_of(desk)
    kind = parameters.required("type")
    if kind not in _TYPES:
        raise Rejection(-1130, "Data sent for parameter 'type' is not valid.")
    payer, receiver = (
        _wallet(desk, call, end, name) for end, name in zip(_TYPES[kind], ("fromSymbol", "toSymbol"), strict=True)
    )
    asset, amount = parameters.required("asset"), read_amount(parameters)
    if not payer.holds(asset) or not receiver.holds(asset):
        raise Rejection(-3027, "Not a valid margin asset.")
    if payer.name == receiver.name:
        raise Rejection(-1130, "Data sent for parameter 'toSymbol' is not valid.")
    payer.check(asset, amount)
    now = desk.now_ms()
    payer.move(asset, -amount, now)
    receiver.move(asset, amount, now)
    movement = margin.ledger.note_transfer(asset, amount, payer.name, receiver.name, kind)
    payer.tell(asset, -amount, movement.time_ms)
    receiver.tell(asset, amount, movement.time_ms)
    return {"tranId": movement.tran_id}


def _wallet(desk: Desk, call: Call, kind: str, symbol: str) -> _Wallet:
    if kind == "MAIN":
        return _SpotWallet(desk, call.account_id, None)
    if kind in desk.futures:
        return _FuturesWallet(desk.futures[kind], call.account_id, kind)
    isolated = kind == "ISOLATED"
    account = isolated_wallet(desk, call, symbol) if isolated else margin_of(desk).cross(call.account_id)
    return _SpotWallet(desk, account.name, account)


def transfer_history(desk: Desk, call: Call) -> object:
    """Transfers of one type, newest first."""
    parameters = call.parameters
    if not parameters.has("type"):
        raise missing("type")
    kind = read_choice(parameters, "type", tuple(_TYPES))
    start, end = read_span(desk, parameters)
    rows: list[dict[str, object]] = [
        {
            "asset": movement.asset,
            "amount": short(movement.amount),
            "type": kind,
            "status": "CONFIRMED",
            "tranId": movement.tran_id,
            "timestamp": movement.time_ms,
        }
        for movement in reversed(margin_of(desk).ledger.movements.values())
        if (movement.kind, movement.note) == ("ROLL_OUT", kind)
        and movement.account_id.partition(":")[0] == call.account_id
        and start <= movement.time_ms <= end
    ]
    return page(rows, parameters)
