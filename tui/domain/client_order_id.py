"""Client order ids: made before sending, so that an order can be asked for whatever became of the reply."""

import secrets
from itertools import count

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"

#: Orders of this program carry this prefix; anything else in the account was placed elsewhere.
PREFIX = "btui-"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _ALPHABET[digit] + digits
    return digits or "0"


class ClientOrderIds:
    """Ids unique across restarts: start time, 40 random bits, and a running number; at most 36 characters."""

    def __init__(self, started_ms: int) -> None:
        self._stem = f"{PREFIX}{_base36(started_ms)}{_base36(secrets.randbits(40))}-"
        self._numbers = count(1)

    def new(self) -> str:
        """An id never issued before."""
        return f"{self._stem}{_base36(next(self._numbers))}"
