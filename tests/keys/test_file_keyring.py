"""The encrypted file as a backend of keyring."""

import stat
import threading
from pathlib import Path

import keyring.backend
import keyring.backends.fail
import keyring.core
import pytest
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.sealed import TamperedError, WrongPassphraseError
from tui.keys.secret import Secret


class Asked:
    """Answers with a passphrase and counts how often it was asked for."""

    def __init__(self, passphrase: str = "correct horse") -> None:
        self.passphrase = passphrase
        self.news: list[bool] = []

    def __call__(self, is_new: bool) -> Secret:
        self.news.append(is_new)
        return Secret(self.passphrase)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "keyring.sealed"


def test_unlocked_once_a_session(path: Path) -> None:
    asked = Asked()
    first = EncryptedFileKeyring(path, asked)
    assert first.get_password("s", "nobody") is None
    assert asked.news == []
    first.set_password("s", "one", "1")
    first.set_password("s", "two", "2")
    assert first.get_password("s", "one") == "1"
    assert asked.news == [True]
    second = EncryptedFileKeyring(path, asked)
    assert (second.get_password("s", "one"), second.get_password("s", "two")) == ("1", "2")
    second.delete_password("s", "one")
    assert second.get_password("s", "one") is None
    assert asked.news == [True, False]
    second.lock()
    assert second.is_locked
    assert second.get_password("s", "two") == "2"
    assert asked.news == [True, False, False]


def test_only_the_owner_may_read_and_nothing_is_left_beside(path: Path) -> None:
    EncryptedFileKeyring(path, Asked()).set_password("s", "one", "a marked secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == [".keyring.sealed.lock", "keyring.sealed"]
    assert b"marked" not in path.read_bytes()


def test_wrong_passphrase_and_tampered_file_are_told_apart(path: Path) -> None:
    EncryptedFileKeyring(path, Asked()).set_password("s", "one", "1")
    stranger = EncryptedFileKeyring(path, Asked("battery staple"))
    with pytest.raises(WrongPassphraseError):
        stranger.get_password("s", "one")
    with pytest.raises(WrongPassphraseError):
        stranger.set_password("s", "one", "2")
    assert stranger.is_locked
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    with pytest.raises(TamperedError):
        EncryptedFileKeyring(path, Asked()).get_password("s", "one")


def test_a_person_may_mistype_twice_and_a_machine_once(path: Path) -> None:
    EncryptedFileKeyring(path, Asked()).set_password("s", "one", "1")
    answers = iter(["mistyped", "mistyped again", "correct horse"])
    assert EncryptedFileKeyring(path, lambda is_new: Secret(next(answers))).get_password("s", "one") == "1"
    for backend, tries in ((Asked("wrong"), 2), (Counting(), 3)):
        with pytest.raises(WrongPassphraseError):
            EncryptedFileKeyring(path, backend).get_password("s", "one")
        assert len(backend.news) == tries


class Counting(Asked):
    """Answers with another passphrase each time."""

    def __call__(self, is_new: bool) -> Secret:
        super().__call__(is_new)
        return Secret(str(len(self.news)))


def test_without_somebody_to_ask_it_is_locked(path: Path) -> None:
    EncryptedFileKeyring(path, Asked()).set_password("s", "one", "1")
    with pytest.raises(KeyringLocked):
        EncryptedFileKeyring(path).get_password("s", "one")


def test_a_file_that_got_another_passphrase_meanwhile_locks(path: Path) -> None:
    open_one = EncryptedFileKeyring(path, Asked())
    open_one.set_password("s", "one", "1")
    path.unlink()
    EncryptedFileKeyring(path, Asked("another")).set_password("s", "one", "2")
    with pytest.raises(WrongPassphraseError):
        open_one.get_password("s", "one")
    assert open_one.is_locked


def test_two_programs_lose_nothing_of_each_other(path: Path) -> None:
    EncryptedFileKeyring(path, Asked()).set_password("s", "begun", "0")

    def write(name: str) -> None:
        backend = EncryptedFileKeyring(path, Asked())
        for number in range(10):
            backend.set_password("s", f"{name}{number}", name)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    backend = EncryptedFileKeyring(path, Asked())
    assert [backend.get_password("s", f"{name}{number}") for name in "ab" for number in range(10)] == list(
        "a" * 10 + "b" * 10
    )


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = EncryptedFileKeyring(path, Asked())
    backend.set_password("s", "one", "1")
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("tui.keys.atomic.os.fsync", full)
        with pytest.raises(KeyringError, match="No space left"):
            backend.set_password("s", "one", "2")
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2
    assert backend.get_password("s", "one") == "1"


def test_nothing_to_delete_is_said(path: Path) -> None:
    with pytest.raises(PasswordDeleteError):
        EncryptedFileKeyring(path, Asked()).delete_password("s", "one")


def test_keyring_never_chooses_it_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It once did, where it tied with the backend that stands for having none."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setattr(
        keyring.backend.KeyringBackend, "_classes", {EncryptedFileKeyring, keyring.backends.fail.Keyring}
    )
    assert EncryptedFileKeyring.viable
    assert isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring)
