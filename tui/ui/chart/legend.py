"""What a candle did, in one line of any width."""

from decimal import Decimal

from tui.domain.increment import Increment
from tui.domain.market import Candle
from tui.ui.chart.scale import moment_text
from tui.ui.figures import compact, signed
from tui.ui.figures import price as price_text
from tui.ui.lines import Span

#: What is said where there is room for no more: moment, open, high, low, close, change, volume.
_ROOMS = ("tohlcpv", "tohlcp", "thlcp", "tlcp", "tcp", "cp")

#: The same for the candle under the cross-hair, whose moment stands on the time axis: letters first, then all of it.
_POINTED = ("tohlcpv", "ohlcpv", "ohlcv", "ohlc", "hlc")


def candle_legend(candle: Candle, length_ms: int, tick: Increment, width: int, *, is_pointed: bool) -> list[Span]:
    """When a candle opened and what it did, as much as fits; figures stand closer before one is left out."""
    rooms = _POINTED if is_pointed else _ROOMS
    tries = [(said, is_close) for said in rooms for is_close in ((False, True) if is_pointed else (False,))]
    spans: list[Span] = []
    for said, is_close in tries:
        spans = [span for part in said for span in _part(part, candle, length_ms, tick, is_close=is_close)]
        if sum(len(span.text) for span in spans) <= width:
            break
    return spans


def _part(part: str, candle: Candle, length_ms: int, tick: Increment, *, is_close: bool) -> list[Span]:
    style = "up" if candle.close >= candle.open else "down"
    gap = "" if is_close else " "
    match part:
        case "t":
            return [Span(f" {moment_text(candle.open_ms, length_ms)}", "heading")]
        case "p":
            arrow = "▲" if candle.close > candle.open else "▼" if candle.close < candle.open else "="
            change = (candle.close - candle.open) / candle.open * 100 if candle.open else Decimal(0)
            return [Span(f" {arrow}{signed(change, 2, '%')}", style)]
        case "v":
            return [Span(f" V{gap}", "dim"), Span(compact(candle.volume), "")]
        case _:
            value = {"o": candle.open, "h": candle.high, "l": candle.low, "c": candle.close}[part]
            shown = price_text(tick, value)
            return [Span(f" {part.upper()}{gap}", "dim"), Span(shown.replace(",", "") if is_close else shown, style)]
