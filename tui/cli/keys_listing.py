"""Which keys there are, and forgetting them."""

import json
import os
from typing import Any

import click

from tui.binance.environment import ENVIRONMENTS
from tui.cli.options import Context
from tui.keys.environment_variables import (
    KeyMissingError,
    key_from_variables,
    outdated_names,
    variable_names,
)
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeysError, Serves, StoredKey


def list_keys(context: Context, environment: str | None, *, as_json: bool) -> None:
    """Print every key that this program could use; no keyring is opened for it."""
    store = context.keys()
    rows = [_stored(store, key) for key in store.stored(environment)] + variable_keys(context, environment)
    if as_json:
        click.echo(json.dumps({"keys": rows}))
        return
    for old, new in outdated_names(os.environ):
        click.echo(f"{old} is an old name that is not read any more: rename it to {new}", err=True)
    if not rows:
        click.echo("No keys. Add one: binance-tui keys add --env NAME")
        return
    for row in rows:
        mark = "*" if row["default"] else " "
        name = f"{row['environment']}/{row['account']}" if row["account"] else str(row["environment"])
        shown = row["api_key"] or "waits for its API key"
        click.echo(f"{mark} {name:<24} {row['type'] or '':<8} {shown:<12} {row['for']:<8} {row['kept_in']}")


def _stored(store: KeyStore, key: StoredKey) -> dict[str, Any]:
    return {
        "environment": key.environment,
        "account": key.account,
        "default": store.default(key.environment) == key.account,
        "type": key.kind.value,
        "api_key": key.masked,
        "for": key.serves.value,
        "kept_in": f"{key.kept_in} keyring",
    }


def variable_keys(context: Context, environment: str | None) -> list[dict[str, Any]]:
    """The keys that environment variables hold, in the same shape; half a pair is shown as such."""
    rows, seen = [], set()
    for name in (environment,) if environment else (*ENVIRONMENTS, *context.settings.environments):
        for futures in (False, True):
            names = variable_names(name, futures=futures)
            if (name, names) in seen:
                continue
            seen.add((name, names))
            try:
                pair = key_from_variables(name, os.environ, futures=futures)
            except KeyMissingError:
                masked = "half a pair"
            else:
                if pair is None:
                    continue
                masked = pair.masked
            row = {"environment": name, "account": "", "default": False, "type": None, "api_key": masked}
            serves = Serves.ALL if name != "testnet" else Serves.FUTURES if futures else Serves.SPOT
            rows.append(row | {"for": serves.value, "kept_in": names[0]})
    return rows


def remove_keys(context: Context, environment: str, account: str, serves: str | None, *, yes: bool) -> None:
    """Forget the account's keys, or the one for some products; asks first unless told not to."""
    store = context.keys()
    store.account(environment, account)
    found = [
        key for key in store.stored(environment) if key.account == account and (serves is None or key.serves == serves)
    ]
    if not found:
        raise KeysError(f"{environment}/{account} has no key for {serves} alone")
    names = ", ".join(key.masked or "generated, not registered" for key in found)
    if not yes:
        click.confirm(f"Forget {environment}/{account} ({names})?", abort=True)
    before = store.default(environment)
    for key in found:
        store.remove(key)
    click.echo(f"{environment}/{account} is forgotten here; delete the key at Binance if nothing else uses it")
    after = store.default(environment)
    if after != before:
        click.echo(f"{environment} now uses {after}" if after else f"{environment} has no default account now")
