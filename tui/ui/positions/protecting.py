"""Stop and target of a position, edited in its row or moved to break-even."""

from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.engine.commands.orders import Protect
from tui.ui.command.atoms import GrammarError, parse_exit
from tui.ui.command.line_edit import LineEdit
from tui.ui.figures import near_price, price
from tui.ui.lines import Line, Span
from tui.ui.positions.lines import PositionRow, size_text, trail_words
from tui.ui.row_edit import EditError, RowEdit

STOP, TARGET = "SL", "TP"


def begin_protection(row: PositionRow, instrument: Instrument) -> RowEdit:
    """Stop and target as they are; an empty field has none."""
    tick = instrument.tick
    texts = {name: "" if at is None else tick.format(at) for name, at in ((STOP, row.stop), (TARGET, row.target))}
    fields = {name: LineEdit(text) for name, text in texts.items()}
    return RowEdit(row.position.key, fields, takes_distances=True)


def protection_of(edit: RowEdit, row: PositionRow, instrument: Instrument) -> Protect:
    """What the fields ask for; raises EditError for nothing, or a price on the wrong side of the mark.

    An emptied field removes what was there. `1%` and `20t` count from the entry, as in the command line.
    """
    stop, target = _wanted(edit, STOP, row, instrument), _wanted(edit, TARGET, row, instrument)
    if (stop, target) == (row.stop, row.target):
        raise EditError("nothing is changed yet")
    _check_sides(row, instrument, stop, target)
    return Protect(
        row.position.symbol,
        _asked(row.stop, stop),
        _asked(row.target, target),
        row.position.position_side,
    )


def _wanted(edit: RowEdit, name: str, row: PositionRow, instrument: Instrument) -> Decimal | None:
    """The price in a field; a distance is on the side of the entry where it belongs, on the tick towards safety."""
    text = edit.fields[name].text.strip()
    if not text.lower().endswith(("%", "t")):
        return edit.value(name, instrument)
    try:
        asked = parse_exit(text, "sl" if name == STOP else "tp")
    except GrammarError as error:
        raise EditError(error.text) from None
    is_long, entry = row.position.quantity > 0, row.position.entry_price
    towards = 1 if is_long else -1
    moved = entry * (1 + asked.percent * towards / 100) + instrument.tick.size * asked.ticks * towards
    if moved <= 0:
        raise EditError(f"{name} {text} is not above zero")
    return instrument.tick.round(moved, "up" if is_long else "down")


def break_even(row: PositionRow, instrument: Instrument) -> Decimal:
    """The price at which closing neither wins nor loses, on the tick, rounded against the trader's loss.

    Raises EditError where the market already stands on the losing side of it.
    """
    even = row.position.break_even_price or row.position.entry_price
    is_long = row.position.quantity > 0
    at = instrument.tick.round(even, "up" if is_long else "down")
    if row.mark is not None and (row.mark <= at if is_long else row.mark >= at):
        mark = near_price(instrument.tick, row.mark)
        raise EditError(f"the mark {mark} is not past {price(instrument.tick, at)}: a stop there would fire now")
    return at


def protect_words(row: PositionRow, instrument: Instrument, command: Protect) -> str:
    """`PROTECT LONG 0.250 BTCUSDT-PERP: SL 63,400.0, TP removed`."""
    position = row.position
    parts = [
        f"{name} {price(instrument.tick, at) if at else 'removed'}"
        for name, at in ((STOP, command.stop_price), (TARGET, command.target_price))
        if at is not None
    ]
    if row.trail is not None and command.stop_price:
        parts.append(f"instead of {trail_words(row.trail, instrument, row.mark)}")
    side = "LONG" if position.quantity > 0 else "SHORT"
    return f"PROTECT {side} {size_text(row)} {position.symbol}: {', '.join(parts)}"


def protect_line(edit: RowEdit, row: PositionRow, instrument: Instrument) -> Line:
    """The row while it is edited."""
    is_long = row.position.quantity > 0
    what = Span(f"{'LONG' if is_long else 'SHORT'} {row.position.symbol}", "bid" if is_long else "ask")
    try:
        protection_of(edit, row, instrument)
        meaning = Span("replaces what protects it", "ok")
    except EditError as error:
        meaning = Span(f"· {error}", "dim")
    return edit.line(what, meaning)


def _asked(now: Decimal | None, wanted: Decimal | None) -> Decimal | None:
    if wanted == now:
        return None
    return Decimal(0) if wanted is None else wanted


def _check_sides(row: PositionRow, instrument: Instrument, stop: Decimal | None, target: Decimal | None) -> None:
    if not row.mark:
        return
    is_long, mark = row.position.quantity > 0, near_price(instrument.tick, row.mark)
    below, above = (stop, target) if is_long else (target, stop)
    names = (STOP, TARGET) if is_long else (TARGET, STOP)
    if below and below >= row.mark:
        raise EditError(f"{names[0]} belongs below the mark {mark}")
    if above and above <= row.mark:
        raise EditError(f"{names[1]} belongs above the mark {mark}")
