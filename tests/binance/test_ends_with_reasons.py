"""What the exchange ended itself says so: without a reason it counts as taken back by the trader.

A bracket whose stop was taken back goes on entering; one whose stop the exchange ended does not.
"""

from test_binance_spot_events import EXECUTION, heard
from test_futures_events import UNTRADED, Account, algo, update
from test_futures_payloads import answered, conditional

from tui.domain.order import OrderStatus


def test_orders_ended_by_self_trade_prevention_were_taken_for_taken_back() -> None:
    told = [
        Account().take(update(x="EXPIRED", X="EXPIRED_IN_MATCH", **UNTRADED)).report,
        answered(status="EXPIRED_IN_MATCH", executedQty="0"),
        heard({**EXECUTION, "x": "EXPIRED", "X": "EXPIRED_IN_MATCH"})[0].reports[0],
    ]
    assert [(one.status, one.reason) for one in told] == [(OrderStatus.CANCELED, "self-trade prevention")] * 3


def test_a_conditional_order_that_triggered_and_did_not_trade_says_that() -> None:
    told = [conditional(algoStatus="FINISHED", actualQty="0"), Account().take(algo(X="FINISHED", rm="")).report]
    assert [one.reason for one in told] == ["it triggered and ended without trading"] * 2
