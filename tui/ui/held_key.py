"""A held Enter is one decision: it may ask for a review and send it, and then nothing more until it is let go.

Terminals do not report when a key is released; a held key looks like presses some 30 ms apart, and the price in the
next review may have moved, so that the guard against equal orders would not see a repetition.
"""

#: Presses closer together than this are a held key, or a hand that did not read.
REPEAT_NS = 150_000_000

#: Presses of one hold that still act: one opens the review, one sends it.
ACTING = 2


class HeldKey:
    """Counts presses of one key that follow each other too fast to be decisions."""

    def __init__(self) -> None:
        self._last_ns = 0
        self._presses = 0

    def acts(self, now_ns: int) -> bool:
        """Whether this press may act; each press, acting or not, goes on with the hold."""
        is_repeat = self._presses > 0 and now_ns - self._last_ns < REPEAT_NS
        self._presses = self._presses + 1 if is_repeat else 1
        self._last_ns = now_ns
        return self._presses <= ACTING

    def let_go(self) -> None:
        """Another key came: whatever comes next is a new press."""
        self._presses = 0
