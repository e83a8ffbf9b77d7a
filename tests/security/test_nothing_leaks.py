"""The whole program with real keys, every kind of failure, and then a search of everything it has left anywhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

from exchange_process import ExchangeProcess
from hostile_session import HostileSession, is_ready
from leaks import children, command_lines, derived, leaks_in, written_below
from terminal import Terminal
from test_terminal import environment, last_rows, settings, type_line

PROGRAM = [sys.executable, "-m", "tui.cli.main"]

#: The program with things going wrong in it that hold secrets in their text and in their variables: a command, a
#: thread, a task nobody waits for, a library's log, a warning, and at last a frame of the screen.
BROKEN = """
import asyncio, logging, os, sys, threading, warnings
from tui.cli import main
from tui.engine.session import TradingSession
from tui.ui.tape.pane import TapePane

def fail(where):
    key, secret = os.environ["BINANCE_LAB_API_KEY"], os.environ["BINANCE_LAB_API_SECRET"]
    url = f"http://127.0.0.1/api/v3/order?symbol=BTCUSDT&signature={'ab12' * 16}&apiKey={key}"
    raise RuntimeError(f"{where}: {secret} {url} /ws/{'pQ7x' * 16}")

async def handle(self, command, origin):
    threading.Thread(target=fail, args=("thread",)).start()
    asyncio.get_running_loop().call_soon(fail, "callback")
    asyncio.create_task(coroutine())
    logging.getLogger("aiohttp").error("%s", os.environ["BINANCE_LAB_API_SECRET"], stack_info=True)
    logging.getLogger("aiohttp").error("%d", os.environ["BINANCE_LAB_API_SECRET"])
    warnings.warn("X-MBX-APIKEY: " + os.environ["BINANCE_LAB_API_KEY"])
    fail("command")

async def coroutine():
    fail("task")

work = TradingSession.handle
TradingSession.handle = lambda self, command, origin: (
    handle if type(command).__name__ == "CancelEntries" else work.__get__(self).__call__ and work
)(self, command, origin)
TapePane.action_hold = lambda self: fail("screen")
main.main()
"""


def order(terminal: Terminal, line: str, outcome: str) -> None:
    """Send an order by the command line; Enter is pressed again where it came before its preview was drawn."""
    type_line(terminal, line, "BUY")
    for _ in range(10):
        try:
            terminal.wait(lambda screen: outcome in screen and not last_rows(screen).startswith(": "), timeout=2)
            return
        except AssertionError:
            if last_rows(terminal.text).startswith(": "):
                terminal.press("enter")
    raise AssertionError(f"never saw {outcome} on\n{terminal.text}")


def marks_of(exchange: ExchangeProcess) -> list[str]:
    return [text for key in exchange.ready["keys"] for name, text in key.items() if name != "type"]


def check(folder: Path, marks: list[str], *texts: bytes) -> None:
    """Nothing in the texts and nothing in any file but the exchange's own."""
    for text in texts:
        assert leaks_in(without_drawing(text), marks) == []
    for name, content in written_below(folder, but=("exchange", "config.toml")).items():
        assert leaks_in(content, marks) == [], name


def without_drawing(text: bytes) -> bytes:
    """What a terminal shows, in the order it was written, without cursor movements and colours."""
    return re.sub(rb"\x1b\[[0-9;:?<=>]*[A-Za-z]", b" ", text)


def test_the_search_finds_what_it_is_for() -> None:
    secret = "".join(chr(48 + number % 10) + chr(97 + number % 26) for number in range(32))
    assert leaks_in(b"x" + secret[20:40].encode() + b"y", [secret])
    for text in derived(secret):
        assert leaks_in(b"... " + text + b" ...", [secret])
    assert leaks_in(b"signature=" + b"0123456789abcdef" * 4, [])
    assert leaks_in("─" * 90 and b"\xe2\x94\x80" * 90 + b"-" * 90, []) == []


def test_a_session_full_of_failures_leaks_nothing(tmp_path: Path) -> None:
    session = HostileSession(tmp_path)
    terminal, marks = session.terminal, marks_of(session.exchange)
    try:
        terminal.wait(is_ready)
        assert leaks_in(command_lines(terminal.program.pid), marks) == []
        # Refused, and the refusal repeats the request with key and signature.
        session.order(hostile="echo")
        order(terminal, "b 0.01 @ ask+1% po", "-5022")
        session.order(honest=True, order_errors=1)
        order(terminal, "b 0.01 @ bid-1%", "-1008")
        session.order(order_errors_executed=1)
        order(terminal, "b 0.02 @ bid-1%", "0.020")
        session.order(hostile="truncated", cut=True)
        session.recover()
        session.exchange.kill()
        terminal.wait(lambda screen: "DOWN" in screen or "STALE" in screen)
        terminal.press("ctrl+q", "ctrl+q")
        terminal.end()
    finally:
        session.close()
    check(tmp_path, marks, bytes(terminal.written), terminal.text.encode())


def test_crashes_of_every_part_leak_nothing(tmp_path: Path) -> None:
    exchange = ExchangeProcess(tmp_path / "exchange.sqlite")
    options = ["--env", "lab", "--config", str(settings(exchange, tmp_path)), "--data-dir", str(tmp_path / "data")]
    variables = environment(exchange) | {"HOME": str(tmp_path)}
    terminal = Terminal([sys.executable, "-c", BROKEN, "run", *options], variables, 120, 36)
    try:
        terminal.wait(is_ready)
        terminal.press("f8")
        terminal.wait("Internal error")
        terminal.press("g", "t", "h")
        assert terminal.end() == 1
    finally:
        terminal.close()
        exchange.kill()
    log = (tmp_path / "data" / "binance-tui.log").read_text()
    for failure in ("command:", "thread:", "callback:", "task:", "screen:", "cannot be written", "X-MBX-APIKEY"):
        assert failure in log, failure
    check(tmp_path, marks_of(exchange), bytes(terminal.written))


def test_refused_signatures_of_every_kind_leak_nothing(tmp_path: Path) -> None:
    """The API key of one key with the secret of another, over REST and the WebSocket API, without a screen."""
    exchange = ExchangeProcess(tmp_path / "exchange.sqlite")
    keys = {key["type"]: key for key in exchange.ready["keys"]}
    options = ["--env", "lab", "--config", str(settings(exchange, tmp_path)), "--data-dir", str(tmp_path / "data")]
    words = [*PROGRAM, "status", "--json", *options]
    said: list[bytes] = []
    try:
        for kind, other in (("HMAC", "RSA"), ("RSA", "ED25519"), ("ED25519", "HMAC")):
            variables = environment(exchange) | {"HOME": str(tmp_path), "BINANCE_LAB_API_KEY": keys[other]["api_key"]}
            variables["BINANCE_LAB_API_SECRET"] = keys[kind].get("api_secret") or keys[kind]["private_key"]
            ended = subprocess.run(words, env=variables, capture_output=True, timeout=40, check=False)
            assert (ended.returncode, b"1022" in ended.stdout) == (1, True), kind
            said += [ended.stdout, ended.stderr]
    finally:
        exchange.kill()
    check(tmp_path, marks_of(exchange), *said)


def test_a_broken_journal_and_a_broken_setting_leak_nothing(tmp_path: Path) -> None:
    secret = "mArKeD0SeCrEt" * 5
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    variables |= {"BINANCE_LAB_API_KEY": "kEy1mArK" * 8, "BINANCE_LAB_API_SECRET": secret}
    config = tmp_path / "lab.toml"
    config.write_text('[environments.lab.spot]\nrest = "http://127.0.0.1:9"\nws = "ws://127.0.0.1:9"\n')
    data = tmp_path / "data"
    (data / "lab" / "journal.sqlite").mkdir(parents=True)
    options = ["--env", "lab", "--config", str(config), "--data-dir", str(data)]
    terminal = Terminal([*PROGRAM, "run", *options], variables | {"TERM": "xterm-256color"}, 120, 36)
    assert terminal.end() == 1
    terminal.close()
    assert b"journal.sqlite" in terminal.written
    config.write_text(f'["\\u001b]0;owned\\u0007"]\nsecret = "{secret}"\n')
    words = [*PROGRAM, "status", *options]
    refused = subprocess.run(words, env=variables, capture_output=True, timeout=30, check=False)
    assert refused.returncode == 1
    assert b"owned" in refused.stderr
    assert b"\x1b" not in refused.stderr
    check(data, [secret, "kEy1mArK" * 8], bytes(terminal.written), refused.stdout, refused.stderr)


def test_the_exchange_of_the_demo_inherits_no_keys(tmp_path: Path) -> None:
    secret = "".join(chr(65 + number * 7 % 26) + str(number % 10) for number in range(32))
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    variables |= {"BINANCE_API_KEY": secret[::-1], "BINANCE_API_SECRET": secret}
    terminal = Terminal([*PROGRAM, "demo", "--data-dir", str(tmp_path / "data")], variables, 120, 36)
    try:
        terminal.wait(lambda screen: "DEMO" in screen)
        started = children(terminal.program.pid)
        assert started
        for pid in started:
            assert leaks_in(Path(f"/proc/{pid}/environ").read_bytes(), [secret]) == []
        assert leaks_in(command_lines(terminal.program.pid), [secret]) == []
    finally:
        terminal.close()
