"""Keyrings for tests: a cheap passphrase, and a system keyring that each test names."""

from collections.abc import Callable

import keyring
import keyring.core
import pytest
from keyring.backend import KeyringBackend

from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.sealed import Cost


class MemoryKeyring(KeyringBackend):
    """A system keyring that works."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


# Kept out of what `keyring` would choose from by itself.
KeyringBackend._classes.discard(MemoryKeyring)


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing is cheap in tests."""
    monkeypatch.setattr(EncryptedFileKeyring, "cost", Cost(4, 1, 1))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyringBackend], None]:
    """Make a backend the system's keyring."""

    def take(backend: KeyringBackend) -> None:
        monkeypatch.setattr(keyring.core, "_keyring_backend", backend)

    return take


@pytest.fixture
def memory(use: Callable[[KeyringBackend], None]) -> MemoryKeyring:
    """A system keyring that works and can be looked into."""
    backend = MemoryKeyring()
    use(backend)
    return backend
