"""Who asked for what, when, and what the guards said: the journal's audit as a table or a document."""

import json
from datetime import UTC, datetime

import click

from tui.cli.exchange_process import ExchangeStartError
from tui.cli.folders import FolderError
from tui.cli.journals import journals, since_ms_of
from tui.cli.options import Context
from tui.cli.places import PlaceError
from tui.cli.reports import open_place
from tui.domain.text import clean
from tui.engine.journal import AuditEntry, JournalError


def run_audit(context: Context, environment: str, *, since: str, limit: int, as_json: bool) -> int:
    """Print the audit of an account, newest first; nothing is asked of the exchange."""
    since_ms = since_ms_of(since)
    try:
        with open_place(context, environment) as place:
            entries = [entry for journal in journals(context, place) for entry in journal.audit(since_ms, limit)]
    except (FolderError, JournalError, PlaceError, ExchangeStartError) as error:
        raise click.ClickException(str(error)) from error
    entries = sorted(entries, key=lambda entry: entry.time_ms, reverse=True)[:limit]
    if as_json:
        click.echo(json.dumps({"audit": [_document(entry) for entry in entries]}, ensure_ascii=False))
    else:
        for entry in entries:
            click.echo(_line(entry))
        if not entries:
            click.echo("Nothing was asked for in this time.", err=True)
    return 0


def _document(entry: AuditEntry) -> dict[str, object]:
    return {
        "time": _time(entry),
        "who": entry.who,
        "what": entry.what,
        "reviewed": entry.reviewed,
        "guards_passed": list(entry.passed),
        "outcome": entry.outcome,
        "client_order_id": entry.client_order_id,
    }


def _line(entry: AuditEntry) -> str:
    review = "reviewed" if entry.reviewed else "at once"
    guards = f", {len(entry.passed)} guards passed" if entry.passed else ""
    outcome = f": {entry.outcome}" if entry.outcome else ""
    return clean(f"{_time(entry)}  {entry.who:<12}  {entry.what}  {review}{guards}{outcome}", 400)


def _time(entry: AuditEntry) -> str:
    return datetime.fromtimestamp(entry.time_ms / 1000, UTC).isoformat(timespec="milliseconds")
