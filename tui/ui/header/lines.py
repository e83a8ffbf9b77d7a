"""The two header rows as pure lines: what the market is, and who trades it under which state."""

from decimal import Decimal

from rich.cells import cell_len

from tui.domain.instrument import Instrument
from tui.domain.market import MarkPrice
from tui.engine.store import AccountSummary, Link, LinkHealth, Market, Session, Store, TradingState
from tui.ui.figures import UNKNOWN, amount, clock, compact, duration, grouped, near_price, plain_quantity, price, signed
from tui.ui.lines import BLANK, Line, Span, spread
from tui.ui.margin_money import margin_text, profit_text
from tui.ui.staleness import account_is_old, mark_age_ms, market_staleness
from tui.ui.view_state import ViewState

#: Widths from which more is said.
_ROOMY, _WIDE = 100, 150

_GAP = Span("  ")

#: Share of the day's loss limit from which it is coloured.
_NEARLY = Decimal("0.8")

#: A clock this far from the exchange's is worth a look.
_SKEWED_MS = 500

#: Open interest is asked for every 15 s; what is older than this is not shown.
_INTEREST_OLD_MS = 60_000


def header_lines(store: Store, view: ViewState, width: int) -> list[Line]:
    """Market row and you row."""
    instrument = store.instruments.get(view.symbol)
    if instrument is None:
        return [spread([Span(" no symbol: press / to find one", "warn")], [_clock(view)], width), BLANK]
    market = store.market(view.symbol)
    health = store.links.get(instrument.product, LinkHealth())
    links = _link_part(store, health, view, width)
    acted_on = store.market(view.in_use) if view.in_use in store.instruments else market
    states = _state_part(store, acted_on, view, width)
    return [
        spread(_fitting(_market_parts(store, market, view, width), links, width), links, width),
        spread(_fitting(_you_parts(store, instrument, view, width), states, width), states, width),
    ]


def _fitting(parts: list[list[Span]], right: list[Span], width: int) -> list[Span]:
    """As many parts, most important first, as stand beside the right end."""
    room = width - _cells(right) - 1
    taken: list[Span] = []
    for part in parts:
        if _cells(taken) + _cells(part) > room:
            break
        taken += part
    return taken


def _cells(spans: list[Span]) -> int:
    return sum(cell_len(span.text) for span in spans)


def _market_parts(store: Store, market: Market, view: ViewState, width: int) -> list[list[Span]]:
    instrument = market.instrument
    name = Span(f" {instrument.symbol.replace('-PERP', '·PERP')} ", "strong")
    last = market.last_price()
    if last is None:
        return [[name, Span("waiting for the market", "dim")]]
    stale = market_staleness(store, instrument.symbol, view.clock.monotonic_ns(), view.stale_after_ms)
    if stale:
        return [
            [name, Span(f"?{price(instrument.tick, last)} ", "dim")],
            [Span(" STALE ", "stale")],
            [Span(f" {stale}", "dim")],
        ]
    ticker = market.ticker.value if market.ticker else None
    parts = [[name, Span(price(instrument.tick, last), "last")]]
    if ticker is not None:
        change = ticker.change_percent
        tone, arrow = ("up", "▲") if change > 0 else ("down", "▼") if change < 0 else ("dim", "=")
        parts.append([Span(f" {arrow}{signed(change, 2, '%')}", tone)])
    old_mark = mark_age_ms(store, instrument.symbol, view.clock.monotonic_ns(), view.stale_after_ms) is not None
    if market.mark is not None and not old_mark:
        parts += _contract_parts(market.mark.value, instrument, view, width)
    if ticker is not None and width >= _ROOMY:
        low, high = price(instrument.tick, ticker.low), price(instrument.tick, ticker.high)
        parts.append([_GAP, Span("24h ", "dim"), Span(f"{low}–{high}")])
        traded = instrument.traded_value(ticker.volume, ticker.turnover)
        parts.append([_GAP, Span("vol ", "dim"), Span(f"{compact(traded)} {instrument.quote}")])
    if width >= _WIDE:
        parts += _interest_part(market, view)
    return parts


def _interest_part(market: Market, view: ViewState) -> list[list[Span]]:
    """What all traders hold of a contract, unless it was told too long ago."""
    told = market.open_interest
    if told is None or told.age_ms(view.clock.monotonic_ns()) > _INTEREST_OLD_MS:
        return []
    return [[_GAP, Span("OI ", "dim"), Span(compact(told.value.quantity))]]


def _contract_parts(mark: MarkPrice, instrument: Instrument, view: ViewState, width: int) -> list[list[Span]]:
    parts = [[_GAP, Span("mark ", "dim"), Span(near_price(instrument.tick, mark.mark))]] if width >= _ROOMY else []
    if mark.funding_rate is not None:
        rate = signed(mark.funding_rate * 100, 4, "%")
        left = duration(max(0, mark.next_funding_ms - view.clock.now_ms()))
        parts.append([_GAP, Span("fund " if width >= _ROOMY else "f", "dim"), Span(rate)])
        parts += [[Span(f" {left}", "dim")]] if width >= _ROOMY else []
    return parts


def _link_part(store: Store, health: LinkHealth, view: ViewState, width: int) -> list[Span]:
    now = view.clock.monotonic_ns()
    spans = [
        *_light("mkt", health.market, health.market_heard_ns, now, view.stale_after_ms, width),
        Span(" "),
        *_user_light(store, health, now, width),
    ]
    used, limit = health.weight
    if limit and width >= _ROOMY:
        percent = used * 100 // limit
        text = f"wt {used}/{limit}" if width >= _WIDE else f"wt {percent}%"
        spans += [_GAP, _judged(text, is_bad=percent >= 80)]
    if health.latency_ms is not None and width >= _WIDE:
        spans += [_GAP, Span(f"lat {health.latency_ms:.0f}ms", "dim")]
    if health.orders[1] and width >= _WIDE:
        spans += [_GAP, Span(f"ord {health.orders[0]}/{health.orders[1]}", "dim")]
        is_skewed = abs(health.clock_offset_ms) >= _SKEWED_MS
        spans += [_GAP, _judged(f"clk {health.clock_offset_ms:+d}ms", is_bad=is_skewed)]
    return [*spans, _GAP, _clock(view)]


def _judged(text: str, *, is_bad: bool) -> Span:
    """A figure, and a sign behind one that deserves a look."""
    return Span(f"{text}!", "warn") if is_bad else Span(text, "dim")


def _user_light(store: Store, health: LinkHealth, now_ns: int, width: int) -> list[Span]:
    if _is_looking_on(store) and health.user is Link.DOWN and not health.user_heard_ns:
        return [Span("○ no account" if width >= _ROOMY else "○ none", "dim")]
    return _light("usr", health.user, health.user_heard_ns, now_ns, 0, width)


def _light(name: str, link: Link, heard_ns: int, now_ns: int, stale_after_ms: int, width: int) -> list[Span]:
    """A link's light, always with a word or an age beside its colour."""
    label = f"{name if width >= _ROOMY else name[0]} "
    age_ms = (now_ns - heard_ns) / 1e6
    if link is Link.LIVE and stale_after_ms and age_ms > stale_after_ms:
        link = Link.STALE
    if link is Link.LIVE:
        return [Span("● ", "ok"), Span(f"{label}{_age(age_ms)}", "dim")]
    if link is Link.SYNCING:
        return [Span("◌ ", "warn"), Span(f"{label}sync", "warn")]
    if link is Link.STALE:
        return [Span(f" {label}STALE {_age(age_ms)} ", "stale")]
    return [Span(f" {label}DOWN ", "halted")]


def _age(age_ms: float) -> str:
    """An age in five cells at most."""
    if age_ms < 1_000:
        return f"{max(0, int(age_ms)):3d}ms"
    return f"{age_ms / 1_000:4.1f}s" if age_ms < 100_000 else duration(age_ms)


def _clock(view: ViewState) -> Span:
    return Span(f"{clock(view.clock.now_ms())}Z ")


def _you_parts(store: Store, instrument: Instrument, view: ViewState, width: int) -> list[list[Span]]:
    session = store.session
    badge = "real_money" if session.is_real_money else "play_money"
    label = Span("acct " if width >= _ROOMY else "", "dim")
    parts = [[Span(f" {session.environment.upper()} ", badge), Span(" "), label, Span(session.account)]]
    if session.read_only:
        parts.append([_GAP, Span(" READ-ONLY ", "stale")])
    unseen = view.unseen_alerts(store)
    if unseen:
        words = f" ! {unseen} {'alert' if unseen == 1 else 'alerts'} " if width >= _ROOMY else f" !{unseen} "
        parts.append([_GAP, Span(words, "stale")])
    for name, text, tone in _money(store, instrument, view):
        if width >= _ROOMY or name not in ("free", "margin", instrument.base):
            parts.append([_GAP, Span(f"{name} ", "dim"), Span(text, tone)])
    return parts


def _money(store: Store, instrument: Instrument, view: ViewState) -> list[tuple[str, str, str]]:
    """Label, amount and colour: the engine's figures of the whole account, until they are there those of a wallet."""
    if _is_looking_on(store):
        return []
    whole = store.summary
    figures = _wallet(store, instrument) if whole is None else _whole(whole, view)
    # As with old prices, the sign says that more is to be known.
    if account_is_old(store, view.clock.monotonic_ns(), view.stale_after_ms):
        return [(name, text if text == UNKNOWN else f"?{text}", "dim") for name, text, _ in figures]
    return figures


def _whole(whole: AccountSummary, view: ViewState) -> list[tuple[str, str, str]]:
    """All accounts together; what is summed up without some of them carries a sign."""
    profit = whole.unrealized
    lacks = "?" if whole.unread and whole.equity is not None else ""
    figures = [
        ("eq", amount(whole.equity) + lacks, "warn" if lacks else ""),
        ("uPnL", signed(profit), _tone(profit)),
        ("day", _day_words(whole.day_result, view.day_loss), _day_tone(whole.day_result, view.day_loss)),
        ("free", amount(whole.free) + lacks, "warn" if lacks else ""),
    ]
    if whole.margin_percent is not None:
        is_high = whole.margin_percent >= 80
        figures.append(("margin", f"{whole.margin_percent:.0f}%{'!' * is_high}", "warn" if is_high else ""))
    return figures


def _is_looking_on(store: Store) -> bool:
    """Whether there is no account at all, so that nothing is known of any money."""
    return store.session.read_only and not store.balances


def _tone(value: Decimal | None) -> str:
    return "dim" if not value else "up" if value > 0 else "down"


def _day_words(result: Decimal | None, limit: Decimal) -> str:
    """The day's result against the loss that ends it: `−12.40/−250`, `−210.00/−250!` when near, `… over` beyond it."""
    if not limit:
        return signed(result)
    sign = {"warn": "!", "error": " over"}.get(_day_tone(result, limit), "")
    return f"{signed(result)}/−{plain_quantity(limit)}{sign}"


def _day_tone(result: Decimal | None, limit: Decimal) -> str:
    if result is not None and limit and result <= -limit * _NEARLY:
        return "error" if result <= -limit else "warn"
    return _tone(result)


def _wallet(store: Store, instrument: Instrument) -> list[tuple[str, str, str]]:
    """Wallet with profit on futures; both assets on spot and, less what is owed, on margin."""
    if not instrument.product.is_futures:
        found = []
        for asset in (instrument.quote, instrument.base):
            held = store.wallet(instrument, asset)
            text = UNKNOWN if held is None else amount(held.net, 2 if asset == instrument.quote else 5)
            found.append((asset, text, ""))
        quote = store.wallet(instrument, instrument.quote)
        return [*found, ("free", amount(quote.free if quote else None), "")]
    wallet = store.balances.get((instrument.product, instrument.margin_asset))
    profit = Decimal(0)
    for position in store.positions.values():
        traded = store.instruments.get(position.symbol)
        if traded is None or (traded.product, traded.margin_asset) != (instrument.product, instrument.margin_asset):
            continue
        mark = store.market(position.symbol).mark
        at = mark.value.mark if mark else position.mark_price
        profit += position.profit(at) if at is not None else 0
    health = store.links.get(instrument.product)
    if wallet is None or health is None or health.user is not Link.LIVE:
        return [("eq", UNKNOWN, ""), ("uPnL", UNKNOWN, "")]
    return [
        ("eq", margin_text(wallet.owned + profit, instrument), ""),
        ("free", margin_text(wallet.free, instrument), ""),
        ("uPnL", profit_text(profit, instrument), _tone(profit)),
    ]


def _state_part(store: Store, market: Market, view: ViewState, width: int) -> list[Span]:
    """The lock, and the size of the next order: of the symbol in focus, or of the one the pane in use is pinned to."""
    spans = _state_words(store.session, view, width)
    if store.session.trading is TradingState.HALTED:
        return spans
    instrument = market.instrument
    is_old = market_staleness(store, instrument.symbol, view.clock.monotonic_ns(), view.stale_after_ms)
    last = None if is_old else market.last_price()
    quantity = view.preset_quantity(instrument, last)
    size = UNKNOWN if quantity is None else grouped(instrument.quantity_text(quantity))
    label = "size " if width >= _ROOMY else ""
    spans += [_GAP, Span(label, "dim"), Span(f"[{view.preset + 1}] ", "key"), Span(size)]
    if width >= _ROOMY or instrument.symbol != view.symbol:
        spans.append(Span(f" {instrument.unit}"))
    if width >= _WIDE:
        worth = instrument.notional(last, quantity) if last is not None and quantity is not None else None
        spans.append(Span(f" ≈ {amount(worth)} {instrument.quote}", "dim"))
    return [*spans, Span(" ")]


def _state_words(session: Session, view: ViewState, width: int) -> list[Span]:
    key = view.keymap.text("trade.arm")
    if session.trading is TradingState.HALTED:
        return [Span("▓ HALTED ▓", "halted"), Span(f" {key} arms again " if width >= _ROOMY else " ", "dim")]
    if session.trading is TradingState.ARMED and not view.disarmed:
        left = duration(max(0, session.armed_until_ns - view.clock.monotonic_ns()) / 1e6)
        return [Span(f"▓ ARMED {left} ▓", "armed"), Span(" Esc locks" if width >= _ROOMY else "", "dim")]
    can_arm = width >= _ROOMY and not session.read_only
    return [Span("▓ LOCKED ▓", "locked"), Span(f" {key} to arm" if can_arm else "", "dim")]
