"""The keys behind the screen for keys: a real store, a real keyring file, a real exchange."""

from pathlib import Path

import keyring.backends.fail
import keyring.core
import pytest

from tui.cli.folders import folders
from tui.cli.key_desk import StoredKeys
from tui.cli.options import Context
from tui.config import load_settings
from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.key_material import KeyKind, generate
from tui.keys.sealed import Cost
from tui.keys.secret import Secret
from tui.ui.keys.key_desk import KeyDeskError, PassphraseNeededError, WantedKey

PASSPHRASE = Secret("correct horse")
LAB = WantedKey("lab", "main", "all")


@pytest.fixture
def desk(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredKeys:
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())
    monkeypatch.setattr(EncryptedFileKeyring, "cost", Cost(4, 1, 1))
    monkeypatch.delenv("BINANCE_TUI_PASSPHRASE_FILE", raising=False)
    return StoredKeys(Context(folders(lab, tmp_path / "data", None), load_settings(lab), False))


def add(desk: StoredKeys, exchange_key, passphrase: Secret | None, wanted: WantedKey = LAB, kind: str = "ED25519"):
    api_key, secret = exchange_key(kind)
    return desk.add(wanted, Secret(api_key), Secret(secret), passphrase)


def test_a_key_goes_the_whole_way_and_the_passphrase_is_asked_for_where_it_is_needed(
    desk: StoredKeys, exchange_key
) -> None:
    assert desk.rows() == []
    with pytest.raises(PassphraseNeededError, match="no keyring") as needed:
        add(desk, exchange_key, None)
    assert needed.value.is_new
    with pytest.raises(PassphraseNeededError, match="at least 8") as needed:
        add(desk, exchange_key, Secret("short"))
    assert needed.value.is_new
    assert "lab/main: the ed25519 key" in add(desk, exchange_key, PASSPHRASE)[0].text
    (row,) = desk.rows()
    assert (row.title, row.kind, row.serves, row.is_default) == ("lab/main", "ed25519", "all", True)
    said = "\n".join(told.text for told in desk.check(row, None))
    assert "Spot: the key is accepted" in said
    assert "It may: read the account" in said
    assert "WARNING: it is not bound to an IP address" in said

    desk.forget()
    with pytest.raises(PassphraseNeededError) as needed:
        desk.check(row, None)
    assert not needed.value.is_new
    with pytest.raises(PassphraseNeededError, match="wrong passphrase"):
        desk.check(row, Secret("wrong horse"))
    with pytest.raises(PassphraseNeededError, match="wrong passphrase"):
        desk.remove(row, Secret("wrong horse"))
    assert desk.rows() == [row]
    assert "forgotten here" in desk.remove(row, PASSPHRASE)[0].text
    assert desk.rows() == []


def test_a_pair_is_made_here_and_completed_by_its_api_key(desk: StoredKeys) -> None:
    told = desk.generate(LAB, PASSPHRASE)
    (row,) = desk.rows()
    assert not row.masked
    assert row.public_key in [each.text for each in told]
    assert "PRIVATE KEY" not in "".join(each.text for each in told)
    assert "waits for its API key" in desk.refusal(LAB)
    desk.add(LAB, Secret("a" * 64), None, None)
    assert desk.rows()[0].masked == "aaaa…aaaa"
    assert desk.rows()[0].public_key == row.public_key


def test_what_cannot_be_is_refused_in_words(desk: StoredKeys, exchange_key) -> None:
    assert "no environment" in desk.refusal(WantedKey("moon", "main", "all"))
    assert "keys of its own" in desk.refusal(WantedKey("demo", "main", "all"))
    assert desk.refusal(LAB) == ""
    add(desk, exchange_key, PASSPHRASE)
    assert "already" in desk.refusal(LAB)
    public = generate(KeyKind.ED25519).public_key
    with pytest.raises(KeyDeskError, match="public key"):
        desk.add(WantedKey("lab", "b", "all"), Secret("a" * 64), Secret(public), None)
    with pytest.raises(KeyDeskError, match="already"):
        add(desk, exchange_key, None)
    assert len(desk.rows()) == 1


def test_the_default_moves(desk: StoredKeys, exchange_key) -> None:
    add(desk, exchange_key, PASSPHRASE)
    add(desk, exchange_key, None, WantedKey("lab", "second", "all"), "HMAC")
    desk.set_default(desk.rows()[1])
    assert [row.is_default for row in desk.rows()] == [False, True]


def test_leaving_a_desk_that_opened_no_keyring_loads_none(desk: StoredKeys) -> None:
    desk.forget()
    assert "keyrings" not in vars(desk._store)
