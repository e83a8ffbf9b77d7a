"""Recorded from the embedded exchange, faults included, then replayed: the same books come out."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict

import pytest
from exchange_process import ExchangeProcess

from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.recording import Recorder
from tui.binance.replay import Pace, ReplayClient
from tui.binance.replay_file import CALLS, RestKey, read_frames, survey
from tui.domain.product import Product
from tui.engine.feeds.market_feed import Interest
from tui.engine.observation import Observation, market_document
from tui.engine.store import Session, Store

SYMBOLS = ["BTCUSDT", "ETHUSDT", "BTCUSDT-PERP", "BTCUSD-PERP"]
PRODUCTS = (Product.SPOT, Product.USDM, Product.COINM)
STORE = Session("test", "none", False, True)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    process = ExchangeProcess(tmp_path_factory.mktemp("exchange") / "state.sqlite", roomy=True)
    yield process
    process.kill()


def go_wrong(exchange, **fault):
    for product in PRODUCTS:
        url = f"{exchange.ready[product.value]['rest']}/fault"
        request = urllib.request.Request(url, json.dumps(fault).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


async def until(condition, within_s=30.0):
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


def books(store):
    return [store.market(symbol).book for symbol in SYMBOLS]


async def moved(store, updates):
    """Every book is live, and has changed so often since."""
    for _ in range(updates):
        before = [book.view(1).update_id for book in books(store)]
        await until(
            lambda before=before: all(
                book.is_live and book.view(1).update_id > was for book, was in zip(books(store), before, strict=True)
            )
        )


async def record(exchange, path, faults):
    """Record while things go wrong; what the recorder's own store held at the end."""
    recorder = Recorder(path)
    clients = [
        open_client(product, ProductUrls(**exchange.ready[product.value]), None, tap=recorder.tap(product))
        for product in PRODUCTS
    ]
    observation = Observation(clients, Store(STORE))
    await observation.learn()
    observation.follow(SYMBOLS)
    await moved(observation.store, 4)
    for fault in faults:
        await asyncio.to_thread(go_wrong, exchange, **fault)
        await moved(observation.store, 6)
    await until(lambda: all(observation.store.market(symbol).trades for symbol in SYMBOLS))
    await observation.close()
    recorder.close()
    assert not recorder.lost
    return documents(observation.store)


async def play(path, speed=0.0):
    contents = survey(path)
    pace = Pace(contents.first_ns, speed)
    clients = [ReplayClient(product, path, contents, pace) for product in contents.symbols]
    observation = Observation(clients, Store(STORE))
    await observation.learn()
    observation.follow(SYMBOLS)
    async with asyncio.timeout(20):
        await asyncio.gather(*(client.ended.wait() for client in clients))
    await observation.close()
    return documents(observation.store)


def documents(store):
    return {symbol: market_document(store.market(symbol)) for symbol in SYMBOLS}


def differences(played, held):
    """What a replay shows otherwise than the recorder held it, a line each; of a side of a book what only one has."""
    found = []
    for symbol, document in held.items():
        was, now = flat(document), flat(played[symbol])
        names = [name for name in {**was, **now} if was[name] != now[name]]
        found += [f"{symbol} {name}: held {was[name]}, replayed {now[name]}" for name in names]
    return found


def flat(document):
    """The figures of a symbol by name, each side of its book as what it holds at each price."""
    book = document["book"]
    sides = {f"{side} {price}": size for side in ("bids", "asks") for price, size in book[side]}
    rest = {f"book {name}": value for name, value in book.items() if name not in ("bids", "asks")}
    return defaultdict(lambda: None, {**rest, **sides, **{name: document[name] for name in ("ticker", "last_trade")}})


def snapshots(path):
    paths = {CALLS[product].depth.path for product in PRODUCTS}
    return sum(1 for frame in read_frames(path) if isinstance(frame.key, RestKey) and frame.key.path in paths)


@pytest.mark.parametrize(
    ("faults", "fewest_snapshots"),
    [
        pytest.param([], 4, id="undisturbed"),
        pytest.param([{"drop_depth": 3}], 5, id="gap"),
        pytest.param([{"cut": True}, {"drop_depth": 2}, {"cut": True}], 12, id="reconnects"),
        pytest.param([{"shutdown_ms": 1_500}], 4, id="renewed"),
        pytest.param([{"corrupt": 2}, {"duplicate": 2}, {"reorder": 2}], 4, id="broken frames"),
    ],
)
async def test_a_replay_ends_with_the_books_the_recorder_held(exchange, tmp_path, faults, fewest_snapshots):
    path = tmp_path / "recording.jsonl"
    held = await record(exchange, path, faults)
    assert snapshots(path) >= fewest_snapshots
    for document in held.values():
        assert document["book"]["live"]
        assert len(document["book"]["bids"]) > 10
        assert document["last_trade"]
    assert differences(await play(path), held) == []
    if not faults:
        assert differences(await play(path, speed=20.0), held) == []


async def test_a_symbol_looked_at_late_is_shown_as_it_stands(exchange, tmp_path):
    path = tmp_path / "recording.jsonl"
    held = await record(exchange, path, [])
    contents = survey(path)
    client = ReplayClient(Product.SPOT, path, contents, Pace(contents.first_ns, 0.0))
    observation = Observation([client], Store(STORE))
    await observation.learn()
    observation.follow(["BTCUSDT"])
    await asyncio.wait_for(client.ended.wait(), 20)
    market, (feed,) = observation.store.market("BTCUSDT"), observation._feeds
    feed.follow(Interest())
    assert not market.book.is_live
    feed.follow(Interest(focus="BTCUSDT"))
    await until(lambda: market.book.is_live)
    assert market_document(market)["book"] == held["BTCUSDT"]["book"]
    await observation.close()


@pytest.fixture
def lab(exchange, tmp_path):
    """Words that name the exchange as an environment, and the environment with its keys."""
    lines = ["[environments.lab]", "real_money = false"]
    for product in PRODUCTS:
        hosts = exchange.ready[product.value].items()
        lines += [f"[environments.lab.{product.value}]", *(f"{name} = '{url}'" for name, url in hosts)]
    config = tmp_path / "lab.toml"
    config.write_text("\n".join(lines))
    config.chmod(0o600)
    key = next(key for key in exchange.ready["keys"] if key["type"] == "HMAC")
    secrets = {"BINANCE_LAB_API_KEY": key["api_key"], "BINANCE_LAB_API_SECRET": key["api_secret"]}
    return ["--config", str(config), "--data-dir", str(tmp_path / "data")], secrets


def wait_for(condition):
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_recording_made_with_keys_holds_no_secret_and_replays(exchange, lab, tmp_path):
    """The whole program: listen keys end while it records, SIGTERM ends it, and its recording is replayed."""
    path = tmp_path / "recording.jsonl"
    places, secrets = lab
    program = [sys.executable, "-m", "tui.cli.main"]
    words = [*program, "record", str(path), "btcusdt", "BTCUSDT-PERP", "--env", "lab", *places]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=os.environ | secrets) as recording:
        said = recording.stderr.readline()
        assert said.startswith("Recording BTCUSDT, BTCUSDT-PERP of lab"), said
        wait_for(lambda: b"subscriptionId" in path.read_bytes())
        wait_for(lambda: go_wrong(exchange, expire_listen_keys=True) or b"listenKeyExpired" in path.read_bytes())
        wait_for(lambda: path.read_bytes().count(b"@aggTrade") > 5)
        recording.send_signal(signal.SIGTERM)
        assert recording.wait(20) == 0, recording.stderr.read()
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert not [at for secret in secrets.values() for at in range(len(secret) - 11) if secret[at : at + 12] in text]
    assert '"listenKey":"[removed]"' in text
    assert not re.search(r"[A-Za-z0-9+=]{56,}", text)
    done = subprocess.run([*program, "replay", str(path), "--headless", "--json", *places], capture_output=True)
    assert done.returncode == 0, done.stderr
    symbols = json.loads(done.stdout)["symbols"]
    assert set(symbols) == {"BTCUSDT", "BTCUSDT-PERP"}
    assert all(one["book"]["live"] and one["ticker"] and one["last_trade"] for one in symbols.values())
