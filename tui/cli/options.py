"""Options that every command takes, and what they lead to."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli.folders import FolderError, Folders, folders, loose_paths
from tui.cli.screen_options import under_flags
from tui.config import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from tui.keys.secret import Secret
    from tui.keys.store import KeyStore

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
_ACCOUNT = "tui.account"
_LOOSE_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Context:
    """What every command starts from."""

    folders: Folders
    settings: Settings
    read_only: bool
    #: The account named on the command line; the default one is meant when there is none.
    account: str | None = None
    #: Options of the settings that a flag or a variable set for this run, with its name.
    origins: Mapping[str, str] = field(default_factory=dict)
    #: The keys once they were wanted: what has unlocked them is not asked for twice in one run.
    opened: "list[KeyStore]" = field(default_factory=list, repr=False, compare=False)

    def keys(self) -> "KeyStore":
        """The keys kept under the data folder; a passphrase is asked for at the terminal, if one is needed."""
        from tui.keys.store import KeyStore

        if not self.opened:
            self.opened.append(KeyStore(self.folders.data, _ask_passphrase))
        return self.opened[0]


def _ask_passphrase(is_new: bool) -> "Secret":
    from tui.cli.passphrase import ask_passphrase

    return ask_passphrase(is_new)


def with_account(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--account`, which `context` then carries."""

    def keep(context: click.Context, _: click.Parameter, account: str | None) -> None:
        context.meta[_ACCOUNT] = account

    words = "Which stored account to use, if not the default one."
    return click.option("--account", expose_value=False, callback=keep, help=words)(command)


def _report_loose(places: Folders) -> None:
    found = loose_paths(places)
    for loose in found[:_LOOSE_SHOWN]:
        click.echo(f"Warning: {loose}", err=True)
    if len(found) > _LOOSE_SHOWN:
        click.echo(f"Warning: and {len(found) - _LOOSE_SHOWN} more; binance-tui doctor lists them", err=True)


def _named_account() -> str | None:
    context = click.get_current_context(silent=True)
    return context.meta.get(_ACCOUNT) if context is not None else None


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--config --data-dir --read-only --log-file`, and a `context` made of them."""

    @click.option("--config", type=FILE, help="Settings file instead of the standard one.")
    @click.option("--data-dir", type=FOLDER, help="Folder for journal, accounts of the demo and logs.")
    @click.option("--read-only", is_flag=True, help="Take every action away that sends, changes or cancels.")
    @click.option("--log-file", type=FILE, help="Write the log here.")
    @functools.wraps(command)
    def with_context(
        config: Path | None, data_dir: Path | None, read_only: bool, log_file: Path | None, **rest: Any
    ) -> Any:
        try:
            places = folders(config, data_dir, log_file)
            if config is not None and not config.exists():
                raise click.ClickException(f"{config} does not exist; leave --config out to use the defaults")
            settings, origins = under_flags(load_settings(places.config_file))
        except (FolderError, SettingsError) as error:
            raise click.ClickException(str(error)) from error
        _report_loose(places)
        return command(context=Context(places, settings, read_only, _named_account(), origins), **rest)

    return with_context
