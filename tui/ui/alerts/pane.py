"""The alerts pane: adds by the command line, removes with a key."""

from collections.abc import Sequence

from tui.engine.commands import Origin
from tui.engine.commands.automation import RemoveAlert
from tui.engine.store import Severity
from tui.ui.alerts.lines import COLUMNS, AlertRow, alert_words
from tui.ui.lines import Line
from tui.ui.middles import middle
from tui.ui.rows_pane import RowsPane
from tui.ui.staleness import market_staleness


class AlertsPane(RowsPane[AlertRow]):
    """Every alert of the account, those told as well until they are removed."""

    CONTEXT = "alerts"
    LABEL = "Alerts"
    EMPTY = "no alerts; i sets one, so does Enter on the chart's cross-hair"

    @property
    def tab_text(self) -> str:
        """Name, how many wait, and how many have told what was not looked at yet."""
        unseen = self.view.unseen_alerts(self.desk.store)
        told = f" !{unseen}" if unseen else ""
        return f"{self.LABEL} ({sum(alert.is_active for alert in self.desk.store.alerts.values())}){told}"

    def rows(self) -> Sequence[AlertRow]:
        """Waiting alerts by number, then those told, newest first."""
        store, now_ns = self.desk.store, self.view.clock.monotonic_ns()
        alerts = sorted(store.alerts.values(), key=lambda a: (not a.is_active, -(a.told_ms or 0), a.number))
        symbols = {alert.request.symbol for alert in alerts}
        middles = {symbol: middle(store, symbol, now_ns, self.view.stale_after_ms) for symbol in symbols}
        now_ms = self.view.clock.now_ms()
        return [AlertRow(a, store.instruments.get(a.request.symbol), middles[a.request.symbol], now_ms) for a in alerts]

    def key_of(self, row: AlertRow) -> object:
        """Alerts are known by their number."""
        return row.alert.number

    def symbol_of(self, row: AlertRow) -> str:
        """The symbol watched, "" for any."""
        return row.alert.request.symbol

    def is_dim(self, row: AlertRow) -> bool:
        """Told, and not to be told again."""
        return not row.alert.is_active

    def lines(self, width: int, height: int) -> list[Line]:
        """The table of this moment."""
        if self.has_focus:
            self.view.see_alerts(self.desk.store)
        self.set_title("", "i add  d remove  ⏎ show")
        return self.table(COLUMNS, self.rows(), width, height, note=self._stale_note())

    def _stale_note(self) -> str:
        """Why an alert that waits would not be told now, "" while all of them would."""
        store, now_ns = self.desk.store, self.view.clock.monotonic_ns()
        waiting = {
            alert.request.symbol for alert in store.alerts.values() if alert.is_active
        } & store.instruments.keys()
        for symbol in sorted(waiting):
            words = market_staleness(store, symbol, now_ns, self.view.stale_after_ms)
            if words:
                return f"NOT WATCHED: {store.instruments[symbol].product.label} {words}"
        return ""

    def action_add(self) -> None:
        """Open the command line to set one."""
        self.view.intents.type_line(f"alert {self.acting_symbol()} > ")

    def action_remove(self) -> None:
        """Forget the alert under the cursor."""
        row = self.chosen()
        if row is None:
            self.view.intents.say("no alert is chosen", Severity.WARNING)
            return
        self.desk.send(RemoveAlert(row.alert.number), Origin.KEY)
        words = alert_words(row.alert.request, row.instrument)
        self.view.intents.say(f"alert removed: {row.alert.request.symbol} {words}".replace("  ", " "))
