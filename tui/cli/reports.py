"""Reports without a screen: one connection, one document, one exit status."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import click
import msgspec

from tui.binance.errors import KEY_REFUSED
from tui.cli.demo_state import STATE, demo_folder, latest_demo
from tui.cli.exchange_process import ExchangeProcess, ExchangeStartError, running_exchange
from tui.cli.folders import FolderError
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError, place_of, place_of_demo
from tui.cli.session import open_runtime, start_log
from tui.domain.product import Product
from tui.domain.text import clean
from tui.engine.attention import NO_SYMBOL
from tui.engine.journal import JournalError
from tui.engine.runtime import Runtime
from tui.engine.status import Json, balances_document, orders_document, positions_document, status_document
from tui.engine.store import Link, LinkHealth, Store

CONNECTED_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05

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
    """Connect, wait until the account is reconciled, print, and say by the status whether that worked.

    Products that did not answer stand under `unread`; where none did, only the status is printed.
    """
    try:
        start_log(context)
        with open_place(context, environment) as place:
            return _report(open_runtime(unwatched(context), place, read_only=True), name, place, as_json=as_json)
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error


def unwatched(context: Context) -> Context:
    """The same without a watchlist, whose charts a command without a screen would fetch for nobody."""
    screen = msgspec.structs.replace(context.settings.screen, watchlist=(NO_SYMBOL,), symbol="")
    return replace(context, settings=msgspec.structs.replace(context.settings, screen=screen))


@contextmanager
def open_place(context: Context, environment: str, *, with_keys: bool = True) -> Iterator[Place]:
    """The named environment; for the demo the exchange that runs, or one started for as long as this lasts."""
    if environment != "demo" or "demo" in context.settings.environments:
        if with_keys:
            yield place_of(environment, context.settings, os.environ, context.keys(), context.account)
        else:
            yield place_of(environment, context.settings, {})
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
        missing = unanswered(runtime.store, place)
        if not missing and place.credentials and name in _WITH_THE_DAY:
            _wait_for_the_day(runtime.store)
        document = _DOCUMENTS[name](runtime.store)
    finally:
        runtime.stop()
    if missing and name != "status":
        document["unread"] = {product.value: why for product, why in missing.items()}
    if name == "status" or len(missing) < len(place.urls):
        click.echo(json.dumps(document, indent=None if as_json else 2, ensure_ascii=False))
    if missing:
        click.echo(f"Error: {unanswered_words(place, missing)}", err=True)
    return 1 if missing else 0


def _wait_for_the_day(store: Store) -> None:
    """Give the account's figures a moment; a document without them is better than none."""
    deadline = time.monotonic() + _DAY_WITHIN_S
    while time.monotonic() < deadline:
        summary = store.summary
        if summary is not None and summary.equity is not None and summary.day_result is not None:
            return
        time.sleep(_LOOK_EVERY_S)


def unanswered(store: Store, place: Place) -> dict[Product, str]:
    """The products that did not answer, or whose account (where there is a key) was not reconciled in time, and why.

    Those whose key is refused are not waited for.
    """
    refused: dict[Product, str] = {}
    deadline = time.monotonic() + CONNECTED_WITHIN_S
    while True:
        links = {product: store.links.get(product, LinkHealth()) for product in place.urls}
        listed = {instrument.product for instrument in store.instruments.values()}
        missing = {
            product: link
            for product, link in links.items()
            if not _is_live(link, has_account=product in place.credentials, has_symbols=product in listed)
        }
        refused |= {product: link.detail for product, link in missing.items() if link.detail.startswith(KEY_REFUSED)}
        if missing.keys() <= refused.keys() or time.monotonic() >= deadline:
            late = f"did not answer within {CONNECTED_WITHIN_S:.0f} s"
            return {product: refused.get(product) or link.detail or late for product, link in missing.items()}
        time.sleep(_LOOK_EVERY_S)


def _is_live(link: LinkHealth, *, has_account: bool, has_symbols: bool) -> bool:
    """Where the settings leave out every symbol there is no market to hear, yet an account to read."""
    is_heard = link.market is Link.LIVE or (has_account and not has_symbols)
    return is_heard and (link.user is Link.LIVE or not has_account)


def unanswered_words(place: Place, missing: Mapping[Product, str]) -> str:
    """What is wrong with each product, and what to do where it is the key."""
    words = "; ".join(f"{product.label}: {why}" for product, why in missing.items())
    if not any(why.startswith(KEY_REFUSED) for why in missing.values()):
        return f"{place.name}: {words}"
    return f"{place.name}: {words}; binance-tui keys check --env {place.name} says what the key may do"


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
