"""The sealed file: whole or told to be otherwise, whatever byte is changed."""

import hashlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.keys.sealed import Cost, SealingKey, TamperedError, WrongPassphraseError, new_key, read_head
from tui.keys.secret import Secret

CHEAP = Cost(4, 1, 1)
CONTENT = b'{"binance-tui":{"live/main":"a marked secret"}}'
KEY = new_key(Secret("correct horse"), CHEAP)
SEALED = KEY.seal(CONTENT)


def reopened(sealed: bytes, passphrase: str) -> bytes:
    head = read_head(sealed)
    return SealingKey(Secret(passphrase), head.salt, head.cost).open(sealed)


def with_checksum(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


@given(st.binary(max_size=300), st.text(min_size=1, max_size=20))
def test_what_was_sealed_opens_with_its_passphrase_alone(content: bytes, passphrase: str) -> None:
    sealed = new_key(Secret(passphrase), CHEAP).seal(content)
    assert reopened(sealed, passphrase) == content
    assert len(content) < 30 or content not in sealed
    with pytest.raises(WrongPassphraseError):
        reopened(sealed, passphrase + "x")


@pytest.mark.parametrize("position", range(len(SEALED)))
def test_any_changed_byte_is_told_as_tampering(position: int) -> None:
    for flip in (0x01, 0x80, 0xFF):
        changed = bytearray(SEALED)
        changed[position] ^= flip
        for passphrase in ("correct horse", "wrong"):
            with pytest.raises(TamperedError):
                reopened(bytes(changed), passphrase)


@given(st.integers(0, len(SEALED) - 1))
def test_a_file_cut_short_or_grown_is_told_as_tampering(length: int) -> None:
    for sealed in (SEALED[:length], SEALED + SEALED[length:]):
        with pytest.raises(TamperedError):
            reopened(sealed, "correct horse")


@given(st.data())
def test_content_changed_with_a_fitting_checksum_is_told_as_tampering(data: st.DataObject) -> None:
    body = bytearray(SEALED[:-32])
    position = data.draw(st.integers(read_head(SEALED).length, len(body) - 1))
    body[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TamperedError, match="changed by somebody"):
        reopened(with_checksum(bytes(body)), "correct horse")


@given(st.integers(0, len(SEALED) - 33), st.integers(1, 255))
def test_nothing_changed_ever_opens(position: int, flip: int) -> None:
    body = bytearray(SEALED[:-32])
    body[position] ^= flip
    sealed = with_checksum(bytes(body))
    # A head that asks for a costly but allowed passphrase would only slow the test.
    if 22 <= position < 25:
        sealed = with_checksum(bytes(body[:22]) + b"\xff\xff\xff" + bytes(body[25:]))
    with pytest.raises((TamperedError, WrongPassphraseError)):
        reopened(sealed, "correct horse")


def test_two_seals_of_the_same_differ_wholly() -> None:
    again = KEY.seal(CONTENT)
    head = read_head(again)
    assert head.nonce != read_head(SEALED).nonce
    assert again[head.length :] != SEALED[head.length :]


def test_a_key_hides() -> None:
    assert repr(KEY) == "SealingKey(hidden)"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
