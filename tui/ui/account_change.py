"""Changing the account: lock first, then leave this session; whoever started the screen opens the other one."""

from collections.abc import Callable, Sequence
from functools import partial

from tui.engine.commands import Desk, Origin
from tui.engine.commands.safety import Lock
from tui.engine.store import Severity
from tui.ui.command.review import Review
from tui.ui.finder.entries import Entry
from tui.ui.trading import Trading
from tui.ui.words import leaving_words


class AccountChange:
    """Asks before it leaves; `wanted` names the account to open next, "" when none is."""

    def __init__(
        self,
        desk: Desk,
        trading: Trading,
        names: Sequence[str],
        review: Callable[[Review], None],
        leave: Callable[[int], None],
    ) -> None:
        self._desk, self._trading = desk, trading
        self._names = names
        self._review, self._leave = review, leave
        self._asked = self.wanted = ""

    def change(self, name: str) -> None:
        """Lock at once, then ask whether to leave for another account; without a name, say which there are."""
        session = self._desk.store.session
        others = ", ".join(self._names) or "none besides this one"
        if not name:
            self._trading.say(f"account {session.account} of {session.environment}; others: {others}")
            return
        if name not in self._names:
            self._trading.say(f"there is no account {name!r} of {session.environment}: {others}", Severity.WARNING)
            return
        self._trading.disarm("the account is being changed")
        self._desk.send(Lock("the account is being changed"), Origin.KEY)
        stays = leaving_words(self._desk.store).removeprefix("QUIT: ")
        self._asked = name
        text = f"ACCOUNT: leave {session.account}, open {name}" + (f"; {stays}" if stays else "")
        self._review(Review(text, (), Origin.KEY, screen="change"))

    def leave(self) -> None:
        """End this session; the other account is opened next."""
        self.wanted = self._asked
        self._leave(0)

    def entries(self) -> list[Entry]:
        """What the palette lists of accounts."""
        return [Entry("account", f"account {name}", partial(self.change, name)) for name in self._names]
