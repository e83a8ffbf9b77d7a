"""Real money confirmed once, the screen locked and opened again: the real program, the real exchange."""

from pathlib import Path

import pytest
from exchange_process import ExchangeProcess
from terminal import Terminal
from test_terminal import PROGRAM, environment, is_ready, settings, type_line


@pytest.fixture
def exchange(tmp_path: Path):
    process = ExchangeProcess(tmp_path / "exchange.sqlite")
    yield process
    process.kill()


def test_confirm_lock_and_open_again(exchange: ExchangeProcess, tmp_path: Path) -> None:
    config = settings(exchange, tmp_path)
    config.write_text(config.read_text().replace("real_money = false", "real_money = true"))
    options = ["--env", "lab", "--config", str(config), "--data-dir", str(tmp_path / "data")]
    variables = environment(exchange)
    secret = variables["BINANCE_LAB_API_SECRET"]
    terminal = Terminal([*PROGRAM, "run", *options], variables, 120, 36)
    try:
        terminal.wait("no order is sent to 127.0.0.1 until you type lab")
        terminal.wait(is_ready)
        terminal.press("f8")
        terminal.wait("No orders to cancel")
        terminal.press("escape")
        terminal.press("f2")
        terminal.press("lab", "enter")
        terminal.wait("confirmed for this start")
        terminal.wait(lambda screen: "until you type" not in screen)
        type_line(terminal, "b 0.01 @ bid-1%", "BUY 0.010")
        terminal.wait("working")
        type_line(terminal, "away", "forget the secret")
        hidden = ("BUY", "Ladder", "0.010", "BTCUSDT", "─")
        terminal.wait(lambda screen: "Last 6 characters" in screen and not any(word in screen for word in hidden))
        terminal.press("f12", "ctrl+q", "x", "ctrl+u", "wrong!", "enter")
        assert secret not in terminal.wait("that is not it")
        terminal.wait(lambda screen: "for 00:02" in screen)
        terminal.press(secret[-6:], "enter")
        terminal.wait(lambda screen: is_ready(screen) and "working" in screen)
        type_line(terminal, "x all", "CANCEL")
        terminal.wait("canceled")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    finally:
        terminal.close()
