"""A keyring for machines that have none: one encrypted file, unlocked once a session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import msgspec
import platformdirs
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from tui.keys.atomic import alone, write_private
from tui.keys.sealed import COST, Cost, SealingKey, TamperedError, WrongPassphraseError, new_key, read_head
from tui.keys.secret import Secret

FILE_NAME = "keyring.sealed"

_TRIES = 3

_Items = dict[str, dict[str, str]]
_ITEMS = msgspec.json.Decoder(_Items)

#: Gives the passphrase, of a new file when told so; raises KeyringLocked where nobody can be asked.
AskPassphrase = Callable[[bool], Secret]


def _nobody(is_new: bool) -> Secret:
    raise KeyringLocked("the keyring file needs its passphrase, and there is nobody to ask")


class EncryptedFileKeyring(KeyringBackend):
    """A backend of `keyring` that asks for its passphrase when it is first needed and then remembers its key.

    Every method raises KeyringError: WrongPassphraseError, TamperedError, KeyringLocked, or with words on the file.
    The priority, below that of having no keyring at all, keeps `keyring` from choosing it by itself.
    """

    priority: ClassVar[float] = -1
    cost: ClassVar[Cost] = COST

    def __init__(self, path: Path | None = None, ask: AskPassphrase = _nobody) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.path = path or Path(platformdirs.user_data_dir("binance-tui")) / FILE_NAME
        self._ask = ask
        self._key: SealingKey | None = None

    @property
    def exists(self) -> bool:
        """Whether the file was ever made."""
        return self.path.exists()

    @property
    def is_locked(self) -> bool:
        """Whether the passphrase will be asked for."""
        return self._key is None

    def unlock(self, passphrase: Secret) -> None:
        """Open the existing file and remember its key; raises WrongPassphraseError or TamperedError."""
        sealed = self._sealed()
        head = read_head(sealed)
        key = SealingKey(passphrase, head.salt, head.cost)
        key.open(sealed)
        self._key = key

    def lock(self) -> None:
        """Forget the key; the next use asks for the passphrase."""
        self._key = None

    def get_password(self, service: str, username: str) -> str | None:
        """What was kept under these names, None when nothing was."""
        return self._read().get(service, {}).get(username) if self.exists else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something under these names, in place of what was there."""
        self._unlock_or_begin()
        with self._changing() as items:
            items.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget what was kept; raises PasswordDeleteError when nothing was."""
        if not self.exists or username not in self._read().get(service, {}):
            raise PasswordDeleteError("nothing is kept under this name")
        with self._changing() as items:
            items.get(service, {}).pop(username, None)

    def _ask_and_unlock(self) -> None:
        """Ask until it fits, a few times; an answer that comes twice comes from no person and is not tried again."""
        before = ""
        for _ in range(_TRIES):
            passphrase = self._ask(False)
            try:
                return self.unlock(passphrase)
            except WrongPassphraseError:
                if passphrase.reveal() == before:
                    break
                before = passphrase.reveal()
        raise WrongPassphraseError("wrong passphrase")

    @contextmanager
    def _changing(self) -> Iterator[_Items]:
        """Give the items to be changed and write them, while other programs wait."""
        try:
            with alone(self.path):
                items = self._read() if self.exists else {}
                yield items
                self._write(items)
        except OSError as error:
            raise KeyringError(f"{self.path} cannot be written: {error.strerror}") from error

    def _unlock_or_begin(self) -> None:
        if self.exists:
            self._read()
        elif self._key is None:
            self._key = new_key(self._ask(True), self.cost)

    def _read(self) -> _Items:
        if self._key is None:
            self._ask_and_unlock()
        assert self._key is not None
        try:
            content = self._key.open(self._sealed())
        except WrongPassphraseError:
            # Another program gave the file a new passphrase since it was unlocked here.
            self._key = None
            raise
        try:
            return _ITEMS.decode(content)
        except msgspec.MsgspecError:
            raise TamperedError("its content cannot be read") from None

    def _write(self, items: _Items) -> None:
        assert self._key is not None
        write_private(self.path, self._key.seal(msgspec.json.encode(items)))

    def _sealed(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise KeyringError(f"{self.path} cannot be read: {error.strerror}") from error
