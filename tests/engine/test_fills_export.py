"""Executions written to files: every figure, oldest first, harmless to a spreadsheet."""

import csv
import io
import json
import stat
from decimal import Decimal as D
from pathlib import Path

from tui.domain.order import Fill, Forced
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.fills_export import COLUMNS, fills_csv, fills_json, write_fills

FIRST = Fill(
    Product.USDM, "BTCUSDT-PERP", 7, 70, "btui-1", Side.BUY, D("64212.10"), D("0.100"), D("0.00000001"), "BNB",
    False, 1_784_642_602_123, D("-12.5"),
)  # fmt: skip
FORCED = Fill(
    Product.SPOT, "BTCUSDT", 9, 90, "=cmd()", Side.SELL, D("1E+5"), D(1), D("-0.5"), "USDT", True, 1_784_642_600_000,
    forced=Forced.LIQUIDATION, is_estimated=True,
)  # fmt: skip


def test_every_figure_is_written_oldest_first() -> None:
    rows = list(csv.DictReader(io.StringIO(fills_csv([FIRST, FORCED]))))
    assert [row["trade_id"] for row in rows] == ["9", "7"]
    assert tuple(rows[0]) == COLUMNS
    assert rows[1] | {"time": ""} == {
        "time": "", "product": "usdm", "symbol": "BTCUSDT-PERP", "side": "BUY", "position_side": "BOTH",
        "price": "64212.10", "quantity": "0.100", "commission": "0.00000001", "commission_asset": "BNB",
        "liquidity": "taker", "realized_profit": "-12.5", "trade_id": "7", "order_id": "70",
        "client_order_id": "btui-1", "forced": "", "estimated": "False", "venue": "BINANCE",
    }  # fmt: skip
    assert rows[1]["time"] == "2026-07-21T14:03:22.123+00:00"
    assert (rows[0]["price"], rows[0]["commission"], rows[0]["forced"]) == ("100000", "-0.5", "liquidation")


def test_text_from_outside_is_no_formula() -> None:
    row = next(csv.DictReader(io.StringIO(fills_csv([FORCED]))))
    assert row["client_order_id"] == "'=cmd()"


def test_json_says_the_same(tmp_path: Path) -> None:
    document = json.loads(fills_json([FIRST]))
    assert document["fills"][0]["quantity"] == "0.100"
    assert document["fills"][0]["forced"] is None
    path = tmp_path / "new" / "fills.json"
    assert write_fills(path, [FIRST, FORCED]) == 2
    assert json.loads(path.read_text())["fills"][1] == document["fills"][0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
