"""The real program in a real terminal against the real exchange, as the integration tests run it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
