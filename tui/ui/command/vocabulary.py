"""The commands of the command line: how each is written and what it does; help and completion are made from it."""

from tui.domain.interval import INTERVALS
from tui.engine.limit_names import NAMES
from tui.ui.command.screen_words import SCREEN_COMMANDS

#: Each command with how it is written and what it does.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("b", "b SIZE [SYMBOL] @ PRICE | mkt  [po] [ro] [ioc|fok] [sl P] [tp P]", "buy: b 0.1 @ bid po · b 500$ mkt"),
    ("s", "s SIZE [SYMBOL] @ PRICE | mkt  [po] [ro] [ioc|fok] [sl P] [tp P]", "sell: s 0.1 @ ask · s 50%pos mkt ro"),
    ("oco", "oco b|s SIZE [SYMBOL] tp PRICE sl PRICE", "two orders, one cancels the other (spot, margin)"),
    ("x", "x [N | all | SYMBOL | buy | sell | @>PRICE | @<PRICE] [protective]", "cancel order N, or entries"),
    ("m", "m N PRICE | qSIZE | tPRICE", "change price, size or trigger of order N"),
    ("close", "close [50%] [SYMBOL] [@ PRICE]", "close a position or part of it, reduce-only"),
    ("rev", "rev [SYMBOL]", "turn a position round, at market"),
    ("sl", "sl PRICE | be | -1% | off [SYMBOL]", "stop of a whole position"),
    ("tp", "tp PRICE | +2R | +1% | off [SYMBOL]", "target of a whole position"),
    ("ts", "ts 0.5% [SYMBOL] [from PRICE]", "stop that trails a whole position"),
    ("scale", "scale b|s SIZE [SYMBOL] 64000..63500 n6 [skew 1.3] [po] [ro]", "orders spread between two prices"),
    ("chase", "chase b|s SIZE [SYMBOL] [max 0.1%] [for 30s] [ro]", "an order kept at the touch until filled"),
    ("twap", "twap b|s SIZE [SYMBOL] over 30m n30 [ro]", "equal market slices over a time"),
    ("ice", "ice b|s SIZE [SYMBOL] @ PRICE show SIZE [ro]", "one slice of an order at a time in the book"),
    ("stop", "stop [NAME]", "end an algo, or all, and cancel its orders"),
    ("flat", "flat", "close every position of the account at market"),
    ("lev", "lev N [SYMBOL]", "leverage of a contract"),
    ("margin", "margin cross | isolated | +AMOUNT | -AMOUNT [SYMBOL]", "margin mode; more or less isolated margin"),
    ("hedge", "hedge on | off [usdm|coinm]", "hold long and short apart, or net"),
    ("multi", "multi on | off [usdm|coinm]", "let all assets of the wallet be margin"),
    ("borrow", "borrow AMOUNT ASSET [SYMBOL]", "borrow on margin; a symbol names the isolated wallet"),
    ("repay", "repay AMOUNT ASSET [SYMBOL]", "pay a loan back"),
    ("transfer", "transfer AMOUNT ASSET in | out [SYMBOL]", "between spot and margin"),
    ("dead", "dead 60s | off [SYMBOL]", "dead-man switch: the exchange cancels when it hears nothing"),
    ("alert", "alert [SYMBOL] > P | < P | move 2% 15m | print 500k | funding 0.05% | order | link [every]", "be told"),
    ("set", "set NAME VALUE", "a guard's number for this session: " + " ".join(NAMES)),
    ("alias", 'alias NAME "LINE"', 'a word for a line: alias zz "x all; close"; alias NAME forgets it'),
    ("sym", "sym SYMBOL", "show another symbol"),
    ("group", "group N", "ticks in one row of the ladder"),
    ("tf", "tf 5m", "interval of the chart: " + " ".join(INTERVALS)),
    ("arm", "arm", "let ladder keys send at once"),
    ("lock", "lock", "let nothing be sent without review"),
    ("halt", "halt", "cancel entries, stop algos, lock, refuse new orders"),
    ("away", "away", "lock the screen and forget the secret until you are back"),
    ("keys", "keys", "API keys: list, add, make, check, choose, remove"),
    *SCREEN_COMMANDS,
    ("help", "help [WORD]", "this list, or one command"),
    ("q", "q", "quit"),
)

#: More of how a command is written, for `help WORD`.
MORE: dict[str, tuple[str, ...]] = {
    "b": (
        "SIZE  0.1 (base)  500$ (dollars)  25%bal  50%pos  1%r (risk, needs sl)  p3 (preset)",
        "PRICE  64200  bid  ask  mid  mark  last  entry  bid-2t  ask+0.1%; in sl and tp also -1%  +20t  +2R",
        "stop P | touch P | trail 0.5% [from P]  wait for a price; mark triggers at the mark price, protect holds back",
        "gtd 30m  show SIZE (iceberg)  match queue5  peg primary [N]  stp expire_both  long|short  borrow|repay",
    ),
    "x": ("x 2 · x all · x sell · x @>64500 · x BTCUSDT protective (orders that guard a position as well)",),
    "m": ("m 2 64100 · m 2 bid-1t · m 2 q0.2 · m 3 t63500; a smaller size keeps the place in the queue on spot",),
}
MORE["s"] = MORE["b"]

_LOOKING = frozenset(
    {"alert", "set", "alias", "sym", "group", "tf", "lock", "away", "keys", "help", "q"}
    | {name for name, _, _ in SCREEN_COMMANDS}
)

#: Commands that a read-only session does not have.
WRITE_WORDS = frozenset(name for name, _, _ in COMMANDS) - _LOOKING

#: Commands that may name a symbol.
SYMBOL_WORDS = frozenset(name for name, usage, _ in COMMANDS if "SYMBOL" in usage)

#: Every word a line may begin with, and the command it is.
WORDS = {name: name for name, _, _ in COMMANDS} | {
    "buy": "b",
    "sell": "s",
    "cancel": "x",
    "modify": "m",
    "reverse": "rev",
    "leverage": "lev",
    "iceberg": "ice",
    "flatten": "flat",
    "quit": "q",
}


def usage(word: str) -> tuple[str, ...]:
    """How a command is written, a line each; empty for none."""
    name = WORDS.get(word.lower())
    return tuple(
        line for command, usage, text in COMMANDS if command == name for line in (usage, text, *MORE.get(command, ()))
    )
