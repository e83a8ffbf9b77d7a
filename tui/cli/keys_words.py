"""What a key may do, in words."""

from typing import Any

import msgspec

from tui.binance.key_check import KeyCheck, KeyPermissions, ProductAnswer

_REMEDIES = {
    -1021: "set this machine's clock (NTP)",
    -1022: "the secret or private key does not belong to this API key",
    -2008: "Binance does not know this API key; is it one of this environment?",
    -2014: "the API key is not written as Binance writes them; was it copied whole?",
    -2015: "Binance does not know this key, or it may not be used from this address, or it lacks this permission;"
    " is it a key of this environment?",
}

_MAY = (
    ("enable_reading", "read the account"),
    ("enable_spot_and_margin_trading", "trade spot"),
    ("enable_margin", "borrow, repay and trade on margin"),
    ("enable_futures", "trade futures"),
    ("enable_portfolio_margin_trading", "trade on portfolio margin"),
    ("enable_vanilla_options", "trade options"),
    ("enable_internal_transfer", "send to other accounts"),
    ("permits_universal_transfer", "move between wallets"),
    ("enable_withdrawals", "WITHDRAW"),
)


def product_words(answer: ProductAnswer) -> str:
    """One product's answer as a sentence."""
    if not answer.problem:
        trade = "the account may trade" if answer.can_trade else "the account may NOT trade"
        return f"{answer.product.label}: the key is accepted, {trade}"
    remedy = _REMEDIES.get(answer.code or 0)
    told = "the key is refused" if answer.is_key_refused else "no answer to the key"
    return f"{answer.product.label}: {told} ({answer.problem})" + (f"; {remedy}" if remedy else "")


def permission_words(permissions: KeyPermissions) -> list[str]:
    """What the key may and may not do, and from where it may be used."""
    may = [words for name, words in _MAY if getattr(permissions, name)]
    may_not = [words.lower() for name, words in _MAY if not getattr(permissions, name)]
    bound = "from the addresses set at Binance only" if permissions.ip_restrict else "from ANY address"
    return [
        f"It may: {', '.join(may) or 'nothing'}",
        f"It may not: {', '.join(may_not) or 'nothing is withheld'}",
        f"It may be used {bound}",
    ]


def warnings(check: KeyCheck) -> list[str]:
    """What its owner should change at Binance, the worst first."""
    found = []
    permissions = check.permissions
    if permissions is None:
        if check.is_accepted:
            found.append(
                f"whether it may withdraw, and from which addresses it may be used, is not known: {check.untold}"
            )
        return found
    if permissions.enable_withdrawals:
        found.append("it may WITHDRAW: this program never needs that; switch it off at Binance")
    if permissions.enable_internal_transfer:
        found.append("it may send to other accounts: this program never needs that; switch it off at Binance")
    if not permissions.ip_restrict:
        found.append("it is not bound to an IP address: whoever gets it can use it anywhere; restrict it at Binance")
    if not permissions.enable_reading:
        found.append("it may not read the account: orders and balances cannot be shown")
    return found


def document(check: KeyCheck) -> dict[str, Any]:
    """The whole check as one JSON object."""
    permissions = check.permissions
    return {
        "accepted": check.is_accepted,
        "products": [
            {
                "product": answer.product.value,
                "accepted": not answer.problem,
                "can_trade": answer.can_trade,
                "problem": answer.problem,
            }
            for answer in check.answers
        ],
        "permissions": None if permissions is None else msgspec.to_builtins(permissions),
        "ip_bound": None if permissions is None else permissions.ip_restrict,
        "may_withdraw": None if permissions is None else permissions.enable_withdrawals,
        "warnings": warnings(check),
    }
