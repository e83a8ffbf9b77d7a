"""Where settings, state and logs are kept, readable by their owner alone."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "binance-tui"

#: What is kept in the data folder and in the folders of environments.
_KEPT = ("accounts.json", "keyring.sealed", "*.sqlite*", "*.lock", "exchange*.log", "*.toml")


class FolderError(Exception):
    """A folder or file that cannot be used; the text names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The places of one run."""

    config_file: Path
    data: Path
    log_file: Path

    def environment(self, name: str) -> Path:
        """The folder for everything kept about one environment, made if needed; state is never mixed between two."""
        return private_folder(self.data / "".join(ch if ch.isalnum() or ch in "-_" else "_" for ch in name))


def folders(config: Path | None, data_dir: Path | None, log_file: Path | None) -> Folders:
    """The standard places of this system, each replaced by what the command line gave."""
    return Folders(
        config_file=config or standard_settings(),
        data=private_folder(data_dir or Path(platformdirs.user_data_dir(APP))),
        log_file=log_file or (data_dir or Path(platformdirs.user_log_dir(APP))) / "binance-tui.log",
    )


def standard_settings() -> Path:
    """The settings file that is read when no other is named."""
    return Path(platformdirs.user_config_dir(APP)) / "config.toml"


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 if it was not there; raises FolderError when it cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(f"{path} cannot be used as a folder: {error.strerror}; choose one with --data-dir") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise FolderError(f"{path} is not writable; choose another folder with --data-dir")
    return path


def private_file(path: Path) -> Path:
    """The file, made empty with mode 0600 if it was not there; raises FolderError when it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError as error:
        raise FolderError(f"{path} cannot be written: {error.strerror}") from error
    return path


@dataclass(frozen=True, slots=True)
class LoosePath:
    """A folder or file that others on this machine can read or change, and what to do about it."""

    path: Path
    mode: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.path} is open to others on this machine (mode {self.mode:04o}): {self.remedy}"


def loose_paths(places: Folders) -> list[LoosePath]:
    """What of ours is not closed to others, folders first."""
    found = []
    for path in dict.fromkeys(_ours(places)):
        try:
            found_mode = path.stat().st_mode
        except OSError:
            continue
        mode = stat.S_IMODE(found_mode)
        # A device or a pipe is not ours to close: /dev/null as a log is everybody's.
        if mode & 0o077 and (stat.S_ISREG(found_mode) or stat.S_ISDIR(found_mode)):
            found.append(LoosePath(path, mode, _remedy(path, mode)))
    return sorted(found, key=lambda each: not each.path.is_dir())


def _remedy(path: Path, mode: int) -> str:
    if not path.is_dir():
        return f"chmod 600 {path}"
    return "choose a folder of your own with --data-dir" if mode & stat.S_ISVTX else f"chmod 700 {path}"


def _ours(places: Folders) -> Iterator[Path]:
    """Every path that this program keeps something in; of a folder that is not its own only what it knows by name."""
    yield places.config_file
    if places.config_file.parent == Path(platformdirs.user_config_dir(APP)):
        yield places.config_file.parent
    if places.log_file.parent.name == APP:
        yield places.log_file.parent
    yield from sorted(places.log_file.parent.glob(f"{places.log_file.name}*"))
    yield places.data
    for pattern in _KEPT:
        yield from sorted(places.data.glob(pattern))
        for path in sorted(places.data.glob(f"*/{pattern}")):
            yield path.parent
            yield path
