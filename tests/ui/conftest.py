"""A frozen desk for every test of the screen."""

import pytest
from fake_desk import FakeDesk


@pytest.fixture
def desk() -> FakeDesk:
    """A desk with a frozen market."""
    return FakeDesk()
