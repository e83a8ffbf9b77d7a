"""The command `binance-tui`. Each command imports what it needs when it runs, so that help and errors come at once."""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from tui.cli.folders import standard_settings
from tui.cli.keys import keys
from tui.cli.leading_options import behind_the_command
from tui.cli.options import FILE, Context, common, with_account
from tui.cli.screen_options import with_screen

EPILOG = f"\b\nSettings are read from --config, else from\n{standard_settings()}"

_HELP = ("-h", "--help", "--version")
_OUTPUT_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class _Start(click.Group):
    """Without a command there is the start screen, with the options of every command that fills the screen."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the command in front: the one that is named behind options, else the one meant when none is named."""
        if not args or args[0] not in _HELP:
            args = behind_the_command(args, self)
            args = args if args and not args[0].startswith("-") else ["start", *args]
        return super().parse_args(context, args)


@click.group(cls=_Start, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="binance-tui")
def cli() -> None:
    """A full-screen trading terminal for Binance. Without a command: the start screen."""


@cli.command(hidden=True)
@with_screen
@common
def start(context: Context) -> None:
    """Choose how to begin: demo, paper, market data only, connect keys, or an account that is connected."""
    from tui.cli.start import run_start

    sys.exit(run_start(context))


@cli.command()
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Which market to trade.")
@click.option("--fresh", is_flag=True, help="Forget the demo account and its journal first.")
@with_screen
@common
def demo(context: Context, seed: int, fresh: bool) -> None:
    """Trade play money on the embedded exchange, offline; the account is kept between runs."""
    from tui.cli.screen import run_demo

    sys.exit(run_demo(context, seed=seed, fresh=fresh))


@cli.command()
@click.option("--from", "source", default="live", show_default=True, help="Environment whose markets are followed.")
@click.option("--fresh", is_flag=True, help="Forget the paper account and its journal first.")
@with_screen
@common
def paper(context: Context, source: str, fresh: bool) -> None:
    """Trade play money at the live prices of a real market; the account is kept on this machine, between runs."""
    from tui.cli.paper import run_paper

    sys.exit(run_paper(context, source=source, fresh=fresh))


@cli.command()
@click.option("--env", "environment", help="live, testnet, demo-binance, us, or a name of the settings.")
@with_account
@with_screen
@common
def run(context: Context, environment: str | None) -> None:
    """Trade on Binance, or on any exchange that speaks its protocol: where --env says, else [data] of the settings."""
    from tui.cli.screen import run_environment

    name = environment or context.settings.data.environment_name
    if not name:
        raise click.UsageError("Missing option '--env' (or environment, testnet or us under [data] in the settings).")
    sys.exit(run_environment(context, name))


@cli.command()
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Which market to make.")
@click.option("--port", default=0, type=click.IntRange(0, 65_000), help="First port; 0 takes free ones.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 1000), help="Time runs this fast.")
@click.option("--state", type=FILE, help="Keep accounts in this file between runs.")
@click.option("--faults", is_flag=True, help="Accept scripted faults at POST /fault, for tests.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="RULES",
    help="One more key: [ACCOUNT[#GROUP]:]PERMISSION,…[@ADDRESS,…] of read, trade, margin, futures.",
)
@click.option(
    "--isolated",
    multiple=True,
    metavar="SYMBOL",
    help="Have the isolated margin account of this pair open from the start.",
)
@click.option("--mirror", default="", hidden=True)
@click.option("--die-with-parent", is_flag=True, hidden=True)
@common
def exchange(
    context: Context,
    seed: int,
    port: int,
    speed: float,
    state: Path | None,
    faults: bool,
    keys: tuple[str, ...],
    isolated: tuple[str, ...],
    mirror: str,
    die_with_parent: bool,
) -> None:
    """Run the embedded exchange alone; prints its addresses and keys as one line of JSON."""
    from tui.exchange.run import run_exchange

    sys.exit(
        run_exchange(
            seed=seed,
            port=port,
            speed=speed,
            state_path=state,
            faults=faults,
            die_with_parent=die_with_parent,
            further_keys=keys,
            isolated=isolated,
            mirror=mirror,
        )
    )


def _report(name: str, summary: str) -> None:
    @cli.command(name=name, help=summary)
    @click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
    @click.option("--env", "environment", default="demo", show_default=True, help="Which environment to ask.")
    @with_account
    @common
    def report(context: Context, as_json: bool, environment: str) -> None:
        from tui.cli.reports import run_report

        sys.exit(run_report(context, name, environment, as_json=as_json))


_report("status", "Say whether the environment answers, and what its clock, links and limits are.")
_report("orders", "List the working orders.")
_report("positions", "List the open positions.")
_report("balances", "List the balances of every wallet.")


def _sends(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of one that sends."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--confirm", "confirmed", default="", metavar="ENV", help="Mean real money: its name again."),
        click.option("--yes", is_flag=True, help="Send without asking."),
        click.option("--env", "environment", default="demo", show_default=True, help="Which environment to trade on."),
    ):
        command = option(command)
    return with_account(common(command))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("line", nargs=-1, required=True)
@click.option("--test", is_flag=True, help="Only say what would be sent, and what the guards think of it.")
@_sends
def place(
    context: Context, line: tuple[str, ...], environment: str, yes: bool, confirmed: str, test: bool, as_json: bool
) -> None:
    """Place an order, as in the command line of the screen: place b 0.1 BTCUSDT @ 64200 po"""
    from tui.cli.headless import run_place

    words = " ".join(line)
    sys.exit(run_place(context, environment, words, yes=yes, confirmed=confirmed, test=test, as_json=as_json))


@cli.command()
@click.argument("orders", nargs=-1)
@click.option("--symbol", default="", help="The entries of this symbol.")
@click.option("--all", "everything", is_flag=True, help="The entries of the account.")
@click.option("--protective", is_flag=True, help="With --symbol or --all: protective orders too.")
@_sends
def cancel(
    context: Context,
    orders: tuple[str, ...],
    symbol: str,
    everything: bool,
    protective: bool,
    environment: str,
    yes: bool,
    confirmed: str,
    as_json: bool,
) -> None:
    """Cancel ORDERS by client id or number, or entries by --symbol or --all."""
    from tui.cli.headless import run_cancel

    sys.exit(
        run_cancel(
            context,
            environment,
            orders,
            symbol=symbol,
            everything=everything,
            protective=protective,
            yes=yes,
            confirmed=confirmed,
            as_json=as_json,
        )
    )


@cli.command()
@click.option("--since", default="7d", show_default=True, help="How far back: 24h, 7d, 4w.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Newest entries at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--env", "environment", default="demo", show_default=True, help="Whose journal to read.")
@with_account
@common
def audit(context: Context, since: str, limit: int, as_json: bool, environment: str) -> None:
    """Tell who asked for what, when, and what the guards said: keys, ticket, command line, algos."""
    from tui.cli.audit import run_audit

    sys.exit(run_audit(context, environment, since=since, limit=limit, as_json=as_json))


@cli.command()
@click.argument("symbols", nargs=-1)
@click.option("--since", default="7d", show_default=True, help="How far back: 24h, 7d, 4w.")
@click.option("--csv", "csv", type=FILE, help="Write them to this file: CSV, or JSON where its name ends in .json.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--env", "environment", default="demo", show_default=True, help="Which environment to ask.")
@with_account
@common
def fills(
    context: Context, symbols: tuple[str, ...], since: str, csv: Path | None, as_json: bool, environment: str
) -> None:
    """List executions with their fees, of SYMBOLS or of what was traded and is held."""
    from tui.cli.fills import run_fills

    sys.exit(run_fills(context, environment, symbols, since=since, csv=csv, as_json=as_json))


@cli.command()
@click.argument("symbols", nargs=-1, required=True)
@click.option("--env", "environment", default="demo", show_default=True, help="Which environment to ask.")
@with_account
@common
def watch(context: Context, symbols: tuple[str, ...], environment: str) -> None:
    """Show one line per SYMBOL, updating: BTCUSDT for spot, BTCUSDT-PERP for the perpetual."""
    from tui.cli.watch import run_watch

    sys.exit(run_watch(context, environment, symbols))


@cli.command()
@click.argument("file", type=FILE)
@click.argument("symbols", nargs=-1)
@click.option("--env", "environment", default="demo", show_default=True, help="Which environment to record.")
@with_account
@common
def record(context: Context, file: Path, symbols: tuple[str, ...], environment: str) -> None:
    """Write every frame about each SYMBOL to FILE, without secrets, until interrupted; none named, the busiest."""
    from tui.cli.record import run_record

    sys.exit(run_record(context, file, environment, symbols))


@cli.command()
@click.argument("file", type=FILE)
@click.option("--speed", type=click.FloatRange(min=0), help="Times as fast as it was; 0 as fast as it goes.")
@click.option("--headless", is_flag=True, help="No screen: print what stood at the end of the recording.")
@click.option("--json", "as_json", is_flag=True, help="Without a screen, one JSON document on one line.")
@with_screen
@common
def replay(context: Context, file: Path, speed: float | None, headless: bool, as_json: bool) -> None:
    """Play a recording: on the screen, or with --headless into a document with books, tickers and last trades."""
    from tui.cli.replay import run_replay

    sys.exit(run_replay(context, file, speed, headless=headless or as_json, as_json=as_json))


cli.add_command(keys)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--env", "environments", multiple=True, help="Ask this one; left out, every one that has keys.")
@common
def doctor(context: Context, as_json: bool, environments: tuple[str, ...]) -> None:
    """Say what works here: terminal, keyring, files, clock, hosts, keys; the status is 0 unless something is broken."""
    from tui.cli.doctor import run_doctor

    sys.exit(run_doctor(context, environments, as_json=as_json))


def main() -> None:
    """Run the command line; every error is one sentence on standard error and a status other than zero."""
    from tui.cli.last_words import forbid_core_dumps, install

    # Whatever this program or a library of it writes is for its owner alone, rotated logs and side files included.
    os.umask(0o077)
    install()
    forbid_core_dumps()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale that is not UTF-8 has no arrows
    try:
        cli(prog_name="binance-tui")
    except OSError as error:
        if error.errno not in _OUTPUT_FULL or error.filename is not None:
            raise
        click.echo(f"Error: output cannot be written: {error.strerror}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
