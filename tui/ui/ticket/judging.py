"""From what is filled in to what would be sent, judged by the guards while it is typed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from tui.domain.bracket import with_exits
from tui.domain.instrument import Instrument
from tui.domain.order import (
    MarginEffect,
    OrderListRequest,
    OrderRequest,
    OrderType,
    PegPrice,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Terms,
    TimeInForce,
    WorkingType,
)
from tui.engine.algos.plan import IcebergPlan
from tui.engine.commands import Command, Desk, Preview, StartAlgo, SubmitOrder, SubmitOrderList
from tui.ui.command.grammar import GrammarError, OrderLine, parse_price, parse_size
from tui.ui.command.resolve import order_request, price_of, size_of
from tui.ui.order_words import list_words, request_words
from tui.ui.ticket.fields import BY_NAME, Setting
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


#: The field that a guard's refusal stands beside.
_RULE_FIELDS = {"price": "price", "tick": "price", "distance": "price", "trigger": "trigger", "trailing": "trail"}
_RULE_FIELDS |= dict.fromkeys(("size", "step", "lot", "quantity", "notional", "minimum", "maximum"), "size")


def refused_field(rule: str) -> str:
    """The field a rule is about, "" when none."""
    return next((name for word, name in _RULE_FIELDS.items() if word in rule.lower()), "")


def judge(form: TicketForm, setting: Setting, desk: Desk, view: ViewState) -> Judgement:
    """Read the fields, make the order, ask the guards; errors name their field."""
    reading = _Reading(form, setting, desk, view)
    request = reading.request()
    if request is None or reading.errors:
        return Judgement(errors=reading.errors)
    stop, target = reading.exits(request)
    if reading.errors:
        return Judgement(errors=reading.errors)
    instrument = setting.instrument
    if stop is not None or target is not None:
        try:
            listed = with_exits(request, instrument, stop=stop, target=target)
        except ValueError as error:
            return Judgement(errors={"stop" if stop is not None else "target": str(error)})
        return _judged(request, listed, desk, instrument, stop, target)
    if setting.is_futures and request.terms.display_quantity is not None:
        return _sliced(request, desk)
    verdict = desk.preview(request)
    return Judgement(request, verdict, {}, SubmitOrder(request), request_words(request, instrument))


def _judged(
    entry: OrderRequest,
    listed: OrderListRequest,
    desk: Desk,
    instrument: Instrument,
    stop: Decimal | None,
    target: Decimal | None,
) -> Judgement:
    words = list_words(listed, instrument)
    return Judgement(entry, desk.preview(listed), {}, SubmitOrderList(listed), words, stop, target)


def _sliced(request: OrderRequest, desk: Desk) -> Judgement:
    """Futures have no icebergs: the engine shows one slice after the other."""
    shown = request.terms.display_quantity
    assert shown is not None
    assert request.quantity is not None
    assert request.price is not None
    plain = replace(request, terms=replace(request.terms, display_quantity=None))
    side, position = request.side, request.terms.position_side
    plan = IcebergPlan(request.symbol, side, request.quantity, request.price, shown, request.reduce_only, position)
    words = f"ICEBERG {side.value} {request.quantity:f} {request.symbol} at {request.price:f}, {shown:f} at a time"
    return Judgement(plain, desk.preview(plain), {}, StartAlgo(plan), f"{words}; app-managed")


class _Reading:
    """Fields of one form as values; what cannot be read is in `errors` by field."""

    def __init__(self, form: TicketForm, setting: Setting, desk: Desk, view: ViewState) -> None:
        self.errors: dict[str, str] = {}
        self._form, self._at = form, setting
        self._desk, self._view = desk, view

    def request(self) -> OrderRequest | None:
        """The order without its exits; None when a field is wrong."""
        form, at = self._form, self._at
        terms = self._terms()
        price = self._price("price") if self._has("price") else None
        if at.has_match:
            # The exchange takes the price; the touch only serves the local checks and is not sent.
            price = self._read("price", "bid" if form.side == "BUY" else "ask")
        if self.errors:
            return None
        base = self._sized(price, terms)
        if base is None:
            return None
        is_limit = self._has("price") or at.has_match
        return replace(
            base,
            type=form.type,
            price=base.price,
            time_in_force=form.tif if is_limit and not at.post_only else TimeInForce.GTC,
            post_only=self._is_set("post_only"),
            reduce_only=self._is_set("reduce_only"),
            close_position=self._is_set("close_position"),
            terms=terms,
        )

    def exits(self, entry: OrderRequest) -> tuple[Decimal | None, Decimal | None]:
        """Prices of stop and target, None for an empty field."""
        return self._exit("stop", entry, -1), self._exit("target", entry, 1)

    def _sized(self, price: Decimal | None, terms: Terms) -> OrderRequest | None:
        form, at, store = self._form, self._at, self._desk.store
        symbol = at.instrument.symbol
        if self._is_set("close_position"):
            return OrderRequest(symbol, form.side, form.type, None)
        try:
            size = parse_size(form.text("size"))
            if form.type in (OrderType.MARKET, OrderType.LIMIT) and not at.has_match:
                line_price = parse_price(form.text("price")) if price is not None else None
                return order_request(OrderLine(form.side, size, symbol, line_price), store, self._view)
            reference = price if price is not None else terms.trigger_price or terms.activation_price
            quantity = size_of(size, form.side, at.instrument, reference, store, self._view)
            return OrderRequest(symbol, form.side, form.type, quantity, price)
        except GrammarError as error:
            self.errors["price" if "book" in error.text or "moved" in error.text else "size"] = error.text
            return None

    def _terms(self) -> Terms:
        match, peg = self._chosen("match", PriceMatch), self._chosen("peg", PegPrice)
        effect = self._chosen("effect", MarginEffect)
        return Terms(
            trigger_price=self._price("trigger"),
            working_type=self._chosen("working", WorkingType) or WorkingType.CONTRACT_PRICE,
            activation_price=self._price("activation"),
            trailing_bps=self._trail(),
            display_quantity=self._display(),
            price_match=match,
            peg_price=peg,
            self_trade_prevention=self._chosen("stp", SelfTradePrevention),
            price_protect=self._is_set("protect"),
            position_side=self._chosen("position", PositionSide) or PositionSide.BOTH,
            good_till_ms=self._till(),
            margin_effect=None if effect is MarginEffect.NO_SIDE_EFFECT else effect,
        )

    def _price(self, name: str) -> Decimal | None:
        text = self._form.text(name)
        if not self._has(name) or (not text and name == "activation"):
            return None
        return self._read(name, text)

    def _read(self, name: str, text: str) -> Decimal | None:
        try:
            return price_of(parse_price(text), self._form.side, self._at.instrument, self._desk.store, self._view)
        except GrammarError as error:
            self.errors[name] = error.text
            return None

    def _exit(self, name: str, entry: OrderRequest, sign: int) -> Decimal | None:
        """An exit's price: absolute, anchored, or a percentage away from the entry on the side where it belongs."""
        text = self._form.text(name)
        if not self._has(name) or not text:
            return None
        if not text.endswith("%"):
            return self._price(name)
        preview = entry.price or self._desk.preview(entry).price
        try:
            away = abs(Decimal(text.rstrip("%").strip()))
        except InvalidOperation:
            self.errors[name] = f"{text!r} is not a percentage: 1% or a price"
            return None
        if preview is None:
            self.errors[name] = "a percentage needs an entry price: give the price itself"
            return None
        way = sign if entry.side == "BUY" else -sign
        return self._at.instrument.tick.round(preview * (1 + way * away / 100), "nearest")

    def _trail(self) -> int | None:
        if not self._has("trail"):
            return None
        text = self._form.text("trail").rstrip("%")
        try:
            bps = Decimal(text) * 100
        except InvalidOperation:
            self.errors["trail"] = "give the callback in percent: 0.5"
            return None
        if bps != bps.to_integral_value() or bps <= 0:
            self.errors["trail"] = f"{text}% is no whole number of basis points: give at most two decimals"
            return None
        return int(bps)

    def _display(self) -> Decimal | None:
        text = self._form.text("display")
        if not self._has("display") or not text:
            return None
        try:
            return Decimal(text.replace(",", ""))
        except InvalidOperation:
            self.errors["display"] = f"{text!r} is not a size: give what is shown at a time"
            return None

    def _till(self) -> int | None:
        if not self._has("till"):
            return None
        till = read_till(self._form.text("till"), self._view.clock.now_ms())
        if till is None:
            self.errors["till"] = "give a time: 30m, 2h, 1d, or 14:30 (UTC)"
        return till

    def _chosen(self, name: str, kind: Callable[[str], T]) -> T | None:
        chosen = self._form.choice(name) if self._has(name) else None
        return None if chosen is None else kind(chosen)

    def _is_set(self, name: str) -> bool:
        return name in self._form.flags and self._has(name)

    def _has(self, name: str) -> bool:
        return BY_NAME[name].is_there(self._at)


_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def read_till(text: str, now_ms: int) -> int | None:
    """The end of a GTD order in epoch ms: a span from now (`30m`) or the next such time of day, UTC (`14:30`)."""
    text = text.strip().lower()
    if text[-1:] in _UNITS and text[:-1].isdigit() and int(text[:-1]):
        return now_ms + int(text[:-1]) * _UNITS[text[-1]]
    hours, colon, minutes = text.partition(":")
    if not colon or not (hours.isdigit() and minutes.isdigit()) or int(hours) > 23 or int(minutes) > 59:
        return None
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    at = now.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
    return int((at if at > now else at + timedelta(days=1)).timestamp() * 1000)
