"""Where a trade would put the liquidation price: what the client foresees, and what the exchange reckons after it."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.account import Balance, LeverageBracket, Position, SymbolConfig
from tui.domain.instrument import Instrument
from tui.domain.market import MarkPrice
from tui.domain.order_terms import PositionSide
from tui.domain.product import Product
from tui.engine.account.exposure import liquidation_after
from tui.engine.store import Session, Stamped, Store
from tui.exchange.accounts.futures import FuturesLedger
from tui.exchange.accounts.names import INSURANCE
from tui.exchange.catalogue import listings
from tui.exchange.listing import Listing

D = Decimal
ME = "ann"
NOW_MS = 1_795_000_000_000
TAKER = D("0.0005")

#: Contracts that share a wallet: perpetual and dated ones, cheap and dear ones, linear and inverse ones.
GROUPS = {
    Product.USDM: ("BTCUSDT", "1000PEPEUSDT", "BTCUSDT_261225"),
    Product.COINM: ("ETHUSD_PERP", "ETHUSD_261225", "ETHUSD_270326"),
}
LISTED = {product: {one.symbol: one for one in listings(product, NOW_MS)} for product in GROUPS}

#: A contract, its side in hedge mode, whether it is bought where it may be either, its worth in wallets, its price.
trades = st.tuples(
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
    st.integers(5, 300),
    st.integers(970, 1030).map(lambda n: D(n) / 1000),
)


class Account:
    """One account at the exchange, on two out of three contracts crossed or isolated as told."""

    def __init__(self, product: Product, deposit: Decimal, isolated: list[bool], leverages: list[int]) -> None:
        self.product, self.names, self.listed = product, GROUPS[product], LISTED[product]
        self.marks = {name: self.listed[name].start_price for name in self.names}
        self.ledger = FuturesLedger(self.listed, self.marks.__getitem__)
        self.asset, self.deposit = self.listed[self.names[0]].margin_asset, deposit
        self.ledger.credit(INSURANCE, self.asset, D(10**12))
        self.ledger.credit(ME, self.asset, deposit)
        for name, apart, leverage in zip(self.names, isolated, leverages, strict=True):
            self.ledger.set_leverage(ME, name, leverage)
            if apart:
                self.ledger.set_margin_type(ME, name, True)

    def meant(self, trade) -> tuple[Listing, str, Decimal, Decimal]:
        """Contract, side, signed size and price of a trade; in hedge mode no more is closed than is held."""
        which, is_long, is_buy, percent, at = trade
        one = self.listed[self.names[which]]
        side = "BOTH" if ME not in self.ledger.hedged else "LONG" if is_long else "SHORT"
        price = one.tick.round(self.marks[one.symbol] * at)
        size = one.step.round(self.deposit * percent / 100 / one.turnover(D(1), price), "up")
        held = abs(self.ledger.quantity(ME, one.symbol, side))
        if side != "BOTH" and is_buy is not is_long:
            is_buy, size = (is_long, size) if not held else (is_buy, min(size, held))
        return one, side, size if is_buy else -size, price

    def store(self) -> Store:
        """What a client that has just read the account knows."""
        store, ledger = Store(Session("demo", "main", False, False)), self.ledger
        for name in self.names:
            one, held = self.listed[name], ledger.held(ME, name)
            store.instruments[name] = instrument_of(one)
            mark = self.marks[name]
            store.market(name).mark = Stamped(MarkPrice(mark, mark, None, 0, 1), 1, 1, 1)
            store.brackets[name] = tuple(
                LeverageBracket(b.notional_floor, b.notional_cap, b.initial_leverage, b.maintenance_rate, b.cum)
                for b in ledger.brackets(name)
            )
            store.configs[name] = SymbolConfig(name, held.leverage, held.is_isolated)
        wallet = ledger.wallet(ME, self.asset)
        store.balances = {(self.product, self.asset): Balance(self.product, self.asset, D(0), D(0), 1, wallet=wallet)}
        for name, side, state in ledger.positions(ME):
            position = Position(
                self.product,
                name,
                state.quantity,
                state.entry_price,
                1,
                is_isolated=state.is_isolated,
                position_side=PositionSide(side),
                contract_size=self.listed[name].contract_size,
                isolated_wallet=state.isolated_wallet if state.is_isolated else None,
            )
            store.positions[position.key] = position
        return store


def instrument_of(one: Listing) -> Instrument:
    return Instrument(
        one.product,
        one.symbol,
        one.symbol,
        one.base,
        one.quote,
        one.margin_asset,
        one.tick,
        one.step,
        one.min_quantity,
        one.max_quantity,
        one.max_market_quantity,
        one.min_notional,
        contract_size=one.contract_size or D(1),
    )


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(GROUPS)),
    st.integers(1, 1_000),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.sampled_from([2, 3, 5, 10, 20]), min_size=3, max_size=3),
    st.booleans(),
    st.lists(trades, max_size=4),
    trades,
)
def test_the_client_foresees_what_the_exchange_reckons(product, deposit, isolated, leverages, hedged, before, last):
    account = Account(product, D(deposit) / (100 if product is Product.COINM else 1), isolated, leverages)
    account.ledger.set_hedged(ME, True) if hedged else None
    for trade in before:
        one, side, size, price = account.meant(trade)
        account.ledger.trade(ME, one.symbol, size, price, False, 1, side)
    one, side, size, price = account.meant(last)
    store, fee = account.store(), one.turnover(abs(size), price) * TAKER
    foreseen = liquidation_after(store, store.instruments[one.symbol], PositionSide(side), size, price, fee)
    account.ledger.trade(ME, one.symbol, size, price, False, 2, side)
    reckoned = account.ledger.liquidation_price(ME, one.symbol, side)
    if account.ledger.wallet(ME, account.asset) <= 0 or reckoned > one.max_price:
        return  # the insurance fund paid what the wallet could not; or no such price can ever be
    assert abs((foreseen or D(0)) - reckoned) <= one.tick.size + reckoned / 10_000
