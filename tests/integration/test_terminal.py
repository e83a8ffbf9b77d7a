"""The program as its user meets it: a real terminal, real keys, real sockets, and an exchange that dies."""

import os
import re
import sys
from pathlib import Path

import pytest
from exchange_process import ExchangeProcess
from terminal import Terminal

PROGRAM = [sys.executable, "-m", "tui.cli.main"]


@pytest.fixture
def exchange(tmp_path: Path):
    process = ExchangeProcess(tmp_path / "exchange.sqlite")
    yield process
    process.kill()


def environment(exchange: ExchangeProcess) -> dict[str, str]:
    """This process's variables with the exchange's key, and nothing of the developer's terminal."""
    key = next(key for key in exchange.ready["keys"] if key["type"] == "HMAC")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    keys = {"BINANCE_LAB_API_KEY": key["api_key"], "BINANCE_LAB_API_SECRET": key["api_secret"]}
    return kept | keys | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def settings(exchange: ExchangeProcess, folder: Path) -> Path:
    """A settings file whose environment `lab` is the exchange."""
    path = folder / "config.toml"
    lines = ["[screen]", 'symbol = "BTCUSDT-PERP"', "[environments.lab]", "real_money = false"]
    for product in ("spot", "usdm"):
        lines.append(f"[environments.lab.{product}]")
        lines += [f'{name} = "{address}"' for name, address in exchange.ready[product].items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def lab(exchange: ExchangeProcess, folder: Path, columns: int = 120, rows: int = 36, *words: str) -> Terminal:
    """The terminal program on the exchange."""
    options = ["--env", "lab", "--config", str(settings(exchange, folder)), "--data-dir", str(folder / "data"), *words]
    return Terminal([*PROGRAM, "run", *options], environment(exchange), columns, rows)


@pytest.fixture
def terminal(exchange: ExchangeProcess, tmp_path: Path):
    shown = lab(exchange, tmp_path)
    yield shown
    shown.close()


def type_line(terminal: Terminal, line: str, preview: str) -> str:
    """Type a command line, wait for its preview and press Enter; returns the screen with the preview."""
    terminal.press(":")
    terminal.wait(lambda screen: last_rows(screen).lstrip().startswith(":"))
    terminal.press("ctrl+u", line)
    screen = terminal.wait(lambda screen: line in last_rows(screen) and preview in last_rows(screen))
    terminal.press("enter")
    if line in last_rows(terminal.wait(lambda screen: True)):
        # Enter obeys a preview only once the program knows it drawn, a moment after its bytes are seen here.
        try:
            terminal.wait(lambda screen: line not in last_rows(screen), timeout=3)
        except AssertionError:
            terminal.press("enter")
    return screen


def last_rows(screen: str) -> str:
    return "\n".join(screen.splitlines()[-2:])


def is_ready(screen: str) -> bool:
    """The book is shown, and both links are up."""
    return (
        "BTCUSDT·PERP" in screen
        and re.search(r"\d+t · [\d.]+bp", screen) is not None
        and screen.splitlines()[0].count("●") == 2
    )


def test_a_traders_day(terminal: Terminal, exchange: ExchangeProcess) -> None:
    """Places, cancels, fills; sees the exchange die, is refused, sees it recover; quits."""
    terminal.wait(is_ready)

    type_line(terminal, "b 0.01 @ bid-1%", "BUY 0.010")
    terminal.wait(lambda screen: "working" in screen and re.search(r"Orders \(1\)", screen) is not None)

    terminal.press("g", "o")
    terminal.press("x")
    terminal.wait(lambda screen: "REVIEW" in screen and "cancel" in last_rows(screen).lower())
    terminal.press("enter")
    terminal.wait(lambda screen: "canceled" in screen and re.search(r"Orders \(0\)", screen) is not None)

    type_line(terminal, "b 0.01 mkt", "BUY 0.010")
    terminal.wait(lambda screen: "filled" in screen and "LONG" in screen)

    exchange.kill()
    terminal.wait(lambda screen: "STALE" in screen and "DOWN" in screen.splitlines()[0])
    terminal.press(":")
    terminal.press("ctrl+u", "b 0.01 mkt")
    terminal.wait(lambda screen: "✗" in last_rows(screen))
    terminal.press("enter")
    terminal.press("escape")

    exchange.start()
    terminal.wait(is_ready)
    terminal.wait("LONG")
    type_line(terminal, "close", "BTCUSDT-PERP")
    terminal.wait(lambda screen: "LONG" not in screen and "flat" in screen)

    terminal.press("ctrl+q")
    assert terminal.end() == 0
