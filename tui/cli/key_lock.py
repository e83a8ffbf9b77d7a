"""Locking the keys of a session, and what proves that their owner is back.

Keys that come from an encrypted file are opened by its passphrase. Keys in environment variables, and those of the
operating system's keyring once it is open, can be read again by anybody at this keyboard, so that asking for them would
prove nothing: there the end of the secret itself has to be typed. That keeps passers-by and cats from the screen; it
cannot keep out who may start programs under this account.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from tui.binance.signing import Credentials
from tui.domain.product import Product
from tui.keys.key_material import KeyMaterialError, read_material
from tui.keys.secret import Secret

if TYPE_CHECKING:
    from tui.keys.file_keyring import EncryptedFileKeyring

#: Characters at the end of a secret that prove it is known: 62 to the sixth are too many to try.
TAIL = 6
_COST = 2**12


class SecretTails:
    """Knows the ends of some secrets when it sees them, and holds nothing but salted hashes of them."""

    def __init__(self, known: Iterable[Secret]) -> None:
        self._salt = secrets.token_bytes(16)
        self._digests = [self._digest(tail) for tail in {_tail(secret) for secret in known}]

    def matches(self, typed: Secret) -> bool:
        """Whether this is the end of one of the secrets."""
        digest = self._digest(typed.reveal().strip()[-TAIL:])
        # Every digest is compared, so that the time taken tells nothing.
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0

    def _digest(self, text: str) -> bytes:
        return hashlib.scrypt(text.encode(), salt=self._salt, n=_COST, r=8, p=1, dklen=32)


def _tail(secret: Secret) -> str:
    """The last characters of an HMAC secret, or of a private key's last line."""
    lines = [line.strip() for line in secret.reveal().splitlines() if line.strip() and "-----" not in line]
    return "".join(lines).rstrip("=")[-TAIL:]


class KeyLock:
    """Drops the signers of a session; gives them back when `proves` accepts what was typed.

    `load` reads the keys afresh and raises one of `failures`, whose text is shown.
    """

    def __init__(
        self,
        question: str,
        credentials: Mapping[Product, Credentials],
        proves: Callable[[Secret], bool],
        load: Callable[[], Mapping[Product, Credentials]],
        failures: tuple[type[Exception], ...],
        also_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self._question = question
        self._credentials = credentials
        self._proves = proves
        self._load = load
        self._failures = failures
        self._also_drop = also_drop

    @property
    def question(self) -> str:
        """What has to be typed, in words."""
        return self._question

    def drop(self) -> None:
        """Forget every secret of the session."""
        for credentials in self._credentials.values():
            credentials.drop()
        self._also_drop()

    def open(self, typed: str) -> str:
        """Load the secrets again if this proves the owner; returns "" then, else why not."""
        try:
            if not self._proves(Secret(typed)):
                return "that is not it"
            fresh = self._load()
        except self._failures as error:
            return str(error)
        for product, credentials in self._credentials.items():
            if product in fresh:
                credentials.restore(fresh[product].signer)
        return ""


def by_passphrase(
    keyring: "EncryptedFileKeyring",
    credentials: Mapping[Product, Credentials],
    load: Callable[[], Mapping[Product, Credentials]],
    failures: tuple[type[Exception], ...],
) -> KeyLock:
    """A lock that the passphrase of the keyring file opens; the file is locked with it."""
    # Keyring and ciphers are loaded where keys lie in a file; elsewhere they would only delay the first frame.
    from keyring.errors import KeyringError

    from tui.keys.sealed import WrongPassphraseError

    def unlocks(typed: Secret) -> bool:
        try:
            keyring.unlock(typed)
        except WrongPassphraseError:
            return False
        return True

    question = "Passphrase of the keyring file"
    return KeyLock(question, credentials, unlocks, load, (*failures, KeyringError), keyring.lock)


def by_key_passphrase(
    sealed: Secret,
    credentials: Mapping[Product, Credentials],
    load: Callable[[Callable[[], Secret]], Mapping[Product, Credentials]],
    failures: tuple[type[Exception], ...],
) -> KeyLock:
    """A lock that the passphrase of an encrypted private key opens; it is forgotten as soon as the key is read."""
    typed: list[Secret] = []

    def opens(passphrase: Secret) -> bool:
        try:
            read_material(sealed.reveal(), None, lambda: passphrase)
        except KeyMaterialError:
            return False
        typed[:] = [passphrase]
        return True

    def read() -> Mapping[Product, Credentials]:
        try:
            return load(lambda: typed[0])
        finally:
            typed.clear()

    return KeyLock("Passphrase of the private key", credentials, opens, read, failures)


def by_tail(
    known: Iterable[Secret],
    credentials: Mapping[Product, Credentials],
    load: Callable[[], Mapping[Product, Credentials]],
    failures: tuple[type[Exception], ...],
) -> KeyLock:
    """A lock that the last characters of one of the secrets open."""
    question = f"Last {TAIL} characters of the API secret"
    return KeyLock(question, credentials, SecretTails(known).matches, load, failures)
