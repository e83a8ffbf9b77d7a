#!/usr/bin/env python3
"""Set up and run this project on a machine that has only Python and pip.

    python3 dev.py demo     starts the demo: the terminal on its own exchange, with play money
    python3 dev.py test     passes the tests: style, types, layers, behaviour
    python3 dev.py screenshots   makes the pictures of the README anew

Both make a virtual environment in `.venv` beside this file the first time, and again when pyproject.toml changes.
Further words go to the command: `python3 dev.py demo --seed 7`, `python3 dev.py test tests/domain`.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = ENVIRONMENT / "set-up-for"
OLDEST = (3, 11)


def main(words: list[str]) -> int:
    """Do what the first word says; returns the exit status."""
    if sys.version_info < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    match words:
        case ["demo", *rest]:
            return set_up("") or run(BIN / "binance-tui", "demo", *rest)
        case ["test", *rest]:
            return set_up("test") or check(rest)
        case ["screenshots"]:
            return set_up("") or run(PYTHON, ROOT / "screenshots" / "make.py")
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def set_up(extra: str) -> int:
    """Make the virtual environment and install the project into it, unless that is done already."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    done = STAMP.read_text().split() if STAMP.exists() else []
    if PYTHON.exists() and done[:1] == [wanted] and extra in ("", *done[1:]):
        return 0
    print("Setting up .venv (once) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    extras = sorted({extra, *done[1:]} - {""})
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    status = run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target)
    if status == 0:
        STAMP.write_text(" ".join([wanted, *extras]))
    else:
        print("Set-up failed: pip's words above say why; the package index must be reachable.", file=sys.stderr)
    return status


def check(selected: list[str]) -> int:
    """Run every check, or only the selected tests; stops at the first that fails, the tests come last."""
    if not selected:
        for step in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]):
            status = run(BIN / step[0], *step[1:])
            if status:
                return status
    return run(PYTHON, "-m", "pytest", *selected)


def run(program: Path, *words: str | Path) -> int:
    """Run a program in the project's folder with this terminal; returns its exit status."""
    return subprocess.run([str(program), *map(str, words)], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
