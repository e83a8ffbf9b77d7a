"""Recording what an environment sends: every frame as it came, without secrets, until interrupted."""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from tui.binance.client import LinkState, ProductClient
from tui.binance.errors import BinanceError
from tui.binance.limits import LimitPools
from tui.binance.products import open_client
from tui.binance.recording import Recorder, RecordingError
from tui.cli.exchange_process import ExchangeStartError
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError
from tui.cli.reports import known_symbols, open_place
from tui.cli.session import start_log
from tui.domain.account import Balance, Position, SymbolConfig
from tui.domain.order import OrderReport
from tui.domain.product import Product
from tui.engine.observation import Observation
from tui.engine.store import Session, Store
from tui.engine.tasks import wait
from tui.engine.watchlist import busiest

#: Symbols of a recording for which none was named, over all products.
_UNNAMED = 4
_LOOK_EVERY_S = 0.25


def run_record(context: Context, path: Path, environment: str, symbols: Sequence[str]) -> int:
    """Record until SIGINT or SIGTERM; the status is 1 when the recording has holes or ended by itself."""
    try:
        start_log(context)
        with open_place(context, environment) as place:
            recorder = Recorder(path)
            try:
                asyncio.run(_record(context, place, recorder, path, symbols))
            except (PlaceError, BinanceError):
                recorder.close()
                if path.is_file():  # nothing was followed yet: what was asked before would only be in the way
                    path.unlink()
                raise
            finally:
                recorder.close()
    except (FolderError, PlaceError, ExchangeStartError, RecordingError, BinanceError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{recorder.written} frames in {path}", err=True)
    if recorder.failure:
        raise click.ClickException(f"{recorder.failure}; the recording ends there")
    if recorder.lost:
        raise click.ClickException(f"{recorder.lost} frames were lost: {path} could not be written fast enough")
    return 0


async def _record(context: Context, place: Place, recorder: Recorder, path: Path, symbols: Sequence[str]) -> None:
    # Margin is traded on spot's markets, and recordings tell them as spot's.
    place = replace(place, urls={product: urls for product, urls in place.urls.items() if not product.is_margin})
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    for credentials in place.credentials.values():
        credentials.only_reads = True
    pools = LimitPools()
    clients = [_client(context, place, product, recorder, pools) for product in place.urls]
    store = Store(Session(place.name, place.account, place.real_money, read_only=True))
    observation = Observation(clients, store)
    accounts: list[asyncio.Task[None]] = []
    try:
        learning = asyncio.ensure_future(observation.learn())
        interrupted = asyncio.ensure_future(ending.wait())
        await asyncio.wait({learning, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if not learning.done():
            learning.cancel()
            return
        learning.result()
        wanted = known_symbols(symbols or _unnamed(context, store, place), store)
        observation.follow(wanted)
        accounts = [
            asyncio.create_task(client.user_stream(_Unheard()).run(), name=f"{client.product} account")
            for client in clients
            if client.product in place.credentials
        ]
        click.echo(f"Recording {', '.join(wanted)} of {place.name} in {path}; Ctrl-C ends it", err=True)
        await _until(ending, recorder)
        interrupted.cancel()
    finally:
        for task in accounts:
            task.cancel()
        await asyncio.gather(*accounts, return_exceptions=True)
        await observation.close()


def _client(context: Context, place: Place, product: Product, recorder: Recorder, pools: LimitPools) -> ProductClient:
    return open_client(
        product,
        place.urls[product],
        place.credentials.get(product),
        context.settings.options_of(place.name),
        recorder.tap(product),
        pools,
    )


def _unnamed(context: Context, store: Store, place: Place) -> Sequence[str]:
    listed = context.settings.screen.watchlist
    return listed or [name for product in place.urls for name in busiest(store, [product])[: _UNNAMED // 2]]


async def _until(ending: asyncio.Event, recorder: Recorder) -> None:
    """Wait until it is asked to end, or the file cannot be written any more."""
    while not recorder.failure:
        if await wait(ending, _LOOK_EVERY_S):
            return


class _Unheard:
    """Listens to an account's events that are only recorded (`client.UserListener`)."""

    def on_order_report(self, report: OrderReport) -> None:
        """Nothing."""

    def on_balances(self, balances: list[Balance]) -> None:
        """Nothing."""

    def on_positions(self, positions: list[Position]) -> None:
        """Nothing."""

    def on_symbol_config(self, config: SymbolConfig) -> None:
        """Nothing."""

    def on_multi_assets(self, product: Product, *, is_on: bool) -> None:
        """Nothing."""

    def on_margin_call(self, product: Product, text: str) -> None:
        """Nothing."""

    def on_user_link(self, product: Product, state: LinkState, detail: str) -> None:
        """Nothing."""
