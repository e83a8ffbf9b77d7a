"""All workspaces by name, in the order F5 goes through them, kept in the state file.

A built-in workspace that is newer than what was kept is put beside it; one that was dropped stays away, and one that
was changed stays as it was changed.
"""

from tui.ui.state_file import Json, StateFile, table, texts
from tui.ui.workspaces.workspace import BUILT_IN, LONGEST_NAME, Workspace, is_name, workspace_of

SECTION = "workspaces"
MOST = 20

#: The built-in workspaces of the time when it was not written down which there were.
_KNOWN_AT_FIRST = ("trade", "ladders")


class WorkspaceError(Exception):
    """A workspace that cannot be had or kept; the text says why and what to do."""


class Shelf:
    """Workspaces; `current` is the one that is shown."""

    def __init__(self, state: StateFile) -> None:
        self._state = state
        #: What was wrong with what was kept, "" when nothing was.
        self.complaint = state.complaint
        written = table(state.section(SECTION))
        listed = written.get("list")
        found = [workspace_of(value) for value in listed] if isinstance(listed, list) else []
        kept = {workspace.name: workspace for workspace in found if workspace is not None}
        if len(kept) < len(found):
            self.complaint = f"{len(found) - len(kept)} kept workspaces mean nothing and were left out"
        if kept:
            kept |= {each.name: each for each in _newer(written.get("built_in")) if each.name not in kept}
        self._by_name = dict(list(kept.items())[:MOST]) or {each.name: each for each in BUILT_IN}
        current = written.get("current")
        self.current = current if isinstance(current, str) and current in self._by_name else next(iter(self._by_name))

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(self._by_name)

    def get(self, name: str) -> Workspace:
        """The workspace of this name; raises WorkspaceError."""
        if name not in self._by_name:
            raise WorkspaceError(f"there is no workspace {name!r}: {', '.join(self.names)}; ws save NAME makes one")
        return self._by_name[name]

    def after(self, name: str) -> str:
        """The name that comes next."""
        names = self.names
        return names[(names.index(name) + 1) % len(names)]

    def keep(self, workspace: Workspace) -> None:
        """Put a workspace on the shelf, in place of the one of its name; raises WorkspaceError."""
        if not is_name(workspace.name):
            raise WorkspaceError(
                f"a workspace is called by one word of at most {LONGEST_NAME} letters, digits, - and _"
            )
        if workspace.name not in self._by_name and len(self._by_name) >= MOST:
            raise WorkspaceError(f"there are {MOST} workspaces already: ws drop NAME makes room")
        self._by_name[workspace.name] = workspace
        self._write()

    def drop(self, name: str) -> None:
        """Forget one; raises WorkspaceError for the last one and for the one that is shown."""
        self.get(name)
        if name == self.current:
            raise WorkspaceError(f"{name} is shown: go to another one first")
        del self._by_name[name]
        self._write()

    def _write(self) -> None:
        section: Json = {
            "current": self.current,
            "list": [each.as_json() for each in self._by_name.values()],
            "built_in": [each.name for each in BUILT_IN],
        }
        self._state.put(SECTION, section)
        self.complaint = self._state.complaint


def _newer(known: Json) -> list[Workspace]:
    """Built-in workspaces that were not known yet when the file was written."""
    names = texts(known) if isinstance(known, list) else _KNOWN_AT_FIRST
    return [each for each in BUILT_IN if each.name not in names]
