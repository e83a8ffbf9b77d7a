"""The ticket's form without a screen: fields, what is wrong with them, and the order they make."""

from dataclasses import dataclass, field
from decimal import Decimal

from tui.domain.instrument import Instrument
from tui.domain.order import OrderRequest, OrderType, Side, TimeInForce
from tui.engine.commands import Desk, Preview
from tui.ui.command.grammar import GrammarError, OrderLine, Price, parse_price, parse_size
from tui.ui.command.line_edit import LineEdit
from tui.ui.command.resolve import order_request, price_of
from tui.ui.view_state import ViewState

FIELDS = ("side", "type", "price", "size", "post_only", "reduce_only", "tif")
TEXT_FIELDS = ("price", "size")

_TIFS = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)


@dataclass(slots=True)
class TicketForm:
    """What the ticket holds; price and size are text in the command line's language."""

    side: Side = Side.BUY
    type: OrderType = OrderType.LIMIT
    price: LineEdit = field(default_factory=lambda: LineEdit("bid"))
    size: LineEdit = field(default_factory=lambda: LineEdit("p1"))
    post_only: bool = True
    reduce_only: bool = False
    tif: TimeInForce = TimeInForce.GTC
    at: str = "size"

    def fields(self, is_futures: bool) -> list[str]:
        """The fields that can be reached now, in order."""
        hidden = {"price", "post_only", "tif"} if self.type is OrderType.MARKET else set()
        return [name for name in FIELDS if name not in hidden and (is_futures or name != "reduce_only")]

    def step(self, by: int, is_futures: bool) -> None:
        """Go to the next or previous field, round the end."""
        names = self.fields(is_futures)
        self.at = names[(names.index(self.at) + by) % len(names)] if self.at in names else names[0]
        edit = self.edit()
        if edit is not None:
            edit.is_selected = True

    def edit(self) -> LineEdit | None:
        """The text under the cursor, None on a choice."""
        return getattr(self, self.at) if self.at in TEXT_FIELDS else None

    def toggle(self) -> None:
        """The next choice of the field under the cursor."""
        match self.at:
            case "side":
                self.turn(self.side.opposite)
            case "type":
                self.type = OrderType.LIMIT if self.type is OrderType.MARKET else OrderType.MARKET
            case "post_only":
                self.post_only = not self.post_only
                self.tif = TimeInForce.GTC if self.post_only else self.tif
            case "reduce_only":
                self.reduce_only = not self.reduce_only
            case "tif":
                self.tif = _TIFS[(_TIFS.index(self.tif) + 1) % len(_TIFS)]
                self.post_only = self.post_only and self.tif is TimeInForce.GTC

    def turn(self, side: Side) -> None:
        """Change the side; a price that merely joins the own side of the book follows."""
        joins = {Side.BUY: "bid", Side.SELL: "ask"}
        if self.price.text == joins[self.side]:
            self.price.text = joins[side]
        self.side = side


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a form is worth now: the order and the guards' verdict, or what is wrong with which field."""

    request: OrderRequest | None = None
    verdict: Preview | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """The first reason why it cannot be reviewed, "" when it can."""
        for text in self.errors.values():
            return text
        refusal = self.verdict.refusal if self.verdict else None
        return refusal.text if refusal else ""


#: The field that a guard's refusal stands beside.
_RULE_FIELDS = {"price": "price", "tick": "price", "distance": "price", "size": "size", "step": "size"}
_RULE_FIELDS |= {"quantity": "size", "notional": "size", "minimum": "size", "maximum": "size"}


def refused_field(rule: str) -> str:
    """The field a rule is about, "" when none."""
    return next((name for word, name in _RULE_FIELDS.items() if word in rule.lower()), "")


def judge(form: TicketForm, desk: Desk, view: ViewState) -> Judgement:
    """Parse the fields, make the order, ask the guards."""
    errors: dict[str, str] = {}
    price: Price | None = None
    if form.type is OrderType.LIMIT:
        try:
            price = parse_price(form.price.text.strip())
        except GrammarError as error:
            errors["price"] = error.text
    try:
        size = parse_size(form.size.text.strip())
    except GrammarError as error:
        errors["size"] = error.text
        return Judgement(errors=errors)
    if errors:
        return Judgement(errors=errors)
    is_limit = form.type is OrderType.LIMIT
    line = OrderLine(
        form.side,
        size,
        view.symbol,
        price,
        post_only=form.post_only and is_limit,
        reduce_only=form.reduce_only and _is_futures(desk, view),
        time_in_force=form.tif if is_limit else TimeInForce.GTC,
    )
    try:
        request = order_request(line, desk.store, view)
    except GrammarError as error:
        return Judgement(errors={_blamed(error): error.text})
    return Judgement(request, desk.preview(request))


def nudge(form: TicketForm, ticks: int, instrument: Instrument, desk: Desk, view: ViewState) -> None:
    """Move the price by ticks or a base size by steps; an anchor stays an anchor."""
    edit = form.edit()
    if edit is None:
        return
    try:
        if form.at == "price":
            edit.text = _moved_price(parse_price(edit.text.strip()), ticks, form.side, instrument, desk, view)
        else:
            size = parse_size(edit.text.strip())
            if size.unit == "base":
                amount = instrument.step.round(size.amount, "down") + instrument.step.size * ticks
                edit.text = instrument.step.format(max(instrument.step.size, amount))
            elif size.unit == "preset":
                edit.text = f"p{min(len(view.size_presets), max(1, int(size.amount) + ticks))}"
    except GrammarError:
        return  # what is typed has its reason beside it


def _moved_price(price: Price, ticks: int, side: Side, instrument: Instrument, desk: Desk, view: ViewState) -> str:
    if price.anchor and not price.percent:
        moved = price.ticks + ticks
        return f"{price.anchor}{moved:+d}t" if moved else price.anchor
    at = price_of(price, side, instrument, desk.store, view)
    rounded = instrument.tick.round(at, "nearest") + instrument.tick.size * ticks
    return instrument.tick.format(max(instrument.tick.size, rounded))


def _is_futures(desk: Desk, view: ViewState) -> bool:
    instrument = desk.store.instruments.get(view.symbol)
    return instrument is not None and instrument.product.is_futures


def _blamed(error: GrammarError) -> str:
    return "price" if "book" in error.text or "moved" in error.text else "size"


def prefilled(
    side: Side, price: Decimal | None, quantity: Decimal | None, instrument: Instrument | None, view: ViewState
) -> TicketForm:
    """A form with what is known filled in; what is not: join the own side of the book, with the chosen preset."""
    form = TicketForm(side=side, post_only=view.post_only, reduce_only=view.reduce_only)
    joined = "bid" if side is Side.BUY else "ask"
    form.price.text = joined if price is None or instrument is None else instrument.tick.format(price)
    if quantity is not None and instrument is not None:
        form.size.text = instrument.step.format(quantity)
    else:
        form.size.text = f"p{view.preset + 1}"
    form.size.is_selected = True
    return form
