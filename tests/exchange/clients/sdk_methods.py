"""What an official SDK offers to read, and what it needs to be told."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any


def reading_methods(
    api: Any, apart: tuple[str, ...], values: Mapping[str, Any]
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Name, method and mandatory arguments of each method of the SDK whose name does not begin like one of `apart`."""
    for name, method in inspect.getmembers(api, callable):
        if name.startswith(("_", *apart)) or not _is_of_the_sdk(method):
            continue
        parameters = inspect.signature(method).parameters.items()
        needed = [argument for argument, found in parameters if found.default is inspect.Parameter.empty]
        yield name, method, {argument: values[argument] for argument in needed}


def _is_of_the_sdk(method: Any) -> bool:
    """Whether a method is the SDK's, and not one of what its connections are made of."""
    return getattr(method, "__module__", "").startswith("binance_sdk")
