"""What COIN-M's market streams say where it differs from USD-M's (Binance COIN-M futures docs, 2026)."""

from tui.exchange.mark import MarkValues
from tui.exchange.server.notation import Notation
from tui.exchange.server.spot_streams import Body
from tui.exchange.server.usdm_streams import UsdmStreams
from tui.exchange.tape import Aggregate


class CoinmStreams(UsdmStreams):
    """Payloads by stream: contracts and coins instead of coins and dollars."""

    product_mark = 2

    def aggregate(self, notation: Notation, now: int, aggregate: Aggregate) -> Body:
        """Prints of one taker at one price, retail orders not told apart."""
        body = super().aggregate(notation, now, aggregate)
        del body["nq"]
        return body

    def mark(self, symbol: str, now: int, values: MarkValues) -> Body:
        """Mark price, index and the funding to come, which dated contracts do not have."""
        body = super().mark(symbol, now, values)
        del body["ap"]
        if not values.next_funding_ms:
            body["r"] = ""
        return body
