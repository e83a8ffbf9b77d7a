"""The commands that fill the screen: the demo, and a run on any environment."""

import gc
import os
import shutil
import sys
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.curtain import behind_curtain, hand_over, raise_curtain
from tui.cli.demo_state import STATE, demo_folder
from tui.cli.exchange_process import ExchangeProcess, ExchangeStartError, Watchman, running_exchange
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError, place_of, place_of_demo

if TYPE_CHECKING:
    from tui.engine.runtime import Runtime
    from tui.ui.surroundings import Surroundings

SMALLEST = (80, 24)

#: Read by Textual once, when it is imported. Over SSH an arrow key may arrive in pieces, and every repaint is dear.
_LOCAL = {"ESCDELAY": "100", "TEXTUAL_ANIMATIONS": "none"}
_REMOTE = {"ESCDELAY": "250", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "10", "TEXTUAL_SMOOTH_SCROLL": "0"}

#: New objects before Python looks for garbage among them, which holds up every thread: Python's own 700 takes three
#: times as much processor, and far more would hold up a key for too long.
_COLLECT_AT = (5_000, 10, 50)

#: How long a thread computes while another wants to. Python's own 5 ms are as long as an order may take: it would wait
#: for the drawing of a frame, or a key for a flood of messages.
_TURN_S = 0.000_5

_WELCOME = "Welcome: ? is the help of each pane, / finds a symbol, F2 buys, ^p finds everything; it is play money"


@behind_curtain
def run_demo(context: Context, *, seed: int, fresh: bool) -> int:
    """Start the embedded exchange as a child, connect to it, and show the screen until the trader quits."""
    check_terminal()
    folder = context.folders.environment(demo_folder(seed))
    state = folder / STATE
    if running_exchange(state) is not None:
        raise click.ClickException(f"the demo of seed {seed} is running already; quit it, or choose another --seed")
    if fresh:
        forget_state(folder)
    is_first = not state.exists()
    exchange = ExchangeProcess.start(state, seed)
    notices: deque[str] = deque([_WELCOME] if is_first else [])
    watchman: Watchman | None = None
    try:
        prepare_screen(context, "DEMO: starting the exchange")
        place = place_of_demo(exchange.ready(), folder.name, context.settings.options_of("demo").data.products)
        watchman = Watchman(exchange, notices.append)
        start_logging(context)
        return show_place(context, place, notices)[0]
    except ExchangeStartError as error:
        raise click.ClickException(str(error)) from error
    finally:
        if watchman is not None:
            watchman.stop()
        exchange.stop()


@behind_curtain
def run_environment(context: Context, name: str) -> int:
    """Connect to a named environment and show the screen until the trader quits, account after account."""
    is_logging = False
    while True:
        try:
            place = place_of(name, context.settings, os.environ, context.keys(), context.account)
        except PlaceError as error:
            raise click.ClickException(str(error)) from error
        check_terminal()
        with ExitStack() as held:
            held_context = _trading_alone(context, place, held)
            prepare_screen(context, name.upper())
            if not is_logging:
                start_logging(context)
                is_logging = True
            status, wanted = show_place(held_context, place, accounts=_other_accounts(context, name))
        if not wanted:
            return status
        context = replace(context, account=wanted)


@behind_curtain
def run_watching(context: Context, name: str) -> int:
    """Look on at an environment's markets, with no keys at all."""
    try:
        place = place_of(name, context.settings, {})
    except PlaceError as error:
        raise click.ClickException(str(error)) from error
    check_terminal()
    prepare_screen(context, name.upper())
    start_logging(context)
    return show_place(replace(context, read_only=True), place)[0]


def _other_accounts(context: Context, name: str) -> tuple[str, ...]:
    """Accounts of an environment that keys are stored for, without the one in use."""
    keys = context.keys()
    chosen = keys.account(name, context.account)
    stored = dict.fromkeys(key.account for key in keys.stored(name))
    return tuple(account for account in stored if account != chosen)


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


def start_logging(context: Context) -> None:
    """Send the log to its file; raises a sentence when it cannot be."""
    from tui.cli.session import start_log

    try:
        start_log(context)
    except FolderError as error:
        raise click.ClickException(str(error)) from error


def show_place(
    context: Context, place: Place, notices: deque[str] | None = None, accounts: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Show one session until it is left; its exit status, and the account to open next, "" for none."""
    from tui.cli.key_desk import StoredKeys
    from tui.cli.session import open_runtime
    from tui.engine.journal import JournalError
    from tui.ui.app import TradingApp

    try:
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
            surroundings=surroundings_of(context, place.folder or place.name, notices, accounts),
        )
        hand_over()
        app.run(mouse=uses_mouse(context))
        return app.return_code or 0, app.board.accounts.wanted
    finally:
        runtime.stop()


def surroundings_of(
    context: Context, folder: str, notices: deque[str] | None = None, accounts: tuple[str, ...] = ()
) -> "Surroundings":
    """Files and names around a screen of this folder's environment."""
    from tui.ui.surroundings import Surroundings

    return Surroundings(
        state_folder=context.folders.environment(folder),
        config_file=context.folders.config_file,
        themes_folder=context.folders.config_file.parent / "themes",
        origins=context.origins,
        accounts=accounts,
        notices=deque() if notices is None else notices,
    )


def uses_mouse(context: Context) -> bool:
    """Whether the mouse is asked for: never over a link that is to be spared."""
    return context.settings.screen.mouse and not _is_remote(context)


def _is_remote(context: Context) -> bool:
    wanted = context.settings.screen.remote
    return wanted == "yes" or (wanted == "auto" and ("SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ))


def go_on(runtime: "Runtime") -> None:
    """Let the engine connect, now that the screen shows."""
    # What was loaded until now stays until the end: a collection that walked it would keep a key waiting for long.
    gc.freeze()
    gc.set_threshold(*_COLLECT_AT)
    gc.enable()
    sys.setswitchinterval(_TURN_S)
    runtime.release()


def check_terminal() -> None:
    """Raise when there is no terminal to draw on, or too small a one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException("the screen needs a terminal; for scripts there is: binance-tui status --json")
    if os.environ.get("TERM") == "dumb":
        raise click.ClickException("TERM is dumb: nothing can be drawn here; where it can: export TERM=xterm-256color")
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        needed = f"{SMALLEST[0]}x{SMALLEST[1]}"
        raise click.ClickException(f"this terminal is {columns}x{rows}, the screen needs {needed}: enlarge it")


def prepare_screen(context: Context, words: str, *, has_frames: bool = True) -> None:
    """Load the screen's libraries, set up for this kind of terminal; `words` stand over empty frames meanwhile."""
    for name, value in (_REMOTE if _is_remote(context) else _LOCAL).items():
        os.environ.setdefault(name, value)
    gc.disable()  # nothing that is being loaded is garbage; on again when the screen shows
    raise_curtain(f" binance-tui  {words} …", is_ascii=context.settings.screen.ascii, has_frames=has_frames)
    import tui.ui.app  # noqa: F401  (while the exchange starts beside us)


def forget_state(folder: Path) -> None:
    """Remove the accounts and the journal of an exchange of our own."""
    for path in folder.glob("*.sqlite*"):
        path.unlink()
