"""What the screen for keys needs of whoever keeps them; secrets go in and never come out."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tui.keys.secret import Secret


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A stored key as it may be shown; `masked` is empty while a generated key waits for its API key."""

    environment: str
    account: str
    kind: str
    masked: str
    serves: str
    kept_in: str
    is_default: bool = False
    #: PEM; empty for HMAC.
    public_key: str = ""

    @property
    def title(self) -> str:
        """The key in words."""
        return f"{self.environment}/{self.account}" + ("" if self.serves == "all" else f" ({self.serves})")


@dataclass(frozen=True, slots=True)
class WantedKey:
    """Which environment, name and products a new key is for; `serves` is all, spot or futures."""

    environment: str
    account: str
    serves: str


class Told(NamedTuple):
    """One paragraph of an answer, with the name of its colour."""

    text: str
    tone: str = ""


class KeyDeskError(Exception):
    """What was asked for cannot be done; the text says why and what to do, and holds no secret."""


class PassphraseNeededError(KeyDeskError):
    """The keyring file is locked, or still to be made; the same is to be asked again with its passphrase."""

    def __init__(self, text: str, *, is_new: bool) -> None:
        super().__init__(text)
        self.is_new = is_new


class KeyDesk(Protocol):
    """Keeps keys, one thing at a time.

    Every method raises KeyDeskError. Those with a passphrase may take seconds and are called in a thread of their own;
    without one, they raise PassphraseNeededError where a keyring file is locked.
    """

    def rows(self) -> list[KeyRow]:
        """The stored keys of all environments; no keyring is opened for it."""

    def environments(self) -> tuple[str, ...]:
        """Names a key can be stored for."""

    def refusal(self, wanted: WantedKey) -> str:
        """Why no key can be stored for this, "" when one can."""

    def set_default(self, row: KeyRow) -> None:
        """Use the row's account when none is named."""

    def check(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        """Ask the exchange what the keys of the row's account may do."""

    def add(self, wanted: WantedKey, api_key: Secret, secret: Secret | None, passphrase: Secret | None) -> list[Told]:
        """Keep a key; without a secret the API key completes a pair that was generated here."""

    def generate(self, wanted: WantedKey, passphrase: Secret | None) -> list[Told]:
        """Make an Ed25519 pair, keep the private key, tell the public one."""

    def remove(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        """Forget a key."""

    def forget(self) -> None:
        """Lock what a passphrase opened."""
