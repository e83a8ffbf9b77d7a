"""Text from outside, made harmless before it reaches a screen, a log or a file."""

import re

# C0, DEL and C1 controls; bidirectional marks and overrides; line separators; zero-width characters; the BOM.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

MAX_TEXT = 500


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text without control, bidirectional and invisible characters, at most `limit` characters long."""
    safe = _UNSAFE.sub("", text.replace("\t", " ").replace("\n", " "))
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"
