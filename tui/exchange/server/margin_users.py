"""How clients hear their margin accounts: listen tokens, and listen keys of the risk stream (margin docs, 2026)."""

from collections.abc import Callable
from decimal import Decimal

from tui.exchange.accounts.margin import Movement
from tui.exchange.margin import Account
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.listen_tokens import VALIDITY_MS
from tui.exchange.server.margin_wallets import margin_desk, wallet
from tui.exchange.server.notation import short

Event = dict[str, object]


def make_token(desk: Desk, call: Call) -> object:
    """A token for `userDataStream.subscribe.listenToken`, good for a day or less."""
    validity = call.parameters.whole("validity")
    if validity is not None and not 0 < validity <= VALIDITY_MS:
        raise invalid("validity")
    account = wallet(desk, call, needs_symbol=False)
    token = margin_desk(desk).tokens.make(account.name, desk.now_ms(), validity or VALIDITY_MS)
    return {"token": token.text, "expirationTime": token.until_ms}


def start_key(desk: Desk, call: Call) -> object:
    """The listen key of the risk stream."""
    return {"listenKey": desk.listen_keys.start(call.account_id, desk.now_ms())}


def renew_key(desk: Desk, call: Call) -> object:
    """Another hour; -3038 when there is no such key."""
    _check_key(desk, call)
    desk.listen_keys.renew(call.account_id, desk.now_ms())
    return {}


def stop_key(desk: Desk, call: Call) -> object:
    """No more risk stream; -3038 when there is none."""
    if desk.listen_keys.of(call.account_id) is None:
        raise _no_key()
    desk.listen_keys.stop(call.account_id)
    return {}


def _check_key(desk: Desk, call: Call) -> None:
    if call.parameters.required("listenKey") != desk.listen_keys.of(call.account_id):
        raise _no_key()


def _no_key() -> Rejection:
    return Rejection(-3038, "Listen key does not exist.")


def tell_risks(desk: Desk, tell: Callable[[str, Event], None]) -> None:
    """Hand the risk stream's events of cross accounts to whoever owns them."""
    margin = margin_desk(desk)

    def on_status(account: Account, level: Decimal, status: str) -> None:
        if account.listing is None:
            tell(account.owner, level_event(desk, level, status))

    def on_liability(movement: Movement) -> None:
        account = margin.accounts.account(movement.account_id)
        if account.listing is None:
            tell(account.owner, liability_event(desk, movement))

    margin.watch.on_status = on_status
    margin.accounts.on_liability = on_liability


def level_event(desk: Desk, level: Decimal, status: str) -> Event:
    """The risk stream: an account's level has another status."""
    return {"e": "MARGIN_LEVEL_STATUS_CHANGE", "E": desk.now_ms(), "l": f"{level:.8f}", "s": status}


def liability_event(desk: Desk, movement: Movement) -> Event:
    """The risk stream: a debt has changed; `p` is principal and `i` interest, both of this change."""
    is_interest = movement.kind == "INTEREST"
    return {
        "e": "USER_LIABILITY_CHANGE",
        "E": desk.now_ms(),
        "a": movement.asset,
        "t": movement.kind,
        "p": "0" if is_interest else short(movement.amount - movement.interest),
        "i": short(movement.interest),
    }
