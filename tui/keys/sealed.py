"""Bytes sealed with a passphrase: the format of the encrypted file keyring; no I/O.

Layout: magic, cost of scrypt (log2 N, r, p), salt, proof, nonce, AES-256-GCM of the content with all of the former as
associated data, and SHA-256 over everything. The proof is a second half of what scrypt gives, so a wrong passphrase is
known as such before anything is decrypted; the checksum tells a damaged header from a wrong passphrase. Who changes the
header on purpose can make the checksum fit: then the right passphrase is called wrong, and nothing is opened.
"""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from keyring.errors import KeyringError, KeyringLocked

from tui.keys.secret import Secret

_MAGIC = b"binance-tui keyring 1\n"
_HEADER = struct.Struct(">BBB16s32s12s")
_CHECKSUM = 32
_LONGEST = 4_000_000


class WrongPassphraseError(KeyringLocked):
    """The passphrase does not open the file, which is whole."""


class TamperedError(KeyringError):
    """The file is not what was written: damaged, or changed by somebody else."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the passphrase costs (RFC 7914); memory is 128 * r * 2**log2_n bytes."""

    log2_n: int
    r: int
    p: int


#: 128 MiB and about a third of a second on a laptop (OWASP password storage, 2025: N=2^17, r=8, p=1).
COST = Cost(17, 8, 1)
#: A file that asks for more than this was not written here.
_LARGEST = Cost(20, 16, 4)


class SealingKey:
    """What a passphrase becomes with one salt; shows nothing of itself."""

    __slots__ = ("_cipher", "cost", "proof", "salt")

    def __init__(self, passphrase: Secret, salt: bytes, cost: Cost) -> None:
        self.salt = salt
        self.cost = cost
        derived = Scrypt(salt=salt, length=64, n=2**cost.log2_n, r=cost.r, p=cost.p).derive(
            passphrase.reveal().encode(errors="surrogateescape")
        )
        self._cipher = AESGCM(derived[:32])
        self.proof = hashlib.sha256(derived[32:]).digest()

    def __repr__(self) -> str:
        return "SealingKey(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("a sealing key is not written anywhere")

    def seal(self, content: bytes) -> bytes:
        """The content, readable only with this key; every call takes a new nonce."""
        nonce = os.urandom(12)
        cost = self.cost
        head = _MAGIC + _HEADER.pack(cost.log2_n, cost.r, cost.p, self.salt, self.proof, nonce)
        body = head + self._cipher.encrypt(nonce, content, head)
        return body + hashlib.sha256(body).digest()

    def open(self, sealed: bytes) -> bytes:
        """The content; raises TamperedError, or WrongPassphraseError when the file belongs to another key."""
        head = read_head(sealed)
        if not hmac.compare_digest(head.proof, self.proof):
            raise WrongPassphraseError("wrong passphrase")
        try:
            return self._cipher.decrypt(head.nonce, sealed[head.length : -_CHECKSUM], sealed[: head.length])
        except InvalidTag:
            raise TamperedError("its content was changed by somebody who does not know the passphrase") from None


def new_key(passphrase: Secret, cost: Cost = COST) -> SealingKey:
    """A key for a new file, with a salt of its own."""
    return SealingKey(passphrase, os.urandom(16), cost)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands in the clear before the content."""

    cost: Cost
    salt: bytes
    proof: bytes
    nonce: bytes
    length: int


def read_head(sealed: bytes) -> Head:
    """The head of sealed bytes; raises TamperedError when they are not whole."""
    length = len(_MAGIC) + _HEADER.size
    if not sealed.startswith(_MAGIC) or not length + _CHECKSUM + 16 <= len(sealed) <= _LONGEST:
        raise TamperedError("it is no keyring of this program")
    if not hmac.compare_digest(hashlib.sha256(sealed[:-_CHECKSUM]).digest(), sealed[-_CHECKSUM:]):
        raise TamperedError("its checksum is wrong")
    log2_n, r, p, salt, proof, nonce = _HEADER.unpack_from(sealed, len(_MAGIC))
    if not (1 <= log2_n <= _LARGEST.log2_n and 1 <= r <= _LARGEST.r and 1 <= p <= _LARGEST.p):
        raise TamperedError("it asks for more work than this program ever does")
    return Head(Cost(log2_n, r, p), salt, proof, nonce, length)
