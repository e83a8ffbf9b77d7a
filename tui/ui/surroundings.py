"""What whoever starts the screen gives it beside the desk and the settings."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Files and names around one screen; the defaults keep nothing and know nobody else."""

    #: Where workspaces and the history of lines are kept; None keeps them for this run alone.
    state_folder: Path | None = None
    #: Where the settings screen writes; None lets it only show.
    config_file: Path | None = None
    #: Folder of the trader's own themes.
    themes_folder: Path | None = None
    #: Options that do not come from the file: `screen.theme` to `--theme` or the variable's name.
    origins: Mapping[str, str] = field(default_factory=dict)
    #: Account names of this environment that the screen can change to.
    accounts: tuple[str, ...] = ()
    #: Sentences to say as they come, from any thread; the screen takes them out.
    notices: deque[str] = field(default_factory=deque)
