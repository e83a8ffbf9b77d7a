"""What is installed: pinned, hashed, complete on every platform, and asked about where somebody can be asked."""

import http.server
import importlib.metadata
import importlib.util
import json
import re
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.lock": (), "requirements-test.lock": ("test",)}
ENVIRONMENTS = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.0",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[system],
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
        "extra": "",
    }
    for minor in (11, 12, 13)
    for system in ("linux", "darwin")
]
REMEDY = "run: python3 dev.py lock"


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(name: str) -> list[str]:
    """The logical lines of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def locked(name: str) -> dict[str, tuple[str, Marker | None]]:
    """Version and marker of each locked package, by canonical name."""
    found = {}
    for line in entries(name):
        requirement = Requirement(line.split("--hash")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        found[canonicalize_name(requirement.name)] = (pin.version, requirement.marker)
    return found


def declared(extras: tuple[str, ...]) -> list[Requirement]:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_hashes_and_names_no_host(name: str) -> None:
    for line in entries(name):
        assert re.fullmatch(r"[a-z0-9.\[\]-]+==[^ ]+( ; [^-]*?)?( +--hash=sha256:[0-9a-f]{64})+ *", line), line[:80]
    assert "//" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_project_asks_for_is_locked(name: str) -> None:
    pins = locked(name)
    for requirement in declared(LOCKS[name]):
        version, _ = pins.get(canonicalize_name(requirement.name), (None, None))
        assert version is not None, f"{requirement.name} is not in {name}; {REMEDY}"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}; {REMEDY}"


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids=lambda each: f"{each['sys_platform']}-{each['python_version']}"
)
def test_nothing_is_missing_on_any_platform(name: str, environment: dict[str, str]) -> None:
    pins = locked(name)
    present = {package for package, (_, marker) in pins.items() if marker is None or marker.evaluate(environment)}
    for package in present:
        try:
            needs = importlib.metadata.requires(package) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate(environment):
                assert canonicalize_name(need.name) in present, f"{package} needs {need}; {REMEDY}"


def test_the_program_runs_with_the_versions_it_is_tested_with() -> None:
    run, test = (locked(name) for name in LOCKS)
    assert run.items() <= test.items()


@pytest.fixture
def index() -> Iterator[Callable[[bytes], str]]:
    """A database of advisories on loopback that answers what it is told to."""
    servers = []

    def serve(answer: bytes) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *words: object) -> None:
                return

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "a.lock"
    path.write_text(
        "# made\none==1.0 \\\n    --hash=sha256:00\ntwo==2.0 ; python_version < '3'  \\\n    --hash=sha256:00\n"
    )
    return path


def test_an_advisory_is_a_failure_that_names_it(audit, index, small: Path, capsys) -> None:
    answer = json.dumps({"results": [{}, {"vulns": [{"id": "PYSEC-1", "modified": "2026"}]}]}).encode()
    assert audit.audit(small, index(answer)) == 1
    said = capsys.readouterr().out
    assert "two 2.0: https://osv.dev/vulnerability/PYSEC-1" in said
    assert "2 locked packages, 1 advisories" in said


def test_no_advisories_and_dismissed_ones_pass(audit, index, small: Path, capsys) -> None:
    assert audit.audit(small, index(b'{"results": [{}, {}]}')) == 0
    audit.DISMISSED["PYSEC-1"] = "not used here"
    assert audit.audit(small, index(b'{"results": [{"vulns": [{"id": "PYSEC-1"}]}, {}]}')) == 0
    assert "NOT" not in capsys.readouterr().out


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"[]", b'{"results": []}', b'{"results": [1, 2]}', b"\xff"])
def test_an_answer_that_is_none_is_said_and_no_failure(audit, index, small: Path, capsys, answer: bytes) -> None:
    assert audit.audit(small, index(answer)) == 0
    assert "NOT looked up" in capsys.readouterr().out


def test_nobody_to_ask_is_said_and_no_failure(audit, small: Path, capsys) -> None:
    assert audit.audit(small, "http://127.0.0.1:9/") == 0
    assert "NOT looked up" in capsys.readouterr().out


@pytest.mark.parametrize("name", LOCKS)
def test_the_audit_reads_the_lock_files(audit, name: str) -> None:
    read = audit.pins((ROOT / name).read_text(encoding="utf-8"))
    assert {canonicalize_name(package): version for package, version in read} == {
        package: version for package, (version, _) in locked(name).items()
    }
