"""What lines about the account and alerts mean: each a command with its words."""

from dataclasses import replace

from tui.domain.product import Product
from tui.engine.alerts.alert import AlertKind, AlertRequest
from tui.engine.commands import Command
from tui.engine.commands.account import (
    AddMargin,
    Borrow,
    Repay,
    SetHedgeMode,
    SetIsolated,
    SetLeverage,
    SetMultiAssets,
    Transfer,
)
from tui.engine.commands.orders import SetCountdown
from tui.engine.store import Store
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import (
    AlertLine,
    CountdownLine,
    LeverageLine,
    LoanLine,
    MarginLine,
    ModeLine,
    TransferLine,
)
from tui.ui.command.values import instrument_of
from tui.ui.figures import plain_quantity
from tui.ui.figures import price as price_words
from tui.ui.view_state import ViewState

AccountLine = LeverageLine | MarginLine | ModeLine | LoanLine | TransferLine | CountdownLine

_NEEDS_SYMBOL = frozenset(
    {AlertKind.PRICE_ABOVE, AlertKind.PRICE_BELOW, AlertKind.MOVE, AlertKind.PRINT, AlertKind.FUNDING}
)


def change(line: AccountLine, store: Store, view: ViewState) -> tuple[str, Command]:
    """What an account line changes; raises GrammarError where the symbol's product has no such thing."""
    match line:
        case LeverageLine():
            symbol = _contract(line.symbol, store, view)
            before = store.configs.get(symbol)
            was = f"{before.leverage}x to " if before else ""
            return f"LEVERAGE of {symbol}: {was}{line.leverage}x", SetLeverage(symbol, line.leverage, reviewed=True)
        case MarginLine():
            return _margin(line, store, view)
        case ModeLine():
            return _mode(line, store, view)
        case LoanLine():
            return _loan(line, store)
        case TransferLine():
            return _transfer(line, store)
        case CountdownLine():
            symbol = _contract(line.symbol, store, view)
            words = f"in {line.seconds} s unless fed from here" if line.seconds else "no more by itself"
            text = f"DEAD-MAN SWITCH of {symbol}: the exchange cancels its orders {words}"
            return text, SetCountdown(symbol, line.seconds * 1_000)


def _contract(named: str | None, store: Store, view: ViewState) -> str:
    instrument = instrument_of(named or view.symbol, store)
    if not instrument.product.is_futures:
        raise GrammarError(f"{instrument.symbol} is {instrument.product.label}: name a futures symbol")
    return instrument.symbol


def _margin(line: MarginLine, store: Store, view: ViewState) -> tuple[str, Command]:
    symbol = _contract(line.symbol, store, view)
    if line.amount is None:
        isolated = bool(line.isolated)
        text = f"MARGIN of {symbol}: {'isolated' if isolated else 'cross'}"
        return text, SetIsolated(symbol, isolated, reviewed=True)
    asset = store.instruments[symbol].margin_asset
    verb = "add" if line.amount > 0 else "take"
    way = "to" if line.amount > 0 else "from"
    text = f"MARGIN: {verb} {plain_quantity(abs(line.amount))} {asset} {way} the isolated position in {symbol}"
    return text, AddMargin(symbol, line.amount, line.position, reviewed=True)


def _mode(line: ModeLine, store: Store, view: ViewState) -> tuple[str, Command]:
    product = line.product or _focused_futures(store, view)
    if line.kind == "hedge":
        words = "long and short are held apart (hedge mode)" if line.on else "one net position (one-way mode)"
        return f"{product.label}: {words}", SetHedgeMode(product, line.on, reviewed=True)
    words = "all assets serve as margin" if line.on else "each contract's own asset is its margin"
    return f"{product.label}: {words}", SetMultiAssets(product, line.on, reviewed=True)


def _focused_futures(store: Store, view: ViewState) -> Product:
    instrument = store.instruments.get(view.symbol)
    if instrument is not None and instrument.product.is_futures:
        return instrument.product
    return Product.USDM


def _wallet(pair: str, store: Store) -> str:
    if not pair:
        return "cross margin"
    instrument = store.instruments[pair]
    if instrument.product is not Product.ISOLATED_MARGIN:
        raise GrammarError(f"{pair} is {instrument.product.label}: name an isolated symbol like BTCUSDT-I, or none")
    return f"isolated margin of {pair}"


def _loan(line: LoanLine, store: Store) -> tuple[str, Command]:
    wallet, amount = _wallet(line.pair, store), f"{plain_quantity(line.amount)} {line.asset}"
    if line.repays:
        return f"REPAY {amount} on {wallet}", Repay(line.asset, line.amount, line.pair, reviewed=True)
    return f"BORROW {amount} on {wallet}; interest runs from now", Borrow(
        line.asset, line.amount, line.pair, reviewed=True
    )


def _transfer(line: TransferLine, store: Store) -> tuple[str, Command]:
    wallet, amount = _wallet(line.pair, store), f"{plain_quantity(line.amount)} {line.asset}"
    way = f"from spot into {wallet}" if line.into_margin else f"from {wallet} to spot"
    command = Transfer(line.asset, line.amount, line.into_margin, line.pair, reviewed=True)
    return f"TRANSFER {amount} {way}", command


def alert_request(line: AlertLine, store: Store, view: ViewState) -> AlertRequest:
    """The alert, of the focused symbol where it needs one and names none; raises GrammarError."""
    request = line.request
    if request.kind in _NEEDS_SYMBOL and not request.symbol:
        request = replace(request, symbol=instrument_of(view.symbol, store).symbol)
    if request.kind is AlertKind.FUNDING and not store.instruments[request.symbol].product.is_futures:
        raise GrammarError(f"{request.symbol} has no funding: name a futures symbol")
    return request


def alert_words(request: AlertRequest, store: Store) -> str:
    """An alert spelled out: `tell once when BTCUSDT is above 65,000.0`."""
    often = "each time" if request.repeats else "once"
    symbol, level, number = request.symbol, request.level, plain_quantity(request.level)
    match request.kind:
        case AlertKind.PRICE_ABOVE | AlertKind.PRICE_BELOW:
            is_above, last = request.kind is AlertKind.PRICE_ABOVE, store.market(symbol).last_price()
            what = (
                f"{symbol} {'rises' if is_above else 'falls'} to {price_words(store.instruments[symbol].tick, level)}"
            )
            if last is not None and (last >= level if is_above else last <= level):
                at = price_words(store.instruments[symbol].tick, last)
                return f"tell {often} when {what}; it is there already ({at}), so at once"
        case AlertKind.MOVE:
            what = f"{symbol} moves {number}% within {request.window_s // 60 or 1} min"
        case AlertKind.PRINT:
            what = f"{symbol} trades {number} or more at once"
        case AlertKind.FUNDING:
            what = f"the funding of {symbol} reaches {number}% either way"
        case AlertKind.ORDER:
            what = f"an order{f' of {symbol}' if symbol else ''} fills, is rejected or expires"
        case AlertKind.LINK:
            what = "a link goes down or stale"
    return f"tell {often} when {what}"
