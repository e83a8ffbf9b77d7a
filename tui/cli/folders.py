"""Where settings, state and logs are kept, readable by their owner alone."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "binance-tui"


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
        config_file=config or Path(platformdirs.user_config_dir(APP)) / "config.toml",
        data=private_folder(data_dir or Path(platformdirs.user_data_dir(APP))),
        log_file=log_file or (data_dir or Path(platformdirs.user_log_dir(APP))) / "binance-tui.log",
    )


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
    private_folder(path.parent)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError as error:
        raise FolderError(f"{path} cannot be written: {error.strerror}") from error
    return path
