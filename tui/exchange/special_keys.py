"""Special keys: they trade one margin account through spot's own addresses (Binance margin docs, "Special key").

Whoever makes one enters the special key mode, and leaves it only by asking to, when nothing is owed; after that no
special key can be made for a day.
"""

from dataclasses import dataclass

import msgspec

from tui.exchange.auth import Authenticator
from tui.exchange.documents import Documents
from tui.exchange.keys import new_text

COOLDOWN_MS = 24 * 3_600_000
MOST_KEYS = 30
_KIND = "special_key"


class SpecialKey(msgspec.Struct):
    """One special key; `account_id` is the margin account's name in the ledger, `type` HMAC, RSA or ED25519."""

    number: int
    owner: str
    account_id: str
    name: str
    type: str
    api_key: str
    secret_or_public: str
    addresses: tuple[str, ...]
    may_trade: bool

    @property
    def permissions(self) -> tuple[str, ...]:
        """What the key may do."""
        return ("read", "trade") if self.may_trade else ("read",)


@dataclass(slots=True)
class SpecialKeys:
    """The special keys of one exchange; `authenticator` knows them as long as they stand."""

    documents: Documents
    authenticator: Authenticator
    _keys: dict[int, SpecialKey]

    @classmethod
    def of(cls, documents: Documents, authenticator: Authenticator) -> "SpecialKeys":
        """Take the keys of a former run."""
        made = cls(documents, authenticator, {})
        for key in documents.found(_KIND, SpecialKey):
            made._keys[key.number] = key
            authenticator.add(key)
        return made

    def make(
        self,
        owner: str,
        account_id: str,
        name: str,
        public_key: tuple[str, str] | None,
        addresses: tuple[str, ...],
        *,
        may_trade: bool,
    ) -> SpecialKey:
        """A new key; `public_key` is its type and PEM, without one the key is HMAC with a fresh secret."""
        number = max(self._keys, default=0) + 1
        kind, secret = public_key or ("HMAC", new_text())
        key = SpecialKey(number, owner, account_id, name, kind, new_text(), secret, addresses, may_trade)
        self._keys[number] = key
        self.authenticator.add(key)
        self.documents.put(_KIND, number, key)
        return key

    def found(self, account_id: str) -> list[SpecialKey]:
        """The keys of one margin account, oldest first."""
        return [key for key in self._keys.values() if key.account_id == account_id]

    def of_owner(self, owner: str) -> list[SpecialKey]:
        """All keys somebody has made."""
        return [key for key in self._keys.values() if key.owner == owner]

    def limit(self, key: SpecialKey, addresses: tuple[str, ...]) -> None:
        """Let a key be used from these addresses alone; from everywhere when there are none."""
        key.addresses = addresses
        self.documents.put(_KIND, key.number, key)

    def drop(self, key: SpecialKey) -> None:
        """Forget a key."""
        del self._keys[key.number]
        self.authenticator.remove(key)
        self.documents.drop(_KIND, key.number)
