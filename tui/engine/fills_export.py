"""Executions as files for spreadsheets and tax programs: every decimal, times in UTC, fees with their asset."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tui.domain.order import Fill
from tui.keys.atomic import write_private

COLUMNS = (
    "time",
    "product",
    "symbol",
    "side",
    "position_side",
    "price",
    "quantity",
    "commission",
    "commission_asset",
    "liquidity",
    "realized_profit",
    "trade_id",
    "order_id",
    "client_order_id",
    "forced",
    "estimated",
    "venue",
)


def fill_row(fill: Fill, venue: str = "BINANCE") -> dict[str, object]:
    """One execution under the names of COLUMNS; decimals as text without exponent, absent figures None."""
    return {
        "time": datetime.fromtimestamp(fill.time_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "product": fill.product.value,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "position_side": fill.position_side.value,
        "price": _text(fill.price),
        "quantity": _text(fill.quantity),
        "commission": _text(fill.commission),
        "commission_asset": fill.commission_asset,
        "liquidity": "maker" if fill.is_maker else "taker",
        "realized_profit": _text(fill.realized_profit),
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "client_order_id": fill.client_order_id,
        "forced": fill.forced.value if fill.forced else None,
        "estimated": fill.is_estimated,
        "venue": venue,
    }


def fills_csv(fills: Iterable[Fill], venue: str = "BINANCE") -> str:
    """A heading and one line an execution, oldest first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows = (fill_row(fill, venue) for fill in _oldest_first(fills))
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def fills_json(fills: Iterable[Fill], venue: str = "BINANCE") -> str:
    """One document with the list `fills`, oldest first."""
    return json.dumps({"fills": [fill_row(fill, venue) for fill in _oldest_first(fills)]}, indent=1) + "\n"


def write_fills(path: Path, fills: Iterable[Fill], venue: str = "BINANCE") -> int:
    """Write executions to a file of the owner alone, JSON where its name ends so, else CSV; returns how many.

    Raises OSError.
    """
    kept = list(fills)
    text = fills_json(kept, venue) if path.suffix.lower() == ".json" else fills_csv(kept, venue)
    write_private(path, text.encode())
    return len(kept)


def _oldest_first(fills: Iterable[Fill]) -> list[Fill]:
    return sorted(fills, key=lambda fill: (fill.time_ms, fill.trade_id))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _cell(value: object) -> object:
    """A spreadsheet must take no text from outside for a formula."""
    text = "" if value is None else str(value)
    is_formula = text.startswith(("=", "+", "@", "\t", "\r")) or (text.startswith("-") and not text[1:2].isdigit())
    return f"'{text}" if is_formula else text
