"""The two keyrings a key may be kept in, and clear words for everything that may be wrong with them."""

from collections.abc import Callable
from typing import TypeVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

from tui.domain.text import clean
from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.sealed import TamperedError, WrongPassphraseError
from tui.keys.stored_key import KeptIn, KeysError

SERVICE = "binance-tui"

T = TypeVar("T")

_USE_FILE = "use --keyring file to keep keys in an encrypted file"


class KeyringUnusableError(KeysError):
    """A keyring that cannot be used; the text says which, why and what to do."""


class KeyringAbsentError(KeyringUnusableError):
    """The system has no keyring; the encrypted file is the one to use."""


class Keyrings:
    """The system's keyring and the encrypted file; every method raises KeyringUnusableError."""

    def __init__(self, file: EncryptedFileKeyring) -> None:
        self.file = file

    def choose(self, wanted: KeptIn | None) -> KeptIn:
        """Where a new key goes: where it is wanted, else the system's keyring, else the file if there is no other.

        A keyring that is there but locked or broken is an error, never a reason to go elsewhere.
        """
        if wanted is KeptIn.FILE:
            return wanted
        try:
            system_keyring()
        except KeyringAbsentError:
            if wanted is KeptIn.SYSTEM:
                raise
            return KeptIn.FILE
        return KeptIn.SYSTEM

    def get(self, kept_in: KeptIn, name: str) -> str | None:
        """What is kept under a name, None when nothing is."""
        backend = self._backend(kept_in)
        return self._use(kept_in, lambda: backend.get_password(SERVICE, name))

    def set(self, kept_in: KeptIn, name: str, content: str) -> None:
        """Keep something, and make sure that it is kept."""
        backend = self._backend(kept_in)
        self._use(kept_in, lambda: backend.set_password(SERVICE, name, content))
        if self._use(kept_in, lambda: backend.get_password(SERVICE, name)) != content:
            raise KeyringUnusableError(f"{self._name(kept_in)} took the key but does not give it back; {_USE_FILE}")

    def delete(self, kept_in: KeptIn, name: str) -> None:
        """Forget what is kept under a name, if anything is."""
        backend = self._backend(kept_in)
        if self._use(kept_in, lambda: backend.get_password(SERVICE, name)) is not None:
            self._use(kept_in, lambda: backend.delete_password(SERVICE, name))

    def _backend(self, kept_in: KeptIn) -> KeyringBackend:
        return self.file if kept_in is KeptIn.FILE else system_keyring()

    def _name(self, kept_in: KeptIn) -> str:
        return f"the keyring file {self.file.path}" if kept_in is KeptIn.FILE else "the system's keyring"

    def _use(self, kept_in: KeptIn, use: Callable[[], T]) -> T:
        name = self._name(kept_in)
        try:
            return use()
        except WrongPassphraseError:
            raise KeyringUnusableError(f"wrong passphrase for {name}; nothing was changed") from None
        except TamperedError as error:
            raise KeyringUnusableError(
                f"{name} was damaged or tampered with: {error}; restore it from a copy, or remove it and add the keys"
                " again (new ones, if others could write there)"
            ) from None
        except KeyringLocked as error:
            raise KeyringUnusableError(f"{name} is locked ({clean(str(error))}); unlock it and try again") from None
        except KeyringError as error:
            raise KeyringUnusableError(f"{name} does not work: {clean(str(error))}") from None
        except Exception as error:  # noqa: BLE001  (backends let any exception of their libraries through)
            # Its text may hold what was being kept, so only its type is told.
            raise KeyringUnusableError(f"{name} does not work ({_kind(error)}); {_USE_FILE}") from None


def system_keyring() -> KeyringBackend:
    """The keyring of this system; raises KeyringUnusableError, KeyringAbsentError where there is none at all."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    try:
        found = keyring.get_keyring()
        if isinstance(found, ChainerBackend):
            # It would go on to a worse keyring when a better one fails.
            found = found.backends[0]
        priority = float(found.priority)
    except NoKeyringError:
        raise KeyringAbsentError(_absent()) from None
    except Exception as error:  # noqa: BLE001  (a backend named by the environment may fail in any way)
        raise KeyringUnusableError(
            f"the keyring that PYTHON_KEYRING_BACKEND or keyringrc.cfg names does not work ({_kind(error)});"
            f" correct the name, or {_USE_FILE}"
        ) from None
    module = type(found).__module__
    if module == "keyring.backends.fail" or isinstance(found, EncryptedFileKeyring):
        raise KeyringAbsentError(_absent())
    if module == "keyring.backends.null":
        raise KeyringUnusableError(f"the system's keyring is switched off (null); switch it on, or {_USE_FILE}")
    if priority >= 1:
        return found
    raise KeyringUnusableError(
        f"the keyring {module} is not recommended for secrets (it may keep them in plain text); {_USE_FILE}"
    )


def _absent() -> str:
    return f"this system has no keyring; {_USE_FILE}"


def _kind(error: Exception) -> str:
    return type(error).__name__
