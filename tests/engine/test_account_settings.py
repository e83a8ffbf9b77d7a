"""Account commands: reviewed, checked, asked for once, written down, and confirmed by what is read back."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from engine_table import limit
from fake_client import PERP, SPOT, FakeClient, position

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.account import LeverageBracket, SymbolConfig
from tui.domain.order import OrderStatus, order_from_request
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.engine.account.settings_desk import AccountSettings
from tui.engine.commands import Origin
from tui.engine.commands.account import AddMargin, SetHedgeMode, SetIsolated, SetLeverage, SetMultiAssets
from tui.engine.commands.answers import Result
from tui.engine.store import Session, Store

D = Decimal
S = PERP.symbol


class FakeAccount:
    """A futures account whose settings can be changed, refused or left in doubt."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.error: Exception | None = None
        self.config = SymbolConfig(S, 10, is_isolated=False)
        self.hedge = self.multi = False

    def _ask(self, *what) -> None:
        self.asked.append(what)
        if self.error is not None:
            raise self.error

    async def is_hedge_mode(self) -> bool:
        return self.hedge

    async def is_multi_assets(self) -> bool:
        return self.multi

    async def configs(self) -> list[SymbolConfig]:
        return [self.config]

    async def set_hedge_mode(self, hedge) -> None:
        self._ask("hedge", hedge)
        self.hedge = hedge

    async def set_multi_assets(self, multi) -> None:
        self._ask("multi", multi)
        self.multi = multi

    async def set_leverage(self, one, leverage) -> SymbolConfig:
        self._ask("leverage", one.symbol, leverage)
        self.config = replace(self.config, leverage=leverage, max_notional=D(50_000))
        return self.config

    async def set_isolated(self, one, isolated) -> None:
        self._ask("isolated", one.symbol, isolated)
        self.config = replace(self.config, is_isolated=isolated)

    async def add_margin(self, one, side, amount) -> None:
        self._ask("margin", one.symbol, side, amount)


class FuturesClient(FakeClient):
    futures = None


@pytest.fixture
def desk():
    client, account = FuturesClient(PERP), FakeAccount()
    client.futures = account
    store = Store(Session("demo", "main", False, False))
    store.instruments = {S: PERP, SPOT.symbol: SPOT}
    notes, warnings, refreshed = [], [], []
    floor = SimpleNamespace(
        store=store,
        clients={Product.USDM: client, Product.SPOT: FakeClient(SPOT)},
        note_asked=notes.append,
        messages=SimpleNamespace(warning=warnings.append),
    )
    served = AccountSettings(floor, refreshed.append)
    return SimpleNamespace(
        served=served, store=store, account=account, notes=notes, warnings=warnings, refreshed=refreshed
    )


async def do(desk, command):
    return await desk.served.handle(command, Origin.COMMAND_LINE)


async def test_leverage_is_set_and_read_back(desk) -> None:
    outcome = await do(desk, SetLeverage(S, 20, reviewed=True))
    assert outcome.result is Result.DONE
    assert outcome.text == f"{S} has leverage 20x, positions up to 50,000 USDT"
    assert desk.store.configs[S].leverage == 20
    assert desk.notes[0].what == f"Leverage of {S} 20x"


async def test_each_command_reaches_the_exchange_once_and_shows_what_holds(desk) -> None:
    assert (await do(desk, SetIsolated(S, isolated=True, reviewed=True))).result is Result.DONE
    assert desk.store.configs[S].is_isolated
    assert (await do(desk, SetHedgeMode(Product.USDM, hedge=True, reviewed=True))).result is Result.DONE
    assert desk.store.hedge_modes == {Product.USDM}
    assert (await do(desk, SetMultiAssets(Product.USDM, multi=True, reviewed=True))).result is Result.DONE
    assert desk.store.multi_assets == {Product.USDM}
    desk.store.positions = {S: replace(position(), is_isolated=True)}
    outcome = await do(desk, AddMargin(S, D(-5), reviewed=True))
    assert outcome.text == f"5 USDT taken from the position in {S}"
    assert desk.refreshed == [Product.USDM]
    assert desk.account.asked == [
        ("isolated", S, True),
        ("hedge", True),
        ("multi", True),
        ("margin", S, PositionSide.BOTH, D(-5)),
    ]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (SetLeverage(S, 20), "review"),
        (SetLeverage("NOSUCH", 20, reviewed=True), "unknown-symbol"),
        (SetLeverage(SPOT.symbol, 20, reviewed=True), "no-futures"),
        (SetLeverage(S, 51, reviewed=True), "leverage"),
        (SetLeverage(S, 0, reviewed=True), "leverage"),
        (SetHedgeMode(Product.COINM, hedge=True, reviewed=True), "no-futures"),
        (SetHedgeMode(Product.SPOT, hedge=True, reviewed=True), "no-futures"),
        (AddMargin(S, D(0), reviewed=True), "amount"),
        (AddMargin(S, D("NaN"), reviewed=True), "amount"),
        (AddMargin(S, D(5), reviewed=True), "no-position"),
    ],
)
async def test_what_cannot_be_is_not_sent(desk, command, rule) -> None:
    desk.store.brackets = {S: (LeverageBracket(D(0), D(1000), 50, D("0.01"), D(0)),)}
    outcome = await do(desk, command)
    assert outcome.refusal.rule == rule
    assert not desk.account.asked


@pytest.mark.parametrize("change", [{"read_only": True}, {"awaits_confirmation": True}])
async def test_a_session_that_may_not_write_changes_nothing(desk, change) -> None:
    desk.store.session = replace(desk.store.session, **change)
    assert (await do(desk, SetLeverage(S, 20, reviewed=True))).result is Result.REFUSED
    assert not desk.account.asked


async def test_a_margin_mode_waits_until_nothing_is_held_or_ordered(desk) -> None:
    desk.store.positions = {S: position()}
    assert "close it" in (await do(desk, SetIsolated(S, isolated=True, reviewed=True))).text
    desk.store.positions = {}
    order = order_from_request(limit(symbol=S), Product.USDM, "1", 1)
    desk.store.orders = {"1": replace(order, status=OrderStatus.NEW)}
    assert "cancel them" in (await do(desk, SetIsolated(S, isolated=True, reviewed=True))).text
    desk.store.orders = {}
    desk.store.multi_assets = frozenset({Product.USDM})
    assert "multi off first" in (await do(desk, SetIsolated(S, isolated=True, reviewed=True))).text
    assert not desk.account.asked


async def test_a_missing_answer_is_cleared_up_by_reading_and_not_repeated(desk) -> None:
    desk.account.error = OutcomeUnknownError("no answer within 5 s")
    desk.account.config = SymbolConfig(S, 20, is_isolated=False)
    outcome = await do(desk, SetLeverage(S, 20, reviewed=True))
    assert outcome.result is Result.UNKNOWN
    assert desk.store.configs[S].leverage == 20
    assert len(desk.account.asked) == 1
    assert desk.warnings


async def test_a_refusal_of_the_exchange_is_passed_on(desk) -> None:
    desk.account.error = RefusedError("Leverage reduction is not supported in Isolated Margin Mode", -4161, 400)
    outcome = await do(desk, SetLeverage(S, 5, reviewed=True))
    assert outcome.result is Result.REFUSED
    assert "-4161" in outcome.text
