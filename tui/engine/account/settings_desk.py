"""How futures accounts are set up: changed by command, each change confirmed by reading back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import assert_never

from tui.binance.client import FuturesAccount
from tui.binance.errors import BinanceError, OutcomeUnknownError, RefusedError
from tui.domain.account import SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.engine.account.contract_setup import ContractSetup
from tui.engine.account.exposure import is_isolated
from tui.engine.commands import Origin
from tui.engine.commands.account import AddMargin, SetHedgeMode, SetIsolated, SetLeverage, SetMultiAssets
from tui.engine.commands.answers import Refusal, Result
from tui.engine.guards import write_refusal
from tui.engine.journal import AuditNote
from tui.engine.orders.floor import Floor
from tui.engine.orders.outcome import Outcome, refused

SettingsCommand = SetLeverage | SetIsolated | AddMargin | SetHedgeMode | SetMultiAssets

_Change = Callable[[], Awaitable[str]]


class AccountSettings:
    """Serves the commands that set accounts up; `refresh` has balances and positions of a product read again."""

    def __init__(self, floor: Floor, refresh: Callable[[Product], None]) -> None:
        self._floor = floor
        self._store = floor.store
        self._refresh = refresh
        self._setup = ContractSetup(floor)

    async def before_live(self, product: Product) -> None:
        """Read how an account is set up, first setting what the settings ask for; raises BinanceError."""
        await self._setup.agree(product)

    async def handle(self, command: SettingsCommand, origin: Origin) -> Outcome:
        """Do what was asked, once; a missing answer is cleared up by reading back."""
        words = settings_words(command)
        meant = self._meant(command, words)
        if isinstance(meant, Refusal):
            return refused(meant)
        product, change = meant
        self._floor.note_asked(AuditNote(origin.value, words, command.reviewed))
        try:
            told = await change()
        except OutcomeUnknownError as error:
            return await self._unknown(command, product, f"{words} unconfirmed: {error.text}")
        except RefusedError as error:
            return Outcome(Result.REFUSED, f"{words} refused: {error}")
        await self._read_back(command, product)
        return Outcome(Result.DONE, told)

    def _meant(self, command: SettingsCommand, words: str) -> Refusal | tuple[Product, _Change]:
        refusal = write_refusal(self._store.session)
        if refusal is not None:
            return refusal
        if not command.reviewed:
            return Refusal("review", f"{words}: review it and press Enter")
        if isinstance(command, SetHedgeMode | SetMultiAssets):
            account = self._account(command.product)
            if account is None:
                return _no_futures(command.product.label)
            held = sorted({one.symbol for one in self._store.virtual.values() if one.product is command.product})
            if isinstance(command, SetHedgeMode) and held:
                text = f"There are virtual positions in {', '.join(held)}: flatten first, then change the position mode"
                return Refusal("virtual-position", text)
            return command.product, lambda: self._set_mode(command, account)
        instrument = self._store.instruments.get(command.symbol)
        if instrument is None:
            return Refusal("unknown-symbol", f"{command.symbol} is not a symbol of this exchange")
        account = self._account(instrument.product)
        if account is None:
            return _no_futures(f"{command.symbol} is {instrument.product.label}")
        wrong = self._wrong(command, instrument)
        return wrong or (instrument.product, lambda: self._set_symbol(command, instrument, account))

    def _wrong(self, command: SetLeverage | SetIsolated | AddMargin, instrument: Instrument) -> Refusal | None:
        """What the exchange would refuse, said with its remedy."""
        store, symbol = self._store, instrument.symbol
        if isinstance(command, SetLeverage):
            most = max((tier.max_leverage for tier in store.brackets.get(symbol, ())), default=125)
            if not 1 <= command.leverage <= most:
                return Refusal("leverage", f"The leverage of {symbol} is 1 to {most}, not {command.leverage}")
            return None
        if isinstance(command, SetIsolated):
            if is_isolated(store, symbol) is command.isolated and symbol in store.configs:
                return None
            if any(position.quantity for position in store.positions_of(symbol)):
                return Refusal("margin-type", f"{symbol} has a position: close it before its margin mode changes")
            if store.open_orders(symbol):
                return Refusal("margin-type", f"{symbol} has open orders: cancel them before its margin mode changes")
            if command.isolated and instrument.product in store.multi_assets:
                text = "All assets are margin (multi-assets mode), which has no isolated margin: multi off first"
                return Refusal("margin-type", text)
            return None
        if not command.amount.is_finite() or not command.amount:
            return Refusal("amount", f"Give an amount of {instrument.margin_asset} other than zero")
        if not any(one.is_isolated and one.quantity for one in store.positions_of(symbol)):
            return Refusal("no-position", f"There is no isolated position in {symbol} to change the margin of")
        return None

    async def _set_symbol(
        self, command: SetLeverage | SetIsolated | AddMargin, instrument: Instrument, account: FuturesAccount
    ) -> str:
        symbol = instrument.symbol
        match command:
            case SetLeverage():
                config = await account.set_leverage(instrument, command.leverage)
                before = self._store.configs.get(symbol)
                self._take([replace(config, is_isolated=before.is_isolated) if before else config])
                unit = instrument.margin_asset if instrument.is_inverse else instrument.quote
                most = f", positions up to {config.max_notional:,f} {unit}" if config.max_notional else ""
                return f"{symbol} has leverage {config.leverage}x{most}"
            case SetIsolated():
                await account.set_isolated(instrument, command.isolated)
                return f"{symbol} has {'isolated' if command.isolated else 'cross'} margin"
            case AddMargin():
                is_virtual = self._store.is_virtual(instrument.product)
                side = PositionSide.BOTH if is_virtual else command.position_side
                await account.add_margin(instrument, side, command.amount)
                verb = "added to" if command.amount > 0 else "taken from"
                return f"{abs(command.amount):f} {instrument.margin_asset} {verb} the position in {symbol}"
        assert_never(command)

    async def _set_mode(self, command: SetHedgeMode | SetMultiAssets, account: FuturesAccount) -> str:
        if isinstance(command, SetHedgeMode):
            await account.set_hedge_mode(command.hedge)
            return settings_words(command)
        await account.set_multi_assets(command.multi)
        return settings_words(command)

    async def _unknown(self, command: SettingsCommand, product: Product, text: str) -> Outcome:
        self._floor.messages.warning(text)
        await self._read_back(command, product)
        return Outcome(Result.UNKNOWN, f"{text}; what is shown was read back")

    async def _read_back(self, command: SettingsCommand, product: Product) -> None:
        """What holds now of just what was changed, because the modes are dear to ask for (30 of weight each)."""
        try:
            match command:
                case SetLeverage() | SetIsolated():
                    await self._read_configs(product)
                case AddMargin():
                    self._refresh(product)
                case SetHedgeMode():
                    await self._read_hedge_modes()
                case SetMultiAssets():
                    await self._read_multi_assets(product)
        except BinanceError as error:
            self._floor.messages.warning(f"{product.label}: the settings could not be read back: {error}")
        self._store.revision += 1

    async def _read_configs(self, product: Product) -> None:
        account = self._account(product)
        if account is not None:
            self._take(await account.configs())

    async def _read_hedge_modes(self) -> None:
        """The position mode is shared by both futures products."""
        store = self._store
        for product in self._floor.clients:
            account = self._account(product)
            if account is not None:
                hedge = await account.is_hedge_mode()
                store.hedge_modes = store.hedge_modes | {product} if hedge else store.hedge_modes - {product}

    async def _read_multi_assets(self, product: Product) -> None:
        store, account = self._store, self._account(product)
        if account is not None:
            multi = await account.is_multi_assets()
            store.multi_assets = store.multi_assets | {product} if multi else store.multi_assets - {product}

    def _take(self, configs: list[SymbolConfig]) -> None:
        self._store.configs = {**self._store.configs, **{one.symbol: one for one in configs}}
        self._store.revision += 1

    def _account(self, product: Product) -> FuturesAccount | None:
        client = self._floor.clients.get(product)
        return client.futures if client is not None else None


def settings_words(command: SettingsCommand) -> str:
    """A command in one phrase: `Leverage of BTCUSDT-PERP 20x`."""
    match command:
        case SetLeverage():
            return f"Leverage of {command.symbol} {command.leverage}x"
        case SetIsolated():
            return f"Margin of {command.symbol} {'isolated' if command.isolated else 'cross'}"
        case AddMargin():
            verb = "Take" if command.amount.is_signed() else "Add"
            return f"{verb} margin {abs(command.amount):f} of {command.symbol}"
        case SetHedgeMode():
            return f"{command.product.label}: {'hedge' if command.hedge else 'one-way'} mode"
        case SetMultiAssets():
            return f"{command.product.label}: multi-assets mode {'on' if command.multi else 'off'}"
    assert_never(command)


def _no_futures(what: str) -> Refusal:
    return Refusal("no-futures", f"{what}: only a connected futures account can be set up like this")
