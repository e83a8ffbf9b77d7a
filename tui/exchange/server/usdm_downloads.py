"""Futures' private REST: an account's history as files, which this server keeps and serves for a day."""

import csv
import io
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui.domain.product import Product
from tui.exchange.orders import ExchangeOrder
from tui.exchange.rejection import Rejection, missing
from tui.exchange.server import coinm_shapes
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, Handler, Security, signed
from tui.exchange.server.futures_risk import all_income
from tui.exchange.server.shown_orders import shown_orders
from tui.exchange.server.usdm_shapes import Body, own_trade, queried

#: Where files are, before their name.
FILES = "/download/"
_KEPT_MS = 24 * 3_600_000
_LONGEST_MS = 366 * 24 * 3_600_000
_MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Download:
    """A file made for an account; its name is nothing one could guess."""

    account_id: str
    kind: str
    name: str
    text: str
    expires_ms: int


Rows = Callable[[Desk, str], list[tuple[int, Body]]]


def _ask_for(kind: str) -> Handler:
    def ask(desk: Desk, call: Call) -> object:
        """Make a file of what happened between two times; its number to fetch it by. Raises -1023 or -4165."""
        start, end = (call.parameters.whole(name) for name in ("startTime", "endTime"))
        if start is None:
            raise missing("startTime")
        if end is None:
            raise missing("endTime")
        if start > end:
            raise Rejection(-1023, "Start time is greater than end time.")
        if end - start > _LONGEST_MS:
            raise Rejection(-4165, "Maximum time interval is 365 days")
        rows = [row for time_ms, row in _KINDS[kind](desk, call.account_id) if start <= time_ms <= end]
        number = max(desk.now_ms(), max(map(int, desk.downloads), default=0) + 1)
        made = Download(
            call.account_id, kind, f"{secrets.token_urlsafe(16)}.csv", _table(rows), desk.now_ms() + _KEPT_MS
        )
        desk.downloads[str(number)] = made
        for oldest in list(desk.downloads)[:-_MOST_KEPT]:
            del desk.downloads[oldest]
        return {"avgCostTimestampOfLast30d": 1_000, "downloadId": str(number)}

    return ask


def _fetch(kind: str) -> Handler:
    def fetch(desk: Desk, call: Call) -> object:
        """Where the file is; raises -1130 for a number that none of the account's files of this kind has."""
        number = call.parameters.required("downloadId")
        found = desk.downloads.get(number)
        if found is None or (found.account_id, found.kind) != (call.account_id, kind):
            raise Rejection(-1130, "Data sent for parameter 'downloadId' is not valid.")
        is_over = desk.now_ms() > found.expires_ms
        return {
            "downloadId": number,
            "status": "completed",
            "url": "" if is_over else f"{desk.address}{FILES}{found.name}",
            "notified": True,
            "expirationTimestamp": found.expires_ms,
            "isExpired": True if is_over else None,
        }

    return fetch


def file_at(desk: Desk, path: str) -> str | None:
    """The text of the file that an address names, or None where there is none (any more)."""
    name, now = path.removeprefix(FILES), desk.now_ms()
    return next((one.text for one in desk.downloads.values() if one.name == name and now <= one.expires_ms), None)


def _table(rows: list[Body]) -> str:
    """Rows as CSV, their names first; nothing where there are none."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def _income(desk: Desk, account_id: str) -> list[tuple[int, Body]]:
    return [(int(str(row["time"])), row) for row in all_income(desk, account_id, None)]


def _orders(desk: Desk, account_id: str) -> list[tuple[int, Body]]:
    return [(order.created_ms, _order_row(desk, order)) for order in shown_orders(desk, account_id, None)]


def _order_row(desk: Desk, order: ExchangeOrder) -> Body:
    row = queried(desk.notations[order.listing.symbol], order)
    return coinm_shapes.order_row(desk, row) if desk.product is Product.COINM else row


def _trades(desk: Desk, account_id: str) -> list[tuple[int, Body]]:
    rows = [
        (execution.time_ms, own_trade(desk.notations[order.listing.symbol], order, execution))
        for order in shown_orders(desk, account_id, None)
        for execution in order.executions
    ]
    if desk.product is Product.COINM:
        return [(time_ms, coinm_shapes.own_trade_row(desk, row)) for time_ms, row in rows]
    return rows


_KINDS: Mapping[str, Rows] = {"income": _income, "order": _orders, "trade": _trades}

#: Binance USD-M futures docs, account endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{
        ("GET", f"v1/{kind}/asyn"): Endpoint(
            _ask_for(kind), 1, Security.SIGNED, pool="DOWNLOADS", pool_kind=kind, weight_besides=1_000
        )
        for kind in _KINDS
    },
    **{("GET", f"v1/{kind}/asyn/id"): signed(_fetch(kind), 10) for kind in _KINDS},
}
