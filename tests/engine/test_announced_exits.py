"""What is said of orders that wait for a price, and of exits that the exchange refuses."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from tui.domain.order import LegRole, OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side, Terms
from tui.domain.product import Product
from tui.engine.orders.announcements import announcement
from tui.engine.store import Severity

STOP = OrderRequest("BTCUSDT-PERP", Side.SELL, OrderType.STOP_MARKET, D(1), terms=Terms(trigger_price=D(60_000)))
SENT = order_from_request(STOP, Product.USDM, "btui-1", 1)


def said(**now: object) -> tuple[Severity, str]:
    told = announcement(SENT, replace(SENT, **now), None)  # type: ignore[arg-type]
    assert told is not None
    return told


def test_an_order_that_waits_for_its_price_was_called_working() -> None:
    assert said(status=OrderStatus.NEW)[1].endswith("armed at the exchange")
    assert said(status=OrderStatus.NEW, awaits_entry=True)[1].endswith("waits for its entry")
    assert said(status=OrderStatus.NEW, is_triggered=True)[1].endswith("working")


@pytest.mark.parametrize(
    ("role", "severity"),
    [(LegRole.NONE, Severity.WARNING), (LegRole.STOP_LOSS, Severity.ERROR), (LegRole.TAKE_PROFIT, Severity.ERROR)],
)
def test_an_exit_that_is_refused_is_never_mild(role: LegRole, severity: Severity) -> None:
    assert said(status=OrderStatus.REJECTED, reason="-2021 would trigger", role=role)[0] is severity
