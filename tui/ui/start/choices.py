"""Ways to begin, and what each means for money, in words a newcomer understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Way = Literal["demo", "paper", "watch", "run", "keys", ""]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to begin; `name` is an environment, `account` one of its accounts. No way: it opens further choices."""

    way: Way
    title: str
    summary: str
    text: str
    name: str = ""
    account: str = ""
    is_real_money: bool = False


_DEMO = Choice(
    "demo",
    "Demo",
    "play money, offline: nothing can be lost",
    "An exchange of its own runs on this machine, with a living market and a full account. The best place to learn the "
    "keys. The account is kept for the next time.",
)
_PAPER = Choice(
    "paper",
    "Paper",
    "Binance's prices, play money",
    "The markets are Binance's, as they are now; the account is play money on this machine and orders never leave it. "
    "Needs the internet, but no account.",
)
_WATCH = Choice(
    "watch",
    "Market data only",
    "look on at Binance; nothing can be sent",
    "Books, charts and prints of Binance without an account. Every key that trades is switched off.",
    "live",
)
_KEYS = Choice(
    "",
    "Connect keys",
    "trade an account of your own",
    "Asks which exchange, then for an API key, which is kept in your system's keyring and never shown. You need a key "
    "made at Binance; reading and trading rights are enough, withdrawal is never needed.",
)
_ENVIRONMENTS = (
    Choice(
        "keys",
        "Testnet",
        "Binance's test networks: play money, real API",
        "Keys come from testnet.binance.vision (spot) and testnet.binancefuture.com (futures).",
        "testnet",
    ),
    Choice(
        "keys",
        "Binance demo",
        "Binance's demo trading: play money, live prices",
        "Keys come from the demo trading page of your Binance account.",
        "demo-binance",
    ),
    Choice(
        "keys",
        "Live",
        "REAL MONEY",
        "Orders move real money. A key with IP restriction and without withdrawal rights is safest; the environment's "
        "name must be typed once per start before anything is sent.",
        "live",
        is_real_money=True,
    ),
)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account that keys are kept for."""

    environment: str
    name: str
    is_real_money: bool


def first_choices(accounts: Sequence[StoredAccount]) -> tuple[Choice, ...]:
    """Accounts that are connected first, then every other way."""
    own = tuple(
        Choice(
            "run",
            f"{account.environment} · {account.name}",
            "REAL MONEY" if account.is_real_money else "play money",
            f"Trade the account {account.name} of {account.environment}, with the keys kept for it.",
            account.environment,
            account.name,
            account.is_real_money,
        )
        for account in accounts
    )
    return (*own, _DEMO, _PAPER, _WATCH, _KEYS)


@dataclass(frozen=True, slots=True)
class OwnEnvironment:
    """An exchange that the settings name beside Binance's own."""

    name: str
    is_real_money: bool


def key_choices(own: Sequence[OwnEnvironment] = ()) -> tuple[Choice, ...]:
    """Where keys can be for: the environments of the settings first, then Binance's."""
    named = tuple(
        Choice(
            "keys",
            environment.name,
            "REAL MONEY" if environment.is_real_money else "play money",
            f"The exchange that the settings name in [environments.{environment.name}].",
            environment.name,
            is_real_money=environment.is_real_money,
        )
        for environment in own
    )
    return (*named, *_ENVIRONMENTS)
