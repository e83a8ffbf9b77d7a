"""Keys from the command line: taken in any way but as an argument, never shown, checked with real requests."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tui.domain.product import Product
from tui.keys.key_material import KeyKind, generate

Command = Callable[..., Result]


def shown(result) -> str:
    """Everything a command said; fails where it fell over."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.fixture
def added(command: Command, exchange_key) -> None:
    """The exchange's HMAC key, as account main."""
    assert command("keys", "add", "--env", "lab", stdin="\n".join(exchange_key("HMAC"))).exit_code == 0


@pytest.mark.parametrize("kind", ["HMAC", "RSA", "ED25519"])
def test_every_type_is_told_kept_and_accepted(command: Command, exchange_key, kind: str, tmp_path: Path) -> None:
    api_key, secret = exchange_key(kind)
    done = command("keys", "add", "--env", "lab", "--account", "one", stdin=f"{api_key}\n{secret}\n")
    said = shown(done)
    assert done.exit_code == 0
    assert f"lab/one: the {kind.lower()} key {api_key[:4]}…{api_key[-4:]} is kept in" in said
    assert "This system has no keyring" in said
    checked = command("keys", "check", "--env", "lab", "--account", "one")
    assert checked.exit_code == 0
    assert "Spot: the key is accepted, the account may trade" in checked.output
    assert f"{Product.USDM.label}: the key is accepted" in checked.output
    for text in (said, shown(checked), shown(command("keys", "list"))):
        assert secret not in text
        assert secret.strip().splitlines()[len(secret.splitlines()) // 2] not in text
        assert api_key not in text
    for path in (tmp_path / "data").rglob("*"):
        assert secret.encode()[-100:] not in (path.read_bytes() if path.is_file() else b"")


def test_what_a_key_may_do_is_said_in_words(command: Command, added) -> None:
    said = shown(command("keys", "check"))
    assert re.search(r"It may: read the account, trade spot, .*trade futures", said)
    assert re.search(r"It may not: .*withdraw", said)
    assert "from ANY address" in said
    assert "WARNING: it is not bound to an IP address" in said
    document = json.loads(command("keys", "check", "--json").output)
    assert document["keys"][0]["may_withdraw"] is False
    assert document["keys"][0]["ip_bound"] is False


def test_files_and_standard_input_give_keys_too(command: Command, exchange_key, tmp_path: Path) -> None:
    api_key, secret = exchange_key("ED25519")
    (tmp_path / "id").write_text(api_key)
    (tmp_path / "pem").write_text(secret)
    (tmp_path / "pem").chmod(0o644)
    files = ("--api-key-file", str(tmp_path / "id"), "--secret-file", str(tmp_path / "pem"))
    done = command("keys", "add", "--env", "lab", *files)
    assert done.exit_code == 0
    assert "Others on this machine can read" in done.output
    piped = ("--api-key-file", str(tmp_path / "id"), "--secret-file", "-", "--replace")
    assert command("keys", "add", "--env", "lab", *piped, stdin=secret).exit_code == 0
    assert command("keys", "check").exit_code == 0


def test_no_option_and_no_argument_takes_a_secret(command: Command) -> None:
    for words in (["--secret", "x"], ["--api-secret", "x"], ["--api-key", "x"], ["x"]):
        assert command("keys", "add", "--env", "lab", *words).exit_code == 2


def test_a_pair_made_here_is_registered_and_completed(command: Command, exchange_key) -> None:
    made = command("keys", "generate", "--env", "lab", "--account", "own", "--type", "ed25519")
    public = re.search(r"-----BEGIN PUBLIC KEY-----.*-----END PUBLIC KEY-----", made.output, re.DOTALL)
    assert public is not None
    assert "PRIVATE" not in made.output
    again = command("keys", "generate", "--env", "lab", "--account", "own")
    assert public[0] in again.output
    assert "waits for its API key" in command("keys", "list").output
    assert command("keys", "check", "--account", "own").exit_code == 1
    api_key, _ = exchange_key("HMAC")
    assert command("keys", "add", "--env", "lab", "--account", "own", stdin=api_key).exit_code == 0
    refused = command("keys", "check", "--account", "own")
    assert refused.exit_code == 1
    assert "does not belong to this API key" in refused.output
    assert "has a key already" in command("keys", "generate", "--env", "lab", "--account", "own").output


def test_an_unknown_key_is_refused_with_what_to_do(command: Command) -> None:
    command("keys", "add", "--env", "lab", stdin=f"{'k' * 64}\n{'s' * 64}\n")
    refused = command("keys", "check")
    assert refused.exit_code == 1
    assert "is it a key of this environment?" in refused.output


def test_defaults_are_chosen_and_the_last_one_left_takes_over(command: Command, added, exchange_key) -> None:
    command("keys", "add", "--env", "lab", "--account", "other", stdin="\n".join(exchange_key("RSA")))
    assert json.loads(command("status", "--env", "lab", "--json").output)["account"].startswith("main ")
    assert command("keys", "default", "--env", "lab", "--account", "other").exit_code == 0
    assert json.loads(command("status", "--env", "lab", "--json").output)["account"].startswith("other ")
    named = command("balances", "--env", "lab", "--json", "--account", "main")
    assert named.exit_code == 0
    gone = command("keys", "remove", "--env", "lab", "--account", "other", stdin="y\n")
    assert "lab now uses main" in gone.output
    assert "stored are main" in command("status", "--env", "lab", "--account", "other").output


def test_removing_asks_first(command: Command, added) -> None:
    assert command("keys", "remove", "--env", "lab", stdin="n\n").exit_code == 1
    assert len(json.loads(command("keys", "list", "--json").output)["keys"]) == 1


def test_a_stored_account_wins_over_environment_variables(
    command: Command, added, exchange_key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINANCE_LAB_API_KEY", "variable" * 8)
    monkeypatch.setenv("BINANCE_LAB_API_SECRET", "s" * 64)
    assert json.loads(command("status", "--env", "lab", "--json").output)["account"].startswith("main ")
    rows = json.loads(command("keys", "list", "--json").output)["keys"]
    assert [row["kept_in"] for row in rows] == ["file keyring", "BINANCE_LAB_API_KEY"]
    command("keys", "remove", "--env", "lab", "--yes")
    checked = command("keys", "check", "--env", "lab")
    assert checked.exit_code == 1
    assert "lab/environment variables vari…able" in checked.output


@pytest.mark.parametrize(
    ("words", "stdin", "expected"),
    [
        (("--env", "nowhere"), "", "there is no environment 'nowhere'"),
        (("--env", "demo"), "", "keys of its own"),
        (("--env", "lab", "--account", "a b"), "", "cannot be a name"),
        (("--env", "lab"), "", "no terminal to ask"),
        (("--env", "lab"), "-----BEGIN PRIVATE KEY-----\nabc\n", "the API key, which Binance shows beside it"),
        (("--env", "lab"), "k" * 64 + "\n" + generate(KeyKind.ED25519).public_key, "this is a public key"),
        (("--env", "lab", "--replace"), "k" * 64 + "\n" + "s" * 64, "no key to replace"),
        (("--env", "lab", "--keyring", "system"), "k" * 64 + "\n" + "s" * 64, "this system has no keyring"),
        (("--env", "lab", "--secret-file", "/no/such"), "k" * 64, "/no/such cannot be read"),
    ],
    ids=lambda value: "key" if isinstance(value, str) and "-----BEGIN" in value else None,
)
def test_what_cannot_be_added_is_one_sentence(command: Command, words, stdin, expected: str, tmp_path: Path) -> None:
    done = command("keys", "add", *words, stdin=stdin)
    said = shown(done)
    assert done.exit_code == 1
    assert expected in said
    assert "sss" not in said
    assert not list((tmp_path / "data").glob("accounts.json"))


def test_a_key_is_not_replaced_unless_told(command: Command, added) -> None:
    done = command("keys", "add", "--env", "lab", stdin="k" * 64 + "\n" + "s" * 64)
    assert done.exit_code == 1
    assert "--replace" in done.output


def test_a_wrong_passphrase_and_a_short_one(command: Command, added, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("guess")
    assert "wrong passphrase" in command("keys", "check").output
    (tmp_path / "data" / "keyring.sealed").unlink()
    again = command("keys", "add", "--env", "lab", "--account", "two", stdin="k" * 64 + "\n" + "s" * 64)
    assert "at least 8 characters" in again.output
