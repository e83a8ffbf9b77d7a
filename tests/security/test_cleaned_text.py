"""Laws of text that came from outside, by hypothesis: whatever it was, it stays in its cells and obeys nobody."""

import logging
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.domain.text import clean, is_clean
from tui.exchange.hostile import _BIDI, _ESCAPES, _MARKUP
from tui.keys.redaction import REMOVED, RedactingFormatter, redact

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
KEYS = st.text(alphabet=ALPHABET, min_size=60, max_size=90)
WORDS = st.text(alphabet=st.characters(exclude_characters="+/=_-%" + ALPHABET, exclude_categories=["Cs"]), max_size=20)
ANYTHING = st.one_of(st.text(max_size=300), st.sampled_from([*_ESCAPES, *_BIDI, *_MARKUP]))


@given(ANYTHING)
def test_cleaning_ends_at_once(text: str) -> None:
    safe = clean(text)
    assert is_clean(safe)
    assert clean(safe) == safe


def test_every_character_of_unicode_that_is_kept_has_cells_of_its_own() -> None:
    kept = [character for character in map(chr, range(0x110000)) if is_clean(character)]
    assert len(kept) > 100_000
    assert not [hex(ord(character)) for character in kept if not 1 <= cell_len(character) <= 2]
    assert not [hex(ord(character)) for character in kept if unicodedata.category(character)[0] in "CM"]


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_plain_words_are_left_as_they_are(text: str) -> None:
    assert clean(text) == text
    assert is_clean(text)


def test_accents_stay_and_piles_of_marks_go() -> None:
    assert clean("Zürich, 币安, ﾊﾝ, e\u0301t\u00e9") == "Zürich, 币安, ﾊﾝ, été"
    assert clean("O" + "\u0338" * 40 + "K") in ("OK", "Ø" + "K")
    assert clean("a\u00a0b\u3000c") == "a b c"
    assert not is_clean("\ue000")
    assert not is_clean("\u3164")


@given(WORDS, KEYS, WORDS)
def test_no_key_survives_redaction(before: str, key: str, after: str) -> None:
    safe = redact(f"{before}{key}{after}")
    assert REMOVED in safe
    assert not any(key[at : at + 12] in safe for at in range(len(key) - 12))


@given(st.binary(min_size=64, max_size=64), st.sampled_from(["signature={}", "&signature={}&x=1", "'{}'", "/ws/{}"]))
def test_no_signature_survives_redaction_in_any_place(raw: bytes, place: str) -> None:
    import base64
    from urllib.parse import quote

    for signature in (raw.hex(), base64.b64encode(raw).decode(), quote(base64.b64encode(raw).decode(), safe="")):
        safe = redact(place.format(signature))
        assert not any(signature[at : at + 16] in safe for at in range(len(signature) - 16))


@given(st.sampled_from(["secret", "api_secret", "apiKey", "X-MBX-APIKEY", "listenKey", "passphrase", "Authorization"]))
def test_what_is_named_a_secret_is_removed_however_short(name: str) -> None:
    for form in ('"{}": "hunter2"', "{}=hunter2&a=b", "'{}': 'hunter2'", "{}: hunter2", "'{}': b'hunter2'"):
        safe = redact(form.format(name))
        assert "hunter2" not in safe, safe
        assert name in safe


def test_private_keys_are_removed_whole_or_cut_or_on_one_line() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIaaAA==\n-----END PRIVATE KEY-----\n"
    for text in (pem, pem.replace("\n", "\\n"), pem[:40], f"x {pem} y"):
        assert "MC4CAQAw" not in redact(text)


def test_what_is_no_secret_stays_readable() -> None:
    for text in (
        'File "/usr/lib/python3.11/site-packages/aiohttp/client_reqrep.py", line 1301, in start_connection',
        "/home/anna/.local/share/binance-tui/environments/live/journal.sqlite",
        "-2010 [BTCUSDT] Account has insufficient balance for requested action.",
        "BUY 0.100 BTCUSDT-PERP LIMIT @ 64,212.0 post-only btui-mi2l3k4jabcdefgh-1",
    ):
        assert redact(text) == text


@given(ANYTHING, st.text(max_size=40))
def test_a_line_of_the_log_is_one_clean_line_without_secrets(text: str, name: str) -> None:
    record = logging.LogRecord(name, logging.INFO, "file", 1, "%s signature=%s", (text, "ab" * 32), None)
    line = RedactingFormatter("%(levelname)s %(name)s %(message)s").format(record)
    assert "abab" not in line
    assert all(is_clean(part) for part in line.split("\n  "))


def test_a_record_that_cannot_be_formatted_is_named_without_its_arguments() -> None:
    record = logging.LogRecord("lib", logging.ERROR, "file", 1, "%d", ("hunter2",), None)
    assert RedactingFormatter("%(message)s").format(record) == "ERROR lib a line that cannot be written (TypeError)"


def test_a_traceback_in_the_log_is_redacted() -> None:
    try:
        raise ValueError(f"http://x/order?signature={'0f' * 32}\x1b[2J")
    except ValueError as error:
        record = logging.LogRecord("lib", logging.ERROR, "f", 1, "failed", (), (type(error), error, None))
    line = RedactingFormatter("%(message)s").format(record)
    assert "0f0f" not in line
    assert "\x1b" not in line
    assert "ValueError" in line
