"""Replaying a recording: on the screen, or without one into a document."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from msgspec.structs import replace

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.binance.recording import RecordingError
from tui.binance.replay import Pace, ReplayClient
from tui.binance.replay_file import CALLS, Contents, survey
from tui.cli.curtain import behind_curtain, hand_over
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.screen import check_terminal, go_on, prepare_screen, uses_mouse
from tui.cli.session import start_log
from tui.config import Settings
from tui.domain.product import Product
from tui.domain.text import clean
from tui.engine.observation import Observation, market_document
from tui.engine.runtime import Runtime
from tui.engine.status import Json
from tui.engine.store import Session, Store

_SESSION = Session("REPLAY", "recording", is_real_money=False, read_only=True)


def run_replay(context: Context, path: Path, speed: float | None, *, headless: bool, as_json: bool) -> int:
    """Play it; without a screen as fast as it goes unless a speed is given, then print what stood at its end."""
    try:
        start_log(context)
        contents = survey(path)
        if not headless:
            pace = Pace(contents.first_ns, 1.0 if speed is None else speed)
            return _show(context, path, contents, pace)
        document = asyncio.run(_play(path, contents, Pace(contents.first_ns, speed or 0.0)))
    except (FolderError, RecordingError, BinanceError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        return 130
    click.echo(json.dumps(document, indent=None if as_json else 2, ensure_ascii=False))
    return 0


@behind_curtain
def _show(context: Context, path: Path, contents: Contents, pace: Pace) -> int:
    check_terminal()
    prepare_screen(context, f"REPLAY: {clean(path.name)}")
    from tui.ui.app import TradingApp
    from tui.ui.surroundings import Surroundings

    factories: list[Callable[[], ProductClient]] = [
        partial(ReplayClient, product, path, contents, pace) for product in contents.symbols
    ]
    runtime = Runtime(factories, whole_books(context.settings), _SESSION, None, with_account=False)
    runtime.start(hold=True)
    try:
        app = TradingApp(
            runtime,
            context.settings,
            report_path=context.folders.log_file,
            when_shown=partial(go_on, runtime),
            surroundings=Surroundings(
                config_file=context.folders.config_file,
                themes_folder=context.folders.config_file.parent / "themes",
                origins=context.origins,
            ),
        )
        hand_over()
        app.run(mouse=uses_mouse(context))
        return app.return_code or 0
    finally:
        runtime.stop()


def whole_books(settings: Settings) -> Settings:
    """The settings without books of another kind: a recording holds whole ordinary ones alone."""
    return replace(settings, data=replace(settings.data, levels_beside=0, rpi_book=False))


async def _play(path: Path, contents: Contents, pace: Pace) -> Json:
    clients = [ReplayClient(product, path, contents, pace) for product in contents.symbols]
    store = Store(_SESSION)
    observation = Observation(clients, store)
    try:
        await observation.learn()
        symbols = _symbols(contents, store)
        observation.follow(symbols)
        followed = {store.instruments[symbol].product for symbol in symbols}
        await asyncio.gather(*(client.ended.wait() for client in clients if client.product in followed))
        return {
            "frames": contents.frames,
            "seconds": round((contents.last_ns - contents.first_ns) / 1e9, 3),
            "symbols": {symbol: market_document(store.market(symbol)) for symbol in symbols},
        }
    finally:
        await observation.close()


def _symbols(contents: Contents, store: Store) -> list[str]:
    """The recorded symbols as the program spells them; those that no list of instruments explains are left out."""
    named = [_program_name(product, native) for product, natives in contents.symbols.items() for native in natives]
    return [name for name in named if name in store.instruments]


def _program_name(product: Product, native: str) -> str:
    return CALLS[product].program_name(native)
