"""Orders placed and taken back without a screen: one line, judged by the same guards, sent once, answered once."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum

import click

from tui.cli.exchange_process import ExchangeStartError
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError
from tui.cli.reports import open_place, unanswered, unanswered_words, unwatched
from tui.cli.session import open_runtime, start_log
from tui.domain.order import Order
from tui.domain.product import Product
from tui.domain.text import clean
from tui.engine.commands import Command, Origin
from tui.engine.commands.answers import Preview, Reply, Result
from tui.engine.commands.orders import CancelEntries, CancelOrders
from tui.engine.commands.safety import ConfirmEnvironment
from tui.engine.commands.views import FocusSymbol
from tui.engine.journal import JournalError
from tui.engine.runtime import Runtime
from tui.engine.status import Json, order_document
from tui.engine.store import Store
from tui.engine.taking_back import takes_back_entries
from tui.ui.command.atoms import looks_like_symbol
from tui.ui.command.grammar import GrammarError, parse
from tui.ui.command.meanings import CloseLine, OcoLine, OrderLine
from tui.ui.command.resolve import Intention, resolve
from tui.ui.command.vocabulary import WORDS
from tui.ui.dollars import DollarWorth
from tui.ui.paint_clock import SystemClock
from tui.ui.view_state import ViewState

#: What a command without a screen writes down; the journal of a program that trades meanwhile is left to that program.
JOURNAL = "headless.sqlite"

_ANSWERED_WITHIN_S = 30.0
_BOOK_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.02
_SHORTEST_SYMBOL = 4


class Status(IntEnum):
    """What the exit status says; 2 is click's, for words that mean nothing."""

    DONE = 0
    REFUSED = 1
    #: It was sent, and nothing is known of what became of it.
    UNKNOWN = 3
    #: Nothing was sent, because nobody said yes.
    NOT_SENT = 4


_STATUS = {Result.DONE: Status.DONE, Result.REFUSED: Status.REFUSED, Result.UNKNOWN: Status.UNKNOWN}


def run_place(
    context: Context, environment: str, line: str, *, yes: bool, confirmed: str, test: bool, as_json: bool
) -> int:
    """Place what a line of the command line means; without `yes` it is spelled out and asked for at the terminal."""
    with _session(context, environment, line.split()) as (runtime, place):
        intention = _understood(context, runtime, line)
        verdict = runtime.preview(intention.order) if intention.order is not None else None
        refusal = verdict.refusal if verdict is not None else None
        # Real money that nobody confirmed yet is asked for below, once the order has been spelled out.
        if refusal is not None and refusal.rule not in ("unconfirmed",):
            return _tell({"result": "refused", "rule": refusal.rule, "text": refusal.text}, as_json, Status.REFUSED)
        if refused := _app_managed(verdict):
            return _tell({"result": "refused", "rule": "app-managed", "text": refused}, as_json, Status.REFUSED)
        spelled = _spelled(intention, verdict, place)
        if test:
            return _tell({"result": "not sent", "text": spelled}, as_json, Status.DONE)
        if not _agreed(spelled, place, yes=yes):
            return _tell({"result": "not sent", "text": f"not sent: {spelled}"}, as_json, Status.NOT_SENT)
        if (wrong := _confirm(runtime, place, confirmed, yes=yes)) is not None:
            return _tell({"result": "refused", "rule": "unconfirmed", "text": wrong}, as_json, Status.REFUSED)
        return _answer(runtime, _ask(runtime, intention.commands[0]), as_json)


def run_cancel(
    context: Context,
    environment: str,
    names: tuple[str, ...],
    *,
    symbol: str,
    everything: bool,
    protective: bool,
    yes: bool,
    confirmed: str,
    as_json: bool,
) -> int:
    """Cancel orders by client id or number, or the entries of a symbol or of the account."""
    if sum((bool(names), bool(symbol), everything)) != 1:
        raise click.UsageError("Name orders, or give --symbol SYMBOL, or --all; one of the three")
    with _session(context, environment, [symbol]) as (runtime, place):
        command, spelled = _cancelled(runtime.store, names, symbol.upper(), protective=protective)
        if not _agreed(spelled, place, yes=yes):
            return _tell({"result": "not sent", "text": f"not sent: {spelled}"}, as_json, Status.NOT_SENT)
        needs_name = not takes_back_entries(command, runtime.store)
        if needs_name and (wrong := _confirm(runtime, place, confirmed, yes=yes)) is not None:
            return _tell({"result": "refused", "rule": "unconfirmed", "text": wrong}, as_json, Status.REFUSED)
        return _answer(runtime, _ask(runtime, command), as_json)


@contextmanager
def _session(context: Context, environment: str, words: Sequence[str]) -> Iterator[tuple[Runtime, Place]]:
    """A running engine whose accounts agree with the exchange; ends in a sentence where there is none.

    Only the products that `words` can mean are connected: each costs a fifth of a minute's request weight.
    """
    if context.read_only:
        raise click.ClickException("--read-only sends nothing: leave it out to trade")
    try:
        start_log(context)
        with open_place(context, environment) as whole:
            place = _narrowed(whole, words)
            if not place.credentials:
                raise PlaceError(f"environment {place.name} has no API key, and orders need one")
            runtime = open_runtime(unwatched(context), place, journal_name=JOURNAL)
            runtime.start()
            try:
                if missing := unanswered(runtime.store, place):
                    raise PlaceError(f"{unanswered_words(place, missing)}; nothing was sent")
                yield runtime, place
            finally:
                runtime.stop()
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error


def _narrowed(place: Place, words: Sequence[str]) -> Place:
    """The place with only the products that may list a symbol among these words; all where none names one.

    Every symbol of COIN-M is of `…USD-PERP` or `…USD_261225`; the same name could be listed on USD-M as well.
    """
    names = [word for word in words if len(word) > _SHORTEST_SYMBOL and word.lower() not in WORDS]
    symbols = [word.upper() for word in names if looks_like_symbol(word)]
    wanted: set[Product] = set()
    for symbol in symbols:
        if symbol.endswith(("-X", "-I")):
            wanted |= {Product.MARGIN, Product.ISOLATED_MARGIN}
        elif symbol.endswith("-PERP") or "_" in symbol:
            wanted.add(Product.USDM)
            wanted |= {Product.COINM} if symbol.partition("-")[0].partition("_")[0].endswith("USD") else set()
        else:
            wanted.add(Product.SPOT)
    kept = {product: urls for product, urls in place.urls.items() if product in wanted}
    if not kept:
        return place
    credentials = {product: one for product, one in place.credentials.items() if product in kept}
    return replace(place, urls=kept, credentials=credentials)


def _understood(context: Context, runtime: Runtime, line: str) -> Intention:
    """What a line means in the market of this moment, its book live; raises UsageError for one that means no order."""
    store = runtime.store
    try:
        parsed = parse(line, store.instruments.__contains__)
        if not isinstance(parsed, OrderLine | OcoLine | CloseLine):
            raise GrammarError("place takes an order: b, s, oco or close; binance-tui cancel takes orders back")
        if parsed.symbol is None:
            raise GrammarError("name the symbol: b 0.1 BTCUSDT @ bid")
        _look_at(runtime, parsed.symbol)
        screen = context.settings.screen
        view = ViewState(
            symbol=parsed.symbol,
            clock=SystemClock(),
            size_presets=screen.size_presets,
            symbol_presets=screen.symbol_presets,
            in_dollars=DollarWorth(store),
            stale_after_ms=context.settings.limits.stale_after_ms,
        )
        return resolve(parsed, store, view)
    except GrammarError as error:
        hint = f"; write {error.offer}" if error.offer else ""
        raise click.UsageError(f"{clean(line, 80)}: {error.text}{hint}") from error


def _look_at(runtime: Runtime, symbol: str) -> None:
    runtime.send(FocusSymbol(symbol), Origin.SCRIPT)
    deadline = time.monotonic() + _BOOK_WITHIN_S
    while time.monotonic() < deadline:
        market = runtime.store.markets.get(symbol)
        if runtime.store.focus == symbol and market is not None and market.book.is_live:
            runtime.replies()
            return
        time.sleep(_LOOK_EVERY_S)
    raise PlaceError(f"the book of {symbol} did not come within {_BOOK_WITHIN_S:.0f} s, nothing was sent")


def _app_managed(verdict: Preview | None) -> str:
    """Why an order cannot be left behind by a program that ends: something of it would have to be done here later."""
    notes = verdict.notes if verdict is not None else ()
    return next((f"{note}; place it from the screen" for note in notes if "app-managed" in note or "local" in note), "")


def _spelled(intention: Intention, verdict: Preview | None, place: Place) -> str:
    money = "REAL MONEY" if place.real_money else "play money"
    notes = f" ({'; '.join(verdict.notes)})" if verdict is not None and verdict.notes else ""
    costs = f" · {verdict.text}" if verdict is not None else ""
    return f"{place.name} {place.account} ({money}): {intention.text}{costs}{notes}"


def _agreed(spelled: str, place: Place, *, yes: bool) -> bool:
    """Whether it may be sent: --yes, or a yes at the terminal."""
    if yes:
        return True
    if not sys.stdin.isatty():
        click.echo("Nothing is sent without --yes where nobody can be asked", err=True)
        return False
    return click.confirm(f"{spelled}\nSend?", default=False, err=True)


def _confirm(runtime: Runtime, place: Place, confirmed: str, *, yes: bool) -> str | None:
    """Say that real money is meant, by the environment's own name; why not where it was not said."""
    if not runtime.store.session.awaits_confirmation:
        return None
    name = confirmed
    if not name and not yes and sys.stdin.isatty():
        name = click.prompt(f"REAL MONEY: type {place.name} to mean it", err=True, default="", show_default=False)
    if name != place.name:
        return f"REAL MONEY: say --confirm {place.name} to mean it; nothing was sent"
    _ask(runtime, ConfirmEnvironment(name))
    return None


def _cancelled(store: Store, names: tuple[str, ...], symbol: str, *, protective: bool) -> tuple[Command, str]:
    kept = "protective ones too" if protective else "protective orders stay"
    if names:
        orders = [_order_named(name, store) for name in names]
        listed = ", ".join(f"{one.side.value} {one.quantity:f} {one.symbol} {one.client_order_id}" for one in orders)
        return CancelOrders(tuple(one.client_order_id for one in orders)), f"cancel {listed}"
    if symbol and symbol not in store.instruments:
        raise PlaceError(f"{clean(symbol, 40)} is not listed here")
    return CancelEntries(symbol or None, protective), f"cancel the orders of {symbol or 'the account'}; {kept}"


def _order_named(name: str, store: Store) -> Order:
    """An open order by its client id, or by the exchange's number."""
    wanted = clean(name, 60)
    found = [
        order
        for order in store.open_orders()
        if wanted == order.client_order_id or wanted in (str(order.order_id), str(order.algo_id))
    ]
    if len(found) != 1:
        problem = "is no open order" if not found else "names several orders: give the client id"
        raise PlaceError(f"{wanted} {problem}; binance-tui orders lists them")
    return found[0]


def _ask(runtime: Runtime, command: Command) -> Reply | None:
    """Send a command and wait for its answer; None where it did not come in time."""
    number = runtime.send(command, Origin.SCRIPT)
    deadline = time.monotonic() + _ANSWERED_WITHIN_S
    while time.monotonic() < deadline:
        for reply in runtime.replies():
            if reply.command_id == number:
                return reply
        time.sleep(_LOOK_EVERY_S)
    return None


def _answer(runtime: Runtime, reply: Reply | None, as_json: bool) -> int:
    if reply is None:
        text = f"no answer within {_ANSWERED_WITHIN_S:.0f} s: binance-tui orders shows what became of it"
        return _tell({"result": "unknown", "text": text}, as_json, Status.UNKNOWN)
    document: Json = {"result": reply.result.value, "text": reply.text}
    if reply.refusal is not None:
        document["rule"] = reply.refusal.rule
    order = runtime.store.orders.get(reply.client_order_id or "")
    if order is not None:
        document["order"] = order_document(order)
    return _tell(document, as_json, _STATUS[reply.result])


def _tell(document: Json, as_json: bool, status: Status) -> int:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else str(document["text"]))
    return int(status)
