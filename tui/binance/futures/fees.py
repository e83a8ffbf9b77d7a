"""What trading futures costs at each tier, until the account's own rates are asked for (execution semantics 3.1)."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.instrument import Instrument

#: Maker and taker in percent, from VIP 0 to VIP 9 (Binance futures fee schedule, 2026).
_PERCENT = (
    ("0.0200", "0.0500"),
    ("0.0160", "0.0400"),
    ("0.0140", "0.0350"),
    ("0.0120", "0.0320"),
    ("0.0100", "0.0300"),
    ("0.0080", "0.0270"),
    ("0.0060", "0.0250"),
    ("0.0040", "0.0220"),
    ("0.0020", "0.0200"),
    ("0.0000", "0.0170"),
)


def with_fees(instruments: list[Instrument], tier: int | None) -> list[Instrument]:
    """The instruments with the fees of a tier; as they are where the tier is not known."""
    if tier is None or not 0 <= tier < len(_PERCENT):
        return instruments
    maker, taker = (Decimal(percent) / 100 for percent in _PERCENT[tier])
    return [replace(one, maker_fee=maker, taker_fee=taker) for one in instruments]
