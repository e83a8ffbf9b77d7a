"""What is known of a key without touching a keyring."""

from enum import StrEnum

import msgspec

from tui.keys.key_material import KeyKind


class KeysError(Exception):
    """A stored key that cannot be had, whatever the reason; the text says which and what to do."""


class KeptIn(StrEnum):
    """Which keyring holds a key."""

    SYSTEM = "system"
    FILE = "file"


class Serves(StrEnum):
    """Which products of an account a key is for; on the test networks spot and futures need keys of their own."""

    ALL = "all"
    SPOT = "spot"
    FUTURES = "futures"


class StoredKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a key without touching a keyring; nothing in it is secret."""

    environment: str
    account: str
    kind: KeyKind
    kept_in: KeptIn
    #: Its name in the keyring; a replaced key gets a new one, so that the old stays whole until the new is kept.
    item: str
    serves: Serves = Serves.ALL
    #: First and last characters of the API key; empty while a generated key waits for one.
    masked: str = ""
    public_key: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether it was generated here and Binance's API key for it is still missing."""
        return not self.masked
