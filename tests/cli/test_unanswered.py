"""Commands without a screen where a key is refused: what is not known is named, never shown as nothing."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.key_material import read_material
from tui.keys.sealed import Cost
from tui.keys.secret import Secret
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn

PROGRAM = "import tui.cli.reports as reports; from tui.cli.main import main; reports.CONNECTED_WITHIN_S = {}; main()"


def program(*words: str, lab: Path, within_s: int = 20, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program on the lab, without a terminal."""
    places = ["--env", "lab", "--config", str(lab), "--data-dir", str(lab.parent / "data")]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(within_s), *words, *places],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "HOME": str(lab.parent)} | variables,
    )


@pytest.mark.parametrize("words", [("balances", "--json"), ("place", "b", "0.01", "BTCUSDT", "@", "bid", "--yes")])
def test_a_refused_key_is_said_at_once_and_nothing_is_made_up(lab: Path, words: tuple[str, ...]) -> None:
    """It took 20 s, was told as "did not answer", and the document said that there were no balances."""
    began = time.monotonic()
    keys = {"BINANCE_LAB_API_KEY": "x" * 64, "BINANCE_LAB_API_SECRET": "y" * 64}
    done = program(*words, lab=lab, **keys)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Spot: API key refused" in done.stderr
    assert "keys check" in done.stderr
    assert time.monotonic() - began < 15


def test_what_one_product_does_not_tell_stands_in_the_document(lab: Path, exchange_key) -> None:
    key, secret = exchange_key("HMAC")
    spot, _ = lab.read_text().split("[environments.lab.usdm]")
    dead = "rest = 'http://127.0.0.1:9'\nws = 'ws://127.0.0.1:9'\nws_api = 'ws://127.0.0.1:9/x'"
    lab.write_text(f"{spot}[environments.lab.usdm]\n{dead}")
    words = ("balances", "--json")
    done = program(*words, lab=lab, within_s=3, BINANCE_LAB_API_KEY=key, BINANCE_LAB_API_SECRET=secret)
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert {row["product"] for row in document["balances"]} == {"spot"}
    assert list(document["unread"]) == ["usdm"]
    assert "USD-M Futures: " in done.stderr


def test_a_recording_that_does_not_begin_leaves_no_file_in_the_way(lab: Path, tmp_path: Path) -> None:
    """After a mistyped symbol the corrected command was refused: the file held what had been asked before."""
    path = tmp_path / "day.jsonl"
    done = program("record", str(path), "FOO", lab=lab)
    assert (done.returncode, done.stdout) == (1, "")
    assert "FOO is not listed here" in done.stderr
    assert not path.exists()


def test_prices_need_no_key(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`watch` asked for the passphrase of a keyring that it has no use for, and failed where nobody could be asked."""
    monkeypatch.setattr(EncryptedFileKeyring, "cost", Cost(4, 1, 1))
    keys = KeyStore(lab.parent / "data", lambda is_new: Secret("correct horse"))
    keys.add("lab", "main", "k" * 64, read_material("s" * 64), kept_in=KeptIn.FILE)
    done = program("watch", "FOO", lab=lab)
    assert "FOO is not listed here" in done.stderr
