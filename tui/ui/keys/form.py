"""Questions one after the other; hidden answers are held as secrets, for no longer than the questions last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tui.keys.secret import Secret
from tui.ui.command.line_edit import LineEdit
from tui.ui.keys.key_desk import Told

#: A PEM of an RSA key of 16384 bits is shorter.
LONGEST = 20_000
#: No name is longer; what is longer was meant for a hidden question.
LONGEST_NAME = 32


class HiddenText:
    """Text being typed or pasted of which nothing but the length is known to others."""

    __slots__ = ("_characters",)

    def __init__(self) -> None:
        self._characters: list[str] = []

    def __len__(self) -> int:
        return len(self._characters)

    def __repr__(self) -> str:
        return "HiddenText(hidden)"

    def insert(self, text: str) -> None:
        """Append text; what is longer than any key is cut."""
        self._characters += text.replace("\r\n", "\n").replace("\r", "\n")[: LONGEST - len(self._characters)]

    def press(self, key: str, character: str | None) -> bool:
        """Take a key; False when it means nothing here."""
        if key in ("backspace", "ctrl+h"):
            del self._characters[-1:]
        elif key == "ctrl+u":
            self.clear()
        elif character is not None and character.isprintable():
            self.insert(character)
        else:
            return False
        return True

    @property
    def is_open_pem(self) -> bool:
        """Whether this is the beginning of a PEM whose last line is still to come, so that Enter is a line break."""
        text = "".join(self._characters)
        return "-----BEGIN" in text and "-----END" not in text

    def take(self) -> Secret:
        """The text, which is then no longer here."""
        secret = Secret("".join(self._characters).strip())
        self.clear()
        return secret

    def clear(self) -> None:
        """Forget the text."""
        self._characters = []


@dataclass(slots=True)
class Answers:
    """What was answered by name of the question; nothing hidden shows in its repr."""

    plain: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, Secret] = field(default_factory=dict)


def _fine(text: str, answers: Answers) -> str:
    return ""


def _always(answers: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `judge` says what is wrong with an answer, "" when nothing is."""

    name: str
    prompt: str
    hint: str = ""
    preset: str = ""
    is_hidden: bool = False
    judge: Callable[[str, Answers], str] = _fine
    is_asked: Callable[[Answers], bool] = _always


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done once all questions are answered; `run` is called in a thread."""

    review: Told
    progress: str
    questions: Sequence[Question]
    run: Callable[[Answers], list[Told]]


class Form:
    """The questions of one task, and the answers so far."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.answers = Answers()
        self.edit = LineEdit()
        self.hidden = HiddenText()
        self.said = ""
        self.answered: list[tuple[str, str]] = []
        self._left = list(task.questions)
        self._begin()

    @property
    def question(self) -> Question | None:
        """The question that waits, None when all are answered."""
        return self._left[0] if self._left else None

    def press(self, key: str, character: str | None) -> bool:
        """Take a key of the answer; False when it is none."""
        if self.question is None:
            return False
        if self.question.is_hidden:
            return self.hidden.press(key, character)
        return self.edit.press(key, character)

    def paste(self, text: str) -> None:
        """Take pasted text: a whole PEM is one hidden answer, and nothing long gets into an answer that shows."""
        if self.question is None:
            return
        if self.question.is_hidden:
            self.hidden.insert(text)
        elif len(text.strip()) > LONGEST_NAME or "\n" in text.strip():
            self.said = f"{len(text)} characters are too many for this answer; nothing of them was taken"
        else:
            self.edit.insert(text.strip())

    def enter(self) -> None:
        """End the answer, and go to the next question if it is fine."""
        question = self.question
        if question is None:
            return
        if question.is_hidden and self.hidden.is_open_pem:
            self.hidden.insert("\n")
            return
        if question.is_hidden:
            secret = self.hidden.take()
            self.said = question.judge(secret.reveal(), self.answers)
            if not self.said:
                self.answers.hidden[question.name] = secret
                self.answered.append((question.prompt, "taken"))
        else:
            text = self.edit.text.strip()
            self.said = question.judge(text, self.answers)
            if not self.said:
                self.answers.plain[question.name] = text
                self.answered.append((question.prompt, text))
        if not self.said:
            self._left.pop(0)
            self._begin()

    def ask_again(self, said: str, questions: Sequence[Question]) -> None:
        """Go on with these questions, after what was answered was not enough."""
        self.said = said
        for question in questions:
            self.answers.hidden.pop(question.name, None)
        prompts = {question.prompt for question in questions}
        self.answered = [each for each in self.answered if each[0] not in prompts]
        self._left = list(questions)
        self._begin()

    def forget(self) -> None:
        """Let go of every hidden answer."""
        self.hidden.clear()
        self.answers.hidden.clear()

    def _begin(self) -> None:
        while self._left and not self._left[0].is_asked(self.answers):
            self._left.pop(0)
        if self._left:
            self.edit.text = self._left[0].preset
            self.edit.is_selected = bool(self._left[0].preset)


def passphrase_questions(*, is_new: bool) -> list[Question]:
    """What opens the keyring file; a new passphrase is asked for twice."""
    if not is_new:
        return [Question("passphrase", "Passphrase of the keyring file", is_hidden=True)]

    def differs(text: str, answers: Answers) -> str:
        return "" if text == answers.hidden["passphrase"].reveal() else "the two passphrases differ; type it again"

    def too_short(text: str, answers: Answers) -> str:
        return "" if text else "a passphrase is needed"

    return [
        Question("passphrase", "New passphrase for the keyring file", is_hidden=True, judge=too_short),
        Question("again", "Once more", is_hidden=True, judge=differs),
    ]
