#!/usr/bin/env python3
"""Set up and run this project on a machine that has only Python and pip.

    python3 dev.py demo     starts the demo: the terminal on its own exchange, with play money
    python3 dev.py test     passes the tests: style, types, layers, behaviour, advisories on what is installed
    python3 dev.py lock     pins the dependencies of pyproject.toml anew, newest with --upgrade
    python3 dev.py bench    prints what this machine reaches, as ratios, against other projects where they install
    python3 dev.py clients  lets clients made by others trade on the exchange, in an environment of their own
    python3 dev.py screenshots   makes the pictures of the README anew

All make a virtual environment in `.venv` beside this file the first time, and again when the dependencies change. What
is installed stands, with hashes, in the lock files.
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
BENCHMARKS = ROOT / "tests" / "benchmarks"
PEERS = ROOT / ".venv-peers"
#: Other projects that benchmarks compare with; neither the program nor its tests need them.
PEER_PACKAGES = ("ccxt", "nautilus_trader")
CLIENTS = ROOT / ".venv-clients"
#: Clients of Binance made by others, and what their tests need.
CLIENT_PACKAGES = (
    "binance-sdk-spot",
    "binance-sdk-derivatives-trading-usds-futures",
    "binance-sdk-derivatives-trading-coin-futures",
    "binance-sdk-margin-trading",
    "python-binance",
    "ccxt",
    "unicorn-binance-websocket-api",
    "nautilus_trader",
)
CLIENT_TESTS = ("tests/exchange/clients", "tests/exchange/server/test_foreign_clients.py")
#: What is installed for which extra; each holds all that the first one does.
LOCKS = {"": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
AUDIT_PATIENCE_S = 40
#: A file of tests in one process, of which one more runs than the smallest machine has cores: many tests wait.
SIDE_BY_SIDE = ("-n", "3", "--dist", "loadfile")


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
        case ["lock", *rest]:
            return set_up("test") or pip("uv>=0.8,<1") or run(PYTHON, ROOT / ".ci" / "lock.py", *rest)
        case ["bench"]:
            return set_up("test") or bench()
        case ["bench", "soak", *rest]:
            return set_up("test") or run(PYTHON, BENCHMARKS / "soak.py", *rest)
        case ["clients", *rest]:
            return set_up("test") or clients(rest)
        case ["screenshots"]:
            return set_up("") or run(PYTHON, ROOT / "screenshots" / "make.py")
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def set_up(extra: str) -> int:
    """Make the virtual environment and install the project and what is locked into it, unless that is done already."""
    sources = [ROOT / "pyproject.toml", *LOCKS.values()]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    done = STAMP.read_text().split() if STAMP.exists() else []
    if PYTHON.exists() and done[:1] == [wanted] and extra in ("", *done[1:]):
        return 0
    print("Setting up .venv (once) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    extras = sorted({extra, *done[1:]} - {""})
    status = install(LOCKS["test" if extras else ""])
    if status == 0:
        STAMP.write_text(" ".join([wanted, *extras]))
    else:
        print("Set-up failed: pip's words above say why; the package index must be reachable.", file=sys.stderr)
    return status


def install(lock: Path) -> int:
    """Install exactly what is locked, every file held to its hash, then the project itself, which asks for nothing."""
    return pip("--require-hashes", "--requirement", str(lock)) or pip(
        "--no-deps", "--no-build-isolation", "--editable", str(ROOT)
    )


def pip(*words: str) -> int:
    """Let pip install something into the virtual environment."""
    return run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)


def check(selected: list[str]) -> int:
    """Run every check, or only the selected tests; stops at the first that fails, tests and advisories come last."""
    if not selected:
        for step in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]):
            status = run(BIN / step[0], *step[1:])
            if status:
                return status
    status = run(PYTHON, "-m", "pytest", *(selected or SIDE_BY_SIDE))
    return status if selected else audit() or status


def audit() -> int:
    """Look up advisories on what is locked; where nobody can be asked that is said, and no failure."""
    try:
        return run(PYTHON, ROOT / ".ci" / "audit.py", timeout_s=AUDIT_PATIENCE_S)
    except subprocess.TimeoutExpired:
        print(f"Advisories were NOT looked up: no answer within {AUDIT_PATIENCE_S} s.", flush=True)
        return 0


def bench() -> int:
    """Print every table of figures; a peer that cannot be installed is named in it as not measured."""
    peers = PEERS / PYTHON.relative_to(ENVIRONMENT)
    if not peers.exists():
        print("Setting up .venv-peers (once) …", file=sys.stderr, flush=True)
        venv.create(PEERS, with_pip=True)
        for package in ("msgspec", *PEER_PACKAGES):
            run(peers, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package)
    os.environ["PEERS_PYTHON"] = str(peers)
    return max(run(PYTHON, table) for table in sorted(BENCHMARKS.glob("*_table.py")))


def clients(selected: list[str]) -> int:
    """Run the tests that use clients made by others, or only the selected ones; options go to pytest."""
    python = CLIENTS / PYTHON.relative_to(ENVIRONMENT)
    stamp = CLIENTS / "set-up-for"
    if not stamp.exists() or stamp.read_text() != " ".join(CLIENT_PACKAGES):
        print("Setting up .venv-clients (once) …", file=sys.stderr, flush=True)
        venv.create(CLIENTS, with_pip=True)
        words = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        status = run(python, *words, "--editable", f"{ROOT}[test]", *CLIENT_PACKAGES)
        if status:
            return status
        stamp.write_text(" ".join(CLIENT_PACKAGES))
    paths = () if any((ROOT / word.split("::")[0]).exists() for word in selected) else CLIENT_TESTS
    return run(python, "-m", "pytest", *selected, *paths)


def run(program: Path, *words: str | Path, timeout_s: float | None = None) -> int:
    """Run a program in the project's folder with this terminal; returns its exit status."""
    return subprocess.run([str(program), *map(str, words)], cwd=ROOT, check=False, timeout=timeout_s).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
