"""A program that is killed over and over: each life recovers, compares itself with the exchange, then trades on.

Forked from a process that has loaded everything, so that a life takes a moment. Read from standard input: `live` starts
a life. Written to standard output, one JSON line each: the life's process id, what it found wrong after recovering, and
that it trades now.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

from trader import Trader

from tui.config import Limits, ReconciliationOptions, Settings
from tui.domain.client_order_id import PREFIX
from tui.domain.order import OrderListRequest, OrderStatus
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.commands.orders import CancelEntries, CancelOrder, ClosePosition, SubmitOrder, SubmitOrderList
from tui.engine.orders.floor import Patience
from tui.engine.orders.ledger import IN_FLIGHT, NEVER_REACHED

D = Decimal

#: A request of a killed program has reached the exchange, over loopback, long before this.
QUICK = Patience(delays_s=(0.05,), denials=3, window_ms=400)
SETTINGS = Settings(
    limits=Limits(duplicate_window_ms=0, price_distance_percent=D(0), max_order_notional=D(0)),
    reconciliation=ReconciliationOptions(reconciliation_lookback_mins=2),
)


class Exchange:
    """The addresses and keys that a running exchange has printed."""

    def __init__(self, ready) -> None:
        self.ready = ready


def say(**what) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def live(ready, journal: Path, product_name: str, symbol: str, what: str) -> None:
    """One life, which somebody else ends."""
    begun_ms = int(time.time() * 1_000)
    product = Product(product_name)
    trader = Trader(Exchange(ready), journal, settings=SETTINGS, patience=QUICK, products=(product,))
    trader.runtime.start()
    trader.wait_for_focus()
    trader.focus(symbol)
    while any(order.status in IN_FLIGHT for order in trader.store.orders.values()):
        time.sleep(0.005)
    if what == "brackets":
        say(wrong=protection(trader, symbol), compared=0)
    wrong, compared = differences(trader, journal, symbol, begun_ms)
    deadline = time.monotonic() + 6
    while wrong and time.monotonic() < deadline:  # the screen knows it a moment before the journal
        time.sleep(0.05)
        wrong, compared = differences(trader, journal, symbol, begun_ms)
    say(wrong=wrong, compared=compared)
    if what == "brackets":
        say(trading=True)
        trade_brackets(trader, symbol)
    trader.ask(CancelEntries(None, include_protective=True))
    say(trading=True)
    trade(trader, symbol)


def trade(trader, symbol) -> None:
    """Orders at prices that no other order of this life has, now and then cancelled or made to fill."""
    view, instrument = trader.store.market(symbol).book.view(1), trader.store.instruments[symbol]
    far = instrument.tick.round(instrument.tick.value(view.best_bid) * D("0.97"))
    for number in count():
        request = trader.limit(symbol, Side.BUY if number % 2 else Side.SELL, "0.01" if number % 2 else "-0.01")
        if number % 5:
            request = trader.limit(symbol, Side.BUY)
            request = type(request)(
                symbol, Side.BUY, request.type, request.quantity, far + instrument.tick.size * number
            )
        reply = trader.ask(SubmitOrder(request, True))
        if number % 3 == 0 and reply.client_order_id is not None:
            trader.ask(CancelOrder(reply.client_order_id))


def trade_brackets(trader, symbol) -> None:
    """A bracket whose entry fills at once, then the position is closed by hand, again and again."""
    while True:
        trader.ask(ClosePosition(symbol, reviewed=True))
        low, high = trader.limit(symbol, Side.SELL, "-0.03"), trader.limit(symbol, Side.SELL, "0.03")
        stop = replace(low, type=OrderType.STOP_MARKET, price=None, terms=Terms(trigger_price=low.price))
        entry = trader.limit(symbol, Side.BUY, "0.01")
        trader.ask(SubmitOrderList(OrderListRequest(entry, (high, stop)), reviewed=True))
        time.sleep(0.02)


def protection(trader, symbol) -> list[str]:
    """What is wrong with the exits that the exchange holds, once the program has had time to mend them."""
    deadline, wrong = time.monotonic() + 6, ["never looked"]
    while wrong and time.monotonic() < deadline:
        held, exits = asyncio.run(held_and_exits(trader, symbol))
        stops = [report for report in exits if report.type is OrderType.STOP_MARKET]
        targets = [report for report in exits if report.type is OrderType.LIMIT]
        if not held:
            wrong = [f"{len(exits)} exits protect nothing"] if exits else []
        elif len(stops) != 1 or not (stops[0].close_position or stops[0].quantity - stops[0].filled == held):
            wrong = [f"{held} held, stops {[(one.quantity, one.close_position) for one in stops]}"]
        elif [one.quantity - one.filled for one in targets] != [held]:
            wrong = [f"{held} held, targets {[one.quantity for one in targets]}"]
        else:
            wrong = []
    return wrong


async def held_and_exits(trader, symbol):
    """The position in a symbol and its open orders, as the exchange tells them."""
    client = trader.client(trader.store.instruments[symbol].product)
    try:
        await client.open()
        await client.instruments()
        state = await client.account()
        exits = [report for report in await client.open_orders() if report.symbol == symbol]
    finally:
        await client.close()
    return sum((position.quantity for position in state.positions if position.symbol == symbol), D(0)), exits


def differences(trader, journal: Path, symbol: str, begun_ms: int) -> tuple[list[str], int]:
    """What the journal and the screen say otherwise than the exchange's own record."""
    known = written(journal, symbol)
    # A cancel gives an order another client id at the exchange; its number stays.
    names = {order_id: name for name, (*_, order_id) in known.items() if order_id}
    there, traded = asyncio.run(record(trader, symbol, begun_ms - 60_000, names))
    wrong = []
    for name, reports in there.items():
        if len(reports) > 1:
            wrong.append(f"{name} is at the exchange {len(reports)} times")
    wrong += [f"{name} is at the exchange and not in the journal" for name in there.keys() - known.keys()]
    for name, (status, filled, reason, time_ms, _) in known.items():
        if name not in there:
            if time_ms > begun_ms - 50_000 and (status, reason) != (OrderStatus.REJECTED.value, NEVER_REACHED):
                wrong.append(f"{name} is {status} ({reason}) in the journal and unknown at the exchange")
        elif (said := there[name][0]).status.value != status or said.filled != D(filled):
            wrong.append(f"{name} is {status} {filled} in the journal, {said.status} {said.filled} at the exchange")
    fills = [fill.trade_id for fill in trader.store.fills if fill.symbol == symbol]
    if len(fills) != len(set(fills)):
        wrong.append("an execution is counted twice")
    wrong += [f"execution {number} is missing" for number in traded - set(fills)]
    return wrong, len(there)


async def record(trader, symbol, since_ms, names):
    """The exchange's record of our orders by the client ids we gave, and the numbers of our executions."""
    instrument = trader.store.instruments[symbol]
    client = trader.client(instrument.product)
    try:
        await client.open()
        await client.instruments()
        reports = await client.past_orders(instrument, since_ms, 1_000)
        fills = await client.fills(instrument, since_ms, 1_000)
    finally:
        await client.close()
    there: dict[str, list] = {}
    for report in reports:
        name = names.get(report.order_id, report.client_order_id)
        if name.startswith(PREFIX):
            there.setdefault(name, []).append(report)
    return there, {fill.trade_id for fill in fills}


def written(journal: Path, symbol: str) -> dict[str, tuple[str, str, str, int, int | None]]:
    database = sqlite3.connect(journal)
    rows = database.execute(
        "SELECT client_order_id, known, time_ms FROM intents WHERE symbol = ?", (symbol,)
    ).fetchall()
    database.close()
    told = {name: (json.loads(text), time_ms) for name, text, time_ms in rows}
    return {
        name: (one["status"], one["filled"], one["reason"], time_ms, one.get("order_id"))
        for name, (one, time_ms) in told.items()
    }


def main() -> None:
    ready, journal = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for line in sys.stdin:
        if line.strip() != "live":
            break
        child = os.fork()
        if child == 0:
            try:
                live(ready, journal, *sys.argv[3:6])
            except BaseException as error:  # noqa: BLE001 - told to whoever started this life
                say(wrong=[f"{type(error).__name__}: {error}"], compared=0)
            os._exit(1)
        say(pid=child)
        os.waitpid(child, 0)
        say(dead=child)


if __name__ == "__main__":
    main()
