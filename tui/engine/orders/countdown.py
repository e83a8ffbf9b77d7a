"""The dead-man switch: the exchange cancels a futures symbol's orders unless this program goes on telling it not to."""

import asyncio

from tui.binance.client import FuturesAccount
from tui.binance.errors import BinanceError, OutcomeUnknownError
from tui.domain.instrument import Instrument
from tui.domain.product import Product
from tui.engine.commands.answers import Refusal, Result
from tui.engine.commands.orders import SetCountdown
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused

#: Shorter ones could run out between two beats on a slow link.
_SHORTEST_MS = 5_000

#: Wait before an answer that did not come is asked for again.
_AGAIN_S = 1.0


class Countdowns:
    """Starts, feeds at a quarter of its time, and ends countdowns; when each would run out is in the store."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._feeding: dict[str, asyncio.Task[None]] = {}

    async def set(self, command: SetCountdown) -> Outcome:
        """Begin a countdown anew, or end it."""
        instrument = self._floor.store.instruments.get(command.symbol)
        if instrument is None:
            return refused(Refusal("unknown-symbol", f"{command.symbol} is not a symbol of this exchange"))
        account = self._floor.clients[instrument.product].futures
        if account is None:
            text = f"{command.symbol} is {instrument.product.label}: only futures cancel orders by countdown"
            return refused(Refusal("unsupported", text))
        if 0 < command.countdown_ms < _SHORTEST_MS or command.countdown_ms < 0:
            return refused(Refusal("countdown", f"A countdown is 5 seconds or longer, not {command.countdown_ms} ms"))
        if not command.countdown_ms:
            self._stop_feeding(command.symbol)
        try:
            await account.cancel_after(instrument, command.countdown_ms)
        except BinanceError as error:
            if command.countdown_ms and not isinstance(error, OutcomeUnknownError):
                return Outcome(Result.REFUSED, f"The countdown of {command.symbol} was not set: {error}")
            # It may run by now, or still: unfed it would take every order away, exits too.
            self._feed_from_now(account, instrument, command.countdown_ms, _AGAIN_S)
            text = f"The countdown of {command.symbol} is unconfirmed ({error}); it is set again until the answer comes"
            return Outcome(Result.UNKNOWN, text)
        if not command.countdown_ms:
            self._stop_feeding(command.symbol)
            self._show(command.symbol, None)
            return Outcome(Result.DONE, f"{command.symbol}: no countdown any more")
        self._show(command.symbol, command.countdown_ms)
        self._feed_from_now(account, instrument, command.countdown_ms, command.countdown_ms / 4_000)
        seconds = command.countdown_ms / 1_000
        text = (
            f"{command.symbol}: the exchange cancels all its orders, exits too, {seconds:g} s after this program ends"
        )
        return Outcome(Result.DONE, text)

    def product_live(self, product: Product) -> None:
        """Begin the countdowns that the settings name, once each product is known."""
        for symbol, countdown_ms in self._floor.options.execution.countdown_cancel_ms.items():
            instrument = self._floor.store.instruments.get(symbol)
            if instrument is None or instrument.product is not product or symbol in self._feeding or not countdown_ms:
                continue
            if not self._floor.store.session.read_only:
                self._floor.tasks.spawn(f"countdown of {symbol}", self._begin(SetCountdown(symbol, countdown_ms)))

    async def _begin(self, command: SetCountdown) -> None:
        outcome = await self.set(command)
        say = self._floor.messages.info if outcome.result is Result.DONE else self._floor.messages.error
        say(outcome.text)

    def _feed_from_now(
        self, account: FuturesAccount, instrument: Instrument, countdown_ms: int, first_s: float
    ) -> None:
        self._stop_feeding(instrument.symbol)
        self._feeding[instrument.symbol] = self._floor.tasks.spawn(
            f"countdown of {instrument.symbol}", self._feed(account, instrument, countdown_ms, first_s)
        )

    async def _feed(self, account: FuturesAccount, instrument: Instrument, countdown_ms: int, first_s: float) -> None:
        """Set it again in time; where its end was asked for, until the exchange has taken that."""
        failed, wait_s = False, first_s
        while True:
            await asyncio.sleep(wait_s)
            try:
                await account.cancel_after(instrument, countdown_ms)
            except BinanceError as error:
                if not failed:
                    self._floor.messages.error(f"The countdown of {instrument.symbol} could not be fed: {error}")
                failed = True
                continue
            failed, wait_s = False, countdown_ms / 4_000
            self._show(instrument.symbol, countdown_ms or None)
            if not countdown_ms:
                self._feeding.pop(instrument.symbol, None)
                return

    def _stop_feeding(self, symbol: str) -> None:
        task = self._feeding.pop(symbol, None)
        if task is not None:
            task.cancel()

    def _show(self, symbol: str, countdown_ms: int | None) -> None:
        store = self._floor.store
        others = {name: at for name, at in store.countdowns.items() if name != symbol}
        ends = {} if countdown_ms is None else {symbol: self._floor.clock.now_ms() + countdown_ms}
        store.countdowns = others | ends
        store.revision += 1
