"""The ticket's form without a screen: what is filled in, and how keys change it."""

from dataclasses import dataclass, field
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order_terms import MarginEffect, OrderType, PositionSide, Side, TimeInForce, WorkingType
from tui.ui.command.line_edit import LineEdit
from tui.ui.ticket.fields import BY_NAME, CLOSING, FIELDS, LIMITS, NONE, Field, Kind, Setting, fields_there
from tui.ui.view_state import ViewState

_JOINS = {Side.BUY: "bid", Side.SELL: "ask"}


def _texts() -> dict[str, LineEdit]:
    first = {"price": "bid", "size": "p1"}
    return {each.name: LineEdit(first.get(each.name, "")) for each in FIELDS if each.kind is Kind.TEXT}


def _choices() -> dict[str, str]:
    chosen = {each.name: each.choices[0] for each in FIELDS if each.kind is Kind.CHOICE}
    return chosen | {"part": "", "effect": MarginEffect.NO_SIDE_EFFECT, "working": WorkingType.CONTRACT_PRICE}


@dataclass(slots=True)
class TicketForm:
    """What the ticket holds; prices and sizes are text in the command line's language."""

    texts: dict[str, LineEdit] = field(default_factory=_texts)
    choices: dict[str, str] = field(default_factory=_choices)
    flags: set[str] = field(default_factory=lambda: {"post_only"})
    at: str = "size"

    @property
    def side(self) -> Side:
        """Which way."""
        return Side(self.choices["side"])

    @property
    def type(self) -> OrderType:
        """The type of order."""
        return OrderType(self.choices["type"])

    @property
    def tif(self) -> TimeInForce:
        """How long it may work."""
        return TimeInForce(self.choices["tif"])

    def text(self, name: str) -> str:
        """What is typed in a field."""
        return self.texts[name].text.strip()

    def choice(self, name: str) -> str | None:
        """What is chosen in a field, None where that is left to the exchange."""
        return None if self.choices[name] == NONE else self.choices[name]

    def setting(self, instrument: Instrument, *, is_hedge: bool) -> Setting:
        """What decides which fields there are now."""
        is_futures, has_more = instrument.product.is_futures, "more" in self.flags
        posts = "post_only" in self.flags and (self.type is OrderType.LIMIT or (is_futures and self.type in LIMITS))
        matches = is_futures and has_more and not posts and self.type in LIMITS and self.choice("match") is not None
        closes = is_futures and self.type in CLOSING and "close_position" in self.flags
        return Setting(instrument, self.side, self.type, self.tif, is_hedge, closes, matches, posts, has_more)

    def step(self, by: int, setting: Setting) -> None:
        """Go to the next or previous field, round the end."""
        names = [each.name for each in fields_there(setting)]
        self.at = names[(names.index(self.at) + by) % len(names)] if self.at in names else names[0]
        edit = self.edit()
        if edit is not None:
            edit.is_selected = True

    def settle(self, setting: Setting) -> None:
        """Leave a field that is no longer there."""
        if self.at not in {each.name for each in fields_there(setting)}:
            self.at = "type"

    def edit(self) -> LineEdit | None:
        """The text under the cursor, None on a choice."""
        return self.texts.get(self.at)

    def turn(self, by: int) -> None:
        """Another choice, or the other state, of the field under the cursor."""
        chosen = BY_NAME[self.at]
        if chosen.kind is Kind.FLAG:
            self.flags ^= {self.at}
        elif self.at == "side":
            self.face(self.side.opposite)
        elif chosen.kind is Kind.CHOICE:
            self._choose(chosen, by)

    def _choose(self, chosen: Field, by: int) -> None:
        now = self.choices[chosen.name]
        at = chosen.choices.index(now) + by if now in chosen.choices else (0 if by > 0 else -1)
        self.choices[chosen.name] = chosen.choices[at % len(chosen.choices)]
        if chosen.name == "part":
            self.texts["size"].text = self._part_text()

    def _part_text(self) -> str:
        part = self.choices["part"]
        if part.startswith("p"):
            return part
        return f"{part}pos" if "reduce_only" in self.flags else f"{part}bal"

    def face(self, side: Side) -> None:
        """Change the side; a price that merely joins the own side of the book follows."""
        if self.text("price") == _JOINS[self.side]:
            self.texts["price"].text = _JOINS[side]
        self.choices["side"] = side


def prefilled(
    side: Side, price: Decimal | None, quantity: Decimal | None, instrument: Instrument | None, view: ViewState
) -> TicketForm:
    """A form with what is known filled in; what is not: join the own side of the book, with the chosen preset."""
    form = TicketForm()
    form.choices["side"] = side
    # Opening is what a ticket is mostly called for: BUY opens a long, SELL a short.
    form.choices["position"] = PositionSide.LONG if side is Side.BUY else PositionSide.SHORT
    form.flags = {name for name, is_set in (("post_only", view.post_only), ("reduce_only", view.reduce_only)) if is_set}
    known = price is not None and instrument is not None
    form.texts["price"].text = instrument.tick.format(price) if known and instrument and price else _JOINS[side]
    if quantity is not None and instrument is not None:
        form.texts["size"].text = instrument.step.format(quantity)
    else:
        form.texts["size"].text = f"p{view.preset + 1}"
    form.texts["size"].is_selected = True
    return form
