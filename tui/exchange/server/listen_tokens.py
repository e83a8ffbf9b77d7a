"""Tokens that let a WebSocket API connection hear a margin account (Binance margin docs, user data stream, 2026)."""

import secrets
from dataclasses import dataclass

from tui.exchange.rejection import Rejection

VALIDITY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class ListenToken:
    """A token of one margin account; `until_ms` is exchange time."""

    text: str
    account_id: str
    until_ms: int


class ListenTokens:
    """The tokens in force."""

    def __init__(self) -> None:
        self._tokens: dict[str, ListenToken] = {}

    def make(self, account_id: str, now_ms: int, validity_ms: int) -> ListenToken:
        """A new token; those of the account that have run out are forgotten."""
        for old in [token for token in self._tokens.values() if token.until_ms <= now_ms]:
            del self._tokens[old.text]
        token = ListenToken("mt-" + secrets.token_urlsafe(24), account_id, now_ms + validity_ms)
        self._tokens[token.text] = token
        return token

    def expire_all(self) -> None:
        """Forget every token."""
        self._tokens.clear()

    def is_good(self, text: str, now_ms: int) -> bool:
        """Whether a token is still in force."""
        token = self._tokens.get(text)
        return token is not None and token.until_ms > now_ms

    def find(self, text: str, now_ms: int) -> ListenToken:
        """The token; Rejection -1209 when it is unknown or has run out."""
        token = self._tokens.get(text)
        if token is None or token.until_ms <= now_ms:
            raise Rejection(-1209, "Invalid listenToken.")
        return token
