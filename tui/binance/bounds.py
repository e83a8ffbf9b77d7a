"""How much of anything Binance may send; whatever is larger is refused as unreadable.

Each bound stands well above what the real exchange sends (sizes of November 2026 in brackets), and far below what would
stall the program or fill its memory.
"""

from decimal import Decimal
from typing import Annotated

import msgspec

#: One REST answer, unpacked (spot exchange information, 20 MB).
BODY_BYTES = 64 * 1024 * 1024
#: One WebSocket message (all tickers, 1 MB), and how many of them may wait to be read.
FRAME_BYTES = 4 * 1024 * 1024
FRAMES_WAITING = 8
#: Price levels of one side in one message (a snapshot, 5,000), and in a book.
LEVELS = 5_000
#: Rows of one answer or event: symbols (3,600), orders (1,000), assets (700), positions (500).
ROWS = 20_000
#: Characters of a symbol or asset name (20).
NAME = 40
#: Characters of a number (25), and how large it may be.
NUMBER = 40
LARGEST = Decimal(10) ** 18
#: Finest and coarsest tick or lot.
FINEST, COARSEST = Decimal("1e-10"), Decimal("1e9")

#: Epoch milliseconds up to the year 2286; -1 stands for none.
Time = Annotated[int, msgspec.Meta(ge=-1, le=9_999_999_999_999)]
#: A number the exchange gives out; -1 stands for none. A journal can hold no larger one.
Id = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
