"""Arrows in the ticket: a price some ticks more, a size some steps more."""

from decimal import Decimal, InvalidOperation

from tui.domain.order_terms import Side
from tui.engine.commands import Desk
from tui.ui.command.atoms import GrammarError, parse_price, parse_size
from tui.ui.command.meanings import Price
from tui.ui.command.values import price_of
from tui.ui.ticket.fields import Setting
from tui.ui.ticket.form import TicketForm
from tui.ui.view_state import ViewState

_PRICES = ("price", "trigger", "activation", "stop", "target")
_SMALLEST_TRAIL = Decimal("0.1")


def nudge(form: TicketForm, ticks: int, setting: Setting, desk: Desk, view: ViewState) -> None:
    """Move the text under the cursor by ticks, steps or tenths of a percent; an anchor stays an anchor."""
    edit = form.edit()
    if edit is None:
        return
    try:
        if form.at in _PRICES:
            edit.text = _moved_price(edit.text, ticks, form.side, setting, desk, view)
        elif form.at == "trail":
            edit.text = f"{max(_SMALLEST_TRAIL, Decimal(edit.text or '1') + ticks * _SMALLEST_TRAIL):f}"
        elif form.at in ("size", "display"):
            edit.text = _moved_size(edit.text, ticks, setting, view)
    except (GrammarError, InvalidOperation):
        return  # what is typed has its reason beside it


def _moved_size(text: str, steps: int, setting: Setting, view: ViewState) -> str:
    size, step = parse_size(text.strip()), setting.instrument.step
    if size.unit == "base":
        return step.format(max(step.size, step.round(size.amount, "down") + step.size * steps))
    if size.unit == "preset":
        return f"p{min(view.preset_count(setting.instrument.symbol), max(1, int(size.amount) + steps))}"
    return text


def _moved_price(text: str, ticks: int, side: Side, setting: Setting, desk: Desk, view: ViewState) -> str:
    """An empty field begins at the middle of the market."""
    price = parse_price(text.strip()) if text.strip() else Price("mid")
    instrument = setting.instrument
    if price.anchor and not price.percent and text.strip():
        moved = price.ticks + ticks
        return f"{price.anchor}{moved:+d}t" if moved else price.anchor
    at = price_of(price, side, instrument, desk.store, view)
    rounded = instrument.tick.round(at, "nearest") + instrument.tick.size * ticks
    return instrument.tick.format(max(instrument.tick.size, rounded))
