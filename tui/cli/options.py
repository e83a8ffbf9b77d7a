"""Options that every command takes, and what they lead to."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tui.cli.folders import FolderError, Folders, folders
from tui.config import Settings, SettingsError, load_settings

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True, slots=True)
class Context:
    """What every command starts from."""

    folders: Folders
    settings: Settings
    read_only: bool


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
            settings = load_settings(places.config_file)
        except (FolderError, SettingsError) as error:
            raise click.ClickException(str(error)) from error
        return command(context=Context(places, settings, read_only), **rest)

    return with_context
