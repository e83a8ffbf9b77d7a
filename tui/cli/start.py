"""`binance-tui` alone: the start screen, and then what was chosen on it."""

import gc
from typing import TYPE_CHECKING

import click

from tui.cli.curtain import behind_curtain, hand_over
from tui.cli.options import Context
from tui.cli.screen import check_terminal, prepare_screen, uses_mouse

if TYPE_CHECKING:
    from tui.ui.start.choices import Choice, OwnEnvironment, StoredAccount


@behind_curtain
def run_start(context: Context) -> int:
    """Show the ways to begin and go the one that is chosen, until one leads somewhere; 0 when the screen is left."""
    check_terminal()
    prepare_screen(context, "starting", has_frames=False)
    gc.enable()
    from tui.ui.start.app import StartApp

    accounts, complaint = _accounts(context)
    while True:
        themes = context.folders.config_file.parent / "themes"
        app = StartApp(context.settings, accounts, complaint, themes, _own_environments(context))
        hand_over()
        app.run(mouse=uses_mouse(context))
        chosen = app.return_value
        if chosen is None:
            return app.return_code or 0
        try:
            return _begin(context, chosen)
        except click.ClickException as error:  # said where another way can be chosen at once
            complaint = f"{chosen.title}: {error.message}"


def _begin(context: Context, chosen: "Choice") -> int:
    from dataclasses import replace

    from tui.cli.demo_state import latest_demo
    from tui.cli.screen import run_demo, run_environment, run_watching

    match chosen.way:
        case "demo":
            return run_demo(context, seed=latest_demo(context.folders.data), fresh=False)
        case "paper":
            from tui.cli.paper import run_paper

            return run_paper(context, source="live", fresh=False)
        case "watch":
            return run_watching(context, chosen.name)
        case "run":
            return run_environment(replace(context, account=chosen.account), chosen.name)
        case "keys":
            return _connect(context, chosen.name)
        case "":
            return 0


def _connect(context: Context, name: str) -> int:
    """Ask for a key at the plain terminal, where a paste is safe, keep it, check it, and begin with it."""
    from dataclasses import replace

    from tui.cli.keys import told
    from tui.cli.keys_adding import Wanted, add_key
    from tui.cli.keys_check import check_keys
    from tui.cli.screen import run_environment

    click.echo(f"A key for {name}. What you type or paste is not shown; ^C leaves without keeping anything.\n")
    serves = "all"
    if name == "testnet":
        serves = click.prompt("Is it for spot or for futures", type=click.Choice(["spot", "futures"]), default="spot")
    account = click.prompt("What do you call the account", default="main")
    told(add_key)(
        context,
        Wanted(name, account, serves, None),
        kind=None,
        api_key_file=None,
        secret_file=None,
        replace=False,
        says_what_next=False,
    )
    click.echo("\nAsking the exchange what this key may do …")
    is_good = told(check_keys)(context, name, account, as_json=False) == 0
    question = "\nBegin now?" if is_good else "\nThe key was not accepted everywhere. Begin all the same?"
    if not click.confirm(question, default=is_good):
        click.echo(f"Later: binance-tui run --env {name} --account {account}")
        return 0
    return run_environment(replace(context, account=account), name)


def _own_environments(context: Context) -> "list[OwnEnvironment]":
    """Exchanges that the settings name beside Binance's own, as far as their addresses can be used."""
    from tui.binance.environment import ENVIRONMENTS, AddressError
    from tui.cli.places import PlaceError, addresses_of
    from tui.ui.start.choices import OwnEnvironment

    found = []
    for name in context.settings.environments:
        if name in ENVIRONMENTS:
            continue
        try:
            found.append(OwnEnvironment(name, addresses_of(name, context.settings).real_money))
        except (AddressError, PlaceError):
            continue  # running it says what is wrong
    return found


def _accounts(context: Context) -> "tuple[list[StoredAccount], str]":
    """Accounts that keys are kept for, and a sentence when they cannot be told; no keyring is opened for it."""
    from tui.cli.places import PlaceError, addresses_of
    from tui.keys.stored_key import KeysError
    from tui.ui.start.choices import StoredAccount

    found: dict[tuple[str, str], StoredAccount] = {}
    try:
        for key in context.keys().stored():
            try:
                is_real = addresses_of(key.environment, context.settings).real_money
            except PlaceError:
                continue  # an environment that the settings do not have any more
            found[key.environment, key.account] = StoredAccount(key.environment, key.account, is_real)
    except KeysError as error:
        return [], f"Stored keys cannot be listed: {error}"
    return list(found.values()), ""
