"""Events of futures accounts with Binance's own keys (derivatives docs, November 2026, "User Data Streams").

The name of an event (`e`) chooses its struct while it is decoded.
"""

from typing import Annotated

import msgspec

from tui.binance.bounds import ROWS, Id, Time


class OrderUpdate(msgspec.Struct):
    """The `o` of `ORDER_TRADE_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    client_id: str = msgspec.field(name="c")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    quantity: str = msgspec.field(name="q")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: Id = msgspec.field(name="i")
    filled: str = msgspec.field(name="z")
    time_ms: Time = msgspec.field(name="T")
    position_side: str = msgspec.field(name="ps")
    time_in_force: str | None = msgspec.field(name="f", default=None)
    price: str | None = msgspec.field(name="p", default=None)
    average_price: str | None = msgspec.field(name="ap", default=None)
    stop_price: str | None = msgspec.field(name="sp", default=None)
    original_type: str | None = msgspec.field(name="ot", default=None)
    last_quantity: str | None = msgspec.field(name="l", default=None)
    last_price: str | None = msgspec.field(name="L", default=None)
    commission: str | None = msgspec.field(name="n", default=None)
    commission_asset: str | None = msgspec.field(name="N", default=None)
    trade_id: Id = msgspec.field(name="t", default=0)
    is_maker: bool = msgspec.field(name="m", default=False)
    reduce_only: bool = msgspec.field(name="R", default=False)
    working_type: str | None = msgspec.field(name="wt", default=None)
    close_position: bool = msgspec.field(name="cp", default=False)
    activation_price: str | None = msgspec.field(name="AP", default=None)
    callback_rate: str | None = msgspec.field(name="cr", default=None)
    price_protect: bool = msgspec.field(name="pP", default=False)
    realized_profit: str | None = msgspec.field(name="rp", default=None)
    prevention: str | None = msgspec.field(name="V", default=None)
    price_match: str | None = msgspec.field(name="pm", default=None)
    good_till_ms: Time | None = msgspec.field(name="gtd", default=None)
    expiry_reason: str | int | None = msgspec.field(name="er", default=None)
    margin_asset: str | None = msgspec.field(name="ma", default=None)


class OrderTradeUpdate(msgspec.Struct, tag_field="e", tag="ORDER_TRADE_UPDATE"):
    """One change of one order."""

    order: OrderUpdate = msgspec.field(name="o")


class TradeLite(msgspec.Struct, tag_field="e", tag="TRADE_LITE"):
    """An execution, early and thin (USD-M)."""

    time_ms: Time = msgspec.field(name="T")
    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    order_id: Id = msgspec.field(name="i")
    trade_id: Id = msgspec.field(name="t")
    last_price: str = msgspec.field(name="L")
    last_quantity: str = msgspec.field(name="l")
    client_id: str = msgspec.field(name="c", default="")
    quantity: str | None = msgspec.field(name="q", default=None)
    price: str | None = msgspec.field(name="p", default=None)
    is_maker: bool = msgspec.field(name="m", default=False)


class AlgoUpdateOrder(msgspec.Struct):
    """The `o` of `ALGO_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    client_id: str = msgspec.field(name="caid")
    algo_id: Id = msgspec.field(name="aid")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    status: str = msgspec.field(name="X")
    position_side: str = msgspec.field(name="ps")
    time_in_force: str | None = msgspec.field(name="f", default=None)
    quantity: str | None = msgspec.field(name="q", default=None)
    actual_id: str | int | None = msgspec.field(name="ai", default=None)
    actual_price: str | None = msgspec.field(name="ap", default=None)
    actual_quantity: str | None = msgspec.field(name="aq", default=None)
    trigger_price: str | None = msgspec.field(name="tp", default=None)
    price: str | None = msgspec.field(name="p", default=None)
    prevention: str | None = msgspec.field(name="V", default=None)
    working_type: str | None = msgspec.field(name="wt", default=None)
    price_match: str | None = msgspec.field(name="pm", default=None)
    close_position: bool = msgspec.field(name="cp", default=False)
    price_protect: bool = msgspec.field(name="pP", default=False)
    reduce_only: bool = msgspec.field(name="R", default=False)
    callback_rate: str | None = msgspec.field(name="cr", default=None)
    activation_price: str | None = msgspec.field(name="AP", default=None)
    good_till_ms: Time | None = msgspec.field(name="gtd", default=None)
    reason: str | None = msgspec.field(name="rm", default=None)
    is_activated: bool = msgspec.field(name="ia", default=False)


class AlgoUpdate(msgspec.Struct, tag_field="e", tag="ALGO_UPDATE"):
    """One change of one conditional order."""

    time_ms: Time = msgspec.field(name="T")
    order: AlgoUpdateOrder = msgspec.field(name="o")


class BalanceUpdate(msgspec.Struct):
    """One entry of `B` in `ACCOUNT_UPDATE`: what the wallet holds now."""

    asset: str = msgspec.field(name="a")
    wallet: str = msgspec.field(name="wb")


class PositionUpdate(msgspec.Struct):
    """One entry of `P` in `ACCOUNT_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    quantity: str = msgspec.field(name="pa")
    position_side: str = msgspec.field(name="ps")
    entry_price: str | None = msgspec.field(name="ep", default=None)
    break_even_price: str | None = msgspec.field(name="bep", default=None)
    realized: str | None = msgspec.field(name="cr", default=None)
    unrealized: str | None = msgspec.field(name="up", default=None)
    margin_type: str | None = msgspec.field(name="mt", default=None)
    isolated_wallet: str | None = msgspec.field(name="iw", default=None)


_Balances = Annotated[list[BalanceUpdate], msgspec.Meta(max_length=ROWS)]
_Positions = Annotated[list[PositionUpdate], msgspec.Meta(max_length=ROWS)]


class AccountChange(msgspec.Struct):
    """The `a` of `ACCOUNT_UPDATE`: absolute values of what changed."""

    reason: str = msgspec.field(name="m", default="")
    balances: _Balances = msgspec.field(name="B", default_factory=list)
    positions: _Positions = msgspec.field(name="P", default_factory=list)


class AccountUpdate(msgspec.Struct, tag_field="e", tag="ACCOUNT_UPDATE"):
    """Wallets and positions changed."""

    time_ms: Time = msgspec.field(name="T")
    change: AccountChange = msgspec.field(name="a")


class LeverageChange(msgspec.Struct):
    """The `ac` of `ACCOUNT_CONFIG_UPDATE`."""

    symbol: str = msgspec.field(name="s")
    leverage: int = msgspec.field(name="l")


class AssetMode(msgspec.Struct):
    """The `ai` of `ACCOUNT_CONFIG_UPDATE`."""

    is_multi: bool = msgspec.field(name="j")


class ConfigUpdate(msgspec.Struct, tag_field="e", tag="ACCOUNT_CONFIG_UPDATE"):
    """A contract's leverage or the account's multi-assets mode changed."""

    leverage: LeverageChange | None = msgspec.field(name="ac", default=None)
    assets: AssetMode | None = msgspec.field(name="ai", default=None)


class CalledPosition(msgspec.Struct):
    """One entry of `p` in `MARGIN_CALL`."""

    symbol: str = msgspec.field(name="s")
    quantity: str = msgspec.field(name="pa", default="0")
    mark_price: str | None = msgspec.field(name="mp", default=None)
    maintenance: str | None = msgspec.field(name="mm", default=None)
    position_side: str | None = msgspec.field(name="ps", default=None)


class MarginCall(msgspec.Struct, tag_field="e", tag="MARGIN_CALL"):
    """Positions are near their liquidation; `wallet` is told for cross positions."""

    positions: Annotated[list[CalledPosition], msgspec.Meta(max_length=ROWS)] = msgspec.field(
        name="p", default_factory=list
    )
    wallet: str | None = msgspec.field(name="cw", default=None)


class TriggerRejected(msgspec.Struct):
    """The `or` of `CONDITIONAL_ORDER_TRIGGER_REJECT`."""

    symbol: str = msgspec.field(name="s", default="")
    order_id: Id = msgspec.field(name="i", default=0)
    reason: str = msgspec.field(name="r", default="")


class TriggerReject(msgspec.Struct, tag_field="e", tag="CONDITIONAL_ORDER_TRIGGER_REJECT"):
    """A conditional order triggered and was refused; retired in December 2025."""

    order: TriggerRejected = msgspec.field(name="or", default_factory=TriggerRejected)


class ListenKeyExpired(msgspec.Struct, tag_field="e", tag="listenKeyExpired"):
    """Nothing more will come on this key; the socket stays open."""


class ServerShutdown(msgspec.Struct, tag_field="e", tag="serverShutdown"):
    """The exchange is about to restart."""


Event = (
    OrderTradeUpdate
    | TradeLite
    | AlgoUpdate
    | AccountUpdate
    | ConfigUpdate
    | MarginCall
    | TriggerReject
    | ListenKeyExpired
    | ServerShutdown
)


class Name(msgspec.Struct):
    """What kind of event it is, where none of the above; a restart is announced one level deeper."""

    name: str = msgspec.field(name="e", default="")
    event: "Name | None" = None


class Frame(msgspec.Struct):
    """An event of a combined connection."""

    data: msgspec.Raw
    stream: str = ""
