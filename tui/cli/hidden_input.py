"""Answers typed or pasted at the terminal without being shown."""

import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager

_TERMINAL = "/dev/tty"
#: Where a program without a controlling terminal may still find one: standard input, then error output.
_SPARE = (0, 2)
_PASTE_MARKS = (b"\x1b[200~", b"\x1b[201~")
_LONGEST = 20_000


class NoTerminalError(Exception):
    """There is nobody to ask; the text says so."""


class NoAnswerError(Exception):
    """The question was left without an answer (end of input)."""


def ask_hidden(question: str) -> str:
    """One line without echo, asked at the terminal whatever standard input is; a pasted PEM counts as one line.

    Raises NoTerminalError and NoAnswerError. The terminal shows what is typed again however this ends.
    """
    with _silent() as terminal:
        os.write(terminal, question.encode())
        answer = _line(terminal)
        while b"-----BEGIN" in answer and b"-----END" not in answer and len(answer) < _LONGEST:
            answer += b"\n" + _line(terminal)
        if b"-----BEGIN" in answer:
            # What follows the last line of a pasted key must not be typed into the shell.
            termios.tcflush(terminal, termios.TCIFLUSH)
        os.write(terminal, b"\n")
    for mark in _PASTE_MARKS:
        answer = answer.replace(mark, b"")
    return answer.decode(errors="surrogateescape").strip()


def drop_typed() -> None:
    """Forget what was pasted and not read, so that the shell does not take it for a command."""
    try:
        with _silent() as terminal:
            termios.tcflush(terminal, termios.TCIFLUSH)
    except NoTerminalError:
        return


@contextmanager
def _silent() -> Iterator[int]:
    terminal = _open()
    try:
        before = termios.tcgetattr(terminal)
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        # Without discarding input: what was pasted in one go is read one answer after the other.
        termios.tcsetattr(terminal, termios.TCSANOW, silent)
        try:
            yield terminal
        finally:
            # At once: waiting for what was written to be taken would hang on a terminal that takes nothing more.
            termios.tcsetattr(terminal, termios.TCSANOW, before)
    except termios.error:
        raise NoTerminalError("there is no terminal to ask at") from None
    finally:
        os.close(terminal)


def _open() -> int:
    try:
        return os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        for number in _SPARE:
            if os.isatty(number):
                return os.dup(number)
    raise NoTerminalError("there is no terminal to ask at")


def _line(terminal: int) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _LONGEST:
        # One byte at a time: what follows the line belongs to the next question.
        read = os.read(terminal, 1)
        if not read:
            raise NoAnswerError("no answer was given")
        line += read
    return line.rstrip(b"\r\n")
