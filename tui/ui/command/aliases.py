"""Words of one's own for lines of the command line, kept between runs."""

from collections.abc import Mapping

from tui.domain.text import clean
from tui.ui.state_file import StateFile, table

_SECTION = "aliases"
_MOST = 100
_LONGEST = 240


class Aliases:
    """The aliases of the settings with those given on the command line over them."""

    def __init__(self, state: StateFile) -> None:
        self._state = state

    def all(self) -> Mapping[str, str]:
        """Every alias and the line it stands for."""
        kept = table(self._state.section(_SECTION))
        return {
            clean(name, 16): clean(line, _LONGEST)
            for name, line in list(kept.items())[:_MOST]
            if isinstance(line, str) and line
        }

    def put(self, name: str, line: str) -> str:
        """Keep, change or (without a line) forget an alias; what was done in a sentence."""
        known = dict(self.all())
        if not line:
            if known.pop(name, None) is None:
                return f"there is no alias {name}"
            self._state.put(_SECTION, {**known})
            return f"{name} is forgotten"
        if name not in known and len(known) >= _MOST:
            return f"{_MOST} aliases are kept at most: forget one first"
        self._state.put(_SECTION, {**known, name: line})
        return f"{name} stands for: {line}"

    def words(self) -> str:
        """All of them in one line."""
        known = self.all()
        return " · ".join(f"{name} = {line}" for name, line in known.items()) or 'no aliases: alias zz "x all; close"'
