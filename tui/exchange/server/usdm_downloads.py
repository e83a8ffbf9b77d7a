"""Futures' private REST: an account's history as files."""

from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call, Endpoint, signed
from tui.exchange.server.parameters import missing


def ask_for_file(desk: Desk, call: Call) -> object:
    """A history as a file: the number to fetch it by."""
    for name in ("startTime", "endTime"):
        if call.parameters.whole(name) is None:
            raise missing(name)
    return {"avgCostTimestampOfLast30d": 1_000, "downloadId": str(desk.now_ms())}


def fetch_file(desk: Desk, call: Call) -> object:
    """Where the file is: it is never finished, because nothing here serves files."""
    return {
        "downloadId": call.parameters.required("downloadId"),
        "status": "processing",
        "url": "",
        "notified": False,
        "expirationTimestamp": -1,
        "isExpired": None,
    }


#: Binance USD-M futures docs, account endpoints and their weights, 2026.
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **{("GET", f"v1/{name}/asyn"): signed(ask_for_file, 1000) for name in ("income", "order", "trade")},
    **{("GET", f"v1/{name}/asyn/id"): signed(fetch_file, 10) for name in ("income", "order", "trade")},
}
