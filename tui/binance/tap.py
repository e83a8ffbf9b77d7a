"""What hears every frame as it arrives, for those who record."""

from collections.abc import Callable
from typing import Literal

FrameKind = Literal["ws", "rest"]

#: Called in the event loop with the kind of a frame, the address it came from and its bytes; must return at once.
Tap = Callable[[FrameKind, str, bytes], None]
