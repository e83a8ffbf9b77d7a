"""Lines against a market: anchors, sizes, and a price where a size belongs."""

from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk

from tui.domain.account import Balance
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product
from tui.engine.commands.orders import CancelEntries, CancelOrder, CancelOrders, ClosePosition, SubmitOrder
from tui.engine.commands.safety import Halt
from tui.ui.actions import Situation
from tui.ui.command.grammar import GrammarError, parse
from tui.ui.command.resolve import line_of, resolve
from tui.ui.help.lines import help_lines
from tui.ui.lines import plain
from tui.ui.view_state import ViewState


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)))


def meant(desk, view, text):
    return resolve(parse(text, desk.store.instruments.__contains__), desk.store, view)


@pytest.mark.parametrize(
    ("text", "price", "quantity"),
    [
        ("b 0.1 @ bid", "64212.0", "0.1"),
        ("b 0.1 @ ask", "64212.5", "0.1"),
        ("b 0.1 @ mid", "64212.2", "0.1"),  # the middle is 64212.25: a buy rounds down, a sale up
        ("s 0.1 @ mid", "64212.3", "0.1"),
        ("b 0.1 @ bid-2t", "64211.8", "0.1"),
        ("s 0.1 @ ask+0.1%", "64276.8", "0.1"),
        ("b 500$ @ 50000", "50000", "0.010"),
        ("b p2 @ 50000", "50000", "0.100"),
        ("s 50%pos @ ask", "64212.5", "0.125"),
        ("b 25%bal @ 50000", "50000", "0.017"),
        ("b 0.12345 @ 64200.05", "64200.05", "0.12345"),  # typed numbers stay as typed; the guards offer the rounding
    ],
)
def test_a_limit_order_is_resolved(desk, view, text, price, quantity):
    request = meant(desk, view, text).order
    assert request is not None
    assert (request.type, request.price, request.quantity) == (OrderType.LIMIT, D(price), D(quantity))
    assert request.symbol == PERP


def test_a_price_of_one_tick_moved_down_became_an_order_at_zero(desk, view):
    """Bug: 64212.0 moved 99.9999999 % away is above zero, but below half a tick."""
    with pytest.raises(GrammarError, match="less than a tick"):
        meant(desk, view, "b 0.1 @ bid-99.9999999%")


def test_a_market_buy_on_spot_spends_the_quote_amount_itself(desk, view):
    request = meant(desk, view, "b 500$ BTCUSDT mkt").order
    assert (request.symbol, request.type, request.quantity, request.quote_quantity) == (
        SPOT,
        OrderType.MARKET,
        None,
        D(500),
    )


def test_a_market_sale_for_a_quote_amount_is_turned_into_lots(desk, view):
    assert meant(desk, view, "s 500$ BTCUSDT mkt").order.quantity == D("0.00778")


def test_a_sale_of_a_share_of_a_spot_balance_takes_the_coin(desk, view):
    assert meant(desk, view, "s 50%bal BTCUSDT @ ask").order.quantity == D("0.12500")


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("b 64200 @ 0.1", "b 0.1 @ 64200"),
        ("s 64200 BTCUSDT @ 0.1", "s 0.1 BTCUSDT @ 64200"),
        ("b 64200 mkt", "b p1 @ 64200"),
        ("b 64200 @ 64100", ""),
    ],
)
def test_a_price_where_a_size_belongs_is_refused_with_the_line_put_right(desk, view, text, offer):
    with pytest.raises(GrammarError, match="looks like a price") as caught:
        meant(desk, view, text)
    assert caught.value.offer == offer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b 0.1 BTCUSDT @ bid ro", "spot, which has no reduce-only"),
        ("s 50%pos BTCUSDT @ ask", "no position in BTCUSDT"),
        ("b p9 @ bid", "p9 is no size preset"),
        ("b 0.01$ @ bid", "less than the smallest size 0.001 BTC"),
        ("b 10%bal ETHUSDT-PERP @ bid", "ETHUSDT-PERP: book is being rebuilt; give the price as a number"),
        ("close BTCUSDT", "no position in BTCUSDT"),
        ("x 9", "there is no order 9: 4 are open"),
        ("x 0", "there is no order 0"),
        ("x sell BTCUSDT", "takes one thing"),
        ("b 0.1 @ bid-99999999t", "not above zero"),
    ],
)
def test_what_the_account_or_the_market_does_not_allow_is_said(desk, view, text, says):
    with pytest.raises(GrammarError, match=says):
        meant(desk, view, text)


def test_a_stale_book_has_no_anchors_but_takes_numbers(desk, view):
    desk.store.market(PERP).book.blank()
    with pytest.raises(GrammarError, match="give the price as a number"):
        meant(desk, view, "b 0.1 @ bid")
    assert meant(desk, view, "b 0.1 @ 64000").order.price == D(64000)


def test_cancels(desk, view):
    assert meant(desk, view, "x").commands == (CancelEntries(PERP),)
    assert meant(desk, view, "x all").commands == (CancelEntries(None),)
    assert meant(desk, view, "x BTCUSDT").commands == (CancelEntries(SPOT),)
    assert meant(desk, view, "x 2").commands == (CancelOrder("btui-2"),)
    # the protective stop is a sale too, and stays
    assert meant(desk, view, "x sell").commands == (CancelOrders(("btui-2",)),)


def test_close_is_spelled_out(desk, view):
    intention = meant(desk, view, "close 50% @ ask")
    assert intention.commands == (ClosePosition(PERP, D("0.5"), D("64212.5"), reviewed=True),)
    assert intention.text == "CLOSE 50% of LONG 0.250 BTCUSDT-PERP: SELL LIMIT 64,212.5 reduce-only"


def test_an_order_is_spelled_out_and_marked_as_reviewed(desk, view):
    intention = meant(desk, view, "b 0.1 @ bid po")
    (command,) = intention.commands
    assert isinstance(command, SubmitOrder)
    assert command.reviewed
    assert command.request.side is Side.BUY
    assert intention.text.startswith("BUY 0.100 BTCUSDT-PERP LIMIT 64,212.0 post-only")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alert > 65000", f"tell once when {PERP} rises to 65,000.0"),
        ("alert > 64000", f"tell once when {PERP} rises to 64,000.0; it is there already (64,212.4), so at once"),
        (
            "alert < 65000 every",
            f"tell each time when {PERP} falls to 65,000.0; it is there already (64,212.4), so at once",
        ),
    ],
)
def test_an_alert_whose_price_is_there_already_did_not_say_that_it_is_told_at_once(desk, view, text, words):
    assert meant(desk, view, text).text == words


def test_halt_is_a_command(desk, view):
    assert meant(desk, view, "halt").commands == (Halt(),)


@pytest.mark.parametrize(
    "text",
    [
        "b 0.1 BTCUSDT-PERP @ 64212 po",
        "s 0.1 BTCUSDT-PERP mkt ro",
        "b 500$ BTCUSDT mkt",
        "s 0.1 BTCUSDT-PERP @ 64212 ioc",
        "s 0.1 BTCUSDT-PERP mkt stop 64000 mark",
        "b 0.1 BTCUSDT-PERP @ 64212 short",
    ],
)
def test_an_order_is_written_back_as_its_line(desk, view, text):
    assert line_of(meant(desk, view, text).order) == text


def test_all_of_a_command_is_said_when_help_is_asked_about_it(desk):
    shown = [plain(line).strip() for line in help_lines("", Situation(desk.store.session), "b", width=120)]
    assert shown[0] == "Command  b"
    assert any(line.startswith("SIZE  0.1 (base)") for line in shown[:8])


@pytest.mark.parametrize(("text", "named"), [("b 0.1 mkt", "LONG"), ("s 0.1 mkt", "SHORT"), ("s 0.1 mkt long", "LONG")])
def test_in_hedge_mode_a_sale_did_not_say_that_it_opens_a_short(desk, view, text, named):
    desk.store.hedge_modes = frozenset({Product.USDM})
    assert f"for {named}" in meant(desk, view, text).text
    desk.store.hedge_modes = frozenset()
    assert "for SHORT" not in meant(desk, view, "s 0.1 mkt").text


@pytest.mark.parametrize(
    "line",
    [
        "scale {} 0.3 64000..63500 n6{}",
        "chase {} 0.1{}",
        "twap {} 0.3 over 30m n3{}",
        "ice {} 0.3 @ 64000 show 0.1{}",
    ],
)
@pytest.mark.parametrize(
    ("side", "end", "named"), [("b", "", "LONG"), ("s", "", "SHORT"), ("s", " ro", "LONG"), ("s", " long", "LONG")]
)
def test_in_hedge_mode_an_algo_did_not_say_which_position_it_trades(desk, view, line, side, end, named):
    text = line.format(side, end)
    assert " for " not in meant(desk, view, text).text.split(":")[0]
    desk.store.hedge_modes = frozenset({Product.USDM})
    assert f"for {named}:" in meant(desk, view, text).text


@pytest.mark.parametrize(
    "text", ["b 0.1 @ 64212.0 gtd 30m", "b 0.1 @ 64212.0 stp expire_maker", "b 1 BTCUSDT mkt repay"]
)
def test_a_corrected_line_left_out_what_it_could_not_say(desk, view, text):
    assert line_of(meant(desk, view, text).order) == ""


@pytest.mark.parametrize(("free", "sold"), [("0", "0.09995"), ("0.00005", "0.1"), ("1", "0.1")])
def test_exits_for_what_the_fee_had_taken_were_refused_and_a_purchase_stood_bare(desk, view, free, sold):
    desk.store.balances[Product.SPOT, "BTC"] = Balance(Product.SPOT, "BTC", D(free), D(0), 1)
    bracket = meant(desk, view, "b 0.1 BTCUSDT @ 64000 sl 63000 tp 66000").order
    assert bracket.entry.quantity == D("0.1")
    assert [leg.quantity for leg in bracket.legs] == [D(sold), D(sold)]
