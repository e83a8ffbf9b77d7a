"""The command `binance-tui doctor`: what works here, and what to do about what does not."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace

import click

from tui.binance.environment import AddressError
from tui.binance.reachability import HostAnswer, reach
from tui.cli.doctor_local import Finding, State, file_findings, keyring_findings, terminal_findings
from tui.cli.keys_check import accounts, checked
from tui.cli.keys_words import product_words
from tui.cli.options import Context
from tui.cli.places import PRODUCTS, PlaceError, addresses_of
from tui.keys.environment_variables import outdated_names
from tui.keys.redaction import redact
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeysError

#: The exchange refuses requests that are more than a second ahead of its clock.
_SKEW_MS = 900

_MARKS = {State.GOOD: "ok", State.LOOK: "LOOK", State.BAD: "BAD"}


def run_doctor(context: Context, environments: tuple[str, ...], *, as_json: bool) -> int:
    """Look at everything, print it, and return 0 unless something is broken. Nothing printed is secret."""
    findings = []
    for found in _findings(context, context.keys(), environments):
        # What a host or a library said is repeated here, whatever it holds.
        finding = replace(found, words=redact(found.words))
        findings.append(finding)
        if not as_json:
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{_MARKS[finding.state]:<5}{finding.section:<9} {finding.name}: {finding.words}{remedy}")
    is_good = all(finding.state is not State.BAD for finding in findings)
    if as_json:
        rows = [finding.document() for finding in findings]
        click.echo(json.dumps({"ok": is_good, "findings": rows}, ensure_ascii=False))
    return 0 if is_good else 1


def _findings(context: Context, store: KeyStore, environments: tuple[str, ...]) -> Iterator[Finding]:
    yield from terminal_findings(os.environ, is_terminal=sys.stdout.isatty())
    yield from keyring_findings(store)
    yield from file_findings(context.folders)
    try:
        keys = [pair for name in environments or (None,) for pair in accounts(context, store, name, None)]
    except KeysError as error:
        yield Finding("keys", "stored keys", State.BAD, str(error))
        keys = []
    known = tuple(dict.fromkeys([*(name for name, _ in keys), *context.settings.environments]))
    for old, new in outdated_names(os.environ):
        yield Finding("keys", old, State.LOOK, "an old name that is not read any more", f"rename it to {new}")
    for name in environments or known or ("live",):
        yield from host_findings(context, name)
    for name, account in keys:
        yield from _key_findings(context, store, name, account)


def host_findings(context: Context, environment: str) -> Iterator[Finding]:
    """Whether each host of an environment answers, and how far its clock is from this one."""
    try:
        known = addresses_of(environment, context.settings)
    except (AddressError, PlaceError) as error:
        yield Finding("hosts", environment, State.BAD, str(error))
        return
    urls = {product: found for product in PRODUCTS if (found := known.of(product)) is not None}

    async def ask() -> list[list[HostAnswer]]:
        return await asyncio.gather(*(reach(product, url) for product, url in urls.items()))

    answers = [answer for answered in asyncio.run(ask()) for answer in answered]
    for answer in answers:
        name = f"{environment} {answer.product.label} {answer.purpose} {answer.host}"
        if answer.problem:
            yield Finding("hosts", name, State.BAD, answer.problem, "is the network up, and is a proxy needed?")
        else:
            yield Finding("hosts", name, State.GOOD, f"answers in {answer.latency_ms or 0:.0f} ms")
    skews = [answer.clock_offset_ms for answer in answers if answer.clock_offset_ms is not None]
    if skews:
        yield _clock(environment, max(skews, key=abs))


def _clock(environment: str, offset_ms: int) -> Finding:
    if abs(offset_ms) < _SKEW_MS:
        return Finding("clock", environment, State.GOOD, f"{-offset_ms:+d} ms from the exchange's")
    words = f"{-offset_ms / 1000:+.1f} s from the exchange's"
    return Finding("clock", environment, State.LOOK, words, "set this machine's clock (NTP); requests are corrected")


def _key_findings(context: Context, store: KeyStore, environment: str, account: str | None) -> Iterator[Finding]:
    row = checked(context, store, environment, account)
    name = f"{environment}/{row['account']} {row['api_key']}".rstrip()
    check = row.get("check")
    if check is None:
        yield Finding("keys", name, State.BAD, row["problem"])
        return
    words = "; ".join(product_words(answer) for answer in check.answers)
    yield Finding("keys", name, State.GOOD if row["accepted"] else State.BAD, words)
    for warning in row["warnings"]:
        yield Finding("keys", name, State.LOOK, warning)
