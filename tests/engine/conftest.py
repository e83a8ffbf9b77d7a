"""Sessions in the test's own loop."""

from contextlib import asynccontextmanager

import pytest
from engine_table import Table

from tui.config import Limits, ReconciliationOptions, Settings
from tui.engine.store import Session


@pytest.fixture
def open_table(tmp_path):
    """Opens sessions over one journal, as restarts do."""

    @asynccontextmanager
    async def opened(symbol="BTCUSDT", start=True, read_only=False, **limits):
        settings = Settings(limits=Limits(**limits))
        session = Session("demo", "main", False, read_only)
        table = Table(tmp_path / "state" / "journal.sqlite", settings, session)
        try:
            if start:
                await table.start(symbol)
            yield table
        finally:
            await table.session.close()
            table.journal.close()

    return opened


@pytest.fixture
async def table_with(tmp_path):
    """Makes sessions of these settings, or of this `[reconciliation]`, and closes them at the end."""
    made = []

    def make(settings: Settings | None = None, **reconciliation) -> Table:
        settings = settings or Settings(reconciliation=ReconciliationOptions(**reconciliation))
        made.append(Table(tmp_path / f"{len(made)}.sqlite", settings, Session("demo", "main", False, False)))
        return made[-1]

    yield make
    for table in made:
        await table.session.close()
        table.journal.close()
