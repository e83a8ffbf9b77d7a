"""Prices without a screen: one line per symbol, for small panes and logs."""

import sys
import time

import click

from tui.cli.exchange_process import ExchangeStartError
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import PlaceError
from tui.cli.reports import known_symbols, open_place, unanswered, unanswered_words
from tui.cli.session import open_runtime, start_log
from tui.engine.commands import Origin
from tui.engine.commands.views import WatchSymbols
from tui.engine.runtime import Runtime
from tui.engine.store import Store
from tui.ui.figures import compact, price, signed
from tui.ui.staleness import market_staleness

_EVERY_S = 1.0
_TO_START_OF_LINE = "\r"
_UP = "\x1b[{}A"
_CLEAR_LINE = "\x1b[2K"


def run_watch(context: Context, environment: str, symbols: tuple[str, ...]) -> int:
    """Print lines until interrupted: in place on a terminal, one after the other elsewhere."""
    try:
        start_log(context)
        with open_place(context, environment, with_keys=False) as place:
            runtime = open_runtime(context, place, read_only=True)
            runtime.start()
            try:
                if missing := unanswered(runtime.store, place):
                    raise PlaceError(unanswered_words(place, missing))
                wanted = known_symbols(symbols, runtime.store)
                runtime.send(WatchSymbols(wanted), Origin.SCRIPT)
                _print(runtime, wanted, context.settings.limits.stale_after_ms)
            finally:
                runtime.stop()
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        return 0
    except (FolderError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error
    return 0


def watch_line(store: Store, symbol: str, now_ns: int, stale_after_ms: int) -> str:
    """Symbol, last price, change and volume of 24 hours, or why the price is not live."""
    market = store.market(symbol)
    stale = market_staleness(store, symbol, now_ns, stale_after_ms)
    if market.ticker is None:
        return f"{symbol:<18} {stale or 'waiting for the first price'}"
    ticker = market.ticker.value
    last = price(market.instrument.tick, ticker.last)
    if stale:
        return f"{symbol:<18} {last:>14} STALE {stale}"
    arrow = "▲" if ticker.change_percent >= 0 else "▼"
    change = signed(ticker.change_percent, 2, "%")
    traded = market.instrument.traded_value(ticker.volume, ticker.turnover)
    return f"{symbol:<18} {last:>14} {arrow} {change:>8}  vol {compact(traded)} {market.instrument.quote}"


def _print(runtime: Runtime, symbols: tuple[str, ...], stale_after_ms: int) -> None:
    in_place = sys.stdout.isatty()
    is_first = True
    while True:
        lines = [watch_line(runtime.store, symbol, time.monotonic_ns(), stale_after_ms) for symbol in symbols]
        if in_place:
            back = "" if is_first else _UP.format(len(lines))
            sys.stdout.write(back + "".join(f"{_TO_START_OF_LINE}{_CLEAR_LINE}{line}\n" for line in lines))
        else:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        is_first = False
        time.sleep(_EVERY_S)
