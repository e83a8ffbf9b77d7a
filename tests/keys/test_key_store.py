"""Accounts by name, secrets in a keyring, and what is said when the keyring is not to be had."""

import errno
import stat
from collections.abc import Callable
from pathlib import Path

import keyring.backends.fail
import keyring.backends.null
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked

from tui.keys.key_material import KeyKind, generate, read_material
from tui.keys.keyrings import KeyringAbsentError, KeyringUnusableError, system_keyring
from tui.keys.secret import Secret
from tui.keys.store import KeyStore, KeyStoreError
from tui.keys.stored_key import KeptIn, Serves

SECRET = "markedSecret" * 5
API_KEY = "markedApiKey" * 5
MATERIAL = read_material(SECRET)


class Plain(KeyringBackend):
    """A backend that keeps plain text, as `keyrings.alt` has one."""

    priority = 0.5

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("never used")

    set_password = delete_password = get_password  # type: ignore[assignment]


class Failing(KeyringBackend):
    """A backend whose library fails with what it is told."""

    priority = 5

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str, password: str = "") -> str | None:
        raise self.error

    set_password = delete_password = get_password  # type: ignore[assignment]


class Forgetful(Failing):
    """A backend that takes everything and keeps nothing."""

    def get_password(self, service: str, username: str, password: str = "") -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        return


for each in (Plain, Failing, Forgetful):
    KeyringBackend._classes.discard(each)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "data", lambda is_new: Secret("correct horse"))


@pytest.mark.parametrize("kept_in", list(KeptIn))
def test_several_accounts_of_several_environments(store: KeyStore, memory, kept_in: KeptIn) -> None:
    for environment, account in (("live", "main"), ("live", "bot"), ("testnet", "main")):
        store.add(environment, account, f"{environment}{account}" * 4, MATERIAL, kept_in=kept_in)
    assert [(key.environment, key.account) for key in store.stored()] == [
        ("live", "main"),
        ("live", "bot"),
        ("testnet", "main"),
    ]
    assert (store.default("live"), store.default("testnet"), store.default("us")) == ("main", "main", None)
    store.set_default("live", "bot")
    bot = store.for_product("live", "bot", futures=True)
    assert store.account("live", None) == "bot"
    assert store.read(bot).api_key == "livebot" * 4
    assert store.read(bot).secret.reveal() == SECRET
    store.remove(bot)
    assert store.default("live") == "main"
    with pytest.raises(KeyStoreError, match="no account 'bot' is stored for live; stored are main"):
        store.account("live", "bot")


def test_accounts_without_a_default_are_never_passed_over(store: KeyStore, memory) -> None:
    for account in ("one", "two", "three"):
        store.add("live", account, API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    store.remove(store.stored()[0])
    with pytest.raises(
        KeyStoreError, match=r"no account of live is the default; choose one with --account \(two, three"
    ):
        store.account("live", None)


def test_a_further_account_never_becomes_the_default_by_being_added(store: KeyStore, memory) -> None:
    """With the default removed and others left, the next key that was added traded from then on."""
    for account in ("main", "second", "third"):
        store.add("live", account, API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    main = store.stored()[0]
    store.remove(main)
    assert store.default("live") is None
    store.add("live", "fourth", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    assert store.default("live") is None


def test_a_key_that_cannot_be_listed_is_not_left_in_the_keyring(
    store: KeyStore, memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the secret was kept under a name that nothing knew of any more."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tui.keys.store.write_private", full)
    with pytest.raises(KeyStoreError, match="No space left on device"):
        store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    assert not memory.items


def test_nothing_secret_is_written_outside_the_keyring(store: KeyStore, memory, tmp_path: Path) -> None:
    store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    store.add("live", "other", API_KEY, MATERIAL, kept_in=KeptIn.FILE)
    for path in (tmp_path / "data").iterdir():
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert API_KEY.encode() not in content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_test_networks_have_a_key_for_each_product(store: KeyStore, memory) -> None:
    store.add("testnet", "main", "spotspotspotspot", MATERIAL, kept_in=KeptIn.SYSTEM, serves=Serves.SPOT)
    assert store.for_product("testnet", "main", futures=True) is None
    store.add("testnet", "main", "futuresfutures12", MATERIAL, kept_in=KeptIn.SYSTEM, serves=Serves.FUTURES)
    keys = [store.read(store.for_product("testnet", "main", futures=futures)).api_key for futures in (False, True)]
    assert keys == ["spotspotspotspot", "futuresfutures12"]


def test_a_replaced_key_leaves_nothing_behind(store: KeyStore, memory) -> None:
    store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    new = store.add("live", "main", "another" * 4, MATERIAL, kept_in=KeptIn.SYSTEM)
    assert store.stored() == [new]
    assert len(memory.items) == 1


def test_a_generated_key_waits_for_its_api_key(store: KeyStore, memory) -> None:
    made = generate(KeyKind.ED25519)
    pending = store.add("live", "main", "", made, kept_in=KeptIn.SYSTEM)
    assert pending.is_pending
    with pytest.raises(KeyStoreError, match="has no API key yet"):
        store.read(pending)
    completed = store.complete(pending, API_KEY)
    pair = store.read(completed)
    assert (pair.api_key, pair.secret.reveal()) == (API_KEY, made.secret.reveal())
    assert completed.public_key == made.public_key
    assert store.stored() == [completed]


def test_a_key_taken_out_of_the_keyring_by_hand_is_said(store: KeyStore, memory) -> None:
    key = store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    memory.items.clear()
    with pytest.raises(KeyStoreError, match="no longer in the system keyring"):
        store.read(key)
    store.remove(key)
    assert store.stored() == []


def test_an_item_of_another_account_is_refused(store: KeyStore, memory) -> None:
    live = store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    test = store.add("testnet", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    memory.items["binance-tui", test.item] = memory.items["binance-tui", live.item]
    with pytest.raises(KeyStoreError, match="holds a key of live/main under the name of testnet/main"):
        store.read(test)


def test_a_damaged_index_is_named(store: KeyStore, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.json").write_text("{")
    with pytest.raises(KeyStoreError, match=r"accounts\.json cannot be read"):
        store.stored()


def test_an_unknown_default_is_refused(store: KeyStore, memory) -> None:
    with pytest.raises(KeyStoreError, match="keys add --env live"):
        store.set_default("live", "main")


def test_no_stored_key_touches_no_keyring(store: KeyStore, use: Callable[[KeyringBackend], None]) -> None:
    use(Failing(AssertionError("touched")))
    assert store.account("live", None) is None
    assert store.stored("live") == []


def test_where_there_is_no_keyring_the_file_is_used(store: KeyStore, use) -> None:
    use(keyring.backends.fail.Keyring())
    assert store.keyrings.choose(None) is KeptIn.FILE
    with pytest.raises(KeyringAbsentError, match="--keyring file"):
        store.keyrings.choose(KeptIn.SYSTEM)


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (keyring.backends.null.Keyring(), "switched off"),
        (Plain(), "plain text"),
    ],
)
def test_a_keyring_that_cannot_be_trusted_is_no_reason_to_go_elsewhere(store: KeyStore, use, backend, words) -> None:
    use(backend)
    for wanted in (None, KeptIn.SYSTEM):
        with pytest.raises(KeyringUnusableError, match=words):
            store.keyrings.choose(wanted)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "is locked"),
        (InitError("Failed to create the collection"), "does not work: Failed to create"),
        (ConnectionRefusedError(f"with {SECRET} in it"), r"does not work \(ConnectionRefusedError\)"),
    ],
)
def test_a_locked_or_broken_keyring_is_said_and_nothing_falls_to_plain_text(
    store: KeyStore, use, tmp_path: Path, error: Exception, words: str
) -> None:
    use(Failing(error))
    kept_in = store.keyrings.choose(None)
    assert kept_in is KeptIn.SYSTEM
    with pytest.raises(KeyringUnusableError, match=words) as caught:
        store.add("live", "main", API_KEY, MATERIAL, kept_in=kept_in)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__
    assert not (tmp_path / "data").exists()


def test_a_keyring_that_forgets_is_found_out(store: KeyStore, use) -> None:
    use(Forgetful(KeyError()))
    with pytest.raises(KeyringUnusableError, match="does not give it back"):
        store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.SYSTEM)
    assert store.stored() == []


@pytest.mark.parametrize("name", ["no.such.module.Keyring", "keyring.backends.fail.Nothing", "nothing"])
def test_a_backend_named_wrongly_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(KeyringUnusableError, match="PYTHON_KEYRING_BACKEND"):
        system_keyring()


def test_wrong_passphrase_is_one_sentence(store: KeyStore, tmp_path: Path) -> None:
    store.add("live", "main", API_KEY, MATERIAL, kept_in=KeptIn.FILE)
    stranger = KeyStore(tmp_path / "data", lambda is_new: Secret("guess"))
    with pytest.raises(KeyringUnusableError, match="wrong passphrase"):
        stranger.read(stranger.stored()[0])
    path = tmp_path / "data" / "keyring.sealed"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(KeyringUnusableError, match="tampered with"):
        store.read(store.stored()[0])
