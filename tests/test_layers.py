"""The house stands as drawn: lower storeys load without the screen's libraries."""

import subprocess
import sys

import pytest

PACKAGES = ["tui.domain.order_state", "tui.domain.book", "tui.binance.products", "tui.engine.runtime", "tui.config"]


@pytest.mark.parametrize("module", PACKAGES)
def test_lower_storeys_load_without_the_screen(module: str) -> None:
    program = f"import sys, {module}; print(sorted({{'textual', 'rich', 'tui.exchange'}} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_exchange_knows_nothing_of_the_client() -> None:
    program = (
        "import sys, tui.exchange.run; "
        "print(sorted(m for m in sys.modules if m.startswith(('tui.binance', 'tui.engine', 'tui.ui', 'textual'))))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
