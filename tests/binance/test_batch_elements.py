"""What one order of several came to, by its part of the answer."""

import msgspec
import pytest

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.binance.futures.batches import _element


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b'{"code":-2019,"msg":"Margin is insufficient."}', RefusedError),
        (b'{"code":-1007,"msg":"Timeout waiting for response from backend server."}', OutcomeUnknownError),
        (b"{}", OutcomeUnknownError),
        (b'{"msg":"?"}', OutcomeUnknownError),
    ],
)
def test_an_element_that_said_nothing_counted_as_a_refusal(said, kind) -> None:
    assert type(_element(msgspec.Raw(said), None, lambda answer, order: answer)) is kind
