"""A day on a contract: brackets, stops, protection, reversals, one-way or in hedge mode."""

from decimal import Decimal

import trading_laws as laws
from engine_table import limit
from exchange_model import FuturesModel
from trading_day import TradingDay

from tui.domain.order import OrderChange, OrderListRequest, OrderRequest
from tui.domain.order_change import is_conditional
from tui.domain.order_terms import OrderType, PositionSide, Side, Terms
from tui.engine.commands.orders import (
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
    acts = (
        *("fill",) * 4,
        *("move", "move_stop", "bracket", "trigger", "protect", "close", "cancel"),
        *("cancel_elsewhere", "cut", "stop_entry", "reverse", "halt"),
    )

    def __init__(self, random, journal_path, is_hedge: bool) -> None:
        super().__init__(random, journal_path, FuturesModel(random, is_hedge))
        self._sides = (LONG, LONG, SHORT) if is_hedge else (BOTH,)
        self._brackets_left = 3

    def broken(self) -> list[str]:
        return [
            *laws.screen_is_true(self.table, self.exchange),
            *laws.positions_are_true(self.table, self.exchange),
            *laws.no_more_than_asked(self.exchange, self.asked),
            *laws.successors_are_alone(self.table),
            *laws.nothing_opens_after_a_halt(self.exchange),
            *laws.brackets_are_covered(self.table, self.exchange),
            *laws.exits_have_a_position(self.table, self.exchange),
        ]

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
