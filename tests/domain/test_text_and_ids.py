"""Text from outside is harmless; client ids are unique and fit the exchange's rule."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.client_order_id import PREFIX, ClientOrderIds
from tui.domain.text import MAX_TEXT, clean


@given(st.text(max_size=700))
def test_cleaned_text_holds_nothing_that_moves_a_cursor_or_hides(text) -> None:
    safe = clean(text)
    assert len(safe) <= MAX_TEXT
    assert not any(unicodedata.category(ch) in ("Cc", "Cs", "Zl", "Zp") for ch in safe)
    assert not set(safe) & set("\u202e\u202d\u2066\u2067\u2069\u200b\u200e\u200f\ufeff\u061c")
    assert clean(safe) == safe


def test_cleaning_keeps_words_apart_and_says_where_it_cut() -> None:
    assert clean("a\tb\nc") == "a b c"
    assert clean("\x1b]0;title\x07") == "]0;title"
    assert clean("x" * 20, 10) == "x" * 9 + "…"


def test_client_ids_never_repeat_and_keep_binances_rule() -> None:
    first, second = ClientOrderIds(1_795_000_000_000), ClientOrderIds(1_795_000_000_000)
    ids = [source.new() for source in (first, second) for _ in range(500)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,36}", one) for one in ids)
    assert all(one.startswith(PREFIX) for one in ids)
