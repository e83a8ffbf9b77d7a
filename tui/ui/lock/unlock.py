"""What the locked screen needs of whoever knows where the keys came from."""

from typing import Protocol


class Unlock(Protocol):
    """Drops the secrets of a session and gives them back to who can prove to be their owner."""

    @property
    def question(self) -> str:
        """What has to be typed, in words."""

    def drop(self) -> None:
        """Forget every secret: nothing can be signed from now on."""

    def open(self, typed: str) -> str:
        """Load the secrets again if this proves the owner; returns "" then, else why not.

        May take a second or two and is called in a thread of its own. What was typed must not outlive the call.
        """
