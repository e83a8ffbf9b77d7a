"""Secrets kept out of everything that is written: logs, reports, messages.

The rule is what the text looks like, not which keys are loaded, so that it also holds for keys this program was never
told of, and so that no list of secrets has to be kept. API keys and HMAC secrets have 64 characters, listen keys 60 and
more, signatures 64 (HMAC, in hex), 88 (Ed25519) or 344 (RSA), a line of PEM 64.
"""

import logging
import re
from urllib.parse import quote, unquote

from tui.domain.text import clean

REMOVED = "[removed]"

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
#: Values that are secret however short they are, as query text, header, JSON or Python's repr writes them.
_NAMED = re.compile(
    r"""(?P<name>\b(?:signature|api_?key|api_?secret|secret(?:_?key)?|listen_?key|passphrase|password|token"""
    r"""|x-mbx-apikey|authorization)["']?\s*(?:=|:|%3D)\s*b?)(?P<value>"[^"]*"|'[^']*'|[^\s&,;)}\]"']+)""",
    re.IGNORECASE,
)
#: Runs of the base64 alphabet, also percent-encoded, that are longer than any name.
_RUN = re.compile(r"(?:[A-Za-z0-9+/=_\-]|%2[BF]|%3D){33,}", re.IGNORECASE)
#: One step of a path: lower-case words; of random base64 hardly any piece looks like this.
_STEP = re.compile(r"[A-Za-z]?[a-z0-9_\-]{0,31}|[A-Z]+")
_LONGEST_LINE = 4_000


def redact(text: str) -> str:
    """Text without anything that could be a key, a secret, a signature or a token; paths and names stay."""
    text = _PEM.sub(REMOVED, text)
    text = _NAMED.sub(lambda found: found["name"] + REMOVED, text)
    return _RUN.sub(lambda found: found[0] if _is_path(found[0]) else REMOVED, text)


def _is_path(run: str) -> bool:
    if "/" not in run or "+" in run or "=" in run or quote(unquote(run)) != run:
        return False
    return all(_STEP.fullmatch(step) for step in run.split("/"))


class RedactingFormatter(logging.Formatter):
    """Lines of a log that hold no secret and no control character; tracebacks and what libraries say included."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines of text; a record that cannot be formatted is said to be so."""
        try:
            whole = super().format(record)
        except (TypeError, ValueError, KeyError) as error:
            whole = f"{record.levelname} {record.name} a line that cannot be written ({type(error).__name__})"
        # Redacted before it is cut, because a half of a secret may be too short to be known as one.
        return "\n  ".join(clean(line, _LONGEST_LINE) for line in redact(whole).split("\n"))
