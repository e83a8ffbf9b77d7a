"""The locked screen as pure lines: where and since when, what to type, and positions where that is allowed."""

from collections.abc import Sequence

from tui.engine.store import Store
from tui.ui.figures import clock, duration, near_price, plain_quantity
from tui.ui.lines import BLANK, Line, Span, fit
from tui.ui.margin_money import profit_text
from tui.ui.staleness import mark_age_ms
from tui.ui.view_state import ViewState


def lock_lines(
    store: Store, view: ViewState, width: int, locked_ms: int, answer: list[Line], kept_for: Sequence[str] = ()
) -> list[Line]:
    """Everything above the positions; `answer` is what has been typed, hidden, and what came of it.

    `kept_for` names what the program still needs the keys for.
    """
    session = store.session
    now_ms = view.clock.now_ms()
    badge = "real_money" if session.is_real_money else "play_money"
    what = f"the keys are kept for {', '.join(kept_for)}" if kept_for else "nothing can be signed"
    since = f"LOCKED for {duration(now_ms - locked_ms)}, {what}; orders at the exchange go on working"
    rows: list[Line] = [
        (
            Span(f" {session.environment.upper()} ", badge),
            Span(f" {session.account} ", "strong"),
            Span(" ".join(session.hosts), "dim"),
        ),
        BLANK,
        (Span(since, "warn"),),
        BLANK,
        *answer,
        BLANK,
        (Span(f"{clock(now_ms)}Z", "dim"),),
    ]
    return [fit((Span("  "), *row), width) for row in rows]


def position_lines(store: Store, view: ViewState, width: int) -> list[Line]:
    """One line for each open position, at the newest mark known, and how old that is once it is not live."""
    rows: list[Line] = [(Span("no open position", "dim"),)] if not store.held() else []
    for position in store.held():
        market = store.markets.get(position.symbol)
        mark = market.mark.value.mark if market is not None and market.mark is not None else position.mark_price
        side = "LONG" if position.quantity > 0 else "SHORT"
        name = (
            f"{position.symbol}{' unassigned' if position.is_unassigned else ' virtual' if position.is_virtual else ''}"
        )
        parts = [Span(f"{name:<16} {side:<6}{plain_quantity(abs(position.quantity)):>14}")]
        if market is not None and mark is not None:
            profit = position.profit(mark)
            age = mark_age_ms(store, position.symbol, view.clock.monotonic_ns(), view.stale_after_ms)
            tone = "dim" if age is not None or not profit else "up" if profit > 0 else "down"
            parts.append(Span(f"  mark {near_price(market.instrument.tick, mark)} ", "dim"))
            parts += [] if age is None else [Span(f"{duration(age)} old", "stale"), Span(" ")]
            parts.append(Span(f" {profit_text(profit, market.instrument)}", tone))
        rows.append(tuple(parts))
    return [fit((Span("  "), *row), width) for row in rows]
