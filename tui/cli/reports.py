"""Reports without a screen: one connection, one document, one exit status."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

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
            return _report(open_runtime(context, place, read_only=True), name, place, as_json=as_json)
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error


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
        document = _DOCUMENTS[name](runtime.store)
    finally:
        runtime.stop()
    click.echo(json.dumps(document, indent=None if as_json else 2, ensure_ascii=False))
    if not is_connected:
        print(f"{place.name} did not answer within {CONNECTED_WITHIN_S:.0f} s", file=sys.stderr)
    return 0 if is_connected else 1


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
