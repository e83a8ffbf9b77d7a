"""The audit on the command line: who asked, with which guards, from the journal alone."""

import json
from decimal import Decimal as D
from pathlib import Path

from click.testing import CliRunner

from tui.cli.main import cli
from tui.domain.order import OrderRequest, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.clock import Clock
from tui.engine.journal import Journal

CONFIG = """
[environments.lab]
real_money = false
spot = { rest = "http://127.0.0.1:1", ws = "ws://127.0.0.1:1", ws_api = "ws://127.0.0.1:1" }
"""


def asked(folder: Path, *options: str) -> str:
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    journal_path = folder / "data" / "lab" / "journal.sqlite"
    if not journal_path.exists():
        journal_path.parent.mkdir(parents=True)
        with Journal(journal_path, "lab", "no key", Clock()) as journal:
            request = OrderRequest("BTCUSDT", Side.BUY, OrderType.LIMIT, D("0.1"), D(64_000))
            order = order_from_request(request, Product.SPOT, "btui-1", Clock().now_ms())
            journal.write_intent(order, "ticket", True, ("read-only", "max-notional"))
    words = ["audit", "--env", "lab", "--config", str(folder / "config.toml"), "--data-dir", str(folder / "data")]
    result = CliRunner().invoke(cli, [*words, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_who_asked_for_what_with_which_guards(tmp_path: Path) -> None:
    entry = json.loads(asked(tmp_path, "--json"))["audit"][0]
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "who": "ticket",
        "what": "BUY 0.1 BTCUSDT LIMIT @ 64000",
        "reviewed": True,
        "guards_passed": ["read-only", "max-notional"],
        "outcome": "intent",
        "client_order_id": "btui-1",
    }


def test_a_line_an_entry_for_people(tmp_path: Path) -> None:
    line = asked(tmp_path)
    assert "ticket        BUY 0.1 BTCUSDT LIMIT @ 64000  reviewed, 2 guards passed: intent" in line
