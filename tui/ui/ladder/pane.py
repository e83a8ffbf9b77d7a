"""The ladder as it is traded on: keys and clicks turned into intents for the level under the cursor.

A click on a level moves the cursor there. Only a click on the level that already has the cursor does anything: on own
orders it cancels, on the bid side it buys, on the ask side it sells, on the price it opens the ticket, each exactly as
the key would, with the same reviews and guards. A double click is one decision, not two, and only moves the cursor.
"""

from decimal import Decimal

from textual import events

from tui.domain.order_terms import Side
from tui.engine.commands import Desk
from tui.engine.store import Market, Severity
from tui.ui.ladder.columns import column_at
from tui.ui.ladder.picture import group_of, group_price
from tui.ui.ladder.sight import cursor_group
from tui.ui.ladder.trading import LadderTrading
from tui.ui.ladder.view import LadderView
from tui.ui.view_state import ViewState

#: Rows of one notch of the wheel.
_NOTCH = 3

#: A click that gives the pane the focus, or comes with it, only looks.
_SETTLED_NS = 400_000_000


class LadderPane(LadderView):
    """Acts on the level under the cursor."""

    def __init__(self, desk: Desk, view: ViewState) -> None:
        super().__init__(desk, view)
        self.trading = LadderTrading(desk, view)
        self._focused_ns = 0

    # keys

    def action_buy(self) -> None:
        """Buy at the cursor; at the best bid while following."""
        self._limit(Side.BUY, self.cursor_price)

    def action_sell(self) -> None:
        """Sell at the cursor; at the best ask while following."""
        self._limit(Side.SELL, self.cursor_price)

    def action_join_bid(self) -> None:
        """Buy at the best bid."""
        self._limit(Side.BUY, None)

    def action_join_ask(self) -> None:
        """Sell at the best ask."""
        self._limit(Side.SELL, None)

    def action_buy_market(self) -> None:
        """Buy the chosen size at market."""
        market = self._tradable()
        if market is not None:
            self.trading.market(market.instrument, Side.BUY)

    def action_sell_market(self) -> None:
        """Sell the chosen size at market."""
        market = self._tradable()
        if market is not None:
            self.trading.market(market.instrument, Side.SELL)

    def action_ticket(self) -> None:
        """Open the ticket at the cursor; never sends. A pinned ladder's symbol takes the focus first."""
        market, price = self._market(), self.cursor_price
        if market is not None:
            if self._symbol != self.view.symbol:
                self.view.intents.focus_symbol(self._symbol)
            self.trading.ticket(market.instrument, price)

    def action_cancel(self) -> None:
        """Cancel own orders at the cursor's level."""
        market = self._market()
        if market is None or self.cursor_price is None:
            self.view.intents.say("no own order chosen: move the cursor to its level", Severity.WARNING)
            return
        cursor = cursor_group(self.cursor_price, market.instrument, self._group)
        orders = self.trading.orders_at(market.instrument, cursor, self._group)
        self.trading.cancel(market.instrument, orders)

    def action_nudge(self, ticks: str) -> None:
        """Move own orders at the cursor's level some ticks; armed, the cursor goes along."""
        market = self._tradable()
        if market is None:
            return
        instrument = market.instrument
        cursor = cursor_group(self.cursor_price, instrument, self._group)
        if cursor is None:
            self.view.intents.say("no own order chosen: move the cursor to its level", Severity.WARNING)
            return
        orders = self.trading.orders_at(instrument, cursor, self._group)
        moved = self.trading.move(instrument, orders, int(ticks))
        if moved is not None and self.view.is_armed(self.desk.store):
            side = Side.BUY if orders[0].trigger_price is not None else orders[0].side
            group = group_of(moved, side, instrument.tick, self._group)
            self.cursor_price = group_price(max(1, group), instrument.tick, self._group)

    def action_close(self) -> None:
        """Close the symbol's whole position at market, reduce-only."""
        market = self._market()
        if market is not None:
            self.trading.close(market.instrument)

    def action_reverse(self) -> None:
        """Turn the position round at market; always reviewed."""
        market = self._market()
        if market is not None:
            self.trading.reverse(market.instrument)

    def _limit(self, side: Side, price: Decimal | None) -> None:
        market = self._tradable()
        if market is not None:
            self.trading.limit(market.instrument, side, price)

    def _tradable(self) -> Market | None:
        """The market, if what is seen of it may be acted on; otherwise says why not."""
        market = self._market()
        words = self._why_not() if market is not None else "no symbol"
        if words:
            self.view.intents.say(f"nothing sent: {words}", Severity.WARNING)
            return None
        return market

    # the mouse

    def on_focus(self) -> None:
        """Note when the pane was chosen."""
        self._focused_ns = self.view.clock.monotonic_ns()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Higher prices, without moving the cursor."""
        self._scroll(event, _NOTCH)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Lower prices."""
        self._scroll(event, -_NOTCH)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to a level, or act on the one that has it."""
        event.stop()
        place = event.get_content_offset(self)
        if place is None and event.y == 0:
            self.click_title(event.x)
        market = self._market()
        if place is None or market is None or event.button != 1 or self._staleness():
            return
        clicked = self._sight.group_at(place.y)
        if clicked is None or clicked <= 0:
            self.action_centre()
        elif clicked != cursor_group(self.cursor_price, market.instrument, self._group):
            self._put_cursor(clicked, market.instrument)
        elif event.chain == 1 and self.view.clock.monotonic_ns() - self._focused_ns >= _SETTLED_NS:
            self._act_at(place.x, clicked, market)
        self.paint()

    def _act_at(self, x: int, group: int, market: Market) -> None:
        column = column_at(self._columns, x)
        if column == "own" and not self.trading.orders_at(market.instrument, group, self._group):
            return
        keys = {"own": "cancel", "bid": "buy", "ask": "sell", "price": "ticket"}
        if column in keys:
            self.view.intents.act(self.place_id, f"ladder.{keys[column]}")

    def _scroll(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        if self._held is None:
            self._sight.scroll(rows)
            self.paint()
