"""How each coin behaves: how it follows the whole market, how it moves by itself, how busy its symbols are."""

import math
from dataclasses import dataclass, replace

from tui.exchange.catalogue import coin_of
from tui.exchange.listing import Listing


@dataclass(frozen=True, slots=True)
class Coin:
    """`beta` to the common factor, own volatility per square root of a minute, and how busy trading in it is."""

    beta: float
    volatility: float
    #: Aggressive orders per second in calm.
    pace: float
    #: Usual value of one quote near the touch, in USDT.
    quote_value: float
    #: Levels kept on each side.
    levels: int

    @property
    def wildness(self) -> float:
        """Volatility in units of Bitcoin's."""
        return math.hypot(self.beta * MARKET_VOLATILITY, self.volatility) / _CALM


#: Volatility of the common factor per square root of a minute.
MARKET_VOLATILITY = 0.00048
_CALM = math.hypot(MARKET_VOLATILITY, 0.00022)

_COINS = {
    "BTC": Coin(1.0, 0.00022, 3.2, 26_000, 560),
    "ETH": Coin(1.25, 0.00038, 2.4, 16_000, 560),
    "BNB": Coin(0.8, 0.00036, 0.8, 7_000, 530),
    "SOL": Coin(1.5, 0.0006, 1.2, 8_000, 530),
    "XRP": Coin(1.15, 0.00055, 0.9, 7_000, 530),
    "DOGE": Coin(1.5, 0.0008, 0.7, 4_500, 170),
    "ADA": Coin(1.3, 0.00065, 0.4, 3_000, 150),
    "LINK": Coin(1.35, 0.00065, 0.35, 2_600, 150),
    "AVAX": Coin(1.4, 0.0007, 0.3, 2_400, 150),
    "LTC": Coin(0.95, 0.0005, 0.3, 2_400, 150),
    "DOT": Coin(1.3, 0.00065, 0.25, 2_000, 150),
    "TRX": Coin(0.5, 0.0003, 0.25, 2_400, 150),
    "SUI": Coin(1.6, 0.0009, 0.4, 2_600, 150),
    "PEPE": Coin(1.7, 0.0011, 0.5, 2_600, 140),
}

_QUIET = Coin(1.2, 0.0006, 0.2, 2_000, 150)
_ETHBTC = Coin(0.25, 0.00038, 0.4, 6_000, 160)


def coin_named(name: str) -> Coin:
    """The behaviour of a coin; coins without an entry behave like a quiet one."""
    return _COINS.get(name, _QUIET)


def behaviour_of(listing: Listing) -> Coin:
    """How a symbol is traded: like its coin, but quietly where it is inverse, dated, or quoted in anything but USDT."""
    if not listing.in_dollars:
        return _ETHBTC
    coin = coin_named(coin_of(listing)[0])
    if listing.contract_size is None and not listing.delivery_ms and listing.quote == "USDT":
        return coin
    quiet = 0.3 if not listing.delivery_ms else 0.15
    return replace(coin, pace=coin.pace * quiet, quote_value=coin.quote_value * 0.5, levels=min(coin.levels, 120))
