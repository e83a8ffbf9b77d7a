"""An engine made of a place, settings and a journal; what screen and reports share."""

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from urllib.parse import urlsplit

from tui.binance.client import ProductClient
from tui.binance.limits import LimitPools
from tui.cli import last_words
from tui.cli.folders import private_file
from tui.cli.options import Context
from tui.cli.places import Place
from tui.domain.product import Product
from tui.engine.runtime import Runtime
from tui.engine.store import Session
from tui.keys.redaction import RedactingFormatter

_LOG_BYTES = 5_000_000


def open_runtime(
    context: Context, place: Place, *, read_only: bool = False, journal_name: str = "journal.sqlite"
) -> Runtime:
    """An engine for this place, not yet started; without keys it can only look."""
    read_only = read_only or context.read_only or not place.credentials
    for credentials in place.credentials.values():
        credentials.only_reads = read_only
    session = Session(
        environment=place.name,
        account=place.account,
        is_real_money=place.real_money,
        read_only=read_only,
        hosts=tuple(dict.fromkeys(urlsplit(urls.rest).hostname or "" for urls in place.urls.values())),
        awaits_confirmation=place.real_money and not read_only and context.settings.safety.confirm_real_money,
        venue=context.settings.options_of(place.name).data.venue,
    )
    # A session that never sends writes nothing down, and leaves the journal to the one that does.
    journal = None if read_only else context.folders.environment(place.folder or place.name) / journal_name
    return Runtime(
        client_factories(context, place),
        context.settings,
        session,
        journal,
        with_account=bool(place.credentials),
    )


def client_factories(context: Context, place: Place) -> list[Callable[[], ProductClient]]:
    """Makers of one client for each product of a place; together they keep to the exchange's limits."""
    pools = LimitPools()
    return [_factory(context, place, product, pools) for product in place.urls]


def _factory(context: Context, place: Place, product: Product, pools: LimitPools) -> Callable[[], ProductClient]:
    def make() -> ProductClient:
        # In the engine thread, after the first frame: loading the network libraries takes as long as all of Textual.
        from tui.binance.products import open_client

        return open_client(
            product,
            place.urls[product],
            place.credentials.get(product),
            context.settings.options_of(place.name),
            pools=pools,
        )

    return make


def start_log(context: Context) -> None:
    """Send the program's log, and reports of its own failures, to its file; raises FolderError when it cannot be."""
    path = private_file(context.folders.log_file)
    last_words.install(path)
    logging.captureWarnings(True)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for talkative in ("websockets", "aiohttp", "asyncio"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
