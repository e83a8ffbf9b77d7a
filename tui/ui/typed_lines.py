"""What a typed line asks of the screen itself, handed to whoever does it."""

from collections.abc import Callable, Mapping

from tui.ui.account_change import AccountChange
from tui.ui.chart.look import MAIN_CHART
from tui.ui.chart.pane import ChartPane
from tui.ui.command.aliases import Aliases
from tui.ui.command.meanings import AliasLine, GroupLine, IntervalLine, SymbolLine, WordLine
from tui.ui.command.resolve import ScreenLine
from tui.ui.command.screen_words import ArrangeLine, PaneLine
from tui.ui.navigation import Navigation
from tui.ui.openings import Openings
from tui.ui.trading import Trading
from tui.ui.view_state import ViewState
from tui.ui.workspaces.arranger import Arranger
from tui.ui.workspaces.composer import Composer


class TypedLines:
    """Obeys lines that send nothing; `words` does those that stand alone and concern the whole screen."""

    def __init__(
        self,
        view: ViewState,
        trading: Trading,
        navigation: Navigation,
        arranger: Arranger,
        composer: Composer,
        openings: Openings,
        accounts: AccountChange,
        aliases: Aliases,
        words: Mapping[str, Callable[[], None]],
    ) -> None:
        self._view, self._trading, self._navigation = view, trading, navigation
        self._arranger, self._composer = arranger, composer
        self._openings, self._accounts, self._aliases = openings, accounts, aliases
        self._words = words

    def obey(self, line: ScreenLine) -> None:
        """Do what the line asks for."""
        match line:
            case SymbolLine(symbol):
                self._trading.focus_symbol(symbol)
            case GroupLine(ticks):
                self._view.ticks_per_group = ticks
            case IntervalLine(interval):
                pane = self._navigation.pane
                self._trading.show_interval(interval, pane.place_id if isinstance(pane, ChartPane) else MAIN_CHART)
            case PaneLine():
                if line.is_off:
                    self._composer.close(line.kind, line.symbol)
                else:
                    self._composer.add(line.kind, line.symbol, line.interval)
            case ArrangeLine():
                self._arrange(line)
            case AliasLine():
                self._trading.say(self._aliases.put(line.name, line.text) if line.name else self._aliases.words())
            case WordLine("help"):
                self._openings.help(line.about)
            case WordLine() if line.word in self._words:
                self._words[line.word]()

    def _arrange(self, line: ArrangeLine) -> None:
        match line.word, line.what:
            case "ws", "save":
                self._arranger.save(line.name)
            case "ws", "drop":
                self._arranger.drop(line.name)
            case "ws", "go":
                self._arranger.show(line.name)
            case "ws", _:
                self._arranger.describe()
            case "layout", _:
                self._composer.lay_out(line.name)
            case "theme", _:
                self._openings.theme(line.name)
            case "settings", _:
                self._openings.settings(line.name)
            case "acct", _:
                self._accounts.change(line.name)
