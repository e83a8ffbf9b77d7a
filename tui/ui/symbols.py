"""Shorter names of symbols for narrow panes."""

from tui.domain.instrument import MARGIN_SUFFIXES, ContractKind, Instrument


def short_symbol(symbol: str, instrument: Instrument | None) -> str:
    """`BTC` for BTCUSDT, `BTC·P` for its perpetual, `BTC·261225` for a delivery, `BTC·X` and `BTC·I` on margin.

    Symbols against other assets stay whole.
    """
    if instrument is None or instrument.quote != "USDT":
        return symbol_without_kind(symbol, instrument)
    if instrument.kind is ContractKind.DELIVERY:
        return f"{instrument.base}·{symbol.rpartition('_')[2]}"
    if instrument.kind is ContractKind.PERPETUAL:
        return f"{instrument.base}·P"
    return instrument.base + MARGIN_SUFFIXES.get(instrument.product, "").replace("-", "·")


def symbol_without_kind(symbol: str, instrument: Instrument | None) -> str:
    """`BTCUSDT·P` for a perpetual, other symbols as they are."""
    if instrument is None or instrument.kind is not ContractKind.PERPETUAL:
        return symbol
    return f"{symbol.removesuffix('-PERP')}·P"
