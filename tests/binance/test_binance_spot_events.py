"""Spot account events, ordinary and odd, as domain values."""

import json
from decimal import Decimal

import pytest

from tui.binance.link import ReconnectNow
from tui.binance.spot import events
from tui.domain.order import OrderStatus


class Heard:
    """A user listener that remembers."""

    def __init__(self):
        self.reports = []
        self.balances = []

    def on_order_report(self, report):
        self.reports.append(report)

    def on_balances(self, balances):
        self.balances += balances

    def on_positions(self, positions):
        raise AssertionError("spot has no positions")

    def on_user_link(self, product, state, detail):
        raise AssertionError("events do not change the link")


EXECUTION = {
    "e": "executionReport",
    "E": 1795400000202,
    "s": "ETHUSDT",
    "c": "tui-7",
    "S": "SELL",
    "o": "LIMIT",
    "f": "GTC",
    "q": "0.75000000",
    "p": "2910.40000000",
    "P": "0.00000000",
    "F": "0.00000000",
    "g": -1,
    "C": "",
    "x": "TRADE",
    "X": "PARTIALLY_FILLED",
    "r": "NONE",
    "i": 700001,
    "l": "0.50000000",
    "z": "0.50000000",
    "L": "2910.40000000",
    "n": "1.45520000",
    "N": "USDT",
    "T": 1795400000200,
    "t": 88101,
    "I": 905001,
    "w": True,
    "m": False,
    "M": True,
    "O": 1795400000200,
    "Z": "1455.20000000",
    "Y": "1455.20000000",
    "Q": "0.00000000",
    "W": 1795400000200,
    "V": "EXPIRE_MAKER",
}


def heard(event):
    listener = Heard()
    complete = events.deliver(json.dumps(event).encode(), listener)
    return listener, complete


def test_execution_event_with_its_fill():
    listener, _ = heard(EXECUTION)
    (report,) = listener.reports
    assert (report.status, report.filled, report.average_price) == (
        OrderStatus.PARTIALLY_FILLED,
        Decimal("0.5"),
        Decimal("2910.4"),
    )
    assert (report.fill.trade_id, report.fill.quantity, report.fill.commission, report.fill.commission_asset) == (
        88101,
        Decimal("0.5"),
        Decimal("1.4552"),
        "USDT",
    )


def test_cancel_event_carries_the_id_that_placed():
    listener, _ = heard(
        {**EXECUTION, "x": "CANCELED", "X": "CANCELED", "c": "cancel-1", "C": "tui-7", "l": "0", "t": -1}
    )
    assert listener.reports[0].client_order_id == "tui-7"
    assert listener.reports[0].fill is None


@pytest.mark.parametrize("empty", ["", None])
def test_cancel_event_without_an_original_id_keeps_its_own(empty):
    listener, _ = heard({**EXECUTION, "x": "CANCELED", "X": "CANCELED", "C": empty})
    assert listener.reports[0].client_order_id == "tui-7"


@pytest.mark.parametrize("odd", [{"l": "0"}, {"L": "0"}, {"t": -1}, {"x": "CALCULATED"}])
def test_a_trade_event_without_substance_is_a_status(odd):
    listener, _ = heard({**EXECUTION, **odd})
    assert listener.reports[0].fill is None
    assert listener.reports[0].filled == Decimal("0.5")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"x": "EXPIRED", "X": "EXPIRED", "eR": "INSUFFICIENT_LIQUIDITY"}, "the book was too thin"),
        ({"x": "REJECTED", "X": "REJECTED", "r": "INSUFFICIENT_BALANCES", "eR": "NONE"}, "the balance is too small"),
        ({"x": "EXPIRED", "X": "EXPIRED", "eR": "A_NEW_REASON"}, "A_NEW_REASON"),
        ({"x": "TRADE_PREVENTION", "X": "EXPIRED_IN_MATCH"}, "self-trade prevention"),
    ],
)
def test_reasons_are_told_in_words_and_new_ones_as_they_are(said, told):
    assert heard({**EXECUTION, **said})[0].reports[0].reason == told


def test_account_position_is_absolute_and_includes_zero():
    listener, complete = heard(
        {
            "e": "outboundAccountPosition",
            "E": 1,
            "u": 2,
            "B": [{"a": "USDT", "f": "5.5", "l": "0.5"}, {"a": "ETH", "f": "0.00000000", "l": "0.00000000"}],
        }
    )
    assert complete
    assert [(one.asset, one.free, one.locked) for one in listener.balances] == [
        ("USDT", Decimal("5.5"), Decimal("0.5")),
        ("ETH", 0, 0),
    ]


@pytest.mark.parametrize("name", ["balanceUpdate", "externalLockUpdate"])
def test_deltas_ask_for_the_account(name):
    assert heard({"e": name, "E": 1, "a": "BTC", "d": "1", "T": 1})[1] is False


@pytest.mark.parametrize("name", ["eventStreamTerminated", "serverShutdown"])
def test_the_end_of_events_reconnects(name):
    with pytest.raises(ReconnectNow):
        heard({"e": name, "E": 1})


def test_unknown_events_are_passed_over():
    listener, complete = heard({"e": "listStatus", "E": 1, "whatever": {}})
    assert complete
    assert (listener.reports, listener.balances) == ([], [])


def test_text_of_events_is_cleaned():
    listener, _ = heard({**EXECUTION, "c": "a\x1b]0;x\x07b"})
    assert listener.reports[0].client_order_id == "a]0;xb"
