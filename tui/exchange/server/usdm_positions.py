"""Positions in the four shapes USD-M futures tell them in."""

from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.accounts.positions import PositionState
from tui.exchange.deleveraging import quantile
from tui.exchange.server.desk import Desk
from tui.exchange.server.notation import eight, short

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Held:
    """One position with everything reckoned from it."""

    state: PositionState
    amount: str
    mark: Decimal
    profit: Decimal
    notional: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    bid: Decimal
    ask: Decimal

    @property
    def initial_margin(self) -> Decimal:
        return self.position_margin + self.order_margin

    @property
    def isolated_margin(self) -> Decimal:
        return self.state.isolated_wallet + self.profit if self.state.is_isolated else Decimal(0)


def _held(desk: Desk, account_id: str, symbol: str, side: str) -> _Held:
    ledger = desk.venue.futures
    assert ledger is not None
    state, listing = ledger.position(account_id, symbol, side), desk.venue.listings[symbol]
    mark = desk.venue.mark_price(symbol)
    bid, ask = ledger.open_notional(account_id, symbol, side)
    return _Held(
        state=state,
        amount=listing.step.format(state.quantity),
        mark=mark,
        profit=ledger.unrealized_profit(account_id, symbol, side),
        notional=state.quantity * mark,
        position_margin=ledger.position_margin(account_id, symbol, side),
        order_margin=ledger.open_order_margin(account_id, symbol, side=side),
        maintenance=ledger.maintenance_margin(account_id, symbol, side),
        bid=bid,
        ask=ask,
    )


def account_position(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    """One position of `v3/account`."""
    held = _held(desk, account_id, symbol, side)
    return {
        "symbol": symbol,
        "positionSide": side,
        "positionAmt": held.amount,
        "unrealizedProfit": eight(held.profit),
        "isolatedMargin": eight(held.isolated_margin),
        "notional": eight(held.notional),
        "isolatedWallet": eight(held.state.isolated_wallet),
        "initialMargin": eight(held.initial_margin),
        "maintMargin": eight(held.maintenance),
        "updateTime": held.state.updated_ms,
    }


def account_position_v2(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    """One position of `v2/account`."""
    held = _held(desk, account_id, symbol, side)
    return {
        "symbol": symbol,
        "initialMargin": eight(held.initial_margin),
        "maintMargin": eight(held.maintenance),
        "unrealizedProfit": eight(held.profit),
        "positionInitialMargin": eight(held.position_margin),
        "openOrderInitialMargin": eight(held.order_margin),
        "leverage": str(held.state.leverage),
        "isolated": held.state.is_isolated,
        "entryPrice": short(held.state.entry_price),
        "breakEvenPrice": short(held.state.break_even_price),
        "maxNotional": _largest(desk, account_id, symbol),
        "bidNotional": short(held.bid),
        "askNotional": short(held.ask),
        "positionSide": side,
        "positionAmt": held.amount,
        "notional": eight(held.notional),
        "isolatedWallet": eight(held.state.isolated_wallet),
        "updateTime": held.state.updated_ms,
    }


def position_risk(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    """One row of `v3/positionRisk`; mind the capital R of unRealizedProfit."""
    held = _held(desk, account_id, symbol, side)
    return {
        "symbol": symbol,
        "positionSide": side,
        "positionAmt": held.amount,
        "entryPrice": short(held.state.entry_price),
        "breakEvenPrice": short(held.state.break_even_price),
        "markPrice": eight(held.mark),
        "unRealizedProfit": eight(held.profit),
        "liquidationPrice": _liquidation(desk, account_id, symbol, side),
        "isolatedMargin": short(held.isolated_margin),
        "notional": eight(held.notional),
        "marginAsset": desk.venue.listings[symbol].margin_asset,
        "isolatedWallet": short(held.state.isolated_wallet),
        "initialMargin": eight(held.initial_margin),
        "maintMargin": eight(held.maintenance),
        "positionInitialMargin": eight(held.position_margin),
        "openOrderInitialMargin": short(held.order_margin),
        "adl": quantile(desk.venue, account_id, (symbol, side)),
        "bidNotional": short(held.bid),
        "askNotional": short(held.ask),
        "updateTime": held.state.updated_ms,
    }


def position_risk_v2(desk: Desk, account_id: str, symbol: str, side: str) -> Body:
    """One row of `v2/positionRisk`, which knows leverage and margin mode."""
    held = _held(desk, account_id, symbol, side)
    return {
        "symbol": symbol,
        "positionAmt": held.amount,
        "entryPrice": short(held.state.entry_price),
        "breakEvenPrice": short(held.state.break_even_price),
        "markPrice": eight(held.mark),
        "unRealizedProfit": eight(held.profit),
        "liquidationPrice": _liquidation(desk, account_id, symbol, side),
        "leverage": str(held.state.leverage),
        "maxNotionalValue": _largest(desk, account_id, symbol),
        "marginType": "isolated" if held.state.is_isolated else "cross",
        "isolatedMargin": eight(held.isolated_margin),
        "isAutoAddMargin": "false",
        "positionSide": side,
        "notional": eight(held.notional),
        "isolatedWallet": short(held.state.isolated_wallet),
        "updateTime": held.state.updated_ms,
    }


def _liquidation(desk: Desk, account_id: str, symbol: str, side: str) -> str:
    assert desk.venue.futures is not None
    return short(desk.venue.futures.liquidation_price(account_id, symbol, side))


def _largest(desk: Desk, account_id: str, symbol: str) -> str:
    assert desk.venue.futures is not None
    return short(desk.venue.futures.largest_notional(account_id, symbol))
