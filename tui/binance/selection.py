"""Which instruments are loaded."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tui.binance.errors import RefusedError
from tui.config import DataOptions
from tui.domain.instrument import Instrument


class Selection:
    """What `load_all`, `load_ids`, `filters` and `filter_callable` take; without any of them everything.

    Raises RefusedError for a function that cannot be found.
    """

    def __init__(self, options: DataOptions) -> None:
        self._takes_all = options.load_all
        self._ids = frozenset(name.removesuffix(f".{options.venue}") for name in options.load_ids)
        self._filters = options.filters
        self._own = _function(options.filter_callable) if options.filter_callable else None

    def takes(self, instrument: Instrument) -> bool:
        """Whether an instrument is loaded."""
        if self._takes_all:
            return True
        if self._ids and instrument.symbol not in self._ids:
            return False
        if any(str(getattr(instrument, name)).lower() != wanted.lower() for name, wanted in self._filters.items()):
            return False
        return self._own is None or bool(self._own(instrument))


def _function(path: str) -> Callable[[Instrument], Any]:
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise RefusedError(f"filter_callable {path!r} cannot be loaded: {error}") from None
    if not callable(found):
        raise RefusedError(f"filter_callable {path!r} is no function")
    function: Callable[[Instrument], Any] = found
    return function
