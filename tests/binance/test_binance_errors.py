"""What an error answer proves."""

import pytest

from tui.binance.errors import Outcome, OutcomeUnknownError, RateLimitedError, RefusedError, failure, outcome_of


@pytest.mark.parametrize(
    ("status", "code", "text", "expected"),
    [
        (400, -2010, "Account has insufficient balance for requested action.", Outcome.REFUSED),
        (400, -1013, "Filter failure: LOT_SIZE", Outcome.REFUSED),
        (401, -2015, "Invalid API-key", Outcome.REFUSED),
        (403, None, "", Outcome.REFUSED),
        (410, None, "", Outcome.REFUSED),
        (400, -1021, "Timestamp", Outcome.REFUSED),
        (400, -5022, "Post only", Outcome.REFUSED),
        (429, -1003, "Too many", Outcome.REFUSED),
        (418, -1003, "banned", Outcome.REFUSED),
        (503, -1008, "Server is currently overloaded", Outcome.REFUSED),
        (503, None, "Service Unavailable.", Outcome.REFUSED),
        (503, None, "Unknown error, please check your request or try again later.", Outcome.UNKNOWN),
        (503, None, "", Outcome.UNKNOWN),
        (500, -1000, "An unknown error occurred while processing the request.", Outcome.UNKNOWN),
        (400, -1006, "Execution status unknown.", Outcome.UNKNOWN),
        (400, -1007, "Send status unknown; execution status unknown.", Outcome.UNKNOWN),
        (503, -1001, "Internal error", Outcome.UNKNOWN),
        (502, None, "", Outcome.UNKNOWN),
        (504, None, "", Outcome.UNKNOWN),
        (408, None, "", Outcome.UNKNOWN),
        (302, None, "", Outcome.UNKNOWN),
    ],
)
def test_outcomes(status, code, text, expected):
    assert outcome_of(status, code, text) is expected
    error = failure(status, code, text)
    assert error.outcome is expected
    assert isinstance(error, RefusedError if expected is Outcome.REFUSED else OutcomeUnknownError)
    assert error.http_status == status


def test_limits_carry_their_end():
    error = failure(429, -1015, "Too many new orders", limited_until_ms=123)
    assert isinstance(error, RateLimitedError)
    assert error.until_ms == 123


def test_text_from_outside_is_cleaned_and_never_empty():
    assert failure(400, -1, "a\x1b[31mb\u202ec").text == "a[31mbc"
    assert failure(404, None, "").text == "HTTP status 404, no such path here"
    assert failure(599, None, "").text == "HTTP status 599"
