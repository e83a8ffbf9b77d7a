"""The algos pane: stops the algo under the cursor."""

from collections.abc import Sequence

from tui.engine.algos.plan import Algo, AlgoState
from tui.engine.commands import Origin
from tui.engine.commands.automation import StopAlgo
from tui.engine.store import Severity
from tui.ui.algos.lines import COLUMNS, AlgoRow
from tui.ui.lines import Line
from tui.ui.rows_pane import RowsPane


class AlgosPane(RowsPane[AlgoRow]):
    """Client-side algos: those that run, then those that ended."""

    CONTEXT = "algos"
    LABEL = "Algos"
    EMPTY = "no algos; :scale, :chase and :twap start one; they work only while this program runs"

    @property
    def tab_text(self) -> str:
        """Name and how many run."""
        return f"{self.LABEL} ({sum(algo.state is AlgoState.RUNNING for algo in self.desk.store.algos.values())})"

    def rows(self) -> Sequence[AlgoRow]:
        """Running ones first, each kind newest first."""
        store, now_ms = self.desk.store, self.view.clock.now_ms()
        algos = sorted(store.algos.values(), key=lambda algo: (algo.state is not AlgoState.RUNNING, -algo.started_ms))
        return [self._row(algo, now_ms) for algo in algos]

    def key_of(self, row: AlgoRow) -> object:
        """Algos are known by their name."""
        return row.algo.name

    def symbol_of(self, row: AlgoRow) -> str:
        """The symbol it trades."""
        return row.algo.plan.symbol

    def is_dim(self, row: AlgoRow) -> bool:
        """Ended."""
        return row.algo.state is not AlgoState.RUNNING

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        self.set_title("app-managed: they stop with this program", "x stop  ⏎ show")
        return self.table(COLUMNS, self.rows(), width, height)

    def action_stop(self) -> None:
        """Stop the algo under the cursor and cancel its working orders; less is always allowed at once."""
        row = self.chosen()
        if row is None or row.algo.state is not AlgoState.RUNNING:
            self.view.intents.say("no running algo is chosen", Severity.WARNING)
            return
        self.desk.send(StopAlgo(row.algo.name), Origin.KEY)
        self.view.intents.say(f"stopping {row.algo.name}; its working orders are being cancelled", Severity.WARNING)

    def _row(self, algo: Algo, now_ms: int) -> AlgoRow:
        instrument = self.desk.store.instruments.get(algo.plan.symbol)
        is_hedged = instrument is not None and self.desk.store.holds_apart(instrument.product)
        return AlgoRow(algo, instrument, now_ms, is_hedged)
