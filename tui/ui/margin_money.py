"""Money of a contract in the asset that it is kept in: dollars as they are, coins by name and with all decimals."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.engine.dollars import DOLLARS
from tui.ui.figures import amount, signed

_COIN_DECIMALS = 8


def _form(instrument: Instrument | None) -> tuple[int, str]:
    """Decimals, and the asset where it is no dollar; all decimals where nothing is known of the contract."""
    if instrument is None:
        return _COIN_DECIMALS, ""
    if not instrument.product.is_futures or instrument.margin_asset in DOLLARS:
        return 2, ""
    return _COIN_DECIMALS, f" {instrument.margin_asset}"


def profit_text(value: Decimal, instrument: Instrument | None) -> str:
    """A profit or loss of a position: `+82.53`, `−0.00120000 BTC`."""
    decimals, unit = _form(instrument)
    return signed(value, decimals, unit)


def margin_text(value: Decimal | None, instrument: Instrument | None) -> str:
    """What stands behind a position: `1,597.00`, `0.05000000 BTC`."""
    decimals, unit = _form(instrument)
    return f"{amount(value, decimals)}{unit if value is not None else ''}"
