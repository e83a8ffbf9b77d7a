"""Reports without a screen: one connection, one document, one exit status."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
import msgspec

from tui.cli.demo_state import STATE, demo_folder, latest_demo
from tui.cli.exchange_process import ExchangeProcess, ExchangeStartError, running_exchange
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError, place_of, place_of_demo
from tui.cli.session import open_runtime, start_log
from tui.domain.text import clean
from tui.engine.journal import JournalError
from tui.engine.runtime import Runtime
from tui.engine.status import Json, balances_document, orders_document, positions_document, status_document
from tui.engine.store import Link, Store

CONNECTED_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05
_NO_SYMBOL = "-"

#: Reports that tell what the day has brought, and how long they wait for it.
_WITH_THE_DAY = frozenset({"status", "positions"})
_DAY_WITHIN_S = 3.0

_DOCUMENTS: dict[str, Callable[[Store], Json]] = {
    "status": status_document,
    "orders": orders_document,
    "positions": positions_document,
    "balances": balances_document,
}


def run_report(context: Context, name: str, environment: str, *, as_json: bool) -> int:
    """Connect, wait until the account is reconciled, print, and say by the status whether that worked."""
    try:
        start_log(context)
        with open_place(context, environment) as place:
            return _report(open_runtime(unwatched(context), place, read_only=True), name, place, as_json=as_json)
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error


def unwatched(context: Context) -> Context:
    """The same without a watchlist, whose charts a command without a screen would fetch for nobody."""
    screen = msgspec.structs.replace(context.settings.screen, watchlist=(_NO_SYMBOL,), symbol="")
    return replace(context, settings=msgspec.structs.replace(context.settings, screen=screen))


@contextmanager
def open_place(context: Context, environment: str) -> Iterator[Place]:
    """The named environment; for the demo the exchange that runs, or one started for as long as this lasts."""
    if environment != "demo" or "demo" in context.settings.environments:
        yield place_of(environment, context.settings, os.environ, context.keys(), context.account)
        return
    seed = latest_demo(context.folders.data)
    folder = context.folders.environment(demo_folder(seed))
    ready = running_exchange(folder / STATE)
    if ready is not None:
        yield place_of_demo(ready, folder.name, context.settings.options_of("demo").data.products)
        return
    exchange = ExchangeProcess.start(folder / STATE, seed)
    try:
        yield place_of_demo(exchange.ready(), folder.name, context.settings.options_of("demo").data.products)
    finally:
        exchange.stop()


def _report(runtime: Runtime, name: str, place: Place, *, as_json: bool) -> int:
    if not place.credentials and name != "status":
        raise PlaceError(f"environment {place.name} has no API key, and {name} need one")
    runtime.start()
    try:
        is_connected = wait_until_connected(runtime.store, place)
        if is_connected and place.credentials and name in _WITH_THE_DAY:
            _wait_for_the_day(runtime.store)
        document = _DOCUMENTS[name](runtime.store)
    finally:
        runtime.stop()
    click.echo(json.dumps(document, indent=None if as_json else 2, ensure_ascii=False))
    if not is_connected:
        print(f"{place.name} did not answer within {CONNECTED_WITHIN_S:.0f} s", file=sys.stderr)
    return 0 if is_connected else 1


def _wait_for_the_day(store: Store) -> None:
    """Give the account's figures a moment; a document without them is better than none."""
    deadline = time.monotonic() + _DAY_WITHIN_S
    while time.monotonic() < deadline:
        summary = store.summary
        if summary is not None and summary.equity is not None and summary.day_result is not None:
            return
        time.sleep(_LOOK_EVERY_S)


def wait_until_connected(store: Store, place: Place) -> bool:
    """Whether every product answered, and its account (where there is a key) was reconciled in time."""
    deadline = time.monotonic() + CONNECTED_WITHIN_S
    while time.monotonic() < deadline:
        links = [store.links.get(product) for product in place.urls]
        if all(
            link is not None
            and link.market is Link.LIVE
            and (link.user is Link.LIVE or product not in place.credentials)
            for product, link in zip(place.urls, links, strict=True)
        ):
            return True
        time.sleep(_LOOK_EVERY_S)
    return False


def known_symbols(symbols: Iterable[str], store: Store) -> tuple[str, ...]:
    """The symbols as the program spells them; raises PlaceError for one that is not listed."""
    found = []
    for symbol in symbols:
        name = clean(symbol, 40).upper()
        if name not in store.instruments:
            near = ", ".join(sorted(listed for listed in store.instruments if listed.startswith(name[:3]))[:5])
            raise PlaceError(f"{name} is not listed here" + (f"; there are {near}" if near else ""))
        found.append(name)
    return tuple(dict.fromkeys(found))
