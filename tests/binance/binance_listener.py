"""A listener to streams, shared by their tests."""

import asyncio
import json


class Listener:
    """A market and user listener whose notes can be awaited."""

    def __init__(self):
        self.notes = []
        self._more = asyncio.Event()

    def _note(self, *note):
        self.notes.append(note)
        self._more.set()

    def on_book_change(self, instrument, change):
        self._note("book", instrument.symbol, change)

    def on_trade(self, instrument, trade):
        self._note("trade", instrument.symbol, trade)

    def on_ticker(self, instrument, ticker):
        self._note("ticker", instrument.symbol, ticker)

    def on_quote(self, instrument, quote):
        self._note("quote", instrument.symbol, quote)

    def on_candle(self, instrument, interval, candle):
        self._note("candle", interval, candle)

    def on_mark_price(self, instrument, mark):
        self._note("mark", instrument.symbol, mark)

    def on_partial_book(self, instrument, book):
        self._note("partial", instrument.symbol, book)

    def on_rpi_change(self, instrument, change):
        self._note("rpi", instrument.symbol, change)

    def on_mini_tickers(self, product, tickers):
        self._note("minis", product, tickers)

    def on_liquidation(self, product, native, liquidation):
        self._note("liquidation", native, liquidation)

    def on_market_link(self, product, state, detail):
        self._note("link", state, detail)

    def link(self, state, detail):
        self._note("link", state, detail)

    def event(self, raw):
        self._note("event", json.loads(bytes(raw)))

    async def until(self, kind, value=None, times=1):
        """Wait until a note of this kind (and second item) was made that often; returns the last of them."""

        async def wait():
            while True:
                found = [note for note in self.notes if note[0] == kind and value in (None, note[1])]
                if len(found) >= times:
                    return found[-1]
                self._more.clear()
                await self._more.wait()

        return await asyncio.wait_for(wait(), 30)
