"""The screen for keys as pure lines: the list, the questions, and what was answered."""

import textwrap
from collections.abc import Sequence

from tui.domain.text import clean
from tui.ui.keys.form import Form
from tui.ui.keys.key_desk import KeyRow, Told
from tui.ui.lines import BLANK, Line, Span
from tui.ui.table import Column

NEXT_START = "What is changed here is used at the next start."


def _name(row: KeyRow) -> Span:
    return Span(f"{row.environment}/{row.account}", "strong")


COLUMNS: tuple[Column[KeyRow], ...] = (
    Column("key", _name, 12),
    Column("type", lambda row: Span(row.kind, "dim"), 7),
    Column("API key", lambda row: Span(row.masked, "") if row.masked else Span("none yet", "warn"), 9),
    Column("for", lambda row: Span(row.serves), 4, priority=1),
    Column("default", lambda row: Span("default" if row.is_default else "", "ok"), 7, priority=2),
    Column("kept in", lambda row: Span(row.kept_in, "dim"), 8, priority=3),
)


def empty_words(environment: str) -> str:
    """What is said where no key is stored."""
    if environment.lower() == "demo":
        return "No keys are stored: the demo brings play-money keys of its own. a adds one, n makes a pair."
    return "No keys are stored; those of environment variables are not listed. a adds one, n makes a pair."


def wrapped(text: str, width: int, tone: str = "") -> list[Line]:
    """A paragraph in lines that fit; each line break of the text stays one."""
    rows: list[Line] = []
    for paragraph in text.strip().splitlines() or [""]:
        parts = textwrap.wrap(clean(paragraph, 1_000), max(8, width - 2), break_on_hyphens=False) or [""]
        rows += [(Span(" "), Span(part, tone)) for part in parts]
    return rows


def told_lines(told: Sequence[Told], top: int, width: int, height: int) -> list[Line]:
    """What was answered, from a line on, and how to leave it."""
    rows = [line for each in told for line in wrapped(each.text, width, each.tone)]
    room = max(1, height - 1)
    top = max(0, min(top, len(rows) - room))
    below = len(rows) - room - top
    way = f"↑↓ more ({below} below) · Enter the list" if len(rows) > room else "Enter the list"
    return [*rows[top : top + room], (Span(f" {way}", "dim"),)]


def form_lines(form: Form, width: int, height: int) -> list[Line]:
    """The review line, the answers so far, and the question that waits; the last rows stay in a small pane."""
    rows: list[Line] = [*wrapped(form.task.review.text, width, form.task.review.tone), BLANK]
    rows += [(Span(f" {prompt} ", "dim"), Span(answer)) for prompt, answer in form.answered]
    question = form.question
    if question is None:
        rows += wrapped(form.task.progress, width, "accent")
        return rows[-height:]
    if question.is_hidden:
        count = len(form.hidden)
        shown = [Span(f"{count} characters, not shown" if count else "", "strong"), Span(" ", "caret")]
    else:
        shown = form.edit.spans("strong")
    rows += [(Span(f" {question.prompt}", "key"),), (Span(" "), *shown)]
    rows += wrapped(question.hint, width, "dim") if question.hint else []
    rows += wrapped(form.said, width, "error") if form.said else []
    rows += wrapped("Enter next · Esc leave", width, "dim")
    return rows[-height:]
