"""A day on a contract: brackets, stops, protection, reversals, one-way or in hedge mode."""

from decimal import Decimal

import trading_laws as laws
from engine_table import limit
from exchange_model import FuturesModel
from trading_day import TradingDay

from tui.domain.order import LegRole, OrderChange, OrderListRequest, OrderRequest
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.engine.commands.orders import (
    CancelOrder,
    ChangeOrder,
    ClosePosition,
    Protect,
    ReversePosition,
    SubmitOrder,
    SubmitOrderList,
)

D = Decimal
PERP = "BTCUSDT-PERP"
LONG, SHORT, BOTH = PositionSide.LONG, PositionSide.SHORT, PositionSide.BOTH


def bracket(quantity: Decimal) -> OrderListRequest:
    """Bought at 99.5, sold at 102 or at a stop at 98."""
    stop = OrderRequest(PERP, Side.SELL, OrderType.STOP_MARKET, quantity, terms=Terms(trigger_price=D(98)))
    profit = OrderRequest(PERP, Side.SELL, OrderType.LIMIT, quantity, D(102))
    return OrderListRequest(limit("99.5", str(quantity), symbol=PERP), (profit, stop))


class FuturesDay(TradingDay):
    symbol = PERP
    client = "perp"
    #: Nothing of these gives an exit up or closes what a bracket holds.
    acts_of_brackets = (*("fill",) * 4, "move", "move_stop", "bracket", "trigger", "cancel_entry", "cut", "halt")
    acts = (*acts_of_brackets, "protect", "close", "cancel", "cancel_elsewhere", "stop_entry", "reverse")

    def __init__(self, random, journal_path, is_hedge: bool) -> None:
        super().__init__(random, journal_path, FuturesModel(random, is_hedge))
        self._sides = (LONG, LONG, SHORT) if is_hedge else (BOTH,)
        self._brackets_left = 3
        self._has_brackets_alone = random.random() < 0.4
        if self._has_brackets_alone:
            self.acts = self.acts_of_brackets

    def broken(self) -> list[str]:
        return [
            *laws.screen_is_true(self.table, self.exchange),
            *laws.positions_are_true(self.table, self.exchange),
            *laws.no_more_than_asked(self.exchange, self.asked),
            *laws.successors_are_alone(self.table),
            *laws.nothing_opens_after_a_halt(self.exchange),
            *laws.brackets_are_covered(self.table, self.exchange),
            *laws.exits_have_a_position(self.table, self.exchange),
            *(laws.what_was_bought_is_protected(self.exchange) if self._is_to_be_protected else ()),
        ]

    @property
    def _is_to_be_protected(self) -> bool:
        return self._has_brackets_alone and not any("UNPROTECTED" in step for step in self.exchange.steps)

    def bracket(self) -> None:
        if self._brackets_left:
            self._brackets_left -= 1
            quantity = D(self.random.choice([1, 2]))
            self.asked[Side.BUY] += quantity
            self.do(SubmitOrderList(bracket(quantity), reviewed=True))

    def stop_entry(self) -> None:
        self.asked[Side.BUY] += D(1)
        terms = Terms(trigger_price=D(101))
        self.do(SubmitOrder(OrderRequest(PERP, Side.BUY, OrderType.STOP_MARKET, D(1), terms=terms), reviewed=True))

    def cancel_entry(self) -> None:
        for order in self.one_of(one for one in self.shown if one.role is LegRole.ENTRY):
            self.do(CancelOrder(order.client_order_id))

    def trigger(self) -> None:
        for order in self.one_of(one for one in self.exchange.live if is_conditional(one)):
            self.exchange.trigger(order)

    def move_stop(self) -> None:
        for order in self.one_of(one for one in self.shown if one.status.is_working and is_conditional(one)):
            change = OrderChange(trigger_price=D(self.random.choice([97, 96])))
            self.do(ChangeOrder(order.client_order_id, change, reviewed=True))

    def protect(self) -> None:
        price = D(self.random.choice([95, 96, 97]))
        self.do(Protect(PERP, stop_price=price, reviewed=True, position_side=self._sides[0]))

    def close(self) -> None:
        quantity = D(self.random.choice(["0.5", "1"]))
        self.do(ClosePosition(PERP, quantity, reviewed=True, position_side=self.random.choice(self._sides)))

    def reverse(self) -> None:
        if self.random.random() > 0.3:
            return
        side = self.random.choice(self._sides)
        for position in self.table.store.positions.values():
            if position.position_side is side and position.quantity:
                seen = position.quantity
                self.asked[Side.SELL if seen > 0 else Side.BUY] += abs(seen)
                self.do(ReversePosition(PERP, side, reviewed=True, held=seen))
