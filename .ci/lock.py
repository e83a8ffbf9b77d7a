"""Pin every dependency, with the hashes of all its files for every platform, in the two lock files.

`requirements.lock` holds what the program runs with and what builds it, `requirements-test.lock` also what tests it.
Both serve Python 3.11 and newer on Linux and macOS, and name what Windows needs. `python3 dev.py lock` runs it with
uv, because pip pins only for the machine it runs on. What is locked stays, unless `--upgrade` is given.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN, TEST = "requirements.lock", "requirements-test.lock"

#: What pip needs to install the project itself without asking the index for anything.
BUILD = ("hatchling>=1.27", "editables>=0.5")
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-config",
    "--quiet",
    # Locked is what the world gets, not what an index nearby holds.
    "--default-index=https://pypi.org/simple",
)
HEAD = "# Made by: python3 dev.py lock\n"


def lock(words: list[str]) -> int:
    """Write both files; returns the exit status."""
    for target, more in ((RUN, ()), (TEST, ("--extra=test", f"--constraint={RUN}"))):
        command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-", f"--output-file={target}"]
        done = subprocess.run(
            [*command, *OPTIONS, *more, *words], cwd=ROOT, input="\n".join(BUILD), text=True, check=False
        )
        if done.returncode:
            return done.returncode
        path = ROOT / target
        path.write_text(HEAD + path.read_text().removeprefix(HEAD))
    return 0


if __name__ == "__main__":
    sys.exit(lock(sys.argv[1:]))
