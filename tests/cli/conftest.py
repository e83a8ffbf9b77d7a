"""An exchange to trade on, and a machine that has no keyring of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring.backends.fail
import keyring.core
import pytest
from click.testing import CliRunner, Result

from tui.cli import hidden_input
from tui.cli.main import cli
from tui.keys.file_keyring import EncryptedFileKeyring
from tui.keys.sealed import Cost

Command = Callable[..., Result]

#: The program on an exchange with room for as many of its starts as tests make in a minute.
ROOMY = (
    "import tui.exchange.run as run; from tui.cli.main import cli; from tui.exchange.limits import RateLimit;"
    "kinds = ('REQUEST_WEIGHT', 'SECOND', 1), ('ORDERS', 'SECOND', 1);"
    "run.SPOT_LIMITS = run.FUTURES_LIMITS = tuple(RateLimit(*kind, 1_000_000) for kind in kinds);"
    "cli()"
)


@pytest.fixture(scope="package")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a running exchange tells of itself."""
    folder = tmp_path_factory.mktemp("exchange")
    words = [sys.executable, "-c", ROOMY, "exchange", "--seed", "3", "--data-dir", str(folder)]
    with subprocess.Popen([*words, "--die-with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture
def exchange_key(ready: dict[str, Any]) -> Callable[[str], tuple[str, str]]:
    """API key and secret of a type, as the exchange knows them."""

    def of(kind: str) -> tuple[str, str]:
        key = next(key for key in ready["keys"] if key["type"] == kind)
        return key["api_key"], key.get("api_secret") or key["private_key"]

    return of


@pytest.fixture
def lab(ready: dict[str, Any], tmp_path: Path) -> Path:
    """Settings in which the exchange is an environment called lab."""
    lines = ["[environments.lab]", "real_money = false"]
    for product in ("spot", "usdm"):
        lines += [f"[environments.lab.{product}]", *(f"{name} = '{url}'" for name, url in ready[product].items())]
    path = tmp_path / "lab.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


@pytest.fixture
def command(lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process, on a machine without a keyring, without a terminal, with a passphrase file."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())
    monkeypatch.setattr(EncryptedFileKeyring, "cost", Cost(4, 1, 1))
    monkeypatch.setattr(hidden_input, "_TERMINAL", str(tmp_path / "no terminal"))
    monkeypatch.setattr(hidden_input, "_SPARE", ())
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    monkeypatch.setenv("BINANCE_TUI_PASSPHRASE_FILE", str(passphrase))

    def run(*words: str, stdin: str = "") -> Result:
        places = ["--config", str(lab), "--data-dir", str(tmp_path / "data")]
        return CliRunner().invoke(cli, [*words, *places], input=stdin)

    return run
