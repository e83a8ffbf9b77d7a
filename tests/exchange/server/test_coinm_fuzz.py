"""Whatever a client sends to COIN-M, it gets an answer or a refusal in Binance's words, also once a quarter is over."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_usdm_fuzz import parameters, strange

from tui.domain.product import Product
from tui.exchange.auth import Authenticator
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.keys import ApiKey
from tui.exchange.rejection import Rejection
from tui.exchange.run import make_desk
from tui.exchange.server import coinm_rest
from tui.exchange.server.desk import Desk
from tui.exchange.server.endpoints import Call
from tui.exchange.server.parameters import Parameters
from tui.exchange.server.user_events import UserEvents

#: A minute before the delivery of December 2026.
START_MS = 1_798_185_600_000 - 60_000
HERE = {"BTCUSDT": "BTCUSD_PERP", "ETHUSDT": "BTCUSD_261225", "BTCUSDT_270326": "BTCUSD_270326"}
addresses = st.sampled_from(sorted(coinm_rest.ENDPOINTS))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.exchange.exchange.new_keys", lambda account_id: list[ApiKey]())
        clock = ManualClock(START_MS)
        exchange = Exchange(seed=7, clock=clock)
        desk = make_desk(exchange, exchange.venues[Product.COINM], Authenticator(exchange.keys))
        desk.venue.add_listener(UserEvents(desk, lambda account_id, event: msgspec.json.encode(event) and None))
        clock.advance(120_000)
        for _ in range(10):
            exchange.step()
        yield desk
        exchange.close()


def here(sent: dict[str, str]) -> dict[str, str]:
    """The same parameters about COIN-M's contracts, one of which has been delivered."""
    translated = {name: HERE.get(value, value) for name, value in sent.items()}
    if "pair" in sent:
        translated["pair"] = "BTCUSD" if sent["pair"] == "BTCUSDT" else sent["pair"]
    return translated


@settings(max_examples=300, deadline=None)
@given(addresses, parameters | strange)
def test_every_address_answers_or_refuses(desk: Desk, address: tuple[str, str], sent: dict[str, str]) -> None:
    call = Call(Parameters(here(sent), scientific=True), "demo")
    refusal = None
    try:
        msgspec.json.encode(coinm_rest.ENDPOINTS[address].handler(desk, call))
    except Rejection as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.code < 0
        assert refusal.msg
        assert refusal.http < 500
    desk.venue.turn()
