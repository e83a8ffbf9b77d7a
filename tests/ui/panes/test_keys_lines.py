"""The screen for keys as lines, and its questions without a screen."""

import pytest

from tui.keys.key_material import KeyKind, generate
from tui.ui.keys.form import LONGEST_NAME, Form, Question, Task, passphrase_questions
from tui.ui.keys.key_desk import Told
from tui.ui.keys.lines import empty_words, form_lines, told_lines, wrapped
from tui.ui.lines import plain

PEM = generate(KeyKind.ED25519).secret.reveal()


def form_of(*questions: Question) -> Form:
    return Form(Task(Told("ADD a key", "strong"), "storing …", questions, lambda answers: []))


def text_of(form: Form) -> str:
    return "\n".join(plain(line) for line in form_lines(form, 44, 12))


def type_text(form: Form, text: str) -> None:
    for character in text:
        if character == "\n":
            form.enter()
        else:
            form.press(character, character)


@pytest.mark.parametrize("take", [Form.paste, type_text], ids=["pasted", "typed line by line"])
def test_a_pem_is_one_answer_of_which_only_the_length_shows(take) -> None:
    form = form_of(Question("secret", "Secret", is_hidden=True), Question("name", "Name"))
    take(form, PEM.rstrip())
    shown = text_of(form)
    assert f"{len(PEM.rstrip())} characters, not shown" in shown
    assert not [line for line in PEM.splitlines() if line in shown]
    assert form.question is not None
    assert form.question.name == "secret"
    form.enter()
    assert form.question.name == "name"
    assert form.answers.hidden["secret"].reveal() == PEM.strip()
    assert len(form.hidden) == 0
    assert PEM.splitlines()[1] not in text_of(form) + repr(form.answers) + repr(form.hidden)


def test_a_secret_pasted_into_an_answer_that_shows_is_not_taken() -> None:
    form = form_of(Question("name", "Name"))
    for pasted in (PEM, "s" * (LONGEST_NAME + 1)):
        form.paste(pasted)
        assert form.edit.text == ""
        assert "nothing of them was taken" in text_of(form)
    assert "sss" not in text_of(form)
    form.paste(" second\n")
    assert form.edit.text == "second"


def test_a_wrong_answer_says_why_and_is_forgotten() -> None:
    judged = Question("api_key", "API key", is_hidden=True, judge=lambda text, _: f"{len(text)} are too few")
    form = form_of(judged)
    form.paste("short")
    form.enter()
    assert form.question is judged
    assert "5 are too few" in text_of(form)
    assert len(form.hidden) == 0
    assert not form.answers.hidden


def test_leaving_forgets_what_was_hidden() -> None:
    form = form_of(Question("one", "One", is_hidden=True), Question("two", "Two", is_hidden=True))
    form.paste("first")
    form.enter()
    form.paste("second")
    form.forget()
    assert not form.answers.hidden
    assert len(form.hidden) == 0


def test_a_new_passphrase_is_asked_for_twice_and_must_be_the_same() -> None:
    form = form_of()
    assert form.question is None
    form.ask_again("This system has no keyring", passphrase_questions(is_new=True))
    for answer in ("correct horse", "correct house"):
        form.paste(answer)
        form.enter()
    assert "differ" in form.said
    form.paste("correct horse")
    form.enter()
    assert form.question is None
    assert form.answers.hidden["passphrase"].reveal() == "correct horse"


def test_long_answers_scroll_and_say_how_much_is_below() -> None:
    told = [Told("word " * 60), Told("the end", "warn")]
    every = sum(len(wrapped(each.text, 40)) for each in told)
    lines = [plain(line) for line in told_lines(told, 0, 40, 5)]
    assert len(lines) == 5
    assert f"{every - 4} below" in lines[-1]
    last = [plain(line) for line in told_lines(told, 999, 40, 5)]
    assert last[-2].strip() == "the end"
    assert all(len(line) <= 40 for line in lines)


def test_a_public_key_is_whole_in_the_narrowest_pane() -> None:
    public = generate(KeyKind.ED25519).public_key
    shown = [plain(line).strip() for line in wrapped(public, 44)]
    assert "".join(shown) == public.replace("\n", "")
    assert all(len(line) <= 42 for line in shown)


def test_the_demo_says_that_it_brings_its_own() -> None:
    assert "play-money keys of its own" in empty_words("demo")
    assert "environment variables" in empty_words("live")
