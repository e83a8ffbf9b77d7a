"""From what a venue tells of orders and accounts to the events of each account."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import product

from tui.domain.product import Product
from tui.exchange.conditional import AlgoOrder
from tui.exchange.events import AccountChanged, LevelChanged, OrderChanged, PublicTrade
from tui.exchange.server.desk import Desk
from tui.exchange.server.futures_events import in_coin, margin_call
from tui.exchange.server.notation import eight, short
from tui.exchange.server.spot_events import account_position, execution_report, list_status, refusal_report
from tui.exchange.server.usdm_algo import algo_update
from tui.exchange.server.usdm_shapes import average_price
from tui.exchange.spot.order import SpotOrder, spot_order
from tui.exchange.spot.order_list import ListChanged

Event = dict[str, object]
Receiver = Callable[[Event], None]

#: Orders given back when one first trades as maker (Binance spot API docs, "Unfilled order count", 2026-07-21).
_GIVEN_BACK_TO_MAKERS = 5


class UserEvents:
    """A listener of one venue that hands accounts their events. `receive` gets account id and event."""

    def __init__(self, desk: Desk, receive: Callable[[str, Event], None]) -> None:
        self.desk = desk
        self._receive = receive
        self._wallets = _wallets(desk)
        self._is_inverse = desk.product is Product.COINM
        if desk.venue.algos is not None:
            desk.venue.algos.listeners.append(self._on_algo)
        if desk.venue.spot_orders is not None:
            desk.venue.spot_orders.lists.listeners.append(self._on_list)
            desk.venue.spot_orders.trading.on_refusal.append(self._on_refusal)

    def _on_algo(self, order: AlgoOrder) -> None:
        self._receive(order.account_id, algo_update(self.desk, order))

    def _on_list(self, change: ListChanged) -> None:
        self._receive(change.order_list.account_id, list_status(self.desk, change))

    def _on_refusal(self, order: SpotOrder, words: str) -> None:
        self._receive(order.account_id, refusal_report(self.desk, order, words))

    def on_trade(self, trade: PublicTrade) -> None:
        """The tape is public."""

    def on_level(self, change: LevelChanged) -> None:
        """So is the book."""

    def on_order(self, change: OrderChanged) -> None:
        """Tell the order's owner."""
        execution = change.execution
        account_id = change.order.account_id
        if self.desk.product.is_futures:
            if execution is not None and change.execution_type == "TRADE" and not self._is_inverse:
                self._receive(account_id, trade_lite(self.desk, change))
            self._tell(account_id, order_trade_update(self.desk, change))
            return
        if execution is not None and execution.lots == change.filled_lots:
            given_back = _GIVEN_BACK_TO_MAKERS if execution.is_maker else 1
            self.desk.budget.give_back(account_id, change.time_ms, given_back)
        self._receive(account_id, execution_report(self.desk, change, self._execution_id(change)))

    def _execution_id(self, change: OrderChanged) -> int:
        """The number of a report: an amendment has its own, which its answer tells as well."""
        assert self.desk.venue.spot_orders is not None
        if change.execution_type == "REPLACED":
            return spot_order(change.order).changes[-1].execution_id
        return next(self.desk.venue.spot_orders.floor.execution_ids)

    def on_account(self, change: AccountChanged) -> None:
        """Tell the account's owner what it holds now."""
        if change.reason == "MARGIN_CALL":
            self._tell(change.account_id, margin_call(self.desk, change))
        elif self.desk.product.is_futures:
            self._tell(change.account_id, account_update(self.desk, change, self._moved(change)))
        else:
            self._receive(change.account_id, account_position(self.desk, change))

    def _tell(self, account_id: str, event: Event) -> None:
        self._receive(account_id, in_coin(self.desk, event) if self._is_inverse else event)

    def _moved(self, change: AccountChanged) -> dict[str, Decimal]:
        """By how much wallets moved since they were last told of; trades do not count, by Binance's definition."""
        ledger = self.desk.venue.futures
        assert ledger is not None
        moved = {}
        for asset in change.assets:
            wallet, owner = ledger.wallet(change.account_id, asset), (change.account_id, asset)
            before, self._wallets[owner] = self._wallets.get(owner, Decimal(0)), wallet
            moved[asset] = Decimal(0) if change.reason == "ORDER" else wallet - before
        return moved


def _wallets(desk: Desk) -> dict[tuple[str, str], Decimal]:
    ledger = desk.venue.futures
    if ledger is None:
        return {}
    return {
        (account, asset): ledger.wallet(account, asset)
        for account in ledger.accounts()
        for asset in ledger.assets(account)
    }


def trade_lite(desk: Desk, change: OrderChanged) -> Event:
    """Futures: a fill, early and in short."""
    order, execution = change.order, change.execution
    assert execution is not None
    notation = desk.notations[order.listing.symbol]
    return {
        "e": "TRADE_LITE",
        "E": desk.now_ms(),
        "T": change.time_ms,
        "s": order.listing.symbol,
        "q": notation.size(order.lots),
        "p": notation.price(order.price_ticks),
        "m": execution.is_maker,
        "c": order.client_order_id,
        "S": order.side.value,
        "L": notation.price(execution.price_ticks),
        "l": notation.size(execution.lots),
        "t": execution.trade_id,
        "i": order.order_id,
    }


def order_trade_update(desk: Desk, change: OrderChanged) -> Event:
    """Futures: what became of an order (Binance USD-M futures docs, user data streams, 2026)."""
    order, execution = change.order, change.execution
    notation = desk.notations[order.listing.symbol]
    paid: Event = {"N": execution.commission_asset, "n": eight(execution.commission)} if execution else {}
    is_changed = change.execution_type == "AMENDMENT" and order.modify_id
    assert desk.venue.futures is not None
    bid, ask = desk.venue.futures.open_notional(order.account_id, order.listing.symbol, order.position_side)
    body: Event = {
        "s": order.listing.symbol,
        "c": order.client_order_id,
        "S": order.side.value,
        "o": order.type,
        "f": order.time_in_force or "GTC",
        "q": notation.size(order.lots),
        "p": notation.price(order.price_ticks),
        "ap": average_price(notation, change.filled_quote, change.filled_lots),
        "sp": "0",
        "x": change.execution_type,
        "X": str(change.state),
        "i": order.order_id,
        **({"M": order.modify_id} if is_changed else {}),
        "l": notation.size(execution.lots if execution else 0),
        "z": notation.size(change.filled_lots),
        "L": notation.price(execution.price_ticks if execution else 0),
        **paid,
        "T": change.time_ms,
        "t": execution.trade_id if execution else 0,
        "b": short(bid),
        "a": short(ask),
        "m": execution.is_maker if execution else False,
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order.type,
        "ps": order.position_side,
        "cp": False,
        "AP": "0",
        "cr": "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "rp": eight(execution.realized_profit) if execution else "0",
        "V": order.self_trade_prevention,
        "pm": order.price_match,
        "gtd": order.good_till_ms,
        "er": order.expiry_reason if order.expiry_reason.isdigit() else "0",
    }
    return {"e": "ORDER_TRADE_UPDATE", "E": desk.now_ms(), "T": change.time_ms, "o": body}


def account_update(desk: Desk, change: AccountChanged, moved: Mapping[str, Decimal]) -> Event:
    """Futures: wallets and positions that changed, absolute; `moved` is what is not profit or commission."""
    ledger = desk.venue.futures
    assert ledger is not None
    positions = []
    for symbol, side in product(change.symbols, change.sides):
        held = ledger.position(change.account_id, symbol, side)
        positions.append(
            {
                "s": symbol,
                "pa": desk.venue.listings[symbol].step.format(held.quantity),
                "ep": short(held.entry_price),
                "bep": short(held.break_even_price),
                "cr": short(held.realized),
                "up": eight(ledger.unrealized_profit(change.account_id, symbol, side)),
                "mt": "isolated" if held.is_isolated else "cross",
                "iw": short(held.isolated_wallet),
                "ps": side,
            }
        )
    balances = [
        {
            "a": asset,
            "wb": eight(ledger.wallet(change.account_id, asset)),
            "cw": eight(ledger.crossed_wallet(change.account_id, asset)),
            "bc": short(moved.get(asset, Decimal(0))),
        }
        for asset in change.assets
    ]
    body: Event = {"m": change.reason, "B": balances, "P": positions}
    if change.about:
        body["S"] = change.about
    return {"e": "ACCOUNT_UPDATE", "E": desk.now_ms(), "T": change.time_ms, "a": body}


def leverage_changed(desk: Desk, symbol: str, leverage: int) -> Event:
    """Futures: a symbol has another leverage."""
    now = desk.now_ms()
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ac": {"s": symbol, "l": leverage}}


def multi_assets_changed(desk: Desk, is_on: bool) -> Event:
    """Futures: the account is in multi-assets mode, or no longer."""
    now = desk.now_ms()
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": now, "ai": {"j": is_on}}
