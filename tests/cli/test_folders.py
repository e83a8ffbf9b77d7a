"""Files for their owner alone, and a word about those that are not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli.folders import FolderError, folders, loose_paths, private_file


def places(tmp_path: Path):
    return folders(tmp_path / "config.toml", tmp_path / "data", None)


def test_what_others_can_read_is_reported_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch(0o600)
    journal = places(tmp_path).environment("live") / "journal.sqlite"
    for path in (journal, tmp_path / "data" / "accounts.json", tmp_path / "data" / "binance-tui.log.1"):
        path.touch(0o600)
    assert loose_paths(places(tmp_path)) == []
    loosened = {tmp_path / "data": 0o755, tmp_path / "config.toml": 0o644, journal.parent: 0o710, journal: 0o640}
    loosened[tmp_path / "data" / "binance-tui.log.1"] = 0o604
    for path, mode in loosened.items():
        path.chmod(mode)
    found = loose_paths(places(tmp_path))
    assert {each.path: each.mode for each in found} == loosened
    for each in found:
        assert each.remedy == f"chmod {700 if each.path.is_dir() else 600} {each.path}"
        subprocess.run(each.remedy.split(), check=True)
    assert loose_paths(places(tmp_path)) == []


def test_a_shared_folder_is_not_told_to_be_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o1777)
    (tmp_path / "data" / "somebody elses file").touch(0o644)
    (found,) = loose_paths(places(tmp_path))
    assert "--data-dir" in found.remedy


def test_a_device_as_a_log_is_not_told_to_be_closed(tmp_path: Path) -> None:
    """The remedy was chmod 600 /dev/null, which takes it from everybody on the machine."""
    assert loose_paths(folders(None, tmp_path / "data", Path("/dev/null"))) == []


def test_a_log_that_cannot_be_written_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="file/log cannot be written") as caught:
        private_file(tmp_path / "file" / "log")
    assert "--data-dir" not in str(caught.value)


def test_loose_files_are_said_at_start(tmp_path: Path) -> None:
    words = ["keys", "list", "--data-dir", str(tmp_path / "data")]
    program = [sys.executable, "-m", "tui.cli.main", *words]
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert "Warning" not in subprocess.run(program, capture_output=True, text=True, env=environment).stderr
    (tmp_path / "data").chmod(0o755)
    said = subprocess.run(program, capture_output=True, text=True, env=environment, check=True)
    data = tmp_path / "data"
    assert said.stderr == f"Warning: {data} is open to others on this machine (mode 0755): chmod 700 {data}\n"


def test_whatever_the_program_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Journal, exchange state and logs, under a umask that would open them to all."""
    words = [sys.executable, "-m", "tui.cli.main", "status", "--json", "--data-dir", str(tmp_path / "new" / "data")]
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run(words, check=True, capture_output=True, env=environment, preexec_fn=lambda: os.umask(0))
    written = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    modes = {path.name: path.stat().st_mode & 0o777 for path in written}
    assert {"binance-tui.log", "exchange.sqlite", "exchange.log"} <= set(modes)
    assert modes == {path.name: 0o700 if path.is_dir() else 0o600 for path in written}


@pytest.mark.parametrize("name", ["live", "my lab/../x"])
def test_an_environment_has_a_folder_inside_the_data_folder(tmp_path: Path, name: str) -> None:
    folder = places(tmp_path).environment(name)
    assert folder.parent == tmp_path / "data"
    assert folder.stat().st_mode & 0o777 == 0o700
