"""One-minute candles from before the market opened, all of one story: coins correlate, contracts follow their coin."""

import math
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tui.domain.product import Product
from tui.exchange.catalogue import coin_of, listings
from tui.exchange.listing import Listing
from tui.exchange.market.coins import MARKET_VOLATILITY, behaviour_of, coin_named

MINUTE_MS = 60_000

#: Prices drawn inside one minute.
_POINTS = 5
#: Scales the moves so that a day of them ends a few percent from where it began.
_LIVELINESS = 0.8


@dataclass(slots=True)
class Bar:
    """One minute in ticks and lots; `quote` is the turnover in quote units."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    trades: int
    taker_buy_lots: int
    quote: Decimal


def bars(listing: Listing, seed: int, end_ms: int, count: int) -> list[Bar]:
    """The last `count` whole minutes before `end_ms`, oldest first; the last close is the listing's start price."""
    path = _path(listing, seed, count)
    rng = random.Random(f"{seed}/volume/{listing.product}/{listing.symbol}")
    tick, coin = float(listing.tick.size), behaviour_of(listing)
    base_value = _base_value(listing)
    first_ms = end_ms // MINUTE_MS * MINUTE_MS - count * MINUTE_MS
    unit = listing.tick.size * listing.step.size
    found: list[Bar] = []
    for minute in range(count):
        points = path[minute * _POINTS : (minute + 1) * _POINTS + 1]
        ticks = [max(1, round(math.exp(point) / tick)) for point in points]
        swing = (max(points) - min(points)) / 0.001
        trades = max(1, round(coin.pace * 100 * rng.lognormvariate(0, 0.35) * (0.5 + swing)))
        value = trades * coin.quote_value * 0.135 * rng.lognormvariate(0, 0.5)
        lots = max(trades, round(value / (base_value * float(listing.step.size))))
        share = min(0.95, max(0.05, 0.5 + (points[-1] - points[0]) * 150 + rng.gauss(0, 0.07)))
        average = sum(ticks) // len(ticks)
        found.append(
            Bar(
                open_ms=first_ms + minute * MINUTE_MS,
                open=ticks[0],
                high=max(ticks),
                low=min(ticks),
                close=ticks[-1],
                lots=lots,
                trades=trades,
                taker_buy_lots=int(lots * share),
                quote=unit * average * lots,
            )
        )
    return found


def _base_value(listing: Listing) -> float:
    """Value of one unit in USDT at the opening."""
    if listing.contract_size is not None:
        return float(listing.contract_size)
    price = float(listing.start_price)
    if listing.in_dollars:
        return price
    quoted = next((other for other in listings(Product.SPOT) if other.symbol == f"{listing.quote}USDT"), None)
    return price * float(quoted.start_price) if quoted else price


def _path(listing: Listing, seed: int, count: int) -> list[float]:
    """Log prices, oldest first, ending at the start price."""
    moves = _coin_moves(coin_of(listing)[0], seed, count)
    if not listing.in_dollars:
        against = _coin_moves(listing.quote, seed, count)
        moves = [move - other for move, other in zip(moves, against, strict=True)]
    wobble = random.Random(f"{seed}/basis/{listing.product}/{listing.symbol}")
    end = math.log(float(listing.start_price))
    basis = 0.0
    path = [end]
    for move in moves:
        basis += -basis * 0.05 + 0.00004 * wobble.gauss(0, 1)
        end -= move
        path.append(end + basis)
    path.reverse()
    return path


@lru_cache(maxsize=64)
def _coin_moves(coin_name: str, seed: int, count: int) -> list[float]:
    """Log moves of a coin from the opening backwards, newest first."""
    coin = coin_named(coin_name)
    own = random.Random(f"{seed}/history/{coin_name}")
    scale = _LIVELINESS / math.sqrt(_POINTS)
    return [
        coin.beta * common * scale + coin.volatility * heat * scale * own.gauss(0, 1)
        for common, heat in _common_moves(seed, count)
    ]


@lru_cache(maxsize=4)
def _common_moves(seed: int, count: int) -> list[tuple[float, float]]:
    """Moves of the whole market, newest first, with how lively each moment was."""
    rng = random.Random(f"{seed}/history")
    mood = burst = drift = 0.0
    moves: list[tuple[float, float]] = []
    for _ in range(count * _POINTS):
        mood += -mood * 0.008 + 0.055 * rng.gauss(0, 1)
        burst *= 0.9
        if rng.random() < 0.006:
            burst += 0.6 + rng.expovariate(1)
        drift += -drift * 0.01 + 0.007 * rng.gauss(0, 1)
        heat = math.exp(mood) * (1 + burst)
        moves.append((MARKET_VOLATILITY * (heat * rng.gauss(0, 1) + drift), heat))
    return moves
