"""Every option of the settings by its path (`limits.max_order_notional`), with its documentation; and writing one.

The documentation is the `#:` comment above the field, so that it is written once.
"""

import inspect
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from tui.config import Settings, SettingsError, parse_settings
from tui.domain.text import clean
from tui.keys.atomic import alone, write_private

_MASK = "••••"
_FIELD = re.compile(r"    (\w+): ")
_CLASS = re.compile(r"class (\w+)\(")
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")
_SECRET = re.compile(r"secret|passphrase|password|private_key|api_key")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its value as written in TOML (secrets masked), and where that comes from."""

    path: str
    value: str
    default: str
    origin: str
    text: str
    #: What it may be, where that is a short list; empty otherwise.
    choices: tuple[str, ...]
    kind: str
    can_edit: bool


def options_of(settings: Settings, path: Path | None, origins: Mapping[str, str]) -> list[Option]:
    """Every option with its value in force; `origins` names those that a flag or variable set."""
    written = _written(path)
    made = []
    for name, annotation, default, value, text in _leaves(Settings(), settings):
        origin = origins.get(name) or (f"file {path.name}" if path is not None and name in written else "default")
        choices = _choices(annotation)
        shown, kind = _shown(name, value), _kind(annotation)
        can_edit = kind != "" and _MASK not in shown
        made.append(Option(name, shown, _shown(name, default), origin, text, choices, kind, can_edit))
    return made


def write_option(path: Path, name: str, written: str) -> Settings:
    """Write one option into the settings file, keeping its comments and order, and return what the file then holds.

    `written` is text as a person types it: `yes`, `250`, `BTCUSDT, ETHUSDT`. Raises SettingsError, and changes nothing,
    for a value that the settings refuse and for a file that cannot be read or written.
    """
    import tomlkit  # takes a moment, and is seldom needed

    annotation = next((found[1] for found in _leaves(Settings(), Settings()) if found[0] == name), None)
    if annotation is None:
        raise SettingsError(f"there is no option {name!r}")
    try:
        with alone(path):
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            parse_settings(text, path)
            document = tomlkit.parse(text)
            table: Any = document
            *tables, key = name.split(".")
            for each in tables:
                if each not in table:
                    table[each] = tomlkit.table()
                table = table[each]
            table[key] = tomlkit.value(_toml(_kind(annotation), written.strip(), name))
            changed = tomlkit.dumps(document)
            settings = parse_settings(changed, path)
            write_private(path, changed.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be written: {error}") from error
    return settings


def _toml(kind: str, written: str, name: str) -> str:
    """A typed value as TOML; raises SettingsError."""
    if kind == "yes or no":
        if written.lower() not in ("yes", "no", "true", "false"):
            raise SettingsError(f"{name} is yes or no, not {clean(written, 40)!r}")
        return "true" if written.lower() in ("yes", "true") else "false"
    if kind == "whole number" or kind == "number":
        if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?" if kind == "number" else r"[0-9]{1,15}", written, re.ASCII):
            raise SettingsError(f"{name} is a {kind}, not {clean(written, 40)!r}")
        return written
    if kind in ("list", "list of numbers"):
        parts = [part.strip() for part in written.split(",") if part.strip()]
        return "[" + ", ".join(_toml("number" if kind == "list of numbers" else "text", p, name) for p in parts) + "]"
    if clean(written, 1_000) != written:
        raise SettingsError(f"{name} holds invisible characters: type it anew")
    return msgspec.json.encode(written).decode()


def _written(path: Path | None) -> frozenset[str]:
    """Paths of the options that stand in the file; none of one that cannot be read."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8")) if path is not None else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return frozenset()
    return frozenset(_paths(raw, ""))


def _paths(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, value in table.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{name}.")


def _leaves(
    default: msgspec.Struct, value: msgspec.Struct, prefix: str = ""
) -> Iterator[tuple[str, Any, Any, Any, str]]:
    """Path, annotation, default, value and documentation of each option, tables of structs gone into."""
    for field in msgspec.structs.fields(type(value)):
        before, now = getattr(default, field.name), getattr(value, field.name)
        path = f"{prefix}{field.name}"
        if isinstance(now, msgspec.Struct):
            yield from _leaves(before if isinstance(before, type(now)) else now, now, f"{path}.")
        else:
            documented = _documented(type(value).__module__)
            yield path, field.type, before, now, documented.get((type(value).__name__, field.name), "")


@lru_cache(maxsize=8)
def _documented(module: str) -> dict[tuple[str, str], str]:
    """Documentation by class and field of a module of settings."""
    found: dict[tuple[str, str], str] = {}
    owner = ""
    words: list[str] = []
    for line in inspect.getsource(sys.modules[module]).splitlines():
        if (started := _CLASS.match(line)) is not None:
            owner, words = started[1], []
        elif line.startswith("    #: "):
            words.append(line.removeprefix("    #: "))
        elif (field := _FIELD.match(line)) is not None:
            found[owner, field[1]] = " ".join(words)
            words = []
        else:
            words = []
    return found


def _plain(annotation: Any) -> Any:
    """The annotation without what msgspec adds to it, and without None."""
    if hasattr(annotation, "__metadata__"):
        return _plain(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        rest = [argument for argument in get_args(annotation) if argument is not type(None)]
        return _plain(rest[0]) if len(rest) == 1 else None
    return annotation


def _kind(annotation: Any) -> str:
    """What a person types for it; "" for what is written by hand."""
    plain = _plain(annotation)
    if get_origin(plain) is Literal:
        return "whole number" if isinstance(get_args(plain)[0], int) else "text"
    if get_origin(plain) is tuple:
        return "list of numbers" if _plain(get_args(plain)[0]) is Decimal else "list"
    return {bool: "yes or no", int: "whole number", Decimal: "number", str: "text"}.get(plain, "")


def _choices(annotation: Any) -> tuple[str, ...]:
    plain = _plain(annotation)
    if get_origin(plain) is Literal:
        return tuple(str(each) for each in get_args(plain))
    return ("yes", "no") if plain is bool else ()


def _shown(name: str, value: Any) -> str:
    """A value as a person types it; secrets and passwords in addresses masked."""
    if _SECRET.search(name.rpartition(".")[2]) and value:
        return _MASK
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(_shown(name, each) for each in value)
    if isinstance(value, dict):
        return ", ".join(value) if value else ""
    if value is None:
        return ""
    return _PASSWORD.sub(rf"\1{_MASK}@", clean(f"{value:f}" if isinstance(value, Decimal) else str(value), 200))
