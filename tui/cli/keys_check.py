"""Asking Binance what each key may do."""

import asyncio
import json
import os
from typing import Any

import click

from tui.binance.key_check import KeyCheck, check_key
from tui.cli.keys_listing import variable_keys
from tui.cli.keys_words import document, permission_words, product_words
from tui.cli.options import Context
from tui.cli.places import Place, PlaceError, place_of
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeysError


def check_keys(context: Context, environment: str | None, account: str | None, *, as_json: bool) -> int:
    """Check every key that is meant and print what was learned; returns the exit status, 0 when all were accepted."""
    store = context.keys()
    wanted = accounts(context, store, environment, account)
    if not wanted:
        where = f" for {environment}" if environment else ""
        raise KeysError(f"there is no key{where} to check; add one: binance-tui keys add --env {environment or 'NAME'}")
    rows, is_good = [], True
    for name, one in wanted:
        row = checked(context, store, name, one)
        is_good = is_good and bool(row["accepted"])
        rows.append(row)
        if not as_json:
            _print(row)
    if as_json:
        click.echo(json.dumps({"keys": [_public(row) for row in rows]}, ensure_ascii=False))
    return 0 if is_good else 1


def accounts(
    context: Context, store: KeyStore, environment: str | None, account: str | None
) -> list[tuple[str, str | None]]:
    """Environment and account of each key that is meant; None stands for the keys of environment variables."""
    stored = dict.fromkeys((key.environment, key.account) for key in store.stored(environment) if not key.is_pending)
    found: list[tuple[str, str | None]] = [pair for pair in stored if account in (None, pair[1])]
    if account is None:
        variables = variable_keys(context, environment)
        return found + [(name, None) for name in dict.fromkeys(row["environment"] for row in variables)]
    if environment is not None and not found:
        store.account(environment, account)
    return found


def checked(context: Context, store: KeyStore, environment: str, account: str | None) -> dict[str, Any]:
    """What was learned of one account's keys; a key that cannot be had is told in the same shape."""
    row: dict[str, Any] = {"environment": environment, "account": account or "environment variables"}
    try:
        place = place_of(environment, context.settings, os.environ, store if account else None, account)
    except PlaceError as error:
        return row | {"api_key": "", "accepted": False, "problem": str(error), "warnings": []}
    check = asyncio.run(check_key(place.urls, place.credentials))
    return row | {"api_key": _masked(place), "check": check} | document(check)


def _masked(place: Place) -> str:
    return place.account.rpartition(" ")[2]


def _public(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "check"}


def _print(row: dict[str, Any]) -> None:
    click.echo(f"{row['environment']}/{row['account']} {row['api_key']}".rstrip())
    for words in check_words(row):
        click.echo(f"  {words}")
    for warning in row["warnings"]:
        click.echo(f"  WARNING: {warning}")


def check_words(row: dict[str, Any]) -> list[str]:
    """What was learned of one account's keys, without the warnings."""
    check: KeyCheck | None = row.get("check")
    if check is None:
        return [str(row["problem"])]
    return [
        *(product_words(answer) for answer in check.answers),
        *(permission_words(check.permissions) if check.permissions else ()),
    ]
