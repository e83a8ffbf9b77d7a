"""The end after an error of the program itself: a report without secrets in a file, one line on the terminal."""

import os
import traceback
from pathlib import Path

from tui.domain.text import clean
from tui.keys.redaction import redact


def write_report(error: BaseException, path: Path | None) -> str:
    """Append a report (never with local variables) to `path` and return the one line to print."""
    what = f"binance-tui stopped on an error of its own ({type(error).__name__})"
    if path is None:
        return f"{what}: {clean(redact(str(error)), 200)}"
    lines = redact("".join(traceback.format_exception(error))).splitlines()
    report = "\n".join(clean(line, 1_000) for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
            file.write(report + "\n")
    except OSError as failure:
        return f"{what}; no report could be written: {failure.strerror}"
    return f"{what}; the report is in {path}"
