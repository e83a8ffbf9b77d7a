"""When an alert is to be told: one watch for each, fed with what is new, answering with the sentence to tell."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from tui.domain.market import MarkPrice
from tui.domain.order import Order, OrderStatus
from tui.domain.product import Product
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.orders.announcements import describe, price_text
from tui.engine.store import Link, LinkHealth, Market

#: Prices of a moving window are kept at most this densely.
_SAMPLE_MS = 1_000
_MOST_SAMPLES = 4_000
_TOLD_OF = frozenset({OrderStatus.FILLED, OrderStatus.REJECTED, OrderStatus.EXPIRED})


def newest_price(market: Market) -> tuple[Decimal, int] | None:
    """The last price and its time, of the print or the ticker, whichever is newer."""
    trades, ticker = market.recent_trades(1), market.ticker
    known = [(trades[0].time_ms, trades[0].price)] if trades else []
    known += [(ticker.value.time_ms, ticker.value.last)] if ticker is not None else []
    if not known:
        return None
    time_ms, price = max(known)
    return price, time_ms


@dataclass(slots=True)
class Watch:
    """What one alert has seen. After it was told, a standing one waits until its condition has ended first."""

    request: AlertRequest
    _is_over: bool = False
    _samples: deque[tuple[int, Decimal]] = field(default_factory=lambda: deque(maxlen=_MOST_SAMPLES))
    _last_trade_id: int | None = None
    _links: dict[Product, Link] = field(default_factory=dict)

    def market(self, market: Market) -> str:
        """Look at the market of its symbol; "" when there is nothing to tell."""
        match self.request.kind:
            case AlertKind.PRICE_ABOVE | AlertKind.PRICE_BELOW:
                return self._price(market)
            case AlertKind.MOVE:
                return self._move(market)
            case AlertKind.PRINT:
                return self._print(market)
            case AlertKind.FUNDING:
                return self._funding(market, market.mark.value if market.mark is not None else None)
        return ""

    def order(self, before: Order | None, after: Order) -> str:
        """Look at an order that has changed."""
        request = self.request
        if request.kind is not AlertKind.ORDER or request.symbol not in ("", after.symbol):
            return ""
        if before is None or before.status is after.status or after.status not in _TOLD_OF:
            return ""
        because = f": {after.reason}" if after.reason else ""
        return f"{describe(after, None)} {after.status.value.lower()}{because}"

    def links(self, links: dict[Product, LinkHealth]) -> str:
        """Look at the connections."""
        if self.request.kind is not AlertKind.LINK:
            return ""
        fallen = []
        for product, health in links.items():
            worst = Link.DOWN if Link.DOWN in (health.market, health.user) else health.market
            worst = Link.STALE if worst is not Link.DOWN and Link.STALE in (health.market, health.user) else worst
            was = self._links.get(product)
            if was in (Link.LIVE, Link.SYNCING) and worst in (Link.DOWN, Link.STALE):
                fallen.append(f"{product.label} is {worst.value}")
            self._links[product] = worst
        return ", ".join(fallen)

    def _price(self, market: Market) -> str:
        found = newest_price(market)
        if found is None:
            return ""
        price, level = found[0], self.request.level
        above = self.request.kind is AlertKind.PRICE_ABOVE
        holds = price >= level if above else price <= level
        words = f"{self.request.symbol} {'is at or above' if above else 'is at or below'}"
        at = price_text(price, market.instrument)
        return self._once(holds, f"{words} {price_text(level, market.instrument)}: {at}")

    def _once(self, holds: bool, text: str) -> str:
        """The text when a condition begins to hold, not again before it has ended."""
        begins, self._is_over = holds and not self._is_over, holds
        return text if begins else ""

    def _move(self, market: Market) -> str:
        found = newest_price(market)
        if found is None:
            return ""
        price, time_ms = found
        samples = self._samples
        while samples and samples[0][0] < time_ms - self.request.window_s * 1_000:
            samples.popleft()
        if not samples or time_ms - samples[-1][0] >= _SAMPLE_MS:
            samples.append((time_ms, price))
        lowest, highest = min(one for _, one in samples), max(one for _, one in samples)
        up, down = (price - lowest) / lowest * 100, (price - highest) / highest * 100
        moved = up if up >= -down else down
        if abs(moved) < self.request.level:
            return ""
        samples.clear()
        return (
            f"{self.request.symbol} has moved {moved:+.2f} % within {self.request.window_s} s:"
            f" {price_text(price, market.instrument)}"
        )

    def _print(self, market: Market) -> str:
        trades = market.recent_trades(200)
        if not trades:
            return ""
        seen, self._last_trade_id = self._last_trade_id, trades[0].trade_id
        if seen is None:
            return ""
        fresh = [trade for trade in trades if trade.trade_id > seen]
        large = [
            trade for trade in fresh if market.instrument.notional(trade.price, trade.quantity) >= self.request.level
        ]
        if not large:
            return ""
        most = max(large, key=lambda trade: trade.quantity)
        value = market.instrument.notional(most.price, most.quantity)
        return (
            f"{self.request.symbol}: {most.aggressor.value} of {value:,.0f} {market.instrument.quote}"
            f" at {price_text(most.price, market.instrument)}"
        )

    def _funding(self, market: Market, mark: MarkPrice | None) -> str:
        if mark is None or mark.funding_rate is None:
            return ""
        percent = mark.funding_rate * 100
        text = f"{self.request.symbol} funding is {percent:+.4f} %"
        return self._once(abs(percent) >= self.request.level, text)
