"""What the margin endpoints of a spot desk work with."""

from dataclasses import dataclass, field

from tui.exchange.margin import Margin
from tui.exchange.margin_liquidation import MarginWatch
from tui.exchange.server.listen_tokens import ListenTokens
from tui.exchange.small_liabilities import SmallLiabilities
from tui.exchange.special_keys import SpecialKeys


@dataclass(slots=True)
class MarginDesk:
    """The margin accounts, what watches them, the keys that trade them, and the tokens that let clients hear them."""

    accounts: Margin
    watch: MarginWatch
    keys: SpecialKeys
    small: SmallLiabilities
    tokens: ListenTokens = field(default_factory=ListenTokens)
