"""The stream of what margin assets are worth in USD."""

from tui.exchange.accounts.collateral import MARGIN_ASSETS
from tui.exchange.server.channels import Channel
from tui.exchange.server.spot_streams import Body
from tui.exchange.server.usdm_statistics import asset_index_row

#: Keys of the stream by those of REST.
_KEYS = {
    "symbol": "s",
    "index": "i",
    "bidBuffer": "b",
    "askBuffer": "a",
    "bidRate": "B",
    "askRate": "A",
    "autoExchangeBidBuffer": "q",
    "autoExchangeAskBuffer": "g",
    "autoExchangeBidRate": "Q",
    "autoExchangeAskRate": "G",
}


class AssetIndexChannel(Channel):
    """All assets in an array, or the one named by the request's interval."""

    def collect(self, now_ms: int) -> list[object]:
        """What the indices are now; COIN-M has none of its own."""
        ledger = self.desk.venue.futures
        if ledger is None or ledger.collateral is None:
            return []
        rows = [asset_index_row(self.desk, asset, now_ms) for asset in MARGIN_ASSETS]
        told: list[Body] = [
            {"e": "assetIndexUpdate", "E": now_ms, **{short: row[name] for name, short in _KEYS.items()}}
            for row in rows
            if self.request.interval in ("", row["symbol"])
        ]
        return list(told) if self.request.interval else [told]
