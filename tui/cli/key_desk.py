"""The keys behind the screen for keys: the same store as `binance-tui keys`, asked without a terminal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.cli.options import Context
from tui.keys.secret import Secret
from tui.ui.keys.key_desk import KeyDeskError, KeyRow, PassphraseNeededError, Told, WantedKey

if TYPE_CHECKING:
    from tui.keys.store import KeyStore
    from tui.keys.stored_key import KeptIn, StoredKey

_NEXT = "It is used at the next start."


class StoredKeys:
    """Keeps keys for the screen; a store of its own, whose keyring file is locked again when the screen is left."""

    def __init__(self, context: Context) -> None:
        from tui.keys.store import KeyStore

        self._context = context
        self._store = KeyStore(context.folders.data, self._passphrase)
        self._given: Secret | None = None
        #: Whether a passphrase was asked for in vain, and then whether a new one.
        self._wanted_new: bool | None = None

    def rows(self) -> list[KeyRow]:
        """The stored keys of all environments."""
        with _told():
            return [_row(self._store, key) for key in self._store.stored()]

    def environments(self) -> tuple[str, ...]:
        """Those of Binance and those of the settings."""
        from tui.binance.environment import ENVIRONMENTS

        return tuple(dict.fromkeys([*ENVIRONMENTS, *self._context.settings.environments]))

    def refusal(self, wanted: WantedKey) -> str:
        """Why no key can be stored for this, "" when one can."""
        try:
            self._check_free(wanted)
        except KeyDeskError as error:
            return str(error)
        return ""

    def set_default(self, row: KeyRow) -> None:
        """Use the row's account when none is named."""
        with _told():
            self._store.set_default(row.environment, row.account)

    def check(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        """Ask the exchange what the keys of the row's account may do."""
        from tui.cli.keys_check import check_words, checked

        with self._using(passphrase):
            answer = checked(self._context, self._store, row.environment, row.account)
            if self._wanted_new is not None or self._is_wrong(passphrase):
                raise KeyDeskError(str(answer.get("problem", "")))
        told = [Told(f"{row.environment}/{row.account} {answer['api_key']}".rstrip(), "strong")]
        told += [Told(words, "" if answer["accepted"] else "warn") for words in check_words(answer)]
        return told + [Told(f"WARNING: {words}", "warn") for words in answer["warnings"]]

    def add(self, wanted: WantedKey, api_key: Secret, secret: Secret | None, passphrase: Secret | None) -> list[Told]:
        """Keep a key; without a secret the API key completes a pair that was generated here."""
        from tui.keys.key_material import check_api_key, read_material
        from tui.keys.stored_key import Serves

        with self._using(passphrase):
            stored = self._store.find(wanted.environment, wanted.account, Serves(wanted.serves))
            if secret is None and stored is not None and stored.is_pending:
                key = self._store.complete(stored, check_api_key(api_key.reveal()))
            else:
                self._check_free(wanted)
                key = self._store.add(
                    wanted.environment,
                    wanted.account,
                    check_api_key(api_key.reveal()),
                    read_material((secret or Secret("")).reveal()),
                    kept_in=self._store.keyrings.choose(None),
                    serves=Serves(wanted.serves),
                )
        row = _row(self._store, key)
        told = [Told(f"{row.title}: the {row.kind} key {row.masked} is kept in {self._place(key.kept_in)}.", "ok")]
        if (row.environment, row.serves) == ("testnet", "all"):
            told.append(Told("The test networks of spot and futures need keys of their own: add one for each.", "warn"))
        return [*told, Told(_NEXT), Told("In the list, c says what the key may do.", "dim")]

    def generate(self, wanted: WantedKey, passphrase: Secret | None) -> list[Told]:
        """Make an Ed25519 pair, keep the private key, tell the public one."""
        from tui.keys.key_material import KeyKind, generate
        from tui.keys.stored_key import Serves

        with self._using(passphrase):
            self._check_free(wanted)
            key = self._store.add(
                wanted.environment,
                wanted.account,
                "",
                generate(KeyKind.ED25519),
                kept_in=self._store.keyrings.choose(None),
                serves=Serves(wanted.serves),
            )
        return [
            Told("Register this public key at Binance (API management, self-generated key):", "strong"),
            Told(key.public_key),
            Told(f"The private key stays in {self._place(key.kept_in)}. Then a adds the API key that Binance shows."),
        ]

    def remove(self, row: KeyRow, passphrase: Secret | None) -> list[Told]:
        """Forget a key."""
        from tui.keys.stored_key import Serves

        with self._using(passphrase):
            key = self._store.find(row.environment, row.account, Serves(row.serves))
            if key is None:
                raise KeyDeskError(f"{row.title} is stored no more; another program removed it")
            self._store.remove(key)
            left = self._store.default(row.environment)
        told = [
            Told(f"{row.title} is forgotten here; delete the key at Binance if nothing else uses it.", "ok"),
            Told("A session that has it already goes on with it until it ends or locks."),
        ]
        return [*told, Told(f"{row.environment} uses {left} when no account is named.")] if left else told

    def forget(self) -> None:
        """Lock the keyring file."""
        # A store that no keyring was needed of has loaded none.
        if "keyrings" in vars(self._store):
            self._store.keyrings.file.lock()

    @contextmanager
    def _using(self, passphrase: Secret | None) -> Iterator[None]:
        """Work with the keyrings; a locked file becomes a question, and every other failure one sentence."""
        self._given, self._wanted_new = passphrase, None
        try:
            with _told():
                yield
        except KeyDeskError as error:
            if self._wanted_new is not None:
                raise PassphraseNeededError(self._complaint(error), is_new=self._wanted_new) from None
            if self._is_wrong(passphrase):
                raise PassphraseNeededError(str(error), is_new=False) from None
            raise
        finally:
            self._given = None

    def _is_wrong(self, passphrase: Secret | None) -> bool:
        """Whether a passphrase was given and has not opened the file."""
        return passphrase is not None and self._store.keyrings.file.is_locked

    def _complaint(self, error: KeyDeskError) -> str:
        if self._given is not None:
            return str(error)
        place = self._store.keyrings.file.path
        return f"This system has no keyring: the key goes into {place}, encrypted." if self._wanted_new else ""

    def _passphrase(self, is_new: bool) -> Secret:
        """What was typed in the screen, else what a file holds for programs without a person; nothing else is asked."""
        from keyring.errors import KeyringLocked

        from tui.cli.passphrase import VARIABLE, ask_passphrase, of_length

        if self._given is None and os.environ.get(VARIABLE):
            return ask_passphrase(is_new)
        try:
            if self._given is None:
                raise KeyringLocked("its passphrase is needed")
            return of_length(self._given, is_new)
        except KeyringLocked:
            self._wanted_new = is_new
            raise

    def _check_free(self, wanted: WantedKey) -> None:
        from tui.cli.keys_adding import Wanted
        from tui.keys.stored_key import Serves

        with _told():
            Wanted(wanted.environment, wanted.account, wanted.serves, None).check(self._context)
            stored = self._store.find(wanted.environment, wanted.account, Serves(wanted.serves))
            if stored is not None:
                what = f"the key {stored.masked}" if stored.masked else "a pair that waits for its API key"
                raise KeyDeskError(f"{_row(self._store, stored).title} has {what} already; choose another name")

    def _place(self, kept_in: "KeptIn") -> str:
        return "the system's keyring" if kept_in.value == "system" else str(self._store.keyrings.file.path)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what may be wrong with a key, a name or a keyring into the one error of the screen."""
    from tui.binance.environment import AddressError
    from tui.cli.places import PlaceError
    from tui.keys.key_material import KeyMaterialError
    from tui.keys.stored_key import KeysError

    try:
        yield
    except (AddressError, KeyMaterialError, KeysError, PlaceError) as error:
        raise KeyDeskError(str(error)) from None


def _row(store: "KeyStore", key: "StoredKey") -> KeyRow:
    return KeyRow(
        key.environment,
        key.account,
        key.kind.value,
        key.masked,
        key.serves.value,
        f"{key.kept_in} keyring",
        store.default(key.environment) == key.account,
        key.public_key,
    )
