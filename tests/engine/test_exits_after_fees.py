"""A fee taken from the coins that were bought never leaves them without their exits."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from engine_table import until
from fake_client import REFUSED, fill_of, report
from test_positions_and_lists import MARKET, Lists, spot_bracket, taken

from tui.binance.client import AccountState, Changed
from tui.binance.errors import RefusedError
from tui.domain.account import Balance
from tui.domain.order import LegRole, OrderChange, OrderStatus, order_from_request
from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.orders import CancelOrder, ChangeOrder, SubmitOrderList
from tui.engine.orders.bracket import Bracket, PlaceList, legs_of, next_step

D = Decimal
WHEN_DUE = "refused when it was to start working"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._AFTER_FAILURE_S", (0.01,))
    monkeypatch.setattr("tui.engine.orders.bracket_keeper._SHORTEST_S", 0.0)
    monkeypatch.setattr("tui.engine.orders.bracket_exits._FOR_EXECUTIONS_S", (0.0,))


class Short(Lists):
    """Lists of more than what is held are refused."""

    def __init__(self, most) -> None:
        super().__init__(self.judge)
        self.most = D(most)

    def judge(self, orders):
        if any(order.quantity > self.most for order in orders if order.role.is_exit):
            raise REFUSED
        return taken(orders)

    @property
    def sizes(self):
        return [orders[0].quantity for orders, *_ in self.sent]


@pytest.fixture
def with_short(open_table, monkeypatch):
    def opened(most, free):
        lists = Short(most)
        monkeypatch.setattr("fake_client.FakeClient.lists", property(lambda client: lists), raising=False)
        monkeypatch.setattr("fake_client.FakeClient.account", account_of(free))
        return open_table(duplicate_window_ms=0), lists

    return opened


def account_of(free):
    async def account(client):
        if client.product is not Product.SPOT:
            return client.state
        return AccountState([Balance(Product.SPOT, "BTC", D(free), D(0), 1)], [])

    return account


def bought_for_a_fee_nobody_told(order):
    """The execution is known, and nothing says that its fee was taken from the coins."""
    fill = replace(fill_of(order, 77, "0.1"), commission=D(0), commission_asset="")
    return report(order, OrderStatus.FILLED, "0.1", average_price=D(100), price=None, fill=fill)


async def test_exits_larger_than_what_a_fee_had_left_were_refused_for_good(with_short) -> None:
    opened, lists = with_short("0.0999", free="0.0999")
    async with opened as table:
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: not table.journal.open_brackets())
        assert lists.sizes == [D("0.1"), D("0.099")]
        assert {order.quantity for order in table.store.open_orders()} == {D("0.099")}
        assert table.said("0.099 of 0.100")
        assert not table.said("UNPROTECTED")


async def test_exits_refused_once_more_for_what_is_held_are_told_and_not_tried_again(with_short) -> None:
    opened, lists = with_short("0", free="0.0999")
    async with opened as table:
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: table.said("UNPROTECTED BTCUSDT"))
        await until(lambda: not table.journal.open_brackets())
        assert lists.sizes == [D("0.1"), D("0.099")]


async def test_what_is_held_besides_is_not_sold_by_these_exits(with_short) -> None:
    opened, lists = with_short("0", free="5")
    async with opened as table:
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: table.said("UNPROTECTED BTCUSDT"))
        assert lists.sizes == [D("0.1"), D("0.1")]


@pytest.mark.parametrize("free", ["0", "0.0004"], ids=["nothing", "dust"])
async def test_where_nothing_is_free_there_is_nothing_to_send(with_short, free) -> None:
    opened, lists = with_short("0", free=free)
    async with opened as table:
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: table.said("UNPROTECTED BTCUSDT"))
        await until(lambda: not table.journal.open_brackets())
        assert lists.sizes == [D("0.1")]


@pytest.mark.parametrize("legs", [2, 1], ids=["bracket", "stop"])
async def test_exits_of_a_list_that_the_exchange_refused_when_they_were_due_were_lost(with_short, legs) -> None:
    """They are as large as the entry, whose fee was taken from the coins (spot API docs: EXPIRED with REJECTED)."""
    opened, lists = with_short("1", free="0.0999")
    async with opened as table:
        asked = replace(spot_bracket(), legs=spot_bracket().legs[-legs:])
        outcome = await table.do(SubmitOrderList(asked, reviewed=True))
        assert outcome.result is Result.DONE, outcome.text
        entry, *exits = table.store.open_orders()
        fill = replace(fill_of(entry, 7, "0.1"), commission=D("0.0001"), commission_asset="BTC")
        done = report(entry, OrderStatus.FILLED, "0.1", fill=fill, list_id=5)
        table.spot.user.on_order_report(done)
        for leg in exits:
            table.spot.user.on_order_report(report(leg, OrderStatus.EXPIRED, reason=WHEN_DUE, list_id=5))
        await until(lambda: len(lists.sent) == 2 or table.spot.placed)
        placed = lists.sent[1][0] if legs == 2 else table.spot.placed
        assert [(order.role.is_exit, order.quantity) for order in placed] == [(True, D("0.099"))] * legs
        await until(lambda: not table.journal.open_brackets())
        for leg in exits:  # told once more, later
            again = report(leg, OrderStatus.EXPIRED, reason=WHEN_DUE, list_id=5, time_ms=fill.time_ms + 10**6)
            table.spot.user.on_order_report(again)
        await until(lambda: table.order(exits[0].client_order_id).updated_ms == fill.time_ms + 10**6)
        assert not table.journal.open_brackets()
        assert len(lists.sent) + len(table.spot.placed) == 2


async def test_exits_refused_while_the_program_was_dead_were_lost_without_a_word(with_short, open_table) -> None:
    """The entry had filled and was forgotten with everything that is over."""
    opened, lists = with_short("1", free="0.0999")
    async with opened as table:
        await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        entry, *exits = table.store.open_orders()
        table.spot.user.on_order_report(report(entry, OrderStatus.FILLED, "0.1", list_id=5))
    async with open_table(start=False) as after:
        for leg in exits:
            after.spot.known[leg.client_order_id] = report(leg, OrderStatus.EXPIRED, reason=WHEN_DUE, list_id=5)
        await after.start()
        assert after.said("UNPROTECTED BTCUSDT")
        assert len(lists.sent) == 1


async def test_exits_were_placed_beside_those_of_a_list_whose_entry_was_only_denied(with_short) -> None:
    """It had just filled: neither its cancel nor the question found it, and its own exits stood at the exchange."""
    opened, lists = with_short("9", free="9")
    async with opened as table:
        await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
        entry, *exits = table.store.open_orders()
        table.spot.user.on_order_report(report(entry, OrderStatus.PARTIALLY_FILLED, "0.06", list_id=5))
        table.spot.cancel_script.append(RefusedError("Unknown order sent.", -2011))
        table.spot.find_script.append(None)
        await table.do(CancelOrder(entry.client_order_id))
        assert table.order(entry.client_order_id).status is OrderStatus.CANCELED
        assert table.said("UNPROTECTED BTCUSDT, perhaps")
        table.spot.user.on_order_report(report(entry, OrderStatus.FILLED, "0.1", list_id=5))
        for leg in exits:
            table.spot.user.on_order_report(report(leg, list_id=5))
        assert not table.journal.open_brackets()
        assert len(lists.sent) == 1


async def test_exits_of_which_one_has_filled_before_their_answer_are_not_called_refused(with_short) -> None:
    opened, lists = with_short("1", free="1")
    async with opened as table:

        def filled(orders):
            profit, stop = orders
            table.spot.user.on_order_report(report(profit, OrderStatus.FILLED, "0.1", list_id=5, order_id=901))
            ended = report(stop, OrderStatus.CANCELED, reason="cancelled by OCO", list_id=5, order_id=902)
            table.spot.user.on_order_report(ended)
            return [report(profit, list_id=5, order_id=901), report(stop, list_id=5, order_id=902)]

        lists.answer = filled
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        await table.do(SubmitOrderList(replace(spot_bracket(), entry=MARKET), reviewed=True))
        await until(lambda: lists.sent and not table.journal.open_brackets())
        assert not table.said("UNPROTECTED")


async def test_exits_that_the_trader_or_their_sibling_took_back_are_not_placed_again(with_short) -> None:
    opened, lists = with_short("1", free="1")
    async with opened as table:
        for reason in ("", "cancelled by OCO"):
            await table.do(SubmitOrderList(spot_bracket(), reviewed=True))
            entry, profit, stop = table.store.open_orders()
            table.spot.user.on_order_report(report(entry, OrderStatus.FILLED, "0.1", list_id=5))
            table.spot.user.on_order_report(report(profit, OrderStatus.CANCELED, reason=reason, list_id=5))
            ended, filled = (OrderStatus.FILLED, "0.1") if reason else (OrderStatus.CANCELED, "0")
            table.spot.user.on_order_report(report(stop, ended, filled, list_id=5))
        await asyncio.sleep(0)
        assert len(lists.sent) == 2
        assert not table.journal.open_brackets()


def test_a_program_killed_between_refusal_and_second_try_still_places_exits() -> None:
    request = spot_bracket()
    bracket = Bracket("b", Product.SPOT, "BTCUSDT", Side.BUY, "e", legs_of(request), 1, taken_back=("x",))
    entry = replace(
        order_from_request(MARKET, Product.SPOT, "e", 1),
        status=OrderStatus.FILLED, filled=D("0.1"), group="b", role=LegRole.ENTRY,
    )  # fmt: skip
    refused = replace(
        order_from_request(request.legs[0], Product.SPOT, "x", 1),
        status=OrderStatus.REJECTED, reason=str(REFUSED), group="b", role=LegRole.TAKE_PROFIT,
    )  # fmt: skip
    assert next_step(bracket, [entry, refused], None) == PlaceList(D("0.1"))


async def test_a_stop_of_coins_lost_to_a_change_that_was_refused_halfway_is_called_unprotected(with_short) -> None:
    opened, _ = with_short("1", free="1")
    async with opened as table:
        table.spot.place_script.append(bought_for_a_fee_nobody_told)
        asked = replace(spot_bracket(), entry=MARKET, legs=spot_bracket().legs[-1:])
        await table.do(SubmitOrderList(asked, reviewed=True))
        stop = await until_one(lambda: table.store.open_orders())
        table.spot.change_script.append(Changed(report(stop, OrderStatus.CANCELED), None, REFUSED))
        await table.do(ChangeOrder(stop.client_order_id, OrderChange(price=D("97.8")), reviewed=True))
        assert table.said("UNPROTECTED BTCUSDT")


async def until_one(orders):
    await until(lambda: len(orders()) == 1 and orders()[0].status is OrderStatus.NEW)
    return orders()[0]
