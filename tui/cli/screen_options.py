"""Options of the commands that fill the screen: each stands over its setting for one run, and says where it is from."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import click
import msgspec
from click.core import ParameterSource

from tui.config import Settings

_META = "tui.screen"

#: The console of Linux: its usual fonts lack half of what is drawn.
_LETTERS_ONLY = "linux"

#: What a flag sets: the option's path in the settings, by the parameter's name.
_PATHS = {"theme": "screen.theme", "ascii_only": "screen.ascii", "mouse": "screen.mouse", "remote": "screen.remote"}


def with_screen(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--theme --ascii --no-mouse --ssh`, which `under_flags` then applies."""
    options = (
        click.option("--theme", envvar="BINANCE_TUI_THEME", metavar="NAME", help="Colours of this run."),
        click.option(
            "--ascii/--no-ascii",
            "ascii_only",
            default=None,
            envvar="BINANCE_TUI_ASCII",
            help="Draw in ASCII, as on consoles without X, or never.",
        ),
        click.option("--mouse/--no-mouse", default=None, envvar="BINANCE_TUI_MOUSE", help="Use the mouse, or do not."),
        click.option(
            "--ssh/--no-ssh", "remote", default=None, envvar="BINANCE_TUI_SSH", help="Spare a slow link, or do not."
        ),
    )
    for option in reversed(options):
        command = _kept(option)(command)
    return command


def _kept(option: Callable[..., Any]) -> Callable[..., Any]:
    """The option with its value kept aside, out of the command's own parameters."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        decorated: Callable[..., Any] = option(command)
        parameter = decorated.__click_params__[-1]  # type: ignore[attr-defined]
        parameter.expose_value = False
        parameter.callback = _keep
        return decorated

    return decorate


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is None or parameter.name is None:
        return
    source = context.get_parameter_source(parameter.name)
    is_variable = source is ParameterSource.ENVIRONMENT
    origin = f"${parameter.envvar}" if is_variable else _flag(parameter, value)
    context.meta.setdefault(_META, {})[parameter.name] = (value, origin)


def _flag(parameter: click.Parameter, value: Any) -> str:
    if value is False and parameter.secondary_opts:
        return parameter.secondary_opts[0]
    return parameter.opts[0]


def under_flags(settings: Settings) -> tuple[Settings, Mapping[str, str]]:
    """The settings with this run's flags and variables over them, and the origin of each option they set."""
    context = click.get_current_context(silent=True)
    given: dict[str, tuple[Any, str]] = dict(context.meta.get(_META, {})) if context is not None else {}
    if os.environ.get("TERM") == _LETTERS_ONLY and not settings.screen.ascii:
        given.setdefault("ascii_only", (True, "$TERM"))
    changes = {_PATHS[name].partition(".")[2]: _value(name, value) for name, (value, _) in given.items()}
    screen = msgspec.structs.replace(settings.screen, **changes)
    return msgspec.structs.replace(settings, screen=screen), {
        _PATHS[name]: origin for name, (_, origin) in given.items()
    }


def _value(name: str, value: Any) -> Any:
    return ("yes" if value else "no") if name == "remote" else value
