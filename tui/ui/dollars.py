"""Dollars where nothing is known of markets."""

from decimal import Decimal

from tui.engine.dollars import DOLLARS
from tui.engine.dollars import DollarWorth as DollarWorth


def in_dollars_alone(asset: str) -> Decimal | None:
    """One for a dollar; nothing is known of other assets."""
    return Decimal(1) if asset in DOLLARS else None
