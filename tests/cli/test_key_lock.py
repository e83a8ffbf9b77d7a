"""Locking the keys of a session: what is dropped, what brings it back, and what does not."""

import gc

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tui.binance.errors import RefusedError
from tui.cli.key_lock import SecretTails
from tui.cli.places import Place, PlaceError, place_of, place_of_demo
from tui.config import DataOptions, Environment, Hosts, Settings
from tui.domain.product import Product
from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.key_material import KeyMaterialError, read_material
from tui.keys.sealed import Cost
from tui.keys.secret import Secret
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn

SECRET = "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6hIj9kLm2nOp5qRs8tUv1wZ9y8"
HOSTS = Hosts("http://127.0.0.1:1", "ws://127.0.0.1:1", "ws://127.0.0.1:1")
LAB = Settings(environments={"lab": Environment(spot=HOSTS, usdm=HOSTS, real_money=False)})
VARIABLES = {"BINANCE_LAB_API_KEY": "k" * 64, "BINANCE_LAB_API_SECRET": SECRET}


def sign(place: Place) -> str:
    return place.credentials[Product.USDM].signer.sign("x")


def test_the_end_of_the_secret_brings_keys_of_variables_back() -> None:
    place = place_of("lab", LAB, VARIABLES)
    before = sign(place)
    assert place.lock is not None
    assert "6 characters" in place.lock.question
    place.lock.drop()
    with pytest.raises(RefusedError, match="locked"):
        sign(place)
    for wrong in ("", "Z9y7Z9", "z9y8", "wZ9y7", SECRET[:6], "k" * 6):
        assert place.lock.open(wrong) == "that is not it"
    with pytest.raises(RefusedError):
        sign(place)
    assert place.lock.open(SECRET[-6:]) == ""
    assert sign(place) == before


def test_nothing_refers_to_the_signer_after_the_lock() -> None:
    place = place_of("lab", LAB, VARIABLES)
    assert place.lock is not None
    signer = place.credentials[Product.SPOT].signer
    held = len(gc.get_referrers(signer))
    place.lock.drop()
    assert len(gc.get_referrers(signer)) == held - 1


def test_variables_that_are_gone_are_named_and_nothing_is_unlocked() -> None:
    variables = dict(VARIABLES)
    place = place_of("lab", LAB, variables)
    assert place.lock is not None
    place.lock.drop()
    variables.pop("BINANCE_LAB_API_KEY")
    assert "BINANCE_LAB_API_KEY is not set" in place.lock.open(SECRET[-6:])
    with pytest.raises(RefusedError):
        sign(place)


def test_the_end_of_a_private_key_is_that_of_its_last_line() -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    tails = SecretTails([Secret(pem)])
    last = pem.strip().splitlines()[-2].rstrip("=")
    assert tails.matches(Secret(last[-6:]))
    assert not tails.matches(Secret("KEY---"))
    assert not tails.matches(Secret("-----"))


def test_keys_of_the_file_need_its_passphrase_and_lock_it_too(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EncryptedFileKeyring, "cost", Cost(4, 8, 1))
    asked: list[bool] = []

    def ask(is_new: bool) -> Secret:
        asked.append(is_new)
        return Secret("correct horse")

    keys = KeyStore(tmp_path, ask)
    keys.add("lab", "main", "k" * 64, read_material(SECRET), kept_in=KeptIn.FILE)
    place = place_of("lab", LAB, {}, keys)
    before = sign(place)
    assert place.lock is not None
    assert "assphrase" in place.lock.question
    asked.clear()
    place.lock.drop()
    assert keys.keyrings.file.is_locked
    assert place.lock.open(SECRET[-6:]) == "that is not it"
    with pytest.raises(RefusedError):
        sign(place)
    assert place.lock.open("correct horse") == ""
    assert sign(place) == before
    assert not asked
    place.lock.drop()
    (tmp_path / "keyring.sealed").write_bytes(b"not a keyring")
    assert place.lock.open("correct horse")
    with pytest.raises(RefusedError):
        sign(place)


def test_the_demo_has_nothing_to_lock() -> None:
    hosts = {"rest": "http://127.0.0.1:1", "ws": "ws://127.0.0.1:1", "ws_api": "ws://127.0.0.1:1"}
    ready = {"spot": hosts, "keys": [{"type": "HMAC", "api_key": "k", "api_secret": "s" * 64}]}
    assert place_of_demo(ready, "demo").lock is None


def _sealed_pem() -> str:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")).decode()
    return pem.replace("\n", "\\n")


def test_an_encrypted_key_of_variables_is_opened_once_and_its_passphrase_unlocks_the_screen() -> None:
    asked = []

    def ask() -> Secret:
        asked.append(1)
        return Secret("open sesame")

    variables = {**VARIABLES, "BINANCE_LAB_API_SECRET": _sealed_pem()}
    place = place_of("lab", LAB, variables, ask=ask)
    assert len(asked) == 1, "one key serves both products"
    before = sign(place)
    assert place.lock is not None
    assert place.lock.question == "Passphrase of the private key"
    place.lock.drop()
    assert place.lock.open("close sesame") == "that is not it"
    with pytest.raises(RefusedError):
        sign(place)
    assert place.lock.open("open sesame") == ""
    assert sign(place) == before
    assert len(asked) == 1, "nobody is asked at the terminal while the screen is up"


def test_an_encrypted_key_without_a_terminal_is_refused_with_the_remedy() -> None:
    def nobody() -> Secret:
        raise KeyMaterialError("the private key is encrypted and there is no terminal")

    with pytest.raises(PlaceError, match="no terminal"):
        place_of("lab", LAB, {**VARIABLES, "BINANCE_LAB_API_SECRET": _sealed_pem()}, ask=nobody)


def test_the_type_of_a_key_can_be_stated_in_the_settings() -> None:
    seed = {**VARIABLES, "BINANCE_LAB_API_SECRET": bytes(range(32)).hex()}
    stated = Settings(environments={"lab": Environment(spot=HOSTS, usdm=HOSTS, data=DataOptions(key_type="Ed25519"))})
    assert len(sign(place_of("lab", LAB, seed))) == 64
    assert len(sign(place_of("lab", stated, seed))) == 88


def test_products_are_those_of_the_account_type() -> None:
    def products(account_type: str) -> list[Product]:
        options = DataOptions(account_type=account_type)
        settings = Settings(environments={"lab": Environment(base_url="http://127.0.0.1:1", data=options)})
        return list(place_of("lab", settings, {}).urls)

    assert products("usdt_future") == [Product.USDM]
    assert Product.SPOT in products("SPOT")
