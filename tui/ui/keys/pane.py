"""The screen for keys as a pane that opens over the chart."""

import asyncio
from collections.abc import Sequence

from textual import events

from tui.engine.commands import Desk
from tui.engine.store import Severity
from tui.ui.keys.form import Form, Task, passphrase_questions
from tui.ui.keys.key_desk import KeyDesk, KeyDeskError, KeyRow, PassphraseNeededError, Told
from tui.ui.keys.lines import COLUMNS, NEXT_START, empty_words, form_lines, told_lines, wrapped
from tui.ui.keys.tasks import add_task, check_task, generate_task, remove_task
from tui.ui.lines import BLANK, Line, Span
from tui.ui.rows_pane import RowsPane
from tui.ui.view_state import ViewState

_NO_DESK = "keys cannot be kept from here; use: binance-tui keys"


class KeysPane(RowsPane[KeyRow]):
    """Lists stored keys; adds, makes, checks, chooses and removes them. Orders and this session are not its matter."""

    CONTEXT = "keys"
    LABEL = "API keys"

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        #: Who keeps the keys; None where nobody does.
        self.key_desk: KeyDesk | None = None
        self.form: Form | None = None
        self.told: list[Told] = []
        self._top = 0
        self._listed: list[KeyRow] = []
        self._problem = ""
        self._working: asyncio.Future[list[Told]] | None = None
        #: Another pane was gone to since something was asked for here.
        self._is_left = False

    @property
    def is_typing(self) -> bool:
        """Printable keys are text while a question waits."""
        return self.form is not None

    @property
    def is_working(self) -> bool:
        """Whether something that takes long goes on."""
        return self._working is not None

    def begin(self) -> None:
        """Read the list anew."""
        self.told = []
        self._list_anew()
        self.paint()

    def rows(self) -> Sequence[KeyRow]:
        """The stored keys, as read when the pane was opened or something changed."""
        return self._listed

    def key_of(self, row: KeyRow) -> object:
        """One key for an account and its products."""
        return row.environment, row.account, row.serves

    def symbol_of(self, row: KeyRow) -> str:
        """Keys are about no symbol."""
        return ""

    def lines(self, width: int, height: int) -> list[Line]:
        """The questions, what was answered, or the list."""
        if self.form is not None:
            return form_lines(self.form, width, height)
        if self.told:
            return told_lines(self.told, self._top, width, height)
        note = wrapped(f"{NEXT_START} This session: {self.desk.store.session.environment}.", width, "dim")
        if self._problem:
            return wrapped(self._problem, width, "error")
        if not self._listed:
            return [*wrapped(empty_words(self.desk.store.session.environment), width), BLANK, *note][:height]
        table = self.table(COLUMNS, self._listed, width, max(1, height - len(note)))
        return [*table, *note]

    def mark_of(self, row: KeyRow) -> Span:
        """A star for the default, which a narrow pane has no column for."""
        return Span("*" if row.is_default else " ", "ok")

    # keys

    def take_key(self, event: events.Key) -> bool:
        """Answers while a question waits; while an answer is read, arrows and the way back to the list."""
        if event.key.startswith("f") and event.key[1:].isdigit():
            return False
        if self.form is not None:
            taken = self._take_answer(self.form, event)
        elif self.told:
            taken = self._take_reading(event)
        else:
            return False
        self.paint()
        return taken

    def _take_answer(self, form: Form, event: events.Key) -> bool:
        if event.key == "escape":
            self._leave_form()
        elif self.is_working:
            return True
        elif event.key == "enter":
            form.enter()
            if form.question is None:
                self._run(form)
        else:
            form.press(event.key, event.character)
        return True

    def _take_reading(self, event: events.Key) -> bool:
        match event.key:
            case "up" | "k" | "down" | "j":
                self._top = max(0, self._top + (-1 if event.key in ("up", "k") else 1))
            case "pageup" | "pagedown":
                self._top = max(0, self._top + (-8 if event.key == "pageup" else 8))
            case "enter" | "escape":
                self.told = []
            case _:
                return bool(self.action_for(event.key))
        return True

    def on_paste(self, event: events.Paste) -> None:
        """A paste is one answer, whatever lines it has; it never ends a question."""
        event.stop()
        if self.form is not None and not self.is_working:
            self.form.paste(event.text)
            self.paint()

    def on_blur(self) -> None:
        """Drop answers when another pane is gone to, not when the terminal is left to copy a key elsewhere."""
        if self.app.app_focus:
            self.drop()

    def drop(self) -> None:
        """Let go of every secret that was typed, and lock what a passphrase opened."""
        self._leave_form()
        self._is_left = True
        if self.key_desk is not None and not self.is_working:
            self.key_desk.forget()

    # actions

    def action_add(self) -> None:
        """Ask for a key."""
        if self.key_desk is not None:
            self._ask(add_task(self.key_desk, self._listed, self.chosen()))

    def action_generate(self) -> None:
        """Make a pair."""
        if self.key_desk is not None:
            self._ask(generate_task(self.key_desk, self.chosen()))

    def action_check(self) -> None:
        """Ask what the key under the cursor may do."""
        row = self._row()
        if row is not None and self.key_desk is not None:
            if row.masked:
                self._ask(check_task(self.key_desk, row))
            else:
                self._read([Told(f"{row.title} has no API key yet: register its public key (p), then add it (a).")])

    def action_remove(self) -> None:
        """Ask whether the key under the cursor is to be forgotten."""
        row = self._row()
        if row is not None and self.key_desk is not None:
            self._ask(remove_task(self.key_desk, row))

    def action_public(self) -> None:
        """Show the public key of the key under the cursor."""
        row = self._row()
        if row is None:
            return
        words = f"Public key of {row.title}, for registration at Binance:" if row.public_key else ""
        told = [Told(words, "dim"), Told(row.public_key)] if words else [Told("HMAC keys have no public key.")]
        self._read(told)

    def action_default(self) -> None:
        """Use the account under the cursor when none is named, from the next start on."""
        row = self._row()
        if row is None or self.key_desk is None:
            return
        try:
            self.key_desk.set_default(row)
        except KeyDeskError as error:
            self.view.intents.say(str(error), Severity.ERROR)
            return
        self._list_anew()
        self.view.intents.say(f"{row.environment} uses {row.account} from the next start on")

    def _row(self) -> KeyRow | None:
        row = self.chosen()
        if row is None:
            self.view.intents.say("no key is chosen", Severity.WARNING)
        return row

    # work

    def _ask(self, task: Task) -> None:
        if self.is_working:
            self.view.intents.say("wait until the keyring or the exchange has answered", Severity.WARNING)
            return
        self.told, self._is_left = [], False
        self.form = Form(task)
        if self.form.question is None:
            self._run(self.form)

    def _run(self, form: Form) -> None:
        """Do what was asked for, in a thread: passphrases and exchanges take their time."""
        self._working = asyncio.get_running_loop().run_in_executor(None, form.task.run, form.answers)
        self._working.add_done_callback(self._done)

    def _done(self, working: "asyncio.Future[list[Told]]") -> None:
        self._working = None
        if working.cancelled():
            return
        error = working.exception()
        self._list_anew()
        if error is None:
            self._leave_form()
            self._read(working.result())
        else:
            self._go_on(error)
        if self._is_left:
            self.drop()
        self.paint()

    def _go_on(self, error: BaseException) -> None:
        form = self.form
        if form is None:
            self._read([Told(f"left before it was done: {_words(error)}", "warn")])
        elif isinstance(error, PassphraseNeededError):
            form.ask_again(str(error), passphrase_questions(is_new=error.is_new))
        else:
            hidden = [question for question in form.task.questions if question.name == "secret"]
            if hidden and "secret" in form.answers.hidden:
                form.ask_again(_words(error), hidden)
            else:
                self._leave_form()
                self._read([Told(_words(error), "error")])

    def _read(self, told: list[Told]) -> None:
        self.told, self._top = told, 0

    def _leave_form(self) -> None:
        form, self.form = self.form, None
        if form is not None and not self.is_working:
            form.forget()

    def _list_anew(self) -> None:
        self._problem = "" if self.key_desk is not None else _NO_DESK
        try:
            self._listed = self.key_desk.rows() if self.key_desk is not None else []
        except KeyDeskError as error:
            self._listed, self._problem = [], str(error)


def _words(error: BaseException) -> str:
    """What may be told of an error; that of a library may hold what was being kept."""
    return str(error) if isinstance(error, KeyDeskError) else f"it failed ({type(error).__name__})"
