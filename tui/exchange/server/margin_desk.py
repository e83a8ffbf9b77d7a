"""What the margin endpoints of a spot desk work with."""

from dataclasses import dataclass, field

from tui.exchange.margin import Margin
from tui.exchange.margin_liquidation import MarginWatch
from tui.exchange.server.listen_tokens import ListenTokens


@dataclass(slots=True)
class MarginDesk:
    """The margin accounts, what watches them, and the tokens that let clients hear them."""

    accounts: Margin
    watch: MarginWatch
    tokens: ListenTokens = field(default_factory=ListenTokens)
