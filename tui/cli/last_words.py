"""What the program says when something of its own fails outside every handler: no secrets, no local variables.

Python's own hooks print tracebacks to the terminal, where an exception's text can hold an address with a signature.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tui.keys.redaction import RedactingFormatter
from tui.ui.crash import write_report

logger = logging.getLogger(__name__)

_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def install(report_path: Path | None = None) -> None:
    """Send every error that nobody catches through redaction; with a path, tracebacks are kept there."""
    sys.excepthook = _main_hook(report_path)
    threading.excepthook = _thread_hook
    sys.unraisablehook = _unraisable_hook
    # A failing handler would print the record, arguments and all, over the screen.
    logging.raiseExceptions = False
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(RedactingFormatter("%(levelname)s %(name)s %(message)s"))


def forbid_core_dumps() -> None:
    """Let a crash of the interpreter leave no image of its memory behind, where the system allows to say so."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main_hook(report_path: Path | None) -> _Hook:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, KeyboardInterrupt):
            print(write_report(error, report_path), file=sys.stderr)

    return hook


def _thread_hook(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        name = arguments.thread.name if arguments.thread else "a thread"
        logger.critical("%s has failed", name, exc_info=arguments.exc_value)


def _unraisable_hook(arguments: "sys.UnraisableHookArgs") -> None:
    # The object itself is not named: its repr is a library's.
    logger.error("%s", arguments.err_msg or "an error while tidying up", exc_info=arguments.exc_value)
