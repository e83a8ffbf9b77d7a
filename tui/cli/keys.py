"""The commands `binance-tui keys …`; none takes a secret as an argument, none prints one."""

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from tui.cli.options import Context, common

_KINDS = ("hmac", "rsa", "ed25519")
_SOURCE = click.Path(path_type=str, dir_okay=False, allow_dash=True)


@click.group()
def keys() -> None:
    """Keep API keys in the system's keyring, or in an encrypted file, and say what they may do."""


def _environment(required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    words = "live, testnet, demo-binance, us, or a name of the settings."
    return click.option("--env", "environment", required=required, help=words)


def _account(command: Callable[..., Any]) -> Callable[..., Any]:
    words = "Name of the account, as you like to call it."
    return click.option("--account", default="main", show_default=True, help=words)(command)


def _serves(command: Callable[..., Any]) -> Callable[..., Any]:
    words = "Which products the key is for; test networks have one for each."
    choice = click.Choice(["all", "spot", "futures"])
    return click.option("--for", "serves", type=choice, default="all", show_default=True, help=words)(command)


def _keyring(command: Callable[..., Any]) -> Callable[..., Any]:
    words = "Where to keep it; left out, the system's keyring if there is one, else an encrypted file."
    return click.option("--keyring", "wanted", type=click.Choice(["system", "file"]), help=words)(command)


_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what may be wrong with a key, a keyring or a terminal into one sentence on standard error."""

    @functools.wraps(command)
    def speaking(*words: Any, **named: Any) -> Any:
        from tui.binance.environment import AddressError
        from tui.cli.hidden_input import NoAnswerError, NoTerminalError
        from tui.cli.places import PlaceError
        from tui.keys.key_material import KeyMaterialError
        from tui.keys.stored_key import KeysError

        try:
            return command(*words, **named)
        except (AddressError, KeyMaterialError, KeysError, NoAnswerError, NoTerminalError, PlaceError) as error:
            raise click.ClickException(str(error)) from None

    return speaking


@keys.command()
@_environment(required=True)
@_account
@_serves
@click.option("--type", "kind", type=click.Choice(_KINDS), help="Type of the key, where it cannot be told.")
@click.option("--api-key-file", type=_SOURCE, help="Read the API key from this file; - is standard input.")
@click.option("--secret-file", type=_SOURCE, help="Read the secret or private key (PEM) from it; - is standard input.")
@click.option("--replace", is_flag=True, help="Put it in place of the key that is stored.")
@_keyring
@common
@told
def add(context: Context, environment: str, account: str, serves: str, **rest: Any) -> None:
    """Add a key. Asks for it without showing it, or reads files or standard input (API key first, then the secret)."""
    from tui.cli.keys_adding import Wanted, add_key

    add_key(context, Wanted(environment, account, serves, rest.pop("wanted")), **rest)


@keys.command()
@_environment(required=True)
@_account
@_serves
@click.option("--type", "kind", type=click.Choice(_KINDS[:0:-1]), default="ed25519", show_default=True)
@_keyring
@common
@told
def generate(context: Context, environment: str, account: str, serves: str, kind: str, wanted: str | None) -> None:
    """Make a key pair here; prints the public key to register at Binance, the private one stays in the keyring."""
    from tui.cli.keys_adding import Wanted, generate_key

    generate_key(context, Wanted(environment, account, serves, wanted), kind)


@keys.command(name="list")
@_environment(required=False)
@_json
@common
@told
def list_(context: Context, environment: str | None, as_json: bool) -> None:
    """List the stored keys, and those of environment variables; shows the ends of API keys, nothing else."""
    from tui.cli.keys_listing import list_keys

    list_keys(context, environment, as_json=as_json)


@keys.command()
@_environment(required=False)
@click.option("--account", help="Only this account.")
@_json
@common
@told
def check(context: Context, environment: str | None, account: str | None, as_json: bool) -> None:
    """Sign a real request with each key and say what the key may do; the status says whether all were accepted."""
    from tui.cli.keys_check import check_keys

    sys.exit(check_keys(context, environment, account, as_json=as_json))


@keys.command()
@_environment(required=True)
@_account
@click.option("--for", "serves", type=click.Choice(["all", "spot", "futures"]), help="Only the key for these products.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@told
def remove(context: Context, environment: str, account: str, serves: str | None, yes: bool) -> None:
    """Forget an account's keys; at Binance they stay valid until they are deleted there."""
    from tui.cli.keys_listing import remove_keys

    remove_keys(context, environment, account, serves, yes=yes)


@keys.command()
@_environment(required=True)
@click.option("--account", required=True, help="The account to use when none is named.")
@common
@told
def default(context: Context, environment: str, account: str) -> None:
    """Choose the account that is used when none is named."""
    context.keys().set_default(environment, account)
    click.echo(f"{environment} uses {account} when no account is named")
