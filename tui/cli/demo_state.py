"""Where the demo keeps its accounts: a folder for each market, because an order of one is unknown in another."""

from pathlib import Path

STATE = "exchange.sqlite"
_PREFIX = "demo-"


def demo_folder(seed: int) -> str:
    """Name of the folder of one market."""
    return f"{_PREFIX}{seed}"


def latest_demo(data: Path) -> int:
    """Seed of the demo used last; the first one when there is none."""
    states = sorted(data.glob(f"{_PREFIX}*/{STATE}"), key=lambda path: path.stat().st_mtime)
    seeds = [state.parent.name.removeprefix(_PREFIX) for state in states]
    return next((int(seed) for seed in reversed(seeds) if seed.isdecimal()), 1)
