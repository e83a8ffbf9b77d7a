"""What the panes share about looking: the focused symbol, grouping, interval, size preset, cursor, toggles.

How panes raise intent: they call the methods of the `Intents` in `view.intents`, never the app and never
`desk.send` for anything that trades. What must be reviewed is decided in one place:

    view.intents.trade(SubmitOrder(request), "BUY 0.1 ...", Origin.LADDER)   # at once when ARMED, else reviewed
    view.intents.propose(command, "CLOSE 50% of ...", Origin.POSITIONS)      # always the review line, Enter sends
    view.intents.open_ticket(Side.BUY, price)                                # prefilled ticket, never sends
    view.intents.focus_symbol("ETHUSDT")                                     # switches every linked pane
    view.intents.say("nothing at this level", Severity.WARNING)              # one line in the command row

View state that only concerns looking (grouping, cursor, toggles) is set on the `ViewState` itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from tui.domain.instrument import Instrument
from tui.domain.order_terms import Side
from tui.engine.commands import Command, Origin
from tui.engine.store import Severity, Store, TradingState
from tui.ui.chart.look import FIRST_LOOKS, MAIN_CHART, ChartLook
from tui.ui.dollars import in_dollars_alone
from tui.ui.keymap import DEFAULT_KEYMAP, Keymap
from tui.ui.paint_clock import PaintClock, SystemClock
from tui.ui.state_file import StateFile

#: Ticks in one price group of the ladder, from finest to coarsest.
GROUPINGS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000)

#: Width of a ladder row nobody has chosen, as a share of the price: a screen of rows then shows the depth that trades.
_USUAL_ROW = Decimal("0.00001")


class Intents(Protocol):
    """What a pane may want to happen beyond its own border."""

    def trade(self, command: Command, text: str, origin: Origin) -> None:
        """Send at once when ARMED, otherwise ask for review; `text` spells out what will be sent."""

    def propose(self, command: Command, text: str, origin: Origin) -> None:
        """Ask for review whatever the state; Enter in the review line sends once, Escape drops."""

    def open_ticket(self, side: Side, price: Decimal | None = None, quantity: Decimal | None = None) -> None:
        """Prefill the ticket and focus it; never sends."""

    def type_line(self, text: str) -> None:
        """Open the command line with this text, to be completed, previewed and entered by the trader."""

    def focus_symbol(self, symbol: str) -> None:
        """Show this symbol in every linked pane."""

    def show_interval(self, interval: str, pane_id: str = MAIN_CHART) -> None:
        """Show candles of this interval in a chart."""

    def show_pane(self, pane_id: str) -> None:
        """Bring a pane to the front of its place and give it the focus."""

    def act(self, pane_id: str, action_id: str) -> None:
        """Do an action of a pane as if its key had been pressed there; how a click does anything."""

    def pin(self, pane_id: str, symbols: tuple[str, ...]) -> None:
        """Let a pane show symbols of its own whatever has the focus, none to link it again; keeps their books true."""

    def choose_symbol(self, title: str, then: Callable[[str], None]) -> None:
        """Open the symbol search for something else than the focus; `then` is called with the choice."""

    def say(self, text: str, severity: Severity = Severity.INFO) -> None:
        """Show one line to the trader until the next."""

    def leave(self) -> None:
        """Give the place of a pane that was called back to those it covers."""


class NoIntents:
    """Intents that nobody listens to; what a pane has until it is part of a screen."""

    def trade(self, command: Command, text: str, origin: Origin) -> None:
        """Do nothing."""

    def propose(self, command: Command, text: str, origin: Origin) -> None:
        """Do nothing."""

    def open_ticket(self, side: Side, price: Decimal | None = None, quantity: Decimal | None = None) -> None:
        """Do nothing."""

    def type_line(self, text: str) -> None:
        """Do nothing."""

    def focus_symbol(self, symbol: str) -> None:
        """Do nothing."""

    def show_interval(self, interval: str, pane_id: str = MAIN_CHART) -> None:
        """Do nothing."""

    def show_pane(self, pane_id: str) -> None:
        """Do nothing."""

    def act(self, pane_id: str, action_id: str) -> None:
        """Do nothing."""

    def pin(self, pane_id: str, symbols: tuple[str, ...]) -> None:
        """Do nothing."""

    def choose_symbol(self, title: str, then: Callable[[str], None]) -> None:
        """Do nothing."""

    def say(self, text: str, severity: Severity = Severity.INFO) -> None:
        """Do nothing."""

    def leave(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class ViewState:
    """One screen's way of looking at a store; read by panes when they paint, changed by keys."""

    symbol: str = ""
    #: The symbol that the pane in use is pinned to, "" while that pane follows the focus.
    in_use: str = ""
    #: Whether the trader chose the symbol; until then the screen shows what the engine looks at.
    has_chosen: bool = False
    #: Size presets in dollars.
    size_presets: tuple[Decimal, ...] = (Decimal(100),)
    #: Presets of single symbols in base units (contracts where inverse), in place of those above.
    symbol_presets: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    #: Index of the chosen preset.
    preset: int = 0
    #: What a unit of a quote asset is worth in dollars; None where nobody knows.
    in_dollars: Callable[[str], Decimal | None] = in_dollars_alone
    #: Price under the ladder's cursor; None while the cursor follows the touch.
    cursor_price: Decimal | None = None
    post_only: bool = True
    reduce_only: bool = False
    #: A book or link not heard of for this long is shown as stale.
    stale_after_ms: int = 3_000
    #: Loss of one day after which only positions may be closed; zero is none.
    day_loss: Decimal = Decimal(0)
    #: Escape disarms before the engine has answered: until armed anew, the screen behaves as LOCKED.
    disarmed: bool = False
    #: Number of the last telling of an alert that the trader has seen in the alerts or in the log.
    alerts_seen: int = 0
    clock: PaintClock = field(default_factory=SystemClock)
    intents: Intents = field(default_factory=NoIntents)
    keymap: Keymap = DEFAULT_KEYMAP
    #: Everything is drawn in ASCII.
    is_ascii: bool = False
    #: What the screen remembers between runs.
    state: StateFile = field(default_factory=StateFile)
    #: Where exports are written; None: nowhere.
    exports_folder: Path | None = None
    #: How each chart is drawn, by pane id.
    charts: dict[str, ChartLook] = field(default_factory=lambda: dict(FIRST_LOOKS))
    #: Symbols of their own that panes show, by pane id.
    pins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _grouping: dict[str, int] = field(default_factory=dict)

    def follow(self, focus: str | None) -> None:
        """Show what the engine has in focus, unless the trader chose a symbol himself."""
        if not self.has_chosen and focus not in (None, self.symbol):
            self.symbol, self.cursor_price = focus or "", None

    @property
    def interval(self) -> str:
        """The interval of the main chart, which is that of the focused symbol's candles."""
        return self.look(MAIN_CHART).interval

    def look(self, pane_id: str) -> ChartLook:
        """How a chart is drawn."""
        return self.charts[pane_id]

    def pinned(self, pane_id: str) -> tuple[str, ...]:
        """The symbols of its own that a pane shows, none while it is linked."""
        return self.pins.get(pane_id, ())

    def grouping(self, symbol: str) -> int:
        """Ticks in one row of a symbol's ladder and book."""
        return self._grouping.get(symbol, 1)

    def regroup(self, symbol: str, *, coarser: bool) -> None:
        """Group more ticks of a symbol into a row, or fewer."""
        now = self.grouping(symbol)
        if coarser:
            self._grouping[symbol] = next((g for g in GROUPINGS if g > now), GROUPINGS[-1])
        else:
            self._grouping[symbol] = next((g for g in reversed(GROUPINGS) if g < now), 1)

    @property
    def ticks_per_group(self) -> int:
        """Ticks in one row of the focused symbol, remembered for each symbol."""
        return self.grouping(self.symbol)

    @ticks_per_group.setter
    def ticks_per_group(self, ticks: int) -> None:
        self._grouping[self.symbol] = max(1, ticks)

    def take_limit(self, name: str, value: Decimal) -> None:
        """Show by a limit that has just been set, where the screen shows it."""
        if name == "day.loss":
            self.day_loss = value
        elif name == "stale.after":
            self.stale_after_ms = int(value)

    def groupings(self) -> dict[str, int]:
        """Ticks in a row by symbol, as chosen or come about."""
        return dict(self._grouping)

    def group_as(self, grouping: Mapping[str, int]) -> None:
        """Take up groupings of before; those of other symbols stay."""
        self._grouping.update(grouping)

    def group_usually(self, instrument: Instrument, price: Decimal | None) -> None:
        """Unless the trader chose otherwise, make a row about a tenth of a basis point of the price wide."""
        if instrument.symbol not in self._grouping and price is not None:
            wanted = price * _USUAL_ROW / instrument.tick.size
            self._grouping[instrument.symbol] = next((g for g in GROUPINGS if g >= wanted), GROUPINGS[-1])

    def unseen_alerts(self, store: Store) -> int:
        """How often alerts have told something that the trader has not looked at yet."""
        return max(0, store.told[0].number - self.alerts_seen) if store.told else 0

    def see_alerts(self, store: Store) -> None:
        """All that alerts have told so far stands before the trader."""
        self.alerts_seen = store.told[0].number if store.told else 0

    def is_armed(self, store: Store) -> bool:
        """Whether a key may send at once now."""
        session = store.session
        return session.trading is TradingState.ARMED and not self.disarmed and not session.read_only

    def preset_count(self, symbol: str) -> int:
        """How many size presets a symbol has."""
        return len(self.symbol_presets.get(symbol) or self.size_presets)

    def preset_size(self, instrument: Instrument, price: Decimal | None, number: int) -> Decimal | None:
        """A preset by its number (1 is the first) in base units at a price, not yet whole lots.

        None without a price, and where nobody knows what the quote asset is worth in dollars.
        """
        own = self.symbol_presets.get(instrument.symbol)
        if own:
            return own[min(number, len(own)) - 1]
        worth = self.in_dollars(instrument.quote)
        if price is None or price <= 0 or not worth:
            return None
        dollars = self.size_presets[min(number, len(self.size_presets)) - 1]
        return dollars / worth / instrument.notional(price, Decimal(1))

    def preset_quantity(self, instrument: Instrument, price: Decimal | None) -> Decimal | None:
        """The chosen preset in base units at a price, rounded down to whole lots but never to nothing."""
        wanted = self.preset_size(instrument, price, self.preset + 1)
        if wanted is None:
            return None
        return max(instrument.step.round(wanted, "down"), instrument.min_quantity, instrument.step.size)
