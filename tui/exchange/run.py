"""The exchange as a process: its ports, its one line of greeting, its end."""

import asyncio
import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from tui.domain.product import Product
from tui.exchange.accounts.names import DEMO
from tui.exchange.auth import Authenticator
from tui.exchange.exchange import Exchange
from tui.exchange.keys import ApiKey, read_key_rules
from tui.exchange.market.mirror.mirror import Mirror
from tui.exchange.market.mirror.source import SourceError
from tui.exchange.market.mirror.start import prepared
from tui.exchange.server.app import CALL_PATHS, ProductServer
from tui.exchange.server.desk import FUTURES_LIMITS, SPOT_LIMITS, Desk
from tui.exchange.server.margin_desk import MarginDesk
from tui.exchange.small_liabilities import SmallLiabilities
from tui.exchange.special_keys import SpecialKeys
from tui.exchange.state import StateError
from tui.exchange.tape import Tape
from tui.exchange.venue import Venue

_HOST = "127.0.0.1"
#: What the wallets of futures are called in transfers.
_WALLETS = {Product.USDM: "UMFUTURE", Product.COINM: "CMFUTURE"}
_CANNOT_START = 2
_FAILED = 1

#: What the exchange tells when it is ready: addresses by product, and the keys of the demo account.
Ready = dict[str, Any]


class PortError(Exception):
    """A port that cannot be had; the text names it and the remedy."""


def make_desk(exchange: Exchange, venue: Venue, authenticator: Authenticator) -> Desk:
    """A venue with all that its server needs."""

    def clocks() -> tuple[int, ...]:
        now = exchange.clock.now_ms()
        # Clients stamp by the wall clock or by the exchange's; they differ only when time runs faster here.
        return (now,) if exchange.clock.speed == 1 else (now, time.time_ns() // 1_000_000)

    limits = FUTURES_LIMITS if venue.product.is_futures else SPOT_LIMITS
    tape = Tape(
        venue.listings, partial(exchange.history, venue.product), exchange.seed, made_up_past=not exchange.is_mirror
    )
    margin = None if venue.product.is_futures else _margin_desk(exchange, authenticator)
    return Desk(venue, tape, authenticator, limits, clocks, keep=exchange.keep, margin=margin)


def _margin_desk(exchange: Exchange, authenticator: Authenticator) -> MarginDesk:
    margin = exchange.margin
    keys = SpecialKeys.of(margin.venue.documents, authenticator)
    return MarginDesk(margin, exchange.margin_watch, keys, SmallLiabilities(margin))


@asynccontextmanager
async def serving(
    exchange: Exchange, *, port: int = 0, with_faults: bool = False, further_keys: Sequence[str] = ()
) -> AsyncIterator[tuple[Ready, list[ProductServer]]]:
    """Serve every product on a port of its own, the first on `port` (0: free ones); raises PortError.

    `further_keys` are rules for keys that may do less than the others, or belong to further accounts (see
    `read_key_rules`); they are not kept.
    Gives what the ready line says, and the servers. The market itself is not set going here.
    """
    asked = [read_key_rules(DEMO, rules) for rules in further_keys]
    for rules in asked:
        exchange.admit(rules.account_id, rules.group)
    keys = [*exchange.keys, *(rules.key() for rules in asked)]
    authenticator = Authenticator(keys)
    ready: Ready = {}
    servers = []
    async with AsyncExitStack() as stack:
        for offset, (product, venue) in enumerate(exchange.venues.items()):
            server = ProductServer(make_desk(exchange, venue, authenticator), with_faults=with_faults)
            number = await _listen(stack, server, port + offset if port else 0)
            server.publishing = asyncio.create_task(server.run())
            stack.push_async_callback(_end, server.publishing)
            stack.push_async_callback(server.shut_down)
            servers.append(server)
            ready[product.value] = _addresses(number, CALL_PATHS[product])
            server.desk.address = ready[product.value]["rest"]
        _join_futures(servers)
        ready["keys"] = [_key(key) for key in keys]
        yield ready, servers


def _join_futures(servers: Sequence[ProductServer]) -> None:
    """What both futures products share at Binance since 2026-06-30: limits, and streams of all symbols."""
    futures = [server for server in servers if server.desk.product.is_futures]
    for server in servers:
        if not server.desk.product.is_futures:
            server.desk.futures = {_WALLETS[other.desk.product]: other.desk for other in futures}
    for server in futures:
        server.desk.budget = futures[0].desk.budget
        server.desk.neighbour = next((other.desk for other in futures if other is not server), None)
        server.publisher.partners = [other.publisher for other in futures if other is not server]


async def _listen(stack: AsyncExitStack, server: ProductServer, port: int) -> int:
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        site = web.TCPSite(runner, _HOST, port)
        await site.start()
    except (OSError, OverflowError) as error:
        raise PortError(_port_problem(port, error)) from error
    return int(runner.addresses[0][1])


def _port_problem(port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use; choose another with --port, or --port 0 for free ones."
    return f"Port {port} cannot be opened ({error}); choose another with --port, or --port 0 for free ones."


def _addresses(port: int, call_path: str) -> dict[str, str]:
    return {
        "rest": f"http://{_HOST}:{port}",
        "ws": f"ws://{_HOST}:{port}",
        "ws_api": f"ws://{_HOST}:{port}{call_path}",
    }


def _key(key: ApiKey) -> dict[str, str]:
    secret = {"api_secret": key.secret_or_public} if key.private_key is None else {"private_key": key.private_key}
    return {"type": key.type, "api_key": key.api_key, **secret}


async def _end(task: asyncio.Task[None]) -> None:
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def serve(
    exchange: Exchange,
    *,
    port: int,
    with_faults: bool,
    tell: Callable[[Ready], None],
    stop: asyncio.Event,
    further_keys: Sequence[str] = (),
) -> None:
    """Keep the exchange alive and serve it until `stop` is set; `tell` gets the ready line's content.

    Raises PortError, and whatever ended the market.
    """
    async with serving(exchange, port=port, with_faults=with_faults, further_keys=further_keys) as (ready, servers):
        market = asyncio.create_task(exchange.run())
        stopped = asyncio.create_task(stop.wait())
        running = {market, *(server.publishing for server in servers if server.publishing)}
        tell(ready)
        await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in running:
            if task.done():
                task.result()
        await _end(market)


def run_exchange(
    *,
    seed: int,
    port: int = 0,
    speed: float = 1.0,
    state_path: Path | None = None,
    faults: bool = False,
    die_with_parent: bool = False,
    further_keys: Sequence[str] = (),
    isolated: Sequence[str] = (),
    mirror: str = "",
) -> int:
    """Run in the foreground until SIGTERM or SIGINT, or until standard input closes with `die_with_parent`.

    `isolated` names pairs whose isolated margin account is open from the start; `mirror` is JSON of another exchange's
    addresses, whose markets take the place of the living one (see `prepared`), and pairs not listed there are passed
    over.
    Prints one line of JSON when ready. Returns the exit code: 0 after an orderly end, 2 when it could not start.
    """
    try:
        for rules in further_keys:
            read_key_rules(DEMO, rules)
    except ValueError as error:
        return _complain(f"--key: {error}.", _CANNOT_START)
    try:
        live = prepared(mirror) if mirror else None
        exchange = Exchange(seed=seed, speed=speed, state_path=state_path, mirror=live)
        exchange.margin.open_pairs(DEMO, isolated)
    except (StateError, SourceError) as error:
        return _complain(str(error), _CANNOT_START)
    try:
        pairs = exchange.margin.venue.listings
        if live is None and (unknown := next((symbol for symbol in isolated if symbol not in pairs), None)):
            return _complain(f"--isolated: {unknown} is no pair here; there are {', '.join(pairs)}.", _CANNOT_START)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(exchange, port, faults, die_with_parent, further_keys, live))
    except PortError as error:
        return _complain(str(error), _CANNOT_START)
    except StateError as error:
        return _complain(str(error), _FAILED)
    finally:
        exchange.close()
    return 0


async def _run(
    exchange: Exchange,
    port: int,
    faults: bool,
    die_with_parent: bool,
    further_keys: Sequence[str],
    live: Mirror | None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if die_with_parent:
        _watch_parent(loop, stop)
    following = asyncio.create_task(live.run()) if live is not None else None
    await serve(exchange, port=port, with_faults=faults, tell=_print_ready, stop=stop, further_keys=further_keys)
    if following is not None:
        await _end(following)


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when the pipe from the parent closes; anything but a pipe is not watched."""

    def readable() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    with contextlib.suppress(PermissionError):
        loop.add_reader(sys.stdin.fileno(), readable)


def _print_ready(ready: Ready) -> None:
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()


def _complain(sentence: str, code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return code


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed: the same loop, less work for each socket."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
