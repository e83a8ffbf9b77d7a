"""Orders without a screen: spelled out, sent only on a yes, answered by words and status; fills as a file."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from test_commands import command

from tui.cli.demo_state import STATE, demo_folder
from tui.cli.exchange_process import ExchangeProcess
from tui.cli.folders import folders


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    """A data folder whose demo exchange runs already, as it does beside an open screen."""
    path = tmp_path_factory.mktemp("headless")
    places = folders(None, path / "d", None)
    exchange = ExchangeProcess.start(places.environment(demo_folder(1)) / STATE, 1)
    exchange.ready()
    yield path
    exchange.stop()


def run(folder, *words):
    return command(*words, "--data-dir", str(folder / "d"), folder=folder)


def documented(folder, *words):
    done = run(folder, *words, "--json")
    return done.returncode, json.loads(done.stdout)


def test_an_order_is_sent_on_a_yes_listed_and_taken_back(folder) -> None:
    """One demo account through all of it, because each connection takes a second."""
    status, sent = documented(folder, "place", "--yes", "b", "0.01", "BTCUSDT", "@", "bid-2%", "po")
    assert (status, sent["result"], sent["order"]["status"]) == (0, "done", "NEW")
    assert sent["order"]["post_only"]
    name = sent["order"]["client_order_id"]

    quiet = run(folder, "place", "b", "0.01", "BTCUSDT", "mkt")
    assert quiet.returncode == 4
    assert "not sent" in quiet.stdout
    assert "without --yes" in quiet.stderr

    status, refused = documented(folder, "place", "--yes", "b", "0.01", "BTCUSDT", "@", "bid-20%")
    assert (status, refused["rule"]) == (1, "price-distance")
    assert "set price.distance" in refused["text"]

    status, canceled = documented(folder, "cancel", "--yes", name)
    assert (status, canceled["result"]) == (0, "done")

    assert documented(folder, "place", "--yes", "b", "0.01", "BTCUSDT-PERP", "mkt")[0] == 0
    status, closed = documented(folder, "place", "--yes", "close", "BTCUSDT-PERP")
    assert (status, closed["order"]["reduce_only"]) == (0, True)

    out = folder / "fills.csv"
    assert run(folder, "fills", "--csv", str(out)).returncode == 0
    rows = list(csv.DictReader(out.read_text().splitlines()))
    sold = {side: sum(Decimal(row["quantity"]) for row in rows if row["side"] == side) for side in ("BUY", "SELL")}
    assert sold == {"BUY": Decimal("0.01"), "SELL": Decimal("0.01")}
    assert all(row["commission_asset"] == "USDT" and float(row["commission"]) > 0 for row in rows)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cancel", "--yes"), "one of the three"),
        (("cancel", "--all", "--symbol", "BTCUSDT"), "one of the three"),
        (("place", "--read-only", "--yes", "b", "1", "BTCUSDT", "mkt"), "--read-only sends nothing"),
        (("fills", "--since", "soon"), "write 24h"),
    ],
)
def test_words_that_cannot_be_meant_start_nothing(folder, words, says) -> None:
    done = run(folder, *words)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert done.stdout == ""
