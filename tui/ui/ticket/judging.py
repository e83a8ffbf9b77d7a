"""From what is filled in to what would be sent, judged by the guards while it is typed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from tui.domain.instrument import Instrument
from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import (
    MarginEffect,
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    TimeInForce,
    WorkingType,
)
from tui.engine.algos.plan import IcebergPlan
from tui.engine.commands import Command, Desk
from tui.engine.commands.answers import Preview
from tui.engine.commands.automation import StartAlgo
from tui.engine.commands.orders import SubmitOrder, SubmitOrderList
from tui.ui.command.atoms import GrammarError, basis_points, parse_exit, parse_price, parse_size
from tui.ui.command.meanings import Condition, Extras, OrderLine, Size
from tui.ui.command.order_intentions import order_or_list, plan_words
from tui.ui.order_words import list_words, request_words
from tui.ui.ticket.fields import BY_NAME, STOP_TYPES, Setting
from tui.ui.ticket.form import TicketForm
from tui.ui.view_state import ViewState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a form is worth now: the command with the guards' verdict, or what is wrong with which field."""

    request: OrderRequest | None = None
    verdict: Preview | None = None
    errors: dict[str, str] = field(default_factory=dict)
    command: Command | None = None
    words: str = ""
    #: Prices the exits come to, for the rows of the ticket.
    stop: Decimal | None = None
    target: Decimal | None = None

    @property
    def problem(self) -> str:
        """The first reason why it cannot be reviewed, "" when it can."""
        for text in self.errors.values():
            return text
        refusal = self.verdict.refusal if self.verdict else None
        return refusal.text if refusal else ""


#: What is asked for where a field that must be filled in is empty.
_ASKED = {
    "trigger": "at which price? 64200, ask+0.5%",
    "trail": "how far behind? 0.5%",
    "price": "which price? 64200, bid, ask-2t",
    "size": "how much? 0.1, 500$, 25%bal, p1",
}

#: The field that a guard's refusal stands beside.
_RULE_FIELDS = {"price": "price", "tick": "price", "distance": "price", "trigger": "trigger", "trailing": "trail"}
_RULE_FIELDS |= dict.fromkeys(("size", "step", "lot", "quantity", "notional", "minimum", "maximum"), "size")


def refused_field(rule: str) -> str:
    """The field a rule is about, "" when none."""
    return next((name for word, name in _RULE_FIELDS.items() if word in rule.lower()), "")


def judge(form: TicketForm, setting: Setting, desk: Desk, view: ViewState) -> Judgement:
    """Read the fields, make the order, ask the guards; errors name their field."""
    reading = Reading(form, setting, view.clock.now_ms())
    line = reading.line()
    if reading.errors:
        return Judgement(errors=reading.errors)
    instrument = setting.instrument
    is_hedged = desk.store.holds_apart(instrument.product)
    try:
        wanted = order_or_list(line, desk.store, view)
    except GrammarError as error:
        return Judgement(errors={_blamed(error.text, form): error.text})
    if isinstance(wanted, OrderListRequest):
        assert wanted.entry is not None
        stop, target = _exits(wanted)
        words = list_words(wanted, instrument, is_hedged=is_hedged)
        return Judgement(wanted.entry, desk.preview(wanted), {}, SubmitOrderList(wanted), words, stop, target)
    if setting.closes_position:
        wanted = replace(wanted, close_position=True, quantity=None)
    if setting.is_futures and wanted.terms.display_quantity is not None:
        return _sliced(wanted, desk, instrument, is_hedged=is_hedged)
    words = request_words(wanted, instrument, is_hedged=is_hedged)
    return Judgement(wanted, desk.preview(wanted), {}, SubmitOrder(wanted), words)


def _blamed(text: str, form: TicketForm) -> str:
    """The field that a price or a size which cannot be had stands in."""
    if text.startswith(("sl ", "tp ")):
        return "stop" if text.startswith("sl") else "target"
    if text.startswith("R is "):
        return "target"
    if "book" in text or "moved" in text:
        return "price" if "price" in form.texts else "size"
    return "size"


def _exits(listed: OrderListRequest) -> tuple[Decimal | None, Decimal | None]:
    """The prices of stop and target."""
    stop = target = None
    for leg in listed.legs:
        at = leg.terms.trigger_price if leg.terms.trigger_price is not None else leg.price
        if leg.type in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT):
            stop = at
        else:
            target = at
    return stop, target


def _sliced(request: OrderRequest, desk: Desk, instrument: Instrument, *, is_hedged: bool) -> Judgement:
    """Futures have no icebergs: the engine shows one slice after the other, each a plain LIMIT order."""
    shown = request.terms.display_quantity
    if more := _said_beyond_limit(request):
        return Judgement(errors={"display": f"kept from here, as plain LIMIT orders: leave out {more}"})
    if request.price is None or request.quantity is None or shown is None:
        return Judgement(errors={"display": "an iceberg needs a price and a size"})
    if shown >= request.quantity:
        return Judgement(errors={"display": f"{shown:f} is not less than the whole {request.quantity:f}"})
    plain = replace(request, terms=replace(request.terms, display_quantity=None))
    side, position = request.side, request.terms.position_side
    plan = IcebergPlan(request.symbol, side, request.quantity, request.price, shown, request.reduce_only, position)
    words = plan_words(plan, instrument, is_hedged=is_hedged)
    return Judgement(plain, desk.preview(plain), {}, StartAlgo(plan), words)


def _said_beyond_limit(request: OrderRequest) -> str:
    """What an order says that slices of it would not."""
    terms = request.terms
    said = {
        "the trigger": request.type is not OrderType.LIMIT,
        "the price match": terms.price_match is not None,
        "post-only": request.post_only,
        request.time_in_force.value: request.time_in_force is not TimeInForce.GTC,
        "the self-trade prevention": terms.self_trade_prevention is not None,
    }
    return ", ".join(name for name, is_said in said.items() if is_said)


class Reading:
    """The fields of one form as a line of the command language; what cannot be read is in `errors` by field."""

    def __init__(self, form: TicketForm, setting: Setting, now_ms: int) -> None:
        self.errors: dict[str, str] = {}
        self._form, self._at, self._now_ms = form, setting, now_ms

    def line(self) -> OrderLine:
        """The line; it means nothing while there are errors."""
        form, at = self._form, self._at
        is_limit = self._has("price") or at.has_match
        return OrderLine(
            form.side,
            self._read("size", parse_size) or Size(Decimal(1), "preset"),
            at.instrument.symbol,
            self._read("price", parse_price),
            post_only=self._is_set("post_only"),
            reduce_only=self._is_set("reduce_only"),
            time_in_force=form.tif if is_limit and not at.post_only else TimeInForce.GTC,
            condition=self._condition(),
            stop_loss=self._read("stop", lambda text: parse_exit(text, "sl"), optional=True),
            take_profit=self._read("target", lambda text: parse_exit(text, "tp"), optional=True),
            extras=self._extras(),
        )

    def _condition(self) -> Condition | None:
        if self._has("trigger"):
            kind: Literal["stop", "touch"] = "stop" if self._form.type in STOP_TYPES else "touch"
            return Condition(kind, self._read("trigger", parse_price))
        if self._has("trail"):
            trail = self._read("trail", lambda text: basis_points(_with_unit(text), "trail"))
            return Condition("trail", self._read("activation", parse_price, optional=True), trail)
        return None

    def _extras(self) -> Extras:
        effect = self._chosen("effect", MarginEffect)
        return Extras(
            at_mark=self._chosen("working", WorkingType) is WorkingType.MARK_PRICE,
            show=self._read("display", parse_size, optional=True),
            match=self._chosen("match", PriceMatch) if self._at.has_match else None,
            peg=self._chosen("peg", PegPrice),
            prevention=self._chosen("stp", SelfTradePrevention),
            protect=self._is_set("protect"),
            position=self._chosen("position", PositionSide) or PositionSide.BOTH,
            good_for_s=self._good_for_s(),
            effect=None if effect is MarginEffect.NO_SIDE_EFFECT else effect,
        )

    def _good_for_s(self) -> int | None:
        if not self._has("till"):
            return None
        till = read_till(self._form.text("till"), self._now_ms)
        if till is None:
            self.errors["till"] = "give a time: 30m, 2h, 1d, or 14:30 (UTC)"
            return None
        return (till - self._now_ms) // 1000

    def _read(self, name: str, parse: Callable[[str], T], *, optional: bool = False) -> T | None:
        """A field of text, None where there is none or an optional one is empty."""
        text = self._form.text(name)
        if not self._has(name) or (optional and not text):
            return None
        if not text:
            self.errors[name] = _ASKED[name]
            return None
        try:
            return parse(text)
        except GrammarError as error:
            self.errors[name] = error.text
            return None

    def _chosen(self, name: str, kind: Callable[[str], T]) -> T | None:
        chosen = self._form.choice(name) if self._has(name) else None
        return None if chosen is None else kind(chosen)

    def _is_set(self, name: str) -> bool:
        return name in self._form.flags and self._has(name)

    def _has(self, name: str) -> bool:
        return BY_NAME[name].is_there(self._at)


def _with_unit(text: str) -> str:
    """A distance to trail by: percent, unless it says basis points."""
    return text if text.lower().endswith(("%", "bp")) else f"{text}%"


_SPAN = re.compile(r"([0-9]{1,5})([smhd])")
_TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{1,2})")
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def read_till(text: str, now_ms: int) -> int | None:
    """The end of a GTD order in epoch ms: a span from now (`30m`) or the next such time of day, UTC (`14:30`)."""
    text = text.strip().lower()
    if (span := _SPAN.fullmatch(text)) and int(span[1]):
        return now_ms + int(span[1]) * _UNITS[span[2]]
    time = _TIME_OF_DAY.fullmatch(text)
    if time is None or int(time[1]) > 23 or int(time[2]) > 59:
        return None
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    at = now.replace(hour=int(time[1]), minute=int(time[2]), second=0, microsecond=0)
    return int((at if at > now else at + timedelta(days=1)).timestamp() * 1000)
