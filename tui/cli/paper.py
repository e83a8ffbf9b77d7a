"""Paper trading: the embedded exchange reflects a live market, and an account of play money trades there."""

import json
from collections import deque
from dataclasses import replace

import click

from tui.binance.environment import AddressError
from tui.cli.curtain import behind_curtain
from tui.cli.demo_state import STATE
from tui.cli.exchange_process import ExchangeProcess, ExchangeStartError, Watchman, running_exchange
from tui.cli.options import Context
from tui.cli.places import PRODUCTS, PlaceError, addresses_of, place_of_demo
from tui.cli.screen import check_terminal, forget_state, prepare_screen, show_place, start_logging

_WELCOME = "Paper: the prices are real, the money is not; orders never leave this machine. ? is the help, F2 buys"


@behind_curtain
def run_paper(context: Context, *, source: str, fresh: bool) -> int:
    """Reflect the markets of an environment, trade on the reflection, and keep the account for the next time."""
    check_terminal()
    mirror = mirror_words(context, source)
    folder = context.folders.environment(f"paper-{source}")
    state = folder / STATE
    if running_exchange(state) is not None:
        raise click.ClickException(f"the paper account of {source} is open already; quit it first")
    if fresh:
        forget_state(folder)
    is_first = not state.exists()
    exchange = ExchangeProcess.start(state, 1, mirror=mirror)
    notices: deque[str] = deque([_WELCOME] if is_first else [])
    watchman: Watchman | None = None
    try:
        prepare_screen(context, f"PAPER: reflecting the markets of {source}")
        place = replace(
            place_of_demo(exchange.ready(), folder.name), name="paper", account=f"play money at {source} prices"
        )
        watchman = Watchman(exchange, notices.append)
        start_logging(context)
        return show_place(context, place, notices)[0]
    except ExchangeStartError as error:
        raise click.ClickException(f"{error}. Without the internet there is: binance-tui demo") from error
    finally:
        if watchman is not None:
            watchman.stop()
        exchange.stop()


def mirror_words(context: Context, source: str) -> str:
    """Where the reflected markets are, as the exchange takes it; raises a sentence for an unknown environment."""
    try:
        known = addresses_of(source, context.settings)
    except (PlaceError, AddressError) as error:
        raise click.ClickException(str(error)) from error
    found = {product: urls for product in PRODUCTS if (urls := known.of(product)) is not None}
    hosts = {
        product.value: {"rest": urls.rest, "ws": urls.ws, "routed": bool(urls.routed)}
        for product, urls in found.items()
        if product.value in ("spot", "usdm", "coinm")
    }
    return json.dumps(hosts)
