"""What takes long, at the right end of the command row: how far it is, and the key that gives it up."""

from collections.abc import Mapping

from tui.domain.text import clean
from tui.engine.store import Work
from tui.ui.lines import Span

_ROOMY = 100


def work_spans(work: Mapping[int, Work], stop_key: str, width: int) -> list[Span]:
    """The thing begun last, and how many more there are; nothing while nothing takes long."""
    under_way = list(work.values())
    if not under_way:
        return []
    last = under_way[-1]
    more = f" +{len(under_way) - 1}" if len(under_way) > 1 else ""
    spans = [Span(f" {clean(last.title, 40)} {_how_far(last)}{more} ", "accent")]
    if last.can_stop and width >= _ROOMY:
        spans += [Span(f"{stop_key} ", "key"), Span("stops ", "dim")]
    return spans


def _how_far(work: Work) -> str:
    """The share that is done; where the end is not known, how much, and nothing to count in one long question."""
    if work.total:
        return f"{100 * min(work.done, work.total) // work.total}%"
    return f"{work.done:,}" if work.done else "…"
