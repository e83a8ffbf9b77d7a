"""Market streams that say nothing: lost ones are replaced, quiet ones are left alone."""

import asyncio
from dataclasses import replace
from itertools import pairwise

from test_binance_streams import BOOK, HASTY, depth, market_stream

from tui.binance.client import LinkState


async def test_a_socket_that_gives_no_sign_of_life_is_replaced():
    async with market_stream(replace(HASTY, ping_s=10.0, silence_s=0.15)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        assert "nothing heard" in (await listener.until("link", LinkState.DOWN))[2]
        await listener.until("link", LinkState.LIVE, times=2)
        assert len(market.connections) >= 2


async def test_pongs_keep_a_quiet_socket():
    async with market_stream(replace(HASTY, ping_s=0.03, silence_s=0.3)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        heard = stream.last_message_ns
        await asyncio.sleep(0.8)
        assert stream.last_message_ns > heard
        assert len(market.connections) == 1


async def test_pongs_without_data_do_not_pass_for_a_market():
    async with market_stream(replace(HASTY, ping_s=0.03, quiet_s=0.15)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        await market.until(lambda: len(market.connections) >= 2)
        await asyncio.wait_for(market.connections[0].wait_closed(), 5)
        await market.say(depth(), connection=1)
        await listener.until("book")
        assert [note[1] for note in listener.notes if note[0] == "link"] == [LinkState.CONNECTING, LinkState.LIVE]


async def test_a_market_that_really_is_quiet_is_left_alone_ever_longer():
    async with market_stream(replace(HASTY, quiet_s=0.1, overlap_s=0.01)) as (market, listener, stream):
        stream.subscribe({BOOK})
        await listener.until("link", LinkState.LIVE)
        opened = []
        for number in range(1, 5):
            await market.until(lambda number=number: len(market.connections) >= number)
            opened.append(asyncio.get_running_loop().time())
        patience = [after - before for before, after in pairwise(opened)]
        assert patience[-1] >= 0.1 * 2**2
        [connection] = stream._connections
        assert connection.quiet_in_a_row >= 3
        await market.say(depth())
        await listener.until("book")
        assert connection.quiet_in_a_row == 0, "one that has spoken is not trusted so long"
