"""Shorter names of symbols for narrow panes."""

from tui.domain.instrument import ContractKind, Instrument


def short_symbol(symbol: str, instrument: Instrument | None) -> str:
    """`BTC` for BTCUSDT, `BTC·P` for its perpetual; symbols against other assets and deliveries stay whole."""
    if instrument is None or instrument.quote != "USDT" or instrument.kind is ContractKind.DELIVERY:
        return symbol_without_kind(symbol, instrument)
    return f"{instrument.base}·P" if instrument.kind is ContractKind.PERPETUAL else instrument.base


def symbol_without_kind(symbol: str, instrument: Instrument | None) -> str:
    """`BTCUSDT·P` for a perpetual, other symbols as they are."""
    if instrument is None or instrument.kind is not ContractKind.PERPETUAL:
        return symbol
    return f"{symbol.removesuffix('-PERP')}·P"
