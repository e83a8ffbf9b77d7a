"""Special keys over REST (Binance margin docs, trade, "Special key", 2026)."""

import ipaddress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tui.exchange.margin import Account
from tui.exchange.rejection import Rejection, invalid
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.margin_wallets import isolated_wallet, margin_desk, margin_of, read_choice
from tui.exchange.server.parameters import Parameters
from tui.exchange.special_keys import COOLDOWN_MS, MOST_KEYS, SpecialKey

#: What the types of keys are called here.
_TYPES = {"HMAC": "HMAC_SHA256", "RSA": "RSA", "ED25519": "Ed25519"}
_MOST_ADDRESSES = 30


def _account(desk: Desk, call: Call) -> Account:
    """The isolated account of `symbol`, the cross account without one."""
    if call.parameters.has("symbol"):
        return isolated_wallet(desk, call, "symbol")
    return margin_of(desk).cross(call.account_id)


def create_key(desk: Desk, call: Call) -> object:
    """A new special key; -3022 while the account may not have one, -1130 for a malformed public key or address."""
    parameters, margin = call.parameters, margin_of(desk)
    name, account = parameters.required("apiName"), _account(desk, call)
    setting, keys = margin.setting(call.account_id), margin_desk(desk).keys
    if desk.now_ms() < setting.special_from_ms or len(keys.of_owner(call.account_id)) >= MOST_KEYS:
        raise Rejection(-3022, "You account's trading is banned.")
    may_trade = read_choice(parameters, "permissionMode", ("TRADE", "READ"), "TRADE") == "TRADE"
    public = _public_key(parameters)
    is_bound = public is not None and public[0] == "ED25519"
    key = keys.make(
        call.account_id, account.name, name, public, _addresses(parameters), may_trade=may_trade or not is_bound
    )
    setting.is_special = True
    margin.keep_setting(setting)
    secret = {"secretKey": key.secret_or_public} if key.type == "HMAC" else {}
    return {"apiKey": key.api_key, **secret, "type": _TYPES[key.type]}


def _public_key(parameters: Parameters) -> tuple[str, str] | None:
    text = parameters.get("publicKey")
    if not text:
        return None
    try:
        public = load_pem_public_key(text.encode())
    except ValueError:
        raise Rejection(-4057, "Invalid api public key") from None
    if isinstance(public, Ed25519PublicKey):
        return "ED25519", text
    if isinstance(public, RSAPublicKey):
        return "RSA", text
    raise Rejection(-4056, "Invalid api key type.")


def _addresses(parameters: Parameters) -> tuple[str, ...]:
    found = tuple(text for text in (parameters.get("ip") or "").split(",") if text)
    try:
        for text in found:
            ipaddress.ip_address(text)
    except ValueError:
        raise invalid("ip") from None
    if len(found) > _MOST_ADDRESSES:
        raise invalid("ip")
    return found


def _chosen(desk: Desk, call: Call) -> list[SpecialKey]:
    """The account's keys: the one of `apiKey`, else those of `apiName`, else all."""
    found = margin_desk(desk).keys.found(_account(desk, call).name)
    for parameter, attribute in (("apiKey", "api_key"), ("apiName", "name")):
        wanted = call.parameters.get(parameter)
        if wanted:
            return [key for key in found if getattr(key, attribute) == wanted]
    return found


def delete_keys(desk: Desk, call: Call) -> object:
    """Forget a key by `apiKey`, or all of one `apiName`; -1102 when neither is sent, -2008 for none of that name."""
    if not call.parameters.has("apiKey") and not call.parameters.has("apiName"):
        raise Rejection(-1102, "Param 'apiKey' or 'apiName' must be sent, but both were empty/null!")
    found = _chosen(desk, call)
    if not found:
        raise Rejection(-2008, "Invalid Api-Key ID.")
    for key in found:
        margin_desk(desk).keys.drop(key)
    return {}


def edit_addresses(desk: Desk, call: Call) -> object:
    """Let the account's keys, or the one of `apiKey`, be used from these addresses alone."""
    call.parameters.required("ip")
    addresses, found = _addresses(call.parameters), _chosen(desk, call)
    if not found:
        raise Rejection(-2008, "Invalid Api-Key ID.")
    for key in found:
        margin_desk(desk).keys.limit(key, addresses)
    return {}


def _row(key: SpecialKey) -> dict[str, object]:
    return {
        "apiKey": key.api_key,
        "ip": ",".join(key.addresses),
        "apiName": key.name,
        "type": _TYPES[key.type],
        "permissionMode": "TRADE" if key.may_trade else "READ",
    }


def get_key(desk: Desk, call: Call) -> object:
    """The key of `apiKey`, or the account's newest; an empty object where there is none."""
    found = _chosen(desk, call)
    return _row(found[-1]) if found else {}


def list_keys(desk: Desk, call: Call) -> object:
    """The account's keys."""
    return [_row(key) for key in margin_desk(desk).keys.found(_account(desk, call).name)]


def exit_mode(desk: Desk, call: Call) -> object:
    """Leave the special key mode: all keys of the cross account go, and a day must pass; -3023 while it owes."""
    margin, keys = margin_of(desk), margin_desk(desk).keys
    account, setting = margin.cross(call.account_id), margin.setting(call.account_id)
    if not setting.is_special:
        return {}
    if margin.ledger.debts(account.name):
        raise Rejection(-3023, "You can't exit the special key mode with outstanding liabilities.")
    for key in keys.found(account.name):
        keys.drop(key)
    setting.is_special, setting.special_from_ms = False, desk.now_ms() + COOLDOWN_MS
    margin.keep_setting(setting)
    return {}
