"""A program on an exchange that can be told to turn against it."""

import json
import re
import urllib.request
from pathlib import Path

from exchange_process import ExchangeProcess
from terminal import Terminal
from test_terminal import is_ready, lab, last_rows

#: What the program itself may write: colours, cursor movements, modes, questions about modes, the pointer's shape; but
#: no title, clipboard, bell or report. The last may be cut in its middle.
_ALLOWED = re.compile(
    rb"\x1b\[[0-9;:?<=>]*[A-Za-z]|\x1b\[\?[0-9]+\$p|\x1b\]22;[a-z]+\x07|\x1b[=>78]|\x1b\(B|\x1b[^\x1b\x07]{0,40}\Z"
)


class HostileSession:
    """The program in a terminal, the exchange behind it, and what was on the screen before."""

    def __init__(self, folder: Path, columns: int = 120, rows: int = 36) -> None:
        self.log = folder / "data" / "binance-tui.log"
        self.exchange = ExchangeProcess(folder / "exchange.sqlite")
        self.terminal: Terminal = lab(self.exchange, folder, columns, rows)

    def order(self, **fault: object) -> None:
        """Order a fault at every product."""
        for product in ("spot", "usdm"):
            address = self.exchange.ready[product]["rest"] + "/fault"
            request = urllib.request.Request(address, data=json.dumps(fault).encode(), method="POST")
            with urllib.request.urlopen(request, timeout=5) as answer:
                assert answer.status == 200

    def recover(self) -> str:
        """Be honest again, on new connections, until the program shows a live market."""
        self.order(honest=True, cut=True)
        return self.terminal.wait(lambda screen: is_ready(screen) and "STALE" not in screen, timeout=8)

    def frame(self) -> list[tuple[int, int]]:
        """Cells of the borders between panes."""
        return self.frame_of(self.terminal.text)

    @staticmethod
    def frame_of(screen: str) -> list[tuple[int, int]]:
        """Cells of the borders on a screen; what is drawn with the same characters in a pane's middle is left out."""
        rows = screen.splitlines()
        edges = [y for y, row in enumerate(rows) if row[:1] in ("┌", "└", "┏", "┗")]
        return [(y, x) for y in edges for x, cell in enumerate(rows[y]) if cell in "┌┐└┘┏┓┗┛"]

    def foreign_bytes(self) -> bytes:
        """What the program has written beside printable text and its own kind of sequences."""
        left = _ALLOWED.sub(b"", bytes(self.terminal.written))
        text = left.decode("utf-8", "replace")
        return "".join(ch for ch in text if not ch.isprintable() and ch not in "\r\n").encode()

    def close(self) -> None:
        self.terminal.close()
        self.exchange.kill()


__all__ = ["HostileSession", "is_ready", "last_rows"]
