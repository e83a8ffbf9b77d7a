"""Taking a key in: asked for without showing it, from files, from standard input, or made here."""

import stat
import string
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from tui.cli.hidden_input import ask_hidden, drop_typed
from tui.cli.key_passphrase import ask_key_passphrase
from tui.cli.options import Context
from tui.cli.places import addresses_of
from tui.keys.key_material import KeyKind, KeyMaterial, KeyMaterialError, check_api_key, generate, read_material
from tui.keys.secret import Secret
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn, KeysError, Serves, StoredKey

_NAME = frozenset(string.ascii_letters + string.digits + "-_.")
_LONGEST = 20_000
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """For which account of which environment a key is, for which products, and which keyring is wished for."""

    environment: str
    account: str
    serves: str
    keyring: str | None

    def check(self, context: Context) -> None:
        """Raise for an environment that does not exist and for a name that cannot be shown."""
        if self.environment == "demo" and "demo" not in context.settings.environments:
            raise KeysError("the demo brings keys of its own; nothing needs to be added")
        addresses_of(self.environment, context.settings)
        if not (0 < len(self.account) <= 32 and _NAME.issuperset(self.account)):
            raise KeysError(f"{self.account[:40]!r} cannot be a name; use up to 32 letters, digits and - _ .")


def add_key(
    context: Context,
    wanted: Wanted,
    *,
    kind: str | None,
    api_key_file: str | None,
    secret_file: str | None,
    replace: bool,
    says_what_next: bool = True,
) -> None:
    """Take a key in and keep it; a key that was generated here gets only the API key it still lacks."""
    wanted.check(context)
    store = context.keys()
    serves = Serves(wanted.serves)
    stored = store.find(wanted.environment, wanted.account, serves)
    try:
        if stored is not None and stored.is_pending and not replace:
            api_key = check_api_key(_api_key(api_key_file, may_be_piped=True))
            key = store.complete(stored, api_key)
        else:
            _check_free(wanted, stored, replace=replace)
            kept_in = _choose(store, wanted)
            api_key, material = _read(api_key_file, secret_file, KeyKind(kind) if kind else None)
            key = store.add(wanted.environment, wanted.account, api_key, material, kept_in=kept_in, serves=serves)
    except (KeyMaterialError, KeysError):
        drop_typed()
        raise
    click.echo(f"{_title(key)}: the {key.kind} key {key.masked} is kept in {_place(store, key.kept_in)}")
    if key.environment == "testnet" and key.serves is Serves.ALL:
        click.echo("The test networks of spot and futures need keys of their own: --for spot, --for futures", err=True)
    if says_what_next:
        click.echo(f"Now: binance-tui keys check --env {key.environment} --account {key.account}", err=True)


def generate_key(context: Context, wanted: Wanted, kind: str) -> None:
    """Make a key pair, keep the private key, print the public one; asked again before registration, it is the same."""
    wanted.check(context)
    store = context.keys()
    key = store.find(wanted.environment, wanted.account, Serves(wanted.serves))
    if key is None:
        kept_in = _choose(store, wanted)
        made = generate(KeyKind(kind))
        key = store.add(wanted.environment, wanted.account, "", made, kept_in=kept_in, serves=Serves(wanted.serves))
    elif not key.is_pending:
        raise KeysError(f"{_title(key)} has a key already; remove it first, or choose another --account")
    click.echo(key.public_key.strip())
    click.echo(
        f"Register this public key at Binance (API management, self-generated key); the private key stays in"
        f" {_place(store, key.kept_in)}. Then enter the API key that Binance shows:"
        f" binance-tui keys add --env {key.environment} --account {key.account}"
        + ("" if key.serves is Serves.ALL else f" --for {key.serves}"),
        err=True,
    )


def _check_free(wanted: Wanted, stored: StoredKey | None, *, replace: bool) -> None:
    if stored is not None and not replace:
        raise KeysError(f"{_title(stored)} has the key {stored.masked} already; --replace puts another in its place")
    if stored is None and replace:
        raise KeysError(f"{wanted.environment}/{wanted.account} has no key to replace; leave --replace out")


def _choose(store: KeyStore, wanted: Wanted) -> KeptIn:
    kept_in = store.keyrings.choose(KeptIn(wanted.keyring) if wanted.keyring else None)
    if kept_in is KeptIn.FILE and wanted.keyring is None:
        place = _place(store, kept_in)
        click.echo(f"This system has no keyring: the key goes into {place}, encrypted with a passphrase.", err=True)
    return kept_in


def _title(key: StoredKey) -> str:
    return f"{key.environment}/{key.account}" + ("" if key.serves is Serves.ALL else f" ({key.serves})")


def _place(store: KeyStore, kept_in: KeptIn) -> str:
    return "the system's keyring" if kept_in is KeptIn.SYSTEM else str(store.keyrings.file.path)


def _read(api_key_file: str | None, secret_file: str | None, kind: KeyKind | None) -> tuple[str, KeyMaterial]:
    """API key and secret, each checked; both from standard input when it is no terminal and nothing else is said."""
    both = _piped() if api_key_file is secret_file is None else ""
    if api_key_file == secret_file == STANDARD_INPUT:
        both = _text_of(STANDARD_INPUT).reveal()
    if both:
        first, _, rest = both.lstrip().partition("\n")
        return check_api_key(first), read_material(rest, kind, ask_key_passphrase)
    api_key = check_api_key(_api_key(api_key_file, may_be_piped=secret_file != STANDARD_INPUT))
    if secret_file is not None:
        return api_key, read_material(_text_of(secret_file).reveal(), kind, ask_key_passphrase)
    secret = ask_hidden("Secret, or private key in PEM (not shown): ")
    return api_key, read_material(secret, kind, ask_key_passphrase)


def _api_key(path: str | None, *, may_be_piped: bool) -> str:
    if path is not None:
        return _text_of(path).reveal()
    return (_piped() if may_be_piped else "") or ask_hidden("API key (not shown): ")


def _piped() -> str:
    """What standard input holds; empty when it is a terminal, or nothing."""
    return "" if sys.stdin.isatty() else sys.stdin.read(_LONGEST).strip()


def _text_of(path: str) -> Secret:
    if path == STANDARD_INPUT:
        return Secret(sys.stdin.read(_LONGEST))
    try:
        if stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
            click.echo(f"Others on this machine can read {path}: chmod 600 it, or remove it now.", err=True)
        with Path(path).open(encoding="utf-8") as file:
            return Secret(file.read(_LONGEST))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise KeysError(f"{path} cannot be read: {reason}") from None
