"""Parameters as a client sent them, and reading them in the exchange's types with the exchange's refusals."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl, unquote

import msgspec

from tui.domain.order_terms import Side
from tui.domain.text import clean
from tui.exchange.rejection import Rejection, illegal, invalid, missing

_PLAIN_DECIMAL = re.compile(r"([0-9]{1,20})(\.[0-9]{1,20})?")
_SCIENTIFIC = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
#: Digits before the point of the largest number that anybody can mean.
_MOST_DIGITS = 15
_DECIMAL_RANGE = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"


class Parameters(dict[str, str]):
    """Name to text. `scientific` says whether numbers like 1e-07 are numbers here: futures, not spot."""

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = (), *, scientific: bool = False) -> None:
        super().__init__(pairs)
        self.scientific = scientific

    @classmethod
    def from_rest(cls, raw_query: str, raw_body: str, *, scientific: bool = False) -> "Parameters":
        """Read query and form body; the query wins where both carry a name, a name twice in one is -1101."""
        body, query = _form(raw_body), _form(raw_query)
        return cls({**body, **query}, scientific=scientific)

    def has(self, name: str) -> bool:
        """Whether a value was sent; an empty one counts as none."""
        return bool(self.get(name))

    def required(self, name: str) -> str:
        """Text that must be there; -1102 otherwise."""
        value = self.get(name)
        if not value:
            raise missing(name)
        return clean(value)

    def decimal(self, name: str) -> Decimal | None:
        """A number, or None when not sent; -1100 when it is not written as one, -1108 or -1130 when it is too large."""
        text = self.get(name)
        if not text:
            return None
        if not (_SCIENTIFIC if self.scientific else _PLAIN_DECIMAL).fullmatch(text):
            raise illegal(name, _DECIMAL_RANGE)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise illegal(name, _DECIMAL_RANGE) from None
        if value and value.adjusted() > _MOST_DIGITS:
            raise invalid(name) if self.scientific else Rejection(-1108, f"Parameter '{name}' overflowed.")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, or None when not sent."""
        text = self.get(name)
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            raise illegal(name, "^[0-9]{1,20}$")
        return int(text)

    def limit(self, default: int, largest: int, *, clamp: bool = True) -> int:
        """How many rows are wanted; more than the largest is cut to it, or -1130 where the endpoint refuses."""
        value = self.whole("limit")
        if value is None:
            return default
        if value < 1 or (value > largest and not clamp):
            raise invalid("limit")
        return min(value, largest)

    def flag(self, name: str, default: bool = False) -> bool:
        """`true` or `false` in any case; -1100 for anything else."""
        text = self.get(name)
        if not text:
            return default
        if text.lower() not in ("true", "false"):
            raise illegal(name, "true|false")
        return text.lower() == "true"

    def side(self) -> Side:
        """The mandatory `side`; -1117 when it is no side."""
        text = self.required("side")
        if text not in ("BUY", "SELL"):
            raise Rejection(-1117, "Invalid side.")
        return Side(text)

    def texts(self, name: str) -> list[str] | None:
        """A JSON array of texts (or one bare text), or None when not sent; -1100 or -1101 when malformed."""
        text = self.get(name)
        if not text:
            return None
        if not text.startswith("["):
            return [clean(text)]
        try:
            values = msgspec.json.decode(text, type=list[str | int])
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise illegal(name, '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$') from None
        if len(values) > 100:
            raise Rejection(-1101, f"Too many values sent for parameter '{name}', maximum allowed up to 100.")
        return [clean(str(value)) for value in values]


def _form(raw: str) -> dict[str, str]:
    pairs = parse_qsl(raw, keep_blank_values=True, errors="replace") if raw else []
    read = dict(pairs)
    if len(read) != len(pairs):
        raise Rejection(-1101, "Duplicate values for a parameter detected.")
    return read


def signature_of(raw_query: str, raw_body: str) -> str | None:
    """The signature as sent, percent-decoded once; a plus stays a plus, because base64 has them."""
    for raw in (raw_query, raw_body):
        for pair in raw.split("&"):
            if pair.startswith("signature="):
                return unquote(pair.removeprefix("signature="))
    return None
