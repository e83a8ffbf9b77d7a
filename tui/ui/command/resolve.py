"""What a parsed line or a ticket means in the market of this moment: commands, spelled out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tui.domain.order import OrderListRequest, OrderRequest
from tui.domain.order_terms import PLAIN, PositionSide, Side, TimeInForce, WorkingType
from tui.engine.commands import Command
from tui.engine.commands.automation import AddAlert, RemoveAlert, StartAlgo, StopAlgo
from tui.engine.commands.orders import Flatten, SubmitOrder, SubmitOrderList
from tui.engine.commands.safety import Arm, Halt, Lock, SetLimit
from tui.engine.store import Store
from tui.ui.actions import READ_ONLY
from tui.ui.command import account_intentions as account
from tui.ui.command import position_intentions as positions
from tui.ui.command.atoms import GrammarError
from tui.ui.command.meanings import (
    AlertLine,
    AlertOffLine,
    AliasLine,
    CancelLine,
    ChangeLine,
    ChaseLine,
    CloseLine,
    CountdownLine,
    GroupLine,
    IcebergLine,
    IntervalLine,
    LeverageLine,
    LimitLine,
    LoanLine,
    MarginLine,
    ModeLine,
    OcoLine,
    OrderLine,
    ParsedLine,
    ProtectLine,
    ReverseLine,
    ScaleLine,
    ScreenLine,
    StopLine,
    SymbolLine,
    TrailLine,
    TransferLine,
    TwapLine,
    WordLine,
    WriteLine,
)
from tui.ui.command.order_intentions import algo_plan, oco_request, order_or_list, order_request, plan_words
from tui.ui.command.screen_words import ArrangeLine, PaneLine
from tui.ui.command.values import price_of, size_of
from tui.ui.command.vocabulary import WRITE_WORDS, usage
from tui.ui.order_words import list_words, request_words
from tui.ui.view_state import ViewState

__all__ = ["Intention", "ScreenLine", "line_of", "order_request", "price_of", "resolve", "resolve_chain", "size_of"]


@dataclass(frozen=True, slots=True)
class Intention:
    """What Enter will do, spelled out in `text`: commands for the engine, or a line that only the screen obeys.

    Several commands are the steps of a chain: each is sent when the one before it was accepted.
    """

    text: str
    commands: tuple[Command, ...] = ()
    screen: ScreenLine | None = None

    @property
    def order(self) -> OrderRequest | OrderListRequest | None:
        """What it sends first, where that is an order or a list of orders."""
        first = self.commands[0] if self.commands else None
        return first.request if isinstance(first, SubmitOrder | SubmitOrderList) else None


def resolve_chain(lines: Sequence[ParsedLine], store: Store, view: ViewState) -> Intention:
    """The intention of all steps of a line; raises GrammarError, also for a step that only the screen obeys."""
    if len(lines) == 1:
        return resolve(lines[0], store, view)
    steps = [resolve(line, store, view) for line in lines]
    for step in steps:
        if step.screen is not None and not step.commands:
            raise GrammarError(f"{step.text}: this stands alone, not in a chain")
    text = "; then ".join(f"{number}. {step.text}" for number, step in enumerate(steps, 1))
    return Intention(text, tuple(command for step in steps for command in step.commands))


def resolve(line: ParsedLine, store: Store, view: ViewState) -> Intention:
    """The intention of one step; raises GrammarError where the session, market or account allows no answer."""
    if store.session.read_only and _writes(line):
        raise GrammarError(READ_ONLY)
    match line:
        case SymbolLine():
            return Intention(f"show {line.symbol}", screen=line)
        case GroupLine():
            return Intention(f"group {line.ticks} ticks into a row of the ladder", screen=line)
        case IntervalLine():
            return Intention(f"candles of {line.interval}", screen=line)
        case ArrangeLine() | PaneLine():
            return Intention(line.words, screen=line)
        case AliasLine():
            return Intention(_alias_words(line), screen=line)
        case WordLine():
            return _word(line)
        case OrderLine() | OcoLine():
            return _order(line, store, view)
        case ScaleLine() | ChaseLine() | TwapLine() | IcebergLine():
            plan = algo_plan(line, store, view)
            instrument = store.instruments[plan.symbol]
            words = plan_words(plan, instrument, is_hedged=store.holds_apart(instrument.product))
            return Intention(words, (StartAlgo(plan, reviewed=True),))
    text, command = _spelled(line, store, view)
    return Intention(text, (command,))


def _writes(line: ParsedLine) -> bool:
    return line.word in WRITE_WORDS if isinstance(line, WordLine) else isinstance(line, WriteLine)


def _order(line: OrderLine | OcoLine, store: Store, view: ViewState) -> Intention:
    request = oco_request(line, store, view) if isinstance(line, OcoLine) else order_or_list(line, store, view)
    instrument = store.instruments[request.symbol]
    is_hedged = store.holds_apart(instrument.product)
    if isinstance(request, OrderRequest):
        return Intention(
            request_words(request, instrument, is_hedged=is_hedged), (SubmitOrder(request, reviewed=True),)
        )
    return Intention(list_words(request, instrument, is_hedged=is_hedged), (SubmitOrderList(request, reviewed=True),))


def _spelled(line: ParsedLine, store: Store, view: ViewState) -> tuple[str, Command]:
    match line:
        case CancelLine():
            return positions.cancel(line, store, view)
        case ChangeLine():
            return positions.change(line, store, view)
        case CloseLine():
            return positions.close(line, store, view)
        case ReverseLine():
            return positions.reverse(line, store, view)
        case ProtectLine():
            return positions.protect(line, store, view)
        case TrailLine():
            return positions.trail(line, store, view)
        case StopLine():
            return _stop(line, store)
        case LeverageLine() | MarginLine() | ModeLine() | LoanLine() | TransferLine() | CountdownLine():
            return account.change(line, store, view)
        case AlertLine():
            request = account.alert_request(line, store, view)
            return account.alert_words(request, store), AddAlert(request)
        case AlertOffLine():
            which = "every alert" if not line.number else f"alert {line.number}"
            return f"forget {which}", RemoveAlert(line.number)
        case LimitLine():
            off = "" if line.value else " (off)"
            return f"set {line.name} to {line.value:f}{off} for this session", SetLimit(line.name, line.value)
    raise GrammarError("this line cannot be done")


def _stop(line: StopLine, store: Store) -> tuple[str, Command]:
    running = [name for name, algo in store.algos.items() if algo.state.value == "running"]
    if not running:
        raise GrammarError("no algo runs")
    if line.name and line.name not in running:
        raise GrammarError(f"no algo {line.name} runs: {', '.join(running)}", f"stop {running[0]}")
    which = line.name or ("all algos" if len(running) > 1 else running[0])
    return f"STOP {which}: its working orders are cancelled, what filled stays", StopAlgo(line.name)


def _alias_words(line: AliasLine) -> str:
    if not line.name:
        return "list the aliases"
    return f"{line.name} stands for: {line.text}" if line.text else f"forget the alias {line.name}"


_WORDS: dict[str, Callable[[], tuple[str, Command | None]]] = {
    "arm": lambda: ("ARM: ladder keys send at once until locked", Arm()),
    "lock": lambda: ("LOCK: nothing is sent without review", Lock("locked")),
    "halt": lambda: ("HALT: stop algos, cancel entries everywhere, lock, refuse new orders", Halt()),
    "flat": lambda: ("FLATTEN: close every position of the account at market", Flatten(reviewed=True)),
    "away": lambda: ("lock the screen and forget the secret until you are back", None),
    "keys": lambda: ("API keys; changes are used at the next start", None),
    "help": lambda: ("help", None),
    "q": lambda: ("quit; working orders stay at the exchange", None),
}


def _word(line: WordLine) -> Intention:
    text, command = _WORDS[line.word]()
    if line.word == "help" and usage(line.about):
        text = " · ".join(usage(line.about))
    is_screen = command is None or isinstance(command, Lock)
    return Intention(text, () if command is None else (command,), line if is_screen else None)


def line_of(request: OrderRequest | OrderListRequest) -> str:
    """An order written as the line that would place it, for offering a corrected one; "" where no line says all."""
    if not isinstance(request, OrderRequest) or (request.quantity is None and request.quote_quantity is None):
        return ""
    if _says_more(request):
        return ""
    letter = "b" if request.side is Side.BUY else "s"
    size = f"{_plain(request.quote_quantity)}$" if request.quantity is None else _plain(request.quantity)
    words = [letter, size, request.symbol, "mkt" if request.price is None else f"@ {_plain(request.price)}"]
    words += _condition_words(request)
    words += ["po"] if request.post_only else []
    words += ["ro"] if request.reduce_only else []
    if request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        words.append(request.time_in_force.lower())
    side = request.terms.position_side
    words += [side.value.lower()] if side is not PositionSide.BOTH else []
    return " ".join(words)


def _plain(value: Decimal | None) -> str:
    """A number as somebody would type it."""
    return "" if value is None else f"{value.normalize():f}"


def _says_more(request: OrderRequest) -> bool:
    """Whether the order says something that `line_of` would leave out, and so make another order of it."""
    said = replace(
        request.terms,
        trigger_price=None,
        trailing_bps=None,
        activation_price=None,
        position_side=PositionSide.BOTH,
        working_type=PLAIN.working_type,
    )
    return said != PLAIN or request.close_position or request.time_in_force is TimeInForce.GTD


def _condition_words(request: OrderRequest) -> list[str]:
    terms, words = request.terms, []
    if terms.trigger_price is not None:
        word = "touch" if "TOUCHED" in request.type.value else "stop"
        words += [word, _plain(terms.trigger_price)]
    if terms.trailing_bps is not None:
        words += ["trail", f"{terms.trailing_bps}bp"]
    if terms.activation_price is not None:
        words += ["from", _plain(terms.activation_price)]
    words += ["mark"] if terms.working_type is WorkingType.MARK_PRICE else []
    return words
