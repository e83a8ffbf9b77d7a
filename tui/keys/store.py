"""The accounts this program knows keys for: names in a file, secrets in a keyring."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui.keys.atomic import alone, write_private
from tui.keys.environment_variables import KeyPair
from tui.keys.key_material import KeyMaterial
from tui.keys.secret import Secret
from tui.keys.stored_key import KeptIn, KeysError, Serves, StoredKey

if TYPE_CHECKING:
    from tui.keys.file_keyring import AskPassphrase
    from tui.keys.keyrings import Keyrings

INDEX_NAME = "accounts.json"


class KeyStoreError(KeysError):
    """An account or its key that cannot be had; the text says which and what to do."""


class _Index(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[StoredKey] = []
    defaults: dict[str, str] = {}
    version: int = 1


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a keyring holds under one name; environment and account once more, so that no item can stand for another."""

    environment: str
    account: str
    api_key: str
    secret: str


_INDEX = msgspec.json.Decoder(_Index)
_ITEM = msgspec.json.Decoder(_Item)


class KeyStore:
    """Adds, finds and removes keys by environment and account.

    Every method raises KeyStoreError, and KeyringUnusableError where it touches a keyring. Nothing but `read` asks for
    a secret to be taken out, and an environment without stored keys touches no keyring at all.
    """

    def __init__(self, folder: Path, ask: "AskPassphrase") -> None:
        self._folder = folder
        self._path = folder / INDEX_NAME
        self._ask = ask

    @cached_property
    def keyrings(self) -> "Keyrings":
        """Where the secrets are; loaded only when one is needed, because keyrings and ciphers take time to load."""
        from tui.keys.file_keyring import FILE_NAME, EncryptedFileKeyring
        from tui.keys.keyrings import Keyrings

        return Keyrings(EncryptedFileKeyring(self._folder / FILE_NAME, self._ask))

    def stored(self, environment: str | None = None) -> list[StoredKey]:
        """The stored keys of one environment or all, in the order they were added."""
        return [key for key in self._index().keys if environment in (None, key.environment)]

    def default(self, environment: str) -> str | None:
        """The account used when none is named; None when the environment has no stored key."""
        return self._index().defaults.get(environment)

    def find(self, environment: str, account: str, serves: Serves) -> StoredKey | None:
        """The key stored for exactly this."""
        return next((key for key in self.stored(environment) if (key.account, key.serves) == (account, serves)), None)

    def for_product(self, environment: str, account: str, *, futures: bool) -> StoredKey | None:
        """The key that signs for a product: its own if there is one, else the one for all."""
        own = self.find(environment, account, Serves.FUTURES if futures else Serves.SPOT)
        return own or self.find(environment, account, Serves.ALL)

    def account(self, environment: str, named: str | None) -> str | None:
        """The named account, else the default one; None where none is stored at all.

        Raises KeyStoreError for a name that is not stored, and where there are accounts and none is the default.
        """
        names = list(dict.fromkeys(key.account for key in self.stored(environment)))
        if named is None and names and self.default(environment) is None:
            raise KeyStoreError(
                f"no account of {environment} is the default; choose one with --account ({', '.join(names)}), or for"
                f" good: binance-tui keys default --env {environment} --account {names[0]}"
            )
        if named is None:
            return self.default(environment)
        if named not in names:
            known = f"stored are {', '.join(names)}" if names else f"add it: binance-tui keys add --env {environment}"
            raise KeyStoreError(f"no account {named!r} is stored for {environment}; {known}")
        return named

    def add(
        self,
        environment: str,
        account: str,
        api_key: str,
        material: KeyMaterial,
        *,
        kept_in: KeptIn,
        serves: Serves = Serves.ALL,
    ) -> StoredKey:
        """Keep a key, in place of the one stored for the same; an empty API key is to be completed later.

        The first account of an environment becomes its default.
        """
        pair = KeyPair(api_key, material.secret)
        key = StoredKey(
            environment,
            account,
            material.kind,
            kept_in,
            f"{environment}/{account}/{serves}/{secrets.token_hex(4)}",
            serves,
            pair.masked if api_key else "",
            material.public_key,
        )
        content = _Item(environment, account, api_key, material.secret.reveal())
        self.keyrings.set(kept_in, key.item, msgspec.json.encode(content).decode())
        replaced = self.find(environment, account, serves)
        try:
            with self._changing() as index:
                is_first = all(each.environment != environment for each in index.keys)
                index.keys = [each for each in index.keys if each != replaced] + [key]
                if is_first:
                    index.defaults[environment] = account
        except KeyStoreError:
            with suppress(KeysError):  # no secret stays behind that nothing knows of
                self.keyrings.delete(kept_in, key.item)
            raise
        if replaced is not None:
            self.keyrings.delete(replaced.kept_in, replaced.item)
        return key

    def complete(self, key: StoredKey, api_key: str) -> StoredKey:
        """Give a key that was generated here the API key that Binance issued for it."""
        material = KeyMaterial(key.kind, self._read(key).secret, key.public_key)
        return self.add(key.environment, key.account, api_key, material, kept_in=key.kept_in, serves=key.serves)

    def read(self, key: StoredKey) -> KeyPair:
        """Take a key out of its keyring; asks for the passphrase where the keyring is locked."""
        if key.is_pending:
            raise KeyStoreError(
                f"the key of {key.environment}/{key.account} has no API key yet: register its public key at Binance,"
                f" then binance-tui keys add --env {key.environment} --account {key.account}"
            )
        return self._read(key)

    def _read(self, key: StoredKey) -> KeyPair:
        where = f"{key.environment}/{key.account}"
        content = self.keyrings.get(key.kept_in, key.item)
        if content is None:
            raise KeyStoreError(
                f"the key of {where} is no longer in the {key.kept_in} keyring; add it again:"
                f" binance-tui keys add --env {key.environment} --account {key.account} --replace"
            )
        try:
            item = _ITEM.decode(content)
        except msgspec.MsgspecError:
            raise KeyStoreError(f"what the {key.kept_in} keyring holds for {where} is no key; add it again") from None
        if (item.environment, item.account) != (key.environment, key.account):
            raise KeyStoreError(
                f"the keyring holds a key of {item.environment}/{item.account} under the name of {where};"
                " remove both and add them again"
            )
        return KeyPair(item.api_key, Secret(item.secret))

    def remove(self, key: StoredKey) -> None:
        """Forget a key, in the keyring and here; the default moves to the account that is left, if it is the only."""
        self.keyrings.delete(key.kept_in, key.item)
        with self._changing() as index:
            index.keys = [each for each in index.keys if each != key]
            left = list(dict.fromkeys(each.account for each in index.keys if each.environment == key.environment))
            if index.defaults.get(key.environment) not in left:
                index.defaults.pop(key.environment, None)
                if len(left) == 1:
                    index.defaults[key.environment] = left[0]

    def set_default(self, environment: str, account: str) -> None:
        """Use this account when none is named."""
        self.account(environment, account)
        with self._changing() as index:
            index.defaults[environment] = account

    def _index(self) -> _Index:
        try:
            return _INDEX.decode(self._path.read_bytes())
        except FileNotFoundError:
            return _Index()
        except (OSError, msgspec.MsgspecError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise KeyStoreError(
                f"{self._path} cannot be read ({reason}); move it away and add the keys again"
            ) from None

    @contextmanager
    def _changing(self) -> Iterator[_Index]:
        """Give the index to be changed and write it, while other programs wait."""
        try:
            with alone(self._path):
                index = self._index()
                yield index
                write_private(self._path, msgspec.json.format(msgspec.json.encode(index), indent=2))
        except OSError as error:
            raise KeyStoreError(f"{self._path} cannot be written: {error.strerror}") from None
