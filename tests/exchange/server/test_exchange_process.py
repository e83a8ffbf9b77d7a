"""The exchange as a process: its one line, its end, its complaints."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tui.exchange.exchange import Exchange
from tui.exchange.run import run_exchange, serve
from tui.exchange.server.publisher import Publisher

CODE = """
import sys
from pathlib import Path
from tui.exchange.run import run_exchange
port, state, watched = sys.argv[1:]
path = Path(state) if state else None
sys.exit(run_exchange(seed=3, port=int(port), state_path=path, die_with_parent=watched == "1"))
"""


def start(port: int = 0, state: str = "", watched: str = "0") -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(port), state, watched],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_then_served_until_a_signal(number: signal.Signals) -> None:
    with start() as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        assert {key["type"] for key in ready["keys"]} == {"HMAC", "RSA", "ED25519"}
        assert ready["usdm"]["ws_api"].endswith("/ws-fapi/v1")
        for product, path in (("spot", "/api/v3/ping"), ("usdm", "/fapi/v1/ping")):
            with urlopen(ready[product]["rest"] + path, timeout=30) as answer:
                assert json.load(answer) == {}
        child.send_signal(number)
        rest, errors = child.communicate(timeout=10)
        assert (child.returncode, rest, errors) == (0, b"", b"")


def test_it_ends_with_the_pipe_of_its_parent_and_keeps_its_keys(tmp_path: Path) -> None:
    keys = []
    for _ in range(2):
        with start(state=str(tmp_path / "state.sqlite"), watched="1") as child:
            assert child.stdout is not None
            assert child.stdin is not None
            keys.append(json.loads(child.stdout.readline())["keys"])
            child.stdin.close()
            assert child.wait(timeout=10) == 0
            child.stdin = None
    assert keys[0] == keys[1]


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start(port=port) as child:
            out, errors = child.communicate(timeout=20)
    assert (child.returncode, out) == (2, b"")
    assert errors.decode() == f"Port {port} is in use; choose another with --port, or --port 0 for free ones.\n"


def test_an_unknown_pair_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_exchange(seed=3, isolated=("BTCUSDT", "FOO")) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("--isolated: FOO is no pair here; there are BTCUSDT, ")


async def test_a_publisher_that_fails_ends_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(publisher: Publisher) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Publisher, "tick", fail)
    exchange = Exchange(seed=3)
    with pytest.raises(ZeroDivisionError):
        await serve(exchange, port=0, with_faults=False, tell=lambda ready: None, stop=asyncio.Event())
    exchange.close()
