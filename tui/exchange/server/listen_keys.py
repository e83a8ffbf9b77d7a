"""Listen keys of futures: one per account, good for an hour, renewed by asking (Binance futures docs, 2026)."""

import secrets
import string
from dataclasses import dataclass

from tui.exchange.rejection import Rejection

VALIDITY_MS = 3_600_000
_ALPHABET = string.ascii_letters + string.digits


@dataclass(slots=True)
class _Lease:
    key: str
    account_id: str
    until_ms: int


class ListenKeys:
    """The keys in force; `root` begins the address they are asked for at."""

    def __init__(self, root: str = "/fapi") -> None:
        self._root = root
        self._by_account: dict[str, _Lease] = {}

    def start(self, account_id: str, now_ms: int) -> str:
        """The account's key, a new one if it has none; good for an hour from now."""
        lease = self._by_account.get(account_id)
        if lease is None or lease.until_ms <= now_ms:
            key = "".join(secrets.choice(_ALPHABET) for _ in range(64))
            lease = self._by_account[account_id] = _Lease(key, account_id, 0)
        lease.until_ms = now_ms + VALIDITY_MS
        return lease.key

    def renew(self, account_id: str, now_ms: int) -> str:
        """Give the account's key another hour; raises -1125 when it has none."""
        lease = self._by_account.get(account_id)
        if lease is None or lease.until_ms <= now_ms:
            raise self._missing()
        lease.until_ms = now_ms + VALIDITY_MS
        return lease.key

    def stop(self, account_id: str) -> None:
        """Forget the account's key; raises -1125 when it has none."""
        if self._by_account.pop(account_id, None) is None:
            raise self._missing()

    def of(self, account_id: str) -> str | None:
        """The key the account's events go to."""
        lease = self._by_account.get(account_id)
        return lease.key if lease else None

    def _missing(self) -> Rejection:
        address = f"POST {self._root}/v1/listenKey"
        return Rejection(-1125, f"This listenKey does not exist. Please use `{address}` to recreate `listenKey`")

    def expire_all(self) -> None:
        """Let every key's hour be over."""
        for lease in self._by_account.values():
            lease.until_ms = 0

    def expire(self, now_ms: int) -> list[str]:
        """Drop the keys whose hour is over and return them."""
        gone = [lease for lease in self._by_account.values() if lease.until_ms <= now_ms]
        for lease in gone:
            del self._by_account[lease.account_id]
        return [lease.key for lease in gone]
