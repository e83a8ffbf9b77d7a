"""Events of a futures account, taken to whoever listens."""

import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import msgspec

from tui.binance.client import AccountState, UserListener
from tui.binance.futures import event_wire as wire
from tui.binance.futures import order_events, parse
from tui.binance.futures.base import FuturesBase
from tui.binance.link import ReconnectNow, RenewLink
from tui.binance.wire import name, number, positive
from tui.domain.account import Balance, Position, SymbolConfig
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.domain.text import clean

_log = logging.getLogger(__name__)

#: Eight decimals, as the exchange books.
_COIN_UNIT = Decimal(1).scaleb(-8)

_EVENT = msgspec.json.Decoder(wire.Event)
_NAME = msgspec.json.Decoder(wire.Name)
_KNOWN = frozenset(
    {
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ALGO_UPDATE",
        "ACCOUNT_UPDATE",
        "ACCOUNT_CONFIG_UPDATE",
        "MARGIN_CALL",
        "CONDITIONAL_ORDER_TRIGGER_REJECT",
        "listenKeyExpired",
        "serverShutdown",
    }
)


class UserEvents:
    """Reads one account's events. `changed` is called when the account has to be asked for what an event leaves out.

    `client` is asked for nothing; what it knows of contracts fills in what events about positions leave out.
    """

    def __init__(self, client: FuturesBase, listener: UserListener, changed: Callable[[], None]) -> None:
        self._client = client
        self._listener = listener
        self._changed = changed
        self._names = client.names
        execution = client.options.execution
        self._takes_lite = execution.use_trade_lite and client.dialect.has_trade_lite
        self._default_fee = execution.default_taker_fee

    def take(self, frame: bytes) -> None:
        """Take one event.

        Raises ReconnectNow and RenewLink when the exchange ends the events, one of `wire.MALFORMED` for an event that
        cannot be read. Events not known here are passed over.
        """
        try:
            event = _EVENT.decode(frame)
        except msgspec.ValidationError:
            self._take_odd(frame)
            return
        match event:
            case wire.OrderTradeUpdate():
                report = order_events.order_report(event.order, self._names, self.estimate)
                if report is not None:
                    fill = report.fill and self._client.credited(report.fill)
                    self._listener.on_order_report(report if fill is report.fill else replace(report, fill=fill))
                # What an open order holds back changes with it, and no event says so.
                self._changed()
            case wire.AccountUpdate():
                self._take_account(event)
            case wire.AlgoUpdate():
                conditional = order_events.algo_report(event, self._names)
                if conditional is not None:
                    self._listener.on_order_report(conditional)
            case wire.TradeLite():
                self._take_lite(event)
            case _:
                self._take_rare(event)

    def _take_odd(self, frame: bytes) -> None:
        """An event whose name is new, or one that cannot be read, or a restart announced one level deeper."""
        head = _NAME.decode(frame)
        if head.name in _KNOWN:
            _EVENT.decode(frame)
        if head.event is not None and head.event.name == "serverShutdown":
            raise RenewLink("the exchange is restarting")
        _log.info("event passed over: %s", clean(head.name, 60) or "without a name")

    def _take_rare(self, event: wire.Event) -> None:
        match event:
            case wire.ConfigUpdate():
                self._take_config(event)
            case wire.MarginCall():
                self._listener.on_margin_call(self._names.product, self._call_words(event))
                self._changed()
            case wire.TriggerReject():
                _log.warning(
                    "conditional order %d of %s triggered and was refused: %s",
                    event.order.order_id,
                    clean(event.order.symbol, 40),
                    clean(event.order.reason),
                )
                self._changed()
            case wire.ListenKeyExpired():
                raise ReconnectNow("the listen key expired")
            case wire.ServerShutdown():
                raise RenewLink("the exchange is restarting")

    def _take_lite(self, event: wire.TradeLite) -> None:
        if not self._takes_lite:
            return
        report = order_events.lite_report(event, self._names, self.estimate)
        if report is not None:
            self._listener.on_order_report(report)

    def _take_account(self, event: wire.AccountUpdate) -> None:
        if event.change.reason == "MARGIN_TYPE_CHANGE":
            self._note_margin_types(event)
        changed = {self._client.asset(self._noted(row, event.time_ms)) for row in event.change.balances}
        wallets = [
            balance for balance, _ in self._client.wallets.values() if self._client.asset(balance.asset) in changed
        ]
        if wallets:
            self._listener.on_balances(self._client.by_currency(wallets))
        positions = [self._position(row, event.time_ms) for row in event.change.positions]
        if positions:
            self._listener.on_positions(positions)
        self._changed()

    def _noted(self, row: wire.BalanceUpdate, time_ms: int) -> str:
        """Note what a wallet holds now, and return its asset; what margin holds back of it is as last read."""
        asset, wallet = name(row.asset), number(row.wallet)
        before = self._client.wallets.get(asset)
        if before is None:
            balance = Balance(self._names.product, asset, wallet, Decimal(0), time_ms, wallet=wallet)
        else:
            held, known = before
            balance = replace(held, free=max(Decimal(0), held.free + wallet - known), time_ms=time_ms, wallet=wallet)
        self._client.wallets[asset] = balance, wallet
        return asset

    def _position(self, row: wire.PositionUpdate, time_ms: int) -> Position:
        """One stated position, flat ones included: it may just have become so. A margin is stated where isolated."""
        symbol = self._names.program(row.symbol)
        config, known = self._client.configs.get(symbol), self._client.known.get(symbol)
        is_isolated = (row.margin_type or "").lower() == "isolated"
        is_inverse = self._names.product is Product.COINM
        wallet = number(row.isolated_wallet) if is_isolated and row.isolated_wallet else None
        return Position(
            product=self._names.product,
            symbol=symbol,
            quantity=number(row.quantity),
            entry_price=number(row.entry_price),
            time_ms=time_ms,
            leverage=config.leverage if config is not None else None,
            margin=None if wallet is None else wallet + number(row.unrealized),
            is_isolated=is_isolated,
            position_side=parse.position_side(row.position_side),
            break_even_price=positive(row.break_even_price),
            isolated_wallet=wallet,
            realized=number(row.realized) if row.realized else None,
            contract_size=known.contract_size if is_inverse and known is not None else None,
        )

    def _note_margin_types(self, event: wire.AccountUpdate) -> None:
        self._client.configs_are_stale = True
        for row in event.change.positions:
            before = self._client.configs.get(self._names.program(row.symbol))
            if before is not None and row.margin_type is not None:
                self._set_config(replace(before, is_isolated=row.margin_type.lower() == "isolated"))

    def _take_config(self, event: wire.ConfigUpdate) -> None:
        if event.leverage is not None:
            symbol = self._names.program(event.leverage.symbol)
            before = self._client.configs.get(symbol)
            is_isolated = before is not None and before.is_isolated
            self._set_config(SymbolConfig(symbol, parse.leverage(event.leverage.leverage), is_isolated))
        if event.assets is not None:
            self._listener.on_multi_assets(self._names.product, is_on=event.assets.is_multi)
        # The most that may be held at the new leverage, and the account's modes, are asked for.
        self._client.configs_are_stale = True
        self._changed()

    def _set_config(self, config: SymbolConfig) -> None:
        self._client.configs = {**self._client.configs, config.symbol: config}
        self._listener.on_symbol_config(config)

    def _call_words(self, event: wire.MarginCall) -> str:
        """Which positions are near their liquidation, as the exchange has it."""
        parts = []
        for row in event.positions:
            side = parse.position_side(row.position_side)
            held = f"{self._names.program(row.symbol)}{'' if side is PositionSide.BOTH else ' ' + side.value}"
            words = [f"{held} {number(row.quantity):f}"]
            if row.mark_price:
                words.append(f"mark {number(row.mark_price):f}")
            if row.maintenance:
                words.append(f"maintenance margin {number(row.maintenance):f}")
            parts.append(", ".join(words))
        if event.wallet:
            parts.append(f"cross wallet {number(event.wallet):f}")
        return "; ".join(parts) or "the exchange names no position"

    def estimate(self, symbol: str, price: Decimal, quantity: Decimal, is_maker: bool) -> tuple[Decimal, str]:
        """The fee of an execution that states none, in the margin asset; inverse contracts pay in coin."""
        known = self._client.known.get(symbol)
        if known is None:
            return Decimal(0), ""
        told = known.maker_fee if is_maker else known.taker_fee
        rate = self._default_fee if told is None else told
        value = known.contract_size * quantity / price if known.is_inverse else price * quantity
        return (rate * value).quantize(_COIN_UNIT), known.margin_asset

    def vanished(self, state: AccountState, told: set[tuple[str, PositionSide]]) -> list[Position]:
        """Positions once told that the account holds no more, flat; `told` becomes what it holds."""
        held = {(one.symbol, one.position_side) for one in state.positions}
        gone = [self._flat(symbol, side) for symbol, side in told - held]
        told.clear()
        told.update(held)
        return gone

    def _flat(self, symbol: str, side: PositionSide) -> Position:
        return Position(self._names.product, symbol, Decimal(0), Decimal(0), 0, position_side=side)
