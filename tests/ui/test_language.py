"""The whole language of the command line: every verb, what it means in a market, chains, aliases, completion."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from fake_desk import PERP, SPOT, FakeDesk
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order import OrderChange, OrderListRequest
from tui.domain.order_terms import (
    MarginEffect,
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.domain.product import Product
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.algos.plan import ChasePlan, IcebergPlan, ScalePlan, TwapPlan
from tui.engine.commands.account import (
    AddMargin,
    Borrow,
    Repay,
    SetHedgeMode,
    SetIsolated,
    SetLeverage,
    SetMultiAssets,
    Transfer,
)
from tui.engine.commands.automation import AddAlert, RemoveAlert, StartAlgo
from tui.engine.commands.orders import (
    CancelEntries,
    CancelOrders,
    ChangeOrder,
    ClosePosition,
    Flatten,
    Protect,
    ReversePosition,
    SetCountdown,
    SubmitOrderList,
)
from tui.engine.commands.safety import SetLimit
from tui.engine.store import AccountSummary
from tui.ui.command.aliases import Aliases
from tui.ui.command.completion import Completion, completions
from tui.ui.command.grammar import GrammarError, parse, parse_chain, parse_price
from tui.ui.command.meanings import AliasLine, Price
from tui.ui.command.resolve import resolve, resolve_chain
from tui.ui.command.vocabulary import COMMANDS, usage
from tui.ui.state_file import StateFile
from tui.ui.view_state import ViewState

LISTED = {"BTCUSDT", "BTCUSDT-PERP", "BTCUSDT-X", "BTCUSDT-I", "ETHUSDT"}


@pytest.fixture
def view(desk: FakeDesk) -> ViewState:
    desk.store.summary = AccountSummary("USDT", D(10_000), D(9_000), D(0), D(0), D(0), D(0), D(0), 1)
    return ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100), D(5000)))


def meant(desk, view, text):
    return resolve(parse(text, desk.store.instruments.__contains__), desk.store, view)


@pytest.mark.parametrize(
    ("text", "kind", "price", "terms", "flags"),
    [
        ("b 0.1 stop 65000", OrderType.STOP_MARKET, None, Terms(trigger_price=D(65000)), {}),
        ("b 0.1 @ 65100 stop 65000", OrderType.STOP_LIMIT, D(65100), Terms(trigger_price=D(65000)), {}),
        ("b 0.1 mkt touch 63000", OrderType.MARKET_IF_TOUCHED, None, Terms(trigger_price=D(63000)), {}),
        ("s 0.1 @ ask touch 65000", OrderType.LIMIT_IF_TOUCHED, D("64212.5"), Terms(trigger_price=D(65000)), {}),
        ("s 0.1 trail 0.5%", OrderType.TRAILING_STOP_MARKET, None, Terms(trailing_bps=50), {}),
        (
            "s 0.1 trail 50bp from 65000 mark ro",
            OrderType.TRAILING_STOP_MARKET,
            None,
            Terms(trailing_bps=50, activation_price=D(65000), working_type=WorkingType.MARK_PRICE),
            {"reduce_only": True},
        ),
        (
            "b 0.1 stop 65000 protect",
            OrderType.STOP_MARKET,
            None,
            Terms(trigger_price=D(65000), price_protect=True),
            {},
        ),
        ("b 0.1 @ bid show 0.01", OrderType.LIMIT, D("64212.0"), Terms(display_quantity=D("0.01")), {}),
        ("b 0.1 match queue5", OrderType.LIMIT, None, Terms(price_match=PriceMatch.QUEUE_5), {}),
        ("b 0.1 match queue_5 @ bid", OrderType.LIMIT, D("64212.0"), Terms(price_match=PriceMatch.QUEUE_5), {}),
        (
            "b 0.1 @ bid stp expire_both",
            OrderType.LIMIT,
            D("64212.0"),
            Terms(self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH),
            {},
        ),
        ("b 0.1 @ bid long", OrderType.LIMIT, D("64212.0"), Terms(position_side=PositionSide.LONG), {}),
        ("b 0.1 peg primary 3", OrderType.LIMIT, None, Terms(peg_price=PegPrice.PRIMARY_PEG, peg_levels=3), {}),
        ("b 0.1 @ bid borrow", OrderType.LIMIT, D("64212.0"), Terms(margin_effect=MarginEffect.MARGIN_BUY), {}),
        (
            "b 0.1 @ bid gtd 30m",
            OrderType.LIMIT,
            D("64212.0"),
            Terms(good_till_ms=1_784_642_602_000 + 1_800_000),
            {"time_in_force": TimeInForce.GTD},
        ),
        ("b 0.1 @ last-1t", OrderType.LIMIT, D("64212.3"), Terms(), {}),
    ],
)
def test_an_order_of_every_kind(desk, view, text, kind, price, terms, flags):
    request = meant(desk, view, text).order
    assert (request.type, request.price, request.terms) == (kind, price, terms)
    for name, value in flags.items():
        assert getattr(request, name) == value


def test_a_bracket_on_futures_leaves_by_triggers(desk, view):
    (command,) = meant(desk, view, "b 0.1 @ bid po sl 63800 tp +2R").commands
    assert isinstance(command, SubmitOrderList)
    assert command.reviewed
    entry, (profit, stop) = command.request.entry, command.request.legs
    assert entry.post_only
    assert (stop.type, stop.side, stop.terms.trigger_price) == (OrderType.STOP_MARKET, Side.SELL, D(63800))
    # R is 412.0, so the target stands at 64212 + 824.
    assert (profit.type, profit.terms.trigger_price) == (OrderType.MARKET_IF_TOUCHED, D("65036.0"))
    assert profit.reduce_only
    assert stop.reduce_only
    assert profit.quantity == stop.quantity == D("0.1")


def test_a_bracket_on_spot_leaves_by_a_limit_and_a_stop(desk, view):
    (command,) = meant(desk, view, "b 500$ BTCUSDT mkt sl -1% tp +1%").commands
    profit, stop = command.request.legs
    assert (profit.type, stop.type) == (OrderType.LIMIT, OrderType.STOP_MARKET)
    assert not profit.reduce_only
    assert profit.quantity == stop.quantity == D("0.00778")


def test_a_short_counts_towards_its_own_profit(desk, view):
    (command,) = meant(desk, view, "s 0.1 @ 64000 sl -1% tp +1R").commands
    profit, stop = command.request.legs
    assert stop.terms.trigger_price == D(64640)
    assert profit.terms.trigger_price == D(63360)


def test_a_size_of_risk_loses_just_that_share(desk, view):
    request = meant(desk, view, "b 1%r @ 64000 sl 63000").order
    assert isinstance(request, OrderListRequest)
    # 1 % of 10,000 is 100; each coin loses 1,000.
    assert request.entry.quantity == D("0.100")


def test_of_two_orders_one_cancels_the_other(desk, view):
    (command,) = meant(desk, view, "oco s 0.1 BTCUSDT tp 65000 sl 63000").commands
    profit, stop = command.request.legs
    assert command.request.entry is None
    assert (profit.side, profit.price, stop.side, stop.terms.trigger_price) == (
        Side.SELL,
        D(65000),
        Side.SELL,
        D(63000),
    )


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("x sell protective", CancelOrders(("btui-2", "btui-3"))),
        ("x BTCUSDT protective", CancelEntries(SPOT, include_protective=True)),
        ("m 1 64100", ChangeOrder("btui-1", OrderChange(D(64100)), reviewed=True)),
        ("m 1 bid-1t q0.2", ChangeOrder("btui-1", OrderChange(D("64211.9"), D("0.2")), reviewed=True)),
        ("close 25% long", ClosePosition(PERP, D("0.25"), None, reviewed=True)),
        ("rev", ReversePosition(PERP, reviewed=True, held=D("0.250"))),
        ("sl be", Protect(PERP, stop_price=D("63880.0"), reviewed=True)),
        ("sl -1%", Protect(PERP, stop_price=D("63241.2"), reviewed=True)),
        ("sl off", Protect(PERP, stop_price=D(0), reviewed=True)),
        ("tp 65200", Protect(PERP, target_price=D(65200), reviewed=True)),
        (
            "scale b 0.3 64000..63500 n6 skew 1.3 po",
            StartAlgo(
                ScalePlan(PERP, Side.BUY, D("0.3"), D(64000), D(63500), 6, D("1.3"), post_only=True), reviewed=True
            ),
        ),
        (
            "chase s 0.05 max 0.1% for 30s",
            StartAlgo(ChasePlan(PERP, Side.SELL, D("0.05"), D("0.1"), 30), reviewed=True),
        ),
        (
            "twap b 1 over 30m n30 reduce",
            StartAlgo(TwapPlan(PERP, Side.BUY, D(1), 1800, 30, reduce_only=True), reviewed=True),
        ),
        ("ice b 1 @ 64000 show 0.1", StartAlgo(IcebergPlan(PERP, Side.BUY, D(1), D(64000), D("0.1")), reviewed=True)),
        ("flat", Flatten(reviewed=True)),
        ("lev 20x", SetLeverage(PERP, 20, reviewed=True)),
        ("margin iso", SetIsolated(PERP, isolated=True, reviewed=True)),
        ("margin +100", AddMargin(PERP, D(100), reviewed=True)),
        ("margin -50 long", AddMargin(PERP, D(-50), PositionSide.LONG, reviewed=True)),
        ("hedge on", SetHedgeMode(Product.USDM, hedge=True, reviewed=True)),
        ("multi off coinm", SetMultiAssets(Product.COINM, multi=False, reviewed=True)),
        ("borrow 100 usdt", Borrow("USDT", D(100), "", reviewed=True)),
        ("repay 1.5k USDT", Repay("USDT", D(1500), "", reviewed=True)),
        ("transfer 100 usdt in", Transfer("USDT", D(100), into_margin=True, reviewed=True)),
        ("transfer 100 usdt out", Transfer("USDT", D(100), into_margin=False, reviewed=True)),
        ("dead 60s", SetCountdown(PERP, 60_000)),
        ("dead off", SetCountdown(PERP, 0)),
        ("alert > 65000", AddAlert(AlertRequest(AlertKind.PRICE_ABOVE, PERP, D(65000)))),
        ("alert BTCUSDT <60000 every", AddAlert(AlertRequest(AlertKind.PRICE_BELOW, SPOT, D(60000), repeats=True))),
        ("alert move 2% 15m", AddAlert(AlertRequest(AlertKind.MOVE, PERP, D(2), 900))),
        ("alert print 500k", AddAlert(AlertRequest(AlertKind.PRINT, PERP, D(500_000)))),
        ("alert funding 0.05%", AddAlert(AlertRequest(AlertKind.FUNDING, PERP, D("0.05")))),
        ("alert order every", AddAlert(AlertRequest(AlertKind.ORDER, repeats=True))),
        ("alert link", AddAlert(AlertRequest(AlertKind.LINK))),
        ("alert off 3", RemoveAlert(3)),
        ("alert off all", RemoveAlert(0)),
        ("set day.loss 250", SetLimit("day.loss", D(250))),
        ("set max.order.notional 20k", SetLimit("max.order.notional", D(20000))),
        ("set max.position off", SetLimit("max.position", D(0))),
    ],
)
def test_a_line_becomes_a_command_spelled_out(desk, view, text, command):
    intention = meant(desk, view, text)
    assert intention.commands == (command,)
    assert len(intention.text) > 10


def test_a_trailing_stop_guards_a_whole_position(desk, view):
    request = meant(desk, view, "ts 0.5% from 65000").order
    assert (request.side, request.quantity, request.reduce_only) == (Side.SELL, D("0.250"), True)
    assert (request.terms.trailing_bps, request.terms.activation_price) == (50, D(65000))


def test_a_target_counts_from_the_stop_that_stands(desk, view):
    (command,) = meant(desk, view, "tp +2R").commands
    # Entry 63,880 and stop 63,400 make R 480.
    assert command.target_price == D("64840.0")


def test_orders_beyond_a_price_are_cancelled_together(desk, view):
    assert meant(desk, view, "x @>64000").commands[0].client_order_ids
    with pytest.raises(GrammarError, match="no entries above"):
        meant(desk, view, "x @>99999")


def test_a_change_says_what_becomes_of_the_place_in_the_queue(desk, view):
    assert "goes to the end of the queue" in meant(desk, view, "m 1 64100").text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b 1%r @ bid", "a size of risk needs a stop"),
        ("b 0.1 @ bid tp +2R", "R is the distance to the stop"),
        ("b 0.1 @ bid sl +1R", "the stop itself makes R"),
        ("b 0.1 @ bid sl 65000", "sl of a buy stands below its entry"),
        ("s 0.1 @ bid tp 65000", "tp of a sell stands below its entry"),
        ("b 0.1 @ bid trail 1%", "a trailing stop trades at market"),
        ("b 0.1 mkt from 3", "from belongs to trail"),
        ("b 0.1 stop 1 touch 2", "waits for two things"),
        ("b 0.1 @ bid gtd", "gtd for how long"),
        ("b 0.1 mkt gtd 5m", "a market order trades at once"),
        ("b 0.1 @ bid match que", "match 'que'"),
        ("b 0.1 @ bid peg mid", "primary (own side) or market"),
        ("b 0.1 @ bid long short", "long or short: keep one"),
        ("oco s 0.1 tp 65000", "oco needs both prices"),
        ("oco s 0.1 tp 63000 sl 65000", "stands above its stop"),
        ("scale b 0.3 64000..64000 n6", "two different prices"),
        ("scale b 0.3 64000..63000 n1", "two orders or more"),
        ("scale 0.3", "scale buys or sells"),
        ("chase b", "how much"),
        ("twap b 1 over 30m", "in how many slices"),
        ("twap b 1 over 30 n3", "is no time"),
        ("ice b 1 @ bid show 2", "is not less than the whole"),
        ("stop 64000", "a stop order is b 0.1 stop 64000"),
        ("stop", "no algo runs"),
        ("m 9 64000", "there is no order 9"),
        ("m 1", "change what of order 1"),
        ("lev 500", "no whole number from 1 to 125"),
        ("lev 5 BTCUSDT", "name a futures symbol"),
        ("margin 100", "isolated, cross, +AMOUNT or -AMOUNT"),
        ("hedge maybe", "hedge on or off"),
        ("hedge on spot", "usdm or coinm"),
        ("borrow USDT", "borrow what"),
        ("borrow 1 USDT BTCUSDT", "name an isolated symbol"),
        ("transfer 1 USDT up", "which way"),
        ("alert", "alert of what"),
        ("alert move 2%", "within what time"),
        ("alert BTCUSDT funding 0.1%", "has no funding"),
        ("set day.los 3", "set what to what"),
        ("alias b x", "is a command already"),
        ("x @64000", "what stands above"),
        ("x 2 protective", "leave protective out"),
        ("ts 0.005%", "no whole number of basis points"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_remedy(desk, view, text, says):
    with pytest.raises(GrammarError) as caught:
        meant(desk, view, text)
    assert says in caught.value.text


def test_a_chain_holds_its_steps_in_order(desk, view):
    lines = parse_chain("x all; close 50%; b 0.1 @ bid", desk.store.instruments.__contains__)
    intention = resolve_chain(lines, desk.store, view)
    assert [type(command).__name__ for command in intention.commands] == [
        "CancelEntries",
        "ClosePosition",
        "SubmitOrder",
    ]
    assert intention.text.startswith("1. CANCEL all entries")
    assert "; then 3. BUY 0.100" in intention.text
    with pytest.raises(GrammarError, match="stands alone"):
        resolve_chain(parse_chain("x all; tf 5m", LISTED.__contains__), desk.store, view)


def test_an_alias_stands_for_its_line_and_is_kept(tmp_path, desk, view):
    line = parse('alias zz "x all; close"', LISTED.__contains__)
    assert line == AliasLine("zz", "x all; close")
    path = tmp_path / "state.json"
    Aliases(StateFile(path)).put(line.name, line.text)
    kept = Aliases(StateFile(path))
    lines = parse_chain("zz 50%", LISTED.__contains__, kept.all())
    assert [type(one).__name__ for one in lines] == ["CancelLine", "CloseLine"]
    assert lines[1].fraction == D("0.5")
    assert kept.put("zz", "") == "zz is forgotten"
    assert "no alias zz" in kept.put("zz", "")
    assert not Aliases(StateFile(path)).all()


def test_an_alias_of_itself_ends():
    with pytest.raises(GrammarError, match="stands for itself"):
        parse_chain("aa", LISTED.__contains__, {"aa": "bb; bb", "bb": "aa"})
    with pytest.raises(GrammarError, match="at most 8"):
        parse_chain("aa", LISTED.__contains__, {"aa": "bb;bb;bb", "bb": "x;x;x"})


def test_completion_goes_round_what_may_follow():
    assert completions("cl", ()) == ["close"]
    assert completions("b 0.1 @ b", ()) == ["b 0.1 @ bid"]
    assert "b 0.1 @ mark" in completions("b 0.1 @ m", ())
    assert completions("sym eth", ["ETHUSDT", "BTCUSDT"]) == ["sym ETHUSDT"]
    assert completions("x all; cl", ()) == ["x all; close"]
    assert completions("ws s", ()) == ["ws save"]
    assert completions("layout w", ()) == ["layout wall"]
    assert completions("book eth", ["ETHUSDT"]) == ["book ETHUSDT"]
    assert completions("z", (), {"zz": "x all"}) == ["zz"]
    typing = Completion()
    first = typing.next("set max", (), {})
    assert first == "set max.order.notional"
    assert typing.next(first, (), {}) == "set max.order.quantity"


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_has_its_help(name):
    assert len(usage(name)) >= 2
    assert usage(name)[0].startswith(name)


WORD = st.sampled_from(
    [
        "b",
        "s",
        "oco",
        "scale",
        "chase",
        "twap",
        "ice",
        "x",
        "m",
        "close",
        "rev",
        "sl",
        "tp",
        "ts",
        "stop",
        "lev",
        "margin",
        "hedge",
        "borrow",
        "transfer",
        "dead",
        "alert",
        "set",
        "alias",
        "0.1",
        "500$",
        "25%bal",
        "1%r",
        "p1",
        "@",
        "bid",
        "ask-2t",
        "entry+1R",
        "be",
        "-1%",
        "+2R",
        "mkt",
        "po",
        "ro",
        "ioc",
        "fok",
        "gtd",
        "30m",
        "stop",
        "touch",
        "trail",
        "0.5%",
        "from",
        "mark",
        "show",
        "match",
        "queue",
        "peg",
        "primary",
        "stp",
        "long",
        "short",
        "BTCUSDT",
        "BTCUSDT-PERP",
        "64000..63000",
        "n6",
        "skew",
        "1.3",
        "max",
        "for",
        "over",
        "all",
        "buy",
        ">",
        "65000",
        "move",
        "print",
        "500k",
        "funding",
        "order",
        "every",
        "off",
        "day.loss",
        "zz",
        '"x',
        ";",
    ]
)


def outcome_of(words) -> str:
    desk = FakeDesk()
    view = ViewState(symbol=PERP, clock=desk.clock, size_presets=(D(100),))
    try:
        lines = parse_chain(" ".join(words), desk.store.instruments.__contains__, {"zz": "x all"})
        return resolve_chain(lines, desk.store, view).text
    except GrammarError as error:
        return error.text


@given(st.lists(WORD, max_size=9))
def test_any_words_mean_something_or_are_told_why_not(words):
    assert outcome_of(words)


def test_a_price_is_written_back_as_it_was_read():
    assert parse_price("be", from_entry=True) == Price("be")
    assert parse_price("entry+1R") == Price("entry", risks=D(1))
    assert parse_price("-20t", from_entry=True) == Price("", ticks=-20)
    with pytest.raises(GrammarError):
        parse_price("-20t")
    assert replace(Price("bid"), ticks=2) == parse_price("bid+2t")
