"""How long the program takes to show itself, against a Textual program that shows one word; and to a live book."""

import sys
from pathlib import Path
from statistics import median

from lab import Lab, Screen, terminal_variables

MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Minimal(App):
    def compose(self):
        yield Static("shown")

Minimal().run()
"""

#: The frames of the panes with their names come first, then the screen that fills them, then the market.
FIRST_PAINT = r"Orders"
FIRST_SCREEN = r"F12 HALT"
LIVE_BOOK = r"\d+t · "


def minimal_first_paint() -> float:
    """Seconds from the start of the smallest Textual program to its word on the screen."""
    screen = Screen([sys.executable, "-c", MINIMAL], terminal_variables())
    try:
        return screen.seconds_until("shown")
    finally:
        screen.close()


def starts(folder: Path, rounds: int = 7) -> dict[str, float]:
    """Medians in seconds: `minimal`, `first paint` (frames), `first screen`, `live book`; the programs take turns."""
    taken: dict[str, list[float]] = {"minimal": [], "first paint": [], "first screen": [], "live book": []}
    with Lab(folder) as lab:
        for _ in range(rounds):
            taken["minimal"].append(minimal_first_paint())
            screen = lab.run(screen_settings='symbol = "BTCUSDT-PERP"')
            taken["first paint"].append(screen.seconds_until(FIRST_PAINT))
            taken["first screen"].append(screen.seconds_until(FIRST_SCREEN))
            taken["live book"].append(screen.seconds_until(LIVE_BOOK))
            screen.close()
    return {name: median(seconds) for name, seconds in taken.items()}


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        print(starts(Path(place)))
