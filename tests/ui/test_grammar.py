"""The command line's language: what lines mean, and what the wrong ones are told."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.order_terms import Side, TimeInForce
from tui.ui.command.grammar import (
    CancelLine,
    CloseLine,
    GrammarError,
    GroupLine,
    IntervalLine,
    OrderLine,
    Price,
    Size,
    SymbolLine,
    WordLine,
    parse,
    parse_price,
    parse_size,
)

LISTED = {"BTCUSDT", "BTCUSDT-PERP", "PEPEUSDT", "1INCHUSDT"}


def read(text):
    return parse(text, LISTED.__contains__)


def base(amount):
    return Size(D(amount), "base")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("b 0.1 @ bid", OrderLine(Side.BUY, base("0.1"), None, Price("bid"))),
        ("buy 0.1 @ bid", OrderLine(Side.BUY, base("0.1"), None, Price("bid"))),
        ("B 0.1 @ BID", OrderLine(Side.BUY, base("0.1"), None, Price("bid"))),
        ("  s   .1@64200  ", OrderLine(Side.SELL, base("0.1"), None, Price("", D(64200)))),
        ("s 1. @ask+0.1%", OrderLine(Side.SELL, base("1"), None, Price("ask", percent=D("0.1")))),
        ("b 0.1 @ bid-2t po", OrderLine(Side.BUY, base("0.1"), None, Price("bid", ticks=-2), post_only=True)),
        ("b 500$ mkt", OrderLine(Side.BUY, Size(D(500), "dollars"), None, None)),
        ("b 25%bal mkt", OrderLine(Side.BUY, Size(D(25), "balance"), None, None)),
        ("s 50%pos mkt ro", OrderLine(Side.SELL, Size(D(50), "position"), None, None, reduce_only=True)),
        ("s p3 @ mid", OrderLine(Side.SELL, Size(D(3), "preset"), None, Price("mid"))),
        ("b 1 pepeusdt @ 0.00001", OrderLine(Side.BUY, base("1"), "PEPEUSDT", Price("", D("0.00001")))),
        ("b 1 1INCHUSDT mkt", OrderLine(Side.BUY, base("1"), "1INCHUSDT", None)),
        (
            "b 1 BTCUSDT-PERP @ 64200 ioc",
            OrderLine(Side.BUY, base("1"), "BTCUSDT-PERP", Price("", D(64200)), time_in_force=TimeInForce.IOC),
        ),
        ("b 1 fok @ 2", OrderLine(Side.BUY, base("1"), None, Price("", D(2)), time_in_force=TimeInForce.FOK)),
        ("x", CancelLine()),
        ("x 3", CancelLine(number=3)),
        ("x all", CancelLine(everything=True)),
        ("x buy", CancelLine(side=Side.BUY)),
        ("cancel s", CancelLine(side=Side.SELL)),
        ("x btcusdt-perp", CancelLine(symbol="BTCUSDT-PERP")),
        ("close", CloseLine()),
        ("close 50%", CloseLine(D("0.5"))),
        ("close 25% BTCUSDT-PERP @ ask", CloseLine(D("0.25"), "BTCUSDT-PERP", Price("ask"))),
        ("sym pepeusdt", SymbolLine("PEPEUSDT")),
        ("group 10", GroupLine(10)),
        ("tf 15m", IntervalLine("15m")),
        ("arm", WordLine("arm")),
        ("LOCK", WordLine("lock")),
        ("halt", WordLine("halt")),
        ("q", WordLine("q")),
        ("quit", WordLine("q")),
        ("help", WordLine("help")),
        ("help close", WordLine("help", "close")),
    ],
)
def test_a_line_means(text, meaning):
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("bare", "stop", "target"),
    [
        ("1%", Price("", percent=D(-1)), Price("", percent=D(1))),
        ("20t", Price("", ticks=-20), Price("", ticks=20)),
        ("64000", Price("", D(64_000)), Price("", D(64_000))),
        ("entry+5t", Price("entry", ticks=5), Price("entry", ticks=5)),
    ],
)
def test_a_distance_without_its_sign_was_refused_although_the_ticket_took_it(bare, stop, target):
    line = read(f"b 0.1 @ bid sl {bare} tp {bare}")
    assert (line.stop_loss, line.take_profit) == (stop, target)
    assert (read(f"sl {bare}").price, read(f"tp {bare}").price) == (stop, target)
    pair = read(f"oco b 0.1 sl {bare} tp {bare}")
    assert (pair.stop, pair.profit) == (stop, target)


def test_a_target_is_counted_in_multiples_of_the_risk_with_and_without_its_sign():
    assert read("tp 2R").price == read("tp +2R").price == Price("", risks=D(2))


@pytest.mark.parametrize(
    ("text", "says", "offer"),
    [
        ("", "nothing to do", ""),
        ("   ", "nothing to do", ""),
        ("by 0.1 @ bid", "'by' is no command", "buy 0.1 @ bid"),
        ("zz", "'zz' is no command", ""),
        ("b", "how much?", "b 0.1 @ bid"),
        ("b 0.1", "at what price?", "b 0.1 @ bid"),
        ("s 0.1 po", "at what price?", "s 0.1 po @ ask"),
        ("b 0 @ bid", "size 0 must be more than zero", ""),
        ("b 0.000 mkt", "must be more than zero", ""),
        ("b -1 @ bid", "'-1' has a sign", "b 1 @ bid"),
        ("b +1 @ bid", "'+1' has a sign", "b 1 @ bid"),
        ("b 1,000 @ bid", "'1,000' has a comma", "b 1000 @ bid"),
        ("b 1e3 @ bid", "'1e3' is not a plain number", ""),
        ("b 0x10 @ bid", "'0x10' is not a plain number", ""),
        ("b nan @ bid", "'nan' is not a plain number", ""),
        ("b inf @ bid", "'inf' is not a plain number", ""),
        ("b 1_000 @ bid", "'1_000' is not a plain number", ""),
        ("b 1.2.3 @ bid", "'1.2.3' is not a plain number", ""),
        ("b ١ @ bid", "is not a plain number", ""),
        ("b １ @ bid", "is not a plain number", ""),
        ("b . @ bid", "'.' is not a plain number", ""),
        ("b 9999999999999999999 @ bid", "is not a plain number", ""),
        ("b 10% @ bid", "of what?", "b 10%bal @ bid"),
        ("b 101%bal @ bid", "more than all of it", "b 100%bal @ bid"),
        ("b $ mkt", "size '' is not a plain number", ""),
        ("b 0.1 @", "@ what?", "b 0.1 @ bid"),
        ("b 0.1 @ @ 5", "'@' is not a plain number", ""),
        ("b 0.1 @ bod", "price 'bod' is not a plain number", ""),
        ("b 0.1 @ bid-2", "after bid write -2t", "b 0.1 @ bid-2t"),
        ("b 0.1 @bid-1.5t po", "1.5t is no whole number", "b 0.1 @bid-2t po"),
        ("b 0.1 @ bid--2t", "after bid write -2t", ""),
        ("b 0.1 @ 64200 mkt", "names its price twice", ""),
        ("b 1 1", "write @ before a price", "b 1 @ 1"),
        ("b 0.1 64200", "write @ before a price", "b 0.1 @ 64200"),
        ("b 0.1 DOGEUSDT mkt", "'DOGEUSDT' is not listed", ""),
        ("b 0.1 mkt po", "a market order takes no po", ""),
        ("b 0.1 mkt ioc", "a market order takes no po", ""),
        ("b 0.1 @ bid ioc fok", "exclude each other", ""),
        ("b 0.1 @ bid po ioc", "keep one", ""),
        ("b 0.1 @ bid; x all", "price 'bid;'", ""),
        ("x 1 2", "x takes one thing", "x 1"),
        ("x NOSUCH", "'NOSUCH' is not listed", ""),
        ("x -1", "'-1' is not listed", ""),
        ("close 50", "close takes a percentage", "close 50%"),
        ("close 150% @ ask", "more than the position", "close 100% @ ask"),
        ("close 50 BTCUSDT", "close takes a percentage", "close 50% BTCUSDT"),
        ("b 0.1 @ bid match que", "one of opponent", "b 0.1 @ bid match queue"),
        ("b 1%r @ bid", "needs a stop", "b 1%r @ bid sl 1%"),
        ("chase b 1 max 1 for 30s", "is a percentage", "chase b 1 max 1% for 30s"),
        ("b 0.1 @ bid sl 2R", "the stop itself makes R", "b 0.1 @ bid sl 1%"),
        ("sl 2R", "the stop itself makes R", "sl 1%"),
        ("close 0%", "must be more than zero", ""),
        ("close @", "@ what?", "close @ ask"),
        ("sym", "sym takes one thing", ""),
        ("sym a b", "sym takes one thing", "sym a"),
        ("sym ../../etc/passwd", "is not listed", ""),
        ("group 0", "must be more than zero", ""),
        ("group 2.5", "no whole number of ticks", "group 10"),
        ("tf 7m", "'7m' is no interval", "tf 5m"),
        ("arm now", "arm stands alone", "arm"),
        ("b 0.1 @ bid\x1b[A", "invisible characters", ""),
        ("b 0.1 @ bid\u202e", "invisible characters", ""),
        ("b " + "1" * 300, "shorten it", ""),
        ("m ² 64100", "m which order?", "m 1 "),
    ],
)
def test_a_wrong_line_names_the_value_and_the_remedy(text, says, offer):
    with pytest.raises(GrammarError) as caught:
        read(text)
    assert says in caught.value.text
    if offer:
        assert caught.value.offer == offer


@given(st.text(max_size=80))
def test_any_text_is_a_line_or_a_sentence(text):
    try:
        outcome = read(text)
    except GrammarError as error:
        outcome = error.text
    assert outcome


@given(st.decimals(min_value=D("0.00000001"), max_value=D(10**9), places=8))
def test_a_plain_size_is_read_exactly(amount):
    if amount:
        assert parse_size(f"{amount:f}") == Size(amount, "base")


@pytest.mark.parametrize("anchor", ["bid", "ask", "mid"])
def test_anchors_move_both_ways(anchor):
    assert parse_price(f"{anchor}+3t").ticks == 3
    assert parse_price(f"{anchor}-0.25%").percent == D("-0.25")
