"""What the screen remembers between runs (watchlists, workspaces), in one private file of named sections.

Not settings: nobody has to write it, and a file that cannot be read costs only what it remembered. Nothing secret and
nothing of an account belongs in it.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path

from tui.domain.text import clean
from tui.keys.atomic import write_private

#: What JSON can say.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

#: More than this is not what was written here.
_MOST_BYTES = 1_000_000


class StateFile:
    """Sections by name; without a path nothing outlives the program.

    With `is_behind` a thread of its own writes, so that no key waits for a slow disk; `finish` waits for it.
    `complaint` says why the file could not be read or written, "" while all is well; a file that could not be read is
    kept beside the new one with the ending `.unread`.
    """

    def __init__(self, path: Path | None = None, *, is_behind: bool = False) -> None:
        self._path = path
        self._is_behind = is_behind
        self._writer: threading.Thread | None = None
        self._unwritten = False
        self._lock = threading.Lock()
        self.complaint = ""
        self._sections: dict[str, Json] = self._read()

    def section(self, name: str) -> Json:
        """What was put under this name, None when nothing was."""
        return self._sections.get(name)

    def put(self, name: str, value: Json) -> None:
        """Remember a value under a name and write the file when that changed something; never raises."""
        if self._sections.get(name) == value and name in self._sections:
            return
        with self._lock:
            self._sections[name] = value
            self._unwritten = self._path is not None
            is_writing = self._writer is not None
        if not self._is_behind:
            self._write_all()
        elif not is_writing and self._unwritten:
            self._writer = threading.Thread(target=self._write_all, name="screen state")
            self._writer.start()

    def finish(self) -> None:
        """Wait until everything that was put is on disk."""
        writer = self._writer
        if writer is not None:
            writer.join()

    def _write_all(self) -> None:
        """Write until nothing new has been put meanwhile."""
        while True:
            with self._lock:
                if not self._unwritten:
                    self._writer = None
                    return
                self._unwritten = False
                sections = dict(self._sections)
            self._write(sections)

    def _write(self, sections: Mapping[str, Json]) -> None:
        assert self._path is not None
        try:
            write_private(self._path, json.dumps(sections, indent=1, ensure_ascii=False).encode())
        except OSError as error:
            self.complaint = clean(f"{self._path} cannot be written: {error.strerror}; what you arrange is not kept")

    def _read(self) -> dict[str, Json]:
        if self._path is None:
            return {}
        try:
            raw = self._path.read_bytes()
            if len(raw) > _MOST_BYTES:
                raise ValueError("it is too large")
            content = json.loads(raw)
            if not isinstance(content, dict):
                raise ValueError("it holds no sections")
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.complaint = clean(f"{self._path} cannot be read: {error.strerror}")
        except (ValueError, RecursionError) as error:  # the latter of JSON nested without end
            self.complaint = clean(f"{self._path} cannot be read: {error}; it is kept as {self._put_aside()}")
        else:
            return content
        return {}

    def _put_aside(self) -> str:
        assert self._path is not None
        aside = self._path.with_name(f"{self._path.name}.unread")
        try:
            self._path.replace(aside)
        except OSError:
            return self._path.name
        return aside.name


def texts(value: Json, most: int = 1_000, longest: int = 60) -> list[str]:
    """The clean texts of a remembered list, none when it is no list."""
    return [clean(each, longest) for each in value[:most] if isinstance(each, str)] if isinstance(value, list) else []


def table(value: Json) -> Mapping[str, Json]:
    """A remembered table, an empty one when it is none."""
    return value if isinstance(value, dict) else {}
