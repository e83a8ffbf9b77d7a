"""Nothing in the background dies in silence."""

import asyncio

from engine_table import until

from tui.engine import tasks as tasks_module
from tui.engine.clock import Clock
from tui.engine.messages import Messages
from tui.engine.store import MESSAGES_KEPT, Session, Severity, Store
from tui.engine.tasks import Tasks
from tui.engine.work import LongWork


def made():
    store = Store(Session("demo", "main", False, False))
    messages = Messages(store, Clock())
    return store, messages, Tasks(messages, LongWork(store))


async def test_a_crash_becomes_an_error_line() -> None:
    store, _, tasks = made()

    async def crash():
        raise RuntimeError("boom \x1b[2J")

    await tasks.spawn("work", crash())
    assert store.messages[0].severity is Severity.ERROR
    assert store.messages[0].text == "Internal error in work: RuntimeError: boom [2J"


async def test_what_must_not_end_is_started_again(monkeypatch) -> None:
    monkeypatch.setattr(tasks_module, "_RESTART_FIRST_S", 0.001)
    store, _, tasks = made()
    runs = []

    async def crash():
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError("boom")
        await asyncio.Event().wait()

    tasks.keep("stream", crash)
    await until(lambda: len(runs) == 3)
    await tasks.close()
    assert [message.text for message in store.messages] == ["Internal error in stream: RuntimeError: boom"] * 2


async def test_closing_ends_everything() -> None:
    _, _, tasks = made()
    task = tasks.keep("stream", lambda: asyncio.Event().wait())
    never_begun = tasks.spawn("work", asyncio.sleep(10))
    await tasks.close()
    assert task.done()
    assert never_begun.done()


def test_messages_are_numbered_newest_first_and_bounded() -> None:
    store, messages, _ = made()
    for number in range(MESSAGES_KEPT + 5):
        messages.info(str(number))
    assert len(store.messages) == MESSAGES_KEPT
    assert (store.messages[0].number, store.messages[0].text) == (MESSAGES_KEPT + 5, str(MESSAGES_KEPT + 4))
