"""What is wrong with settings, in words: where it stands, what stands there, and what may stand there instead."""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from tui.keys.redaction import redact

_SECRETS = ("api_key", "api_secret", "private_key", "passphrase")
_LONGEST = 60

#: How msgspec writes where a fault is: `$.screen.symbol_presets[...][0]`, with dots for whatever key a table has.
_PLACED = re.compile(r"(?P<problem>.*) - at `\$(?P<steps>[^`]*)`", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[(\.\.\.)\]")
_EXPECTED = re.compile(r"Expected (?P<types>`[^`]+`)(?P<bounds> [<>]=? \S+)?(?:, got `[^`]+`)?")
_TYPES = {
    "array": 'a list, as in ["BTCUSDT"]',
    "bool": "true or false",
    "decimal": "a number",
    "float": "a number",
    "int": "a whole number",
    "null": "left out",
    "object": "a table",
    "str": "text in quotes",
}

Convert = Callable[[Any], object]


def fault_words(error: msgspec.ValidationError, raw: Mapping[str, Any], model: Any, convert: Convert) -> str:
    """The fault as a sentence that names the option, its value and the remedy.

    `raw` are the tables that `convert` turned down; which entry of a table of free names is wrong is found by trying
    each alone.
    """
    found = _PLACED.fullmatch(str(error))
    problem, steps = (found["problem"], found["steps"]) if found is not None else (str(error), "")
    if "unknown field" in problem:
        return f"{error}{_nearest(raw, model)}"
    names, value, annotation = _followed(steps, raw, model, convert)
    if not names or (isinstance(value, dict) and not problem.startswith("Expected")):
        return f"{'.'.join(names)}: {problem}" if names else problem  # the problem names the option itself
    return f"{'.'.join(names)} is {_shown(value)}: {_remedy(problem, annotation)}"


def _followed(steps: str, raw: Any, annotation: Any, convert: Convert) -> tuple[list[str], Any, Any]:
    """The names on the way to the fault, what stands there, and its type."""
    names: list[str] = []
    value, whole = raw, raw
    for step in _STEP.finditer(steps):
        if isinstance(value, dict):
            name = step[1] or _culprit(names, value, whole, convert)
            if name not in value:
                break
            value, annotation = value[name], _inner(annotation, name)
        else:
            name = step[2] or "0"
            value, annotation = value[int(name)], _inner(annotation, name)
        names.append(name)
    return names, value, annotation


def _culprit(names: list[str], table: Mapping[str, Any], whole: Any, convert: Convert) -> str:
    """The entry of a table that is refused even when it stands there alone."""
    for name, value in table.items():
        try:
            convert(_with(whole, names, {name: value}))
        except msgspec.ValidationError:
            return name
    return ""


def _with(tables: Mapping[str, Any], names: list[str], table: Mapping[str, Any]) -> Mapping[str, Any]:
    if not names:
        return table
    return {**tables, names[0]: _with(tables[names[0]], names[1:], table)}


def _inner(annotation: Any, name: str) -> Any:
    """The type of what stands under a name in something of this type; None where it is not known."""
    struct = struct_in(annotation) if get_origin(annotation) is not dict else None
    if struct is not None:
        return next((field.type for field in msgspec.structs.fields(struct) if field.name == name), None)
    arguments = get_args(annotation)
    return arguments[1 if get_origin(annotation) is dict else 0] if arguments else None


def _remedy(problem: str, annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return f"choose one of {', '.join(repr(choice) for choice in get_args(annotation))}"
    if problem == "Invalid decimal string":
        return f"it must be {_TYPES['decimal']}"
    found = _EXPECTED.fullmatch(problem)
    if found is None:
        return problem
    types = " or ".join(_TYPES.get(name, name) for name in found["types"].strip("`").split(" | "))
    return f"it must be {types}{found['bounds'] or ''}"


def _shown(value: Any) -> str:
    words = "a table" if isinstance(value, dict) else redact(repr(value))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _nearest(raw: Mapping[str, Any], model: Any) -> str:
    """A hint for the first unknown key, at any depth: the nearest known one, else all that are known."""
    struct = struct_in(model)
    if struct is None:
        return ""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in raw.items():
        if key not in known:
            if key in _SECRETS:
                return " — keys and secrets are not kept in this file: binance-tui keys add"
            match = difflib.get_close_matches(key, known, n=1)
            return f" — did you mean {match[0]!r}?" if match else f" — known are {', '.join(known)}"
        inner = known[key]
        if not isinstance(value, dict):
            continue
        for table in value.values() if get_origin(inner) is dict else [value]:
            if isinstance(table, dict) and (hint := _nearest(table, inner)):
                return hint
    return ""


def struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    """The struct that a table is read into: itself, the one of `X | None`, or the values of a dict."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    found = [struct_in(argument) for argument in get_args(annotation)]
    return next((one for one in found if one is not None), None)
