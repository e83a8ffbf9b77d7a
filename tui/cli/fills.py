"""Executions without a screen: those written down here and those the exchange still tells, as a document or a file."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import click

from tui.binance.client import ProductClient
from tui.binance.errors import BinanceError
from tui.cli.exchange_process import ExchangeStartError
from tui.cli.folders import FolderError
from tui.cli.journals import journals, since_ms_of
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError
from tui.cli.reports import known_symbols, open_place
from tui.cli.session import client_factories, start_log
from tui.domain.instrument import Instrument
from tui.domain.order import Fill
from tui.domain.product import Product
from tui.engine.fills_export import fill_row, write_fills
from tui.engine.journal import JournalError
from tui.engine.store import Session, Store

_AT_ONCE = 1_000
_MOST_PAGES = 50


def run_fills(
    context: Context, environment: str, symbols: tuple[str, ...], *, since: str, csv: Path | None, as_json: bool
) -> int:
    """Print the executions of some symbols, or write them to a file; the status is 1 where one could not be asked."""
    since_ms = since_ms_of(since)
    try:
        start_log(context)
        with open_place(context, environment) as place:
            venue = context.settings.options_of(place.name).data.venue
            if not place.credentials:
                raise PlaceError(f"environment {place.name} has no API key, and fills need one")
            kept = [fill for journal in journals(context, place) for fill in journal.fills(since_ms)]
            told, failures = asyncio.run(_told(context, place, symbols, kept, since_ms))
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error
    wanted = {name.upper() for name in symbols}
    fills = [fill for fill in _together(kept, told) if not wanted or fill.symbol in wanted]
    for failure in failures:
        click.echo(f"Warning: {failure}", err=True)
    if csv is not None:
        try:
            count = write_fills(csv, fills, venue)
        except OSError as error:
            raise click.ClickException(f"{csv} cannot be written: {error.strerror}") from error
        click.echo(f"{count} executions written to {csv}", err=as_json)
    if csv is None or as_json:
        document = {"fills": [fill_row(fill, venue) for fill in fills]}
        click.echo(json.dumps(document, indent=None if as_json else 2, ensure_ascii=False))
    return 1 if failures else 0


async def _told(
    context: Context, place: Place, symbols: tuple[str, ...], kept: list[Fill], since_ms: int
) -> tuple[list[Fill], list[str]]:
    """What the exchange tells of the symbols named, else of those traded or held; and what could not be asked."""
    store = Store(Session(place.name, place.account, place.real_money, read_only=True))
    clients = [make() for make in client_factories(context, place)]
    fills: list[Fill] = []
    failures: list[str] = []
    try:
        for client in clients:
            try:
                await client.open()
                store.instruments |= {one.symbol: one for one in await client.instruments()}
            except BinanceError as error:
                failures.append(f"{client.product.label}: {error}")
        named = known_symbols(symbols, store) if symbols else tuple(dict.fromkeys(fill.symbol for fill in kept))
        for client in clients:
            wanted = {store.instruments[name] for name in named if name in store.instruments}
            if not symbols:
                wanted |= await _held(client, store)
            its_own = [one for one in wanted if one.product is client.product]
            for instrument in sorted(its_own, key=lambda one: one.symbol):
                try:
                    fills += await _all_fills(client, instrument, since_ms)
                except BinanceError as error:
                    failures.append(f"{instrument.symbol}: {error}")
    finally:
        await asyncio.gather(*(client.close() for client in clients), return_exceptions=True)
    return fills, failures


async def _held(client: ProductClient, store: Store) -> set[Instrument]:
    """Symbols of what the account holds or has ordered, coins by their market against the dollar."""
    try:
        state, orders = await client.account(), await client.open_orders()
    except BinanceError:
        return set()
    names = {position.symbol for position in state.positions} | {order.symbol for order in orders}
    held = {store.instruments[name] for name in names if name in store.instruments}
    if client.product is Product.SPOT:
        assets = {balance.asset for balance in state.balances}
        held |= {
            one
            for one in store.instruments.values()
            if one.product is client.product and one.base in assets and one.quote == "USDT"
        }
    return held


async def _all_fills(client: ProductClient, instrument: Instrument, since_ms: int) -> list[Fill]:
    fills: list[Fill] = []
    for _ in range(_MOST_PAGES):
        page = await client.fills(instrument, since_ms, _AT_ONCE)
        fills += page
        if len(page) < _AT_ONCE:
            break
        since_ms = max(page[-1].time_ms, since_ms + 1)
    return fills


def _together(kept: Iterable[Fill], told: Iterable[Fill]) -> list[Fill]:
    """Each execution once; what was written down knows the client id, which lists of trades leave out."""
    known = {fill.key: fill for fill in told}
    for fill in kept:
        known[fill.key] = fill
    return sorted(known.values(), key=lambda fill: (fill.time_ms, fill.trade_id))
