"""From a key to what it does: what must always work, then text, then the pane's action, then a global one."""

from collections.abc import Callable, Mapping

from textual import events

from tui.engine.store import Severity
from tui.ui.actions import BY_ID, GLOBAL, READ_ONLY, Danger, Situation, exists
from tui.ui.confirm.row import ConfirmRow
from tui.ui.line_pane import LinePane
from tui.ui.view_state import ViewState

Handler = Callable[..., None]


class Dispatch:
    """Calls handlers of global actions by id; `situation` is that of the market in the header."""

    def __init__(
        self,
        view: ViewState,
        handlers: Mapping[str, Handler],
        situation: Callable[[], Situation],
        confirm: ConfirmRow,
        ask_to_confirm: Callable[[], None],
    ) -> None:
        self._view = view
        self.handlers = dict(handlers)
        self._situation = situation
        self._confirm = confirm
        self._ask_to_confirm = ask_to_confirm

    def press(self, event: events.Key, focused: LinePane | None) -> None:
        """Do what the key means now."""
        everywhere = self._view.keymap.on(event.key, (GLOBAL,))
        if everywhere and BY_ID[everywhere].priority:
            self.act(everywhere)
        elif focused is not None and focused.take_key(event):
            return
        elif focused is not None and (own := focused.action_for(event.key)):
            self.act_in(focused, own)
        elif everywhere:
            self.act(everywhere)

    def act_in(self, pane: LinePane, action_id: str) -> None:
        """Do an action of a pane, unless the environment's name must be typed first."""
        if self._needs_confirming(action_id):
            self._ask_to_confirm()
        else:
            pane.action_act(action_id)

    def act(self, action_id: str) -> None:
        """Do a global action, or say why it cannot be done now."""
        action = BY_ID[action_id]
        situation = self._situation()
        reason = action.reason(situation) if exists(action, situation.session) else READ_ONLY
        if reason:
            self._view.intents.say(reason, Severity.WARNING)
        elif self._needs_confirming(action_id):
            self._ask_to_confirm()
        else:
            handler = self.handlers[action_id]
            handler(action.argument) if action.argument else handler()

    def _needs_confirming(self, action_id: str) -> bool:
        """Whether the environment's name must be typed before this action; taking back is never slowed."""
        return self._confirm.is_wanted and BY_ID[action_id].danger in (Danger.ARM, Danger.TRADE)
