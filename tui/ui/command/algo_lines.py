"""Lines that let this program work an order: `scale`, `chase`, `twap`, `ice`."""

from dataclasses import replace
from decimal import Decimal

from tui.domain.order_terms import PositionSide
from tui.ui.command.atoms import GrammarError, IsSymbol, number, parse_price, parse_size, percentage, seconds, whole
from tui.ui.command.meanings import ChaseLine, IcebergLine, Price, ScaleLine, Size, TwapLine
from tui.ui.command.order_lines import POSITIONS, OrderWords, side_and_size, unknown_word

_MOST_ORDERS = 100
_MOST_SLICES = 500


class _AlgoWords(OrderWords):
    """The words after side and size; what every algo takes is read by `take_common`."""

    def __init__(self, words: list[str], text: str, is_symbol: IsSymbol) -> None:
        super().__init__(words[2:], text, is_symbol)
        self.reduce_only = False
        self.position = PositionSide.BOTH

    def take_common(self, word: str, choices: str) -> None:
        """Read `ro`, `long`, `short` or the symbol; raises GrammarError, naming the choices, for anything else."""
        low = word.lower()
        if low in ("ro", "reduce"):
            self.reduce_only = True
        elif low in POSITIONS:
            self.position = POSITIONS[low]
        elif not self.take_symbol(word):
            raise unknown_word(word, choices)


def scale_line(words: list[str], is_symbol: IsSymbol, text: str) -> ScaleLine:
    """`scale b|s SIZE [SYMBOL] P..P nN [skew X] [po] [ro]`; raises GrammarError."""
    side, size = side_and_size("scale", words, text)
    taking = _AlgoWords(words, text, is_symbol)
    between: tuple[Price, Price] | None = None
    count, skew, post_only = 0, Decimal(1), False
    while taking.rest:
        word = taking.rest.pop(0)
        low = word.lower()
        if ".." in low:
            first, _, last = low.partition("..")
            between = parse_price(first), parse_price(last)
        elif _is_count(low):
            count = whole(low[1:], "count", _MOST_ORDERS)
        elif low == "skew":
            skew = number(taking.next("skew by how much?", "skew 1.3"), "skew")
        elif low == "po":
            post_only = True
        else:
            taking.take_common(word, "SYMBOL, 64000..63500, n6, skew 1.3, po, ro")
    if between is None or not count:
        raise GrammarError("scale between which prices, how many? scale b 0.3 64000..63500 n6")
    if count == 1:
        raise GrammarError("scale needs two orders or more: n2")
    return ScaleLine(side, size, taking.symbol, *between, count, skew, post_only, taking.reduce_only, taking.position)


def chase_line(words: list[str], is_symbol: IsSymbol, text: str) -> ChaseLine:
    """`chase b|s SIZE [SYMBOL] [max 0.1%] [for 30s] [ro]`; raises GrammarError."""
    line = ChaseLine(*side_and_size("chase", words, text), None)
    taking = _AlgoWords(words, text, is_symbol)
    while taking.rest:
        word = taking.rest.pop(0)
        low = word.lower()
        if low == "max":
            line = replace(line, max_percent=percentage(taking.next("max how far?", "max 0.1%"), "max"))
        elif low == "for":
            line = replace(line, for_s=seconds(taking.next("for how long?", "for 30s"), "for"))
        else:
            taking.take_common(word, "SYMBOL, max 0.1%, for 30s, ro")
    return replace(line, symbol=taking.symbol, reduce_only=taking.reduce_only, position=taking.position)


def twap_line(words: list[str], is_symbol: IsSymbol, text: str) -> TwapLine:
    """`twap b|s SIZE [SYMBOL] over 30m nN [ro]`; raises GrammarError."""
    side, size = side_and_size("twap", words, text)
    taking = _AlgoWords(words, text, is_symbol)
    over_s = slices = 0
    while taking.rest:
        word = taking.rest.pop(0)
        low = word.lower()
        if low == "over":
            over_s = seconds(taking.next("over how long?", "over 30m"), "over")
        elif _is_count(low):
            slices = whole(low[1:], "slices", _MOST_SLICES)
        else:
            taking.take_common(word, "SYMBOL, over 30m, n30, ro")
    if not over_s or not slices:
        raise GrammarError("twap over how long, in how many slices? twap b 1 over 30m n30")
    return TwapLine(side, size, taking.symbol, over_s, slices, taking.reduce_only, taking.position)


def iceberg_line(words: list[str], is_symbol: IsSymbol, text: str) -> IcebergLine:
    """`ice b|s SIZE [SYMBOL] @ PRICE show SIZE [ro]`; raises GrammarError."""
    side, size = side_and_size("ice", words, text)
    taking = _AlgoWords(words, text, is_symbol)
    price: Price | None = None
    show: Size | None = None
    while taking.rest:
        word = taking.rest.pop(0)
        low = word.lower()
        if low == "@":
            price = parse_price(taking.next("@ what?", "@ bid"))
        elif low == "show":
            show = parse_size(taking.next("show how much?", "show 0.1"))
        else:
            taking.take_common(word, "SYMBOL, @ PRICE, show SIZE, ro")
    if price is None or show is None:
        raise GrammarError("ice at what price, showing how much? ice b 1 @ bid show 0.1")
    return IcebergLine(side, size, taking.symbol, price, show, taking.reduce_only, taking.position)


def _is_count(low: str) -> bool:
    return low[:1] == "n" and low[1:].isdigit()
