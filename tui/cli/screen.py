"""The commands that fill the screen: the demo, and a run on any environment."""

import gc
import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.demo_state import STATE, demo_folder
from tui.cli.exchange_process import ExchangeProcess, ExchangeStartError, running_exchange
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError, place_of, place_of_demo

if TYPE_CHECKING:
    from tui.engine.runtime import Runtime

SMALLEST = (80, 24)

#: Over SSH an arrow key may arrive in pieces; Textual reads this once, when it is imported.
_ESCAPE_DELAY_MS = {"ssh": "250", "local": "100"}


def run_demo(context: Context, *, seed: int, fresh: bool) -> int:
    """Start the embedded exchange as a child, connect to it, and show the screen until the trader quits."""
    check_terminal()
    folder = context.folders.environment(demo_folder(seed))
    state = folder / STATE
    if running_exchange(state) is not None:
        raise click.ClickException(f"the demo of seed {seed} is running already; quit it, or choose another --seed")
    if fresh:
        _forget(folder)
    exchange = ExchangeProcess.start(state, seed)
    try:
        prepare_screen()
        return _show(context, place_of_demo(exchange.ready(), folder.name))
    except ExchangeStartError as error:
        raise click.ClickException(str(error)) from error
    finally:
        exchange.stop()


def run_environment(context: Context, name: str) -> int:
    """Connect to a named environment and show the screen until the trader quits."""
    try:
        place = place_of(name, context.settings, os.environ, context.keys(), context.account)
    except PlaceError as error:
        raise click.ClickException(str(error)) from error
    check_terminal()
    with ExitStack() as held:
        context = _trading_alone(context, place, held)
        prepare_screen()
        return _show(context, place)


def _trading_alone(context: Context, place: Place, held: ExitStack) -> Context:
    """Hold the account while the screen is open; where another program does, offer to look on without trading."""
    from tui.cli.account_lock import AccountHeldError, hold

    if context.read_only or not place.credentials:
        return context
    folder = context.folders.environment(place.folder or place.name)
    try:
        held.enter_context(hold(folder, [credentials.api_key for credentials in place.credentials.values()]))
    except AccountHeldError as error:
        click.echo(f"{error}: two would not know of each other's orders.", err=True)
        click.confirm("Look on, read-only?", default=True, abort=True, err=True)
        return replace(context, read_only=True)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    return context


def _show(context: Context, place: Place) -> int:
    from tui.cli.key_desk import StoredKeys
    from tui.cli.session import open_runtime, start_log
    from tui.engine.journal import JournalError
    from tui.ui.app import TradingApp

    try:
        start_log(context)
        runtime = open_runtime(context, place)
        runtime.start(hold=True)
    except (FolderError, JournalError) as error:
        raise click.ClickException(str(error)) from error
    try:
        app = TradingApp(
            runtime,
            context.settings,
            report_path=context.folders.log_file,
            unlock=place.lock,
            when_shown=partial(go_on, runtime),
            key_desk=StoredKeys(context),
        )
        app.run()
        return app.return_code or 0
    finally:
        runtime.stop()


def go_on(runtime: "Runtime") -> None:
    """Let the engine connect, now that the screen shows."""
    # What was loaded until now stays until the end: a collection that walked it would keep a key waiting for long.
    gc.freeze()
    runtime.release()


def check_terminal() -> None:
    """Raise when there is no terminal to draw on, or too small a one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException("the screen needs a terminal; for scripts there is: binance-tui status --json")
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        needed = f"{SMALLEST[0]}x{SMALLEST[1]}"
        raise click.ClickException(f"this terminal is {columns}x{rows}, the screen needs {needed}: enlarge it")


def prepare_screen() -> None:
    """Load the screen's libraries, set up for the kind of terminal this is."""
    is_remote = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    os.environ.setdefault("ESCDELAY", _ESCAPE_DELAY_MS["ssh" if is_remote else "local"])
    import tui.ui.app  # noqa: F401  (while the exchange starts beside us)


def _forget(folder: Path) -> None:
    """Remove the demo's accounts and journal."""
    for path in folder.glob("*.sqlite*"):
        path.unlink()
