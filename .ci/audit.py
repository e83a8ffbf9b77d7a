"""Ask the open-source vulnerability database for advisories on everything that is locked; needs no package.

Exit status 0 when there are none, or when nobody could be asked, which is then said; 1 when there are.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-test.lock"
INDEX = "https://api.osv.dev/v1/querybatch"
PATIENCE_S = 10

#: Advisories looked at and found not to concern this program, each with the reason.
DISMISSED: dict[str, str] = {}

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")


def pins(lock: str) -> list[tuple[str, str]]:
    """Name and version of every package in a lock file."""
    return [(found[1], found[2]) for line in lock.splitlines() if (found := _PIN.match(line))]


def advisories(packages: Iterable[tuple[str, str]], index: str = INDEX) -> list[tuple[str, str, str]]:
    """Name, version and advisory of everything that has one; raises OSError or ValueError when nobody can be asked."""
    packages = list(packages)
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(index, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        results = json.load(answer)["results"]
    if len(results) != len(packages):
        raise ValueError("the answer does not fit the question")
    return [
        (name, version, advisory["id"])
        for (name, version), result in zip(packages, results, strict=True)
        for advisory in result.get("vulns", ())
        if advisory["id"] not in DISMISSED
    ]


def audit(lock: Path = LOCK, index: str = INDEX) -> int:
    """Ask and say; returns the exit status."""
    packages = pins(lock.read_text(encoding="utf-8"))
    try:
        found = advisories(packages, index)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        print(f"Advisories were NOT looked up: {index} cannot be asked ({reason}).", flush=True)
        return 0
    for name, version, advisory in found:
        print(f"{name} {version}: https://osv.dev/vulnerability/{advisory}", flush=True)
    remedy = "; upgrade with: python3 dev.py lock --upgrade" if found else ""
    print(f"{len(packages)} locked packages, {len(found)} advisories{remedy}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(audit())
