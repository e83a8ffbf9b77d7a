import sqlite3
import stat
from decimal import Decimal as D

import pytest
from venues import START_MS, limit, market

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.clock import ManualClock
from tui.exchange.exchange import Exchange
from tui.exchange.orders import OrderState
from tui.exchange.rejection import Rejection
from tui.exchange.state import StateError

BUY, SELL = Side.BUY, Side.SELL


def opened(path) -> Exchange:
    return Exchange(seed=5, state_path=path, clock=ManualClock(START_MS))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "inner" / "exchange.sqlite"


def traded(path) -> Exchange:
    """An exchange whose demo account has traded on both venues and has open orders."""
    exchange = opened(path)
    spot, usdm = exchange.venues[Product.SPOT], exchange.venues[Product.USDM]
    for _ in range(20):
        exchange.step()
    spot.spot.pays_fees_in_bnb.add("demo")
    spot.place("demo", market(BUY, "0.3"))
    cancelled = spot.place("demo", limit(BUY, "0.1", "80000", client_order_id="gone"))
    spot.cancel("demo", "BTCUSDT", cancelled.order_id, None)
    spot.place("demo", limit(SELL, "0.2", "99000", client_order_id="first"))
    spot.place("demo", limit(SELL, "0.2", "99000", client_order_id="second"))
    usdm.futures.set_leverage("demo", "ETHUSDT", 7)
    usdm.place("demo", market(SELL, "3", symbol="ETHUSDT"))
    usdm.place("demo", limit(BUY, "1", "3000", symbol="ETHUSDT"))
    return exchange


def picture(exchange: Exchange) -> object:
    """Everything that must survive."""
    spot, usdm = exchange.venues[Product.SPOT], exchange.venues[Product.USDM]
    orders = [
        (
            venue.product,
            order.order_id,
            order.client_order_id,
            order.original_client_order_id,
            order.state,
            order.lots,
            order.filled_lots,
            order.filled_quote,
            order.executions,
        )
        for venue in (spot, usdm)
        for order in venue.orders("demo")
    ]
    accounts = {name: spot.spot.balances(name) for name in spot.spot.accounts()}
    wallets = {name: usdm.futures.wallet(name, "USDT") for name in usdm.futures.accounts()}
    position = usdm.futures.position("demo", "ETHUSDT")
    return (
        orders,
        accounts,
        wallets,
        position,
        exchange.keys,
        usdm.futures.open_notional("demo", "ETHUSDT"),
        usdm.futures.position("house", "ETHUSDT"),
        spot.last_order_id <= exchange.venues[Product.SPOT].last_order_id,
        spot.spot.pays_fees_in_bnb,
    )


def test_a_restart_continues_accounts_orders_keys_and_prices(path):
    exchange = traded(path)
    before = picture(exchange)
    last = exchange.venues[Product.SPOT].books["BTCUSDT"].last_ticks
    order_id = exchange.venues[Product.SPOT].last_order_id
    exchange.close()
    again = opened(path)
    assert picture(again) == before
    spot = again.venues[Product.SPOT]
    assert spot.last_order_id > order_id
    assert again.history(Product.SPOT, "BTCUSDT")[-1].close == last
    assert abs(spot.best("BTCUSDT")[0][0] - last) < 500
    again.close()


def test_open_orders_are_in_the_book_again_in_their_old_sequence(path):
    traded(path).close()
    again = opened(path)
    spot = again.venues[Product.SPOT]
    first, second = spot.open_orders("demo", "BTCUSDT")
    assert [order.client_order_id for order in (first, second)] == ["first", "second"]
    queue = [order.order for order in spot.books["BTCUSDT"].book.asks.levels[9_900_000] if order.order]
    assert queue == [first, second]
    spot.cancel("demo", "BTCUSDT", None, "first")
    assert first.state is OrderState.CANCELED
    assert spot.spot.locked("demo", "BTC") == D("0.2")
    with pytest.raises(Rejection, match="-2011"):
        spot.cancel("demo", "BTCUSDT", None, "gone")
    cancelled = next(order for order in spot.orders("demo", "BTCUSDT") if order.original_client_order_id == "gone")
    assert spot.order("demo", "BTCUSDT", None, cancelled.client_order_id) is cancelled
    with pytest.raises(Rejection, match="-2013"):
        spot.order("demo", "BTCUSDT", None, "gone")
    again.close()


def test_what_was_saved_last_survives_a_kill(path, tmp_path):
    exchange = traded(path)
    exchange._save()
    before = picture(exchange)
    copy = tmp_path / "copy.sqlite"
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            copy.with_name(copy.name + suffix).write_bytes(source.read_bytes())
    exchange.close()
    again = opened(copy)
    assert picture(again) == before
    again.close()


def test_the_file_is_private(path):
    opened(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_no_database_is_refused_with_a_remedy_and_kept(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 300)
    with pytest.raises(StateError, match=r"file is not a database. Move it away to begin with a new account"):
        opened(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_damaged_file_is_refused(path):
    traded(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StateError, match=str(path)):
        opened(path)


@pytest.mark.parametrize("amount", ["many", "NaN", "-1"])
def test_contents_that_do_not_fit_are_refused(path, amount):
    traded(path).close()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE balances SET amount = ? WHERE asset = 'USDT'", (amount,))
    file.close()
    with pytest.raises(StateError, match="its contents do not fit together"):
        opened(path)


def test_a_file_of_a_newer_program_is_refused(path):
    opened(path).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(StateError, match="version 99"):
        opened(path)


def test_two_exchanges_never_share_a_file(path):
    exchange = opened(path)
    with pytest.raises(StateError, match="another exchange is using it"):
        opened(path)
    exchange.close()


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="file/state"):
        opened(tmp_path / "file" / "state.sqlite")


def test_without_a_path_nothing_is_kept_and_keys_are_fresh():
    one, two = (Exchange(seed=5, clock=ManualClock(START_MS)) for _ in range(2))
    assert {key.type for key in one.keys} == {"HMAC", "RSA", "ED25519"}
    assert {key.api_key for key in one.keys}.isdisjoint(key.api_key for key in two.keys)
    assert all(key.secret_or_public not in repr(key) for key in one.keys)
