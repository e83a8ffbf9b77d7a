"""What a recording answers when it is asked: the answer that was given at that place."""

import asyncio

from tui.binance.replay import Shelf
from tui.binance.replay_file import CALLS, Contents, RestKey
from tui.domain.product import Product

PRINTS = RestKey(CALLS[Product.COINM].trades.path, "BTCUSD_PERP")


def shelf(answers):
    contents = Contents()
    contents.answers[Product.COINM, PRINTS] = answers
    return Shelf(Product.COINM, contents)


async def test_prints_asked_for_after_a_reconnect_are_those_of_the_answer_that_followed_it():
    """Bug: the answer from before the cut was given again, and prints made during the cut were never replayed."""
    held = shelf(answers=2)
    held.put(PRINTS, b"[1]")
    assert await held.body(PRINTS) == b"[1]"
    asked = asyncio.create_task(held.body(PRINTS))
    await asyncio.sleep(0)
    assert not asked.done()
    held.put(PRINTS, b"[1,2]")
    assert await asked == b"[1,2]"


async def test_who_asks_more_often_than_the_recorder_did_is_given_the_last_answer():
    held = shelf(answers=1)
    held.put(PRINTS, b"[1]")
    assert [await held.body(PRINTS), await held.body(PRINTS)] == [b"[1]", b"[1]"]


async def test_prints_that_were_never_recorded_are_none():
    assert await shelf(answers=0).body(PRINTS) == b"[]"
