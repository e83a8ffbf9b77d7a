"""In which encoding an answer is wanted: JSON is all there is here."""

from collections.abc import Mapping

from tui.exchange.rejection import Rejection

#: Binance's binary encoding, as a media type and as a query option.
_BINARY = ("application/sbe", "sbe")


def check_encoding(headers: Mapping[str, str], options: Mapping[str, str]) -> None:
    """Refuse who would take nothing but Binance's binary encoding; Rejection -1155."""
    accepted = [kind.partition(";")[0].strip().lower() for kind in headers.get("Accept", "").split(",")]
    wants_binary = _BINARY[0] in accepted and not {"application/json", "*/*"} & set(accepted)
    if wants_binary or options.get("responseFormat", "").lower() == _BINARY[1]:
        raise Rejection(-1155, "SBE is not enabled.")


def reads_pages(headers: Mapping[str, str]) -> bool:
    """Whether whoever asks wants a page rather than data."""
    return "text/html" in headers.get("Accept", "").lower()
