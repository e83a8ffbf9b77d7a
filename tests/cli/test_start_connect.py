"""Connecting keys from the start screen: whose exchange, asked once, checked, and begun with."""

from dataclasses import replace

import click
import pytest

from tui.cli.folders import folders
from tui.cli.options import Context
from tui.cli.start import _begin, _own_environments
from tui.config import Environment, Settings
from tui.keys.stored_key import KeysError
from tui.ui.start.choices import OwnEnvironment, key_choices

LAB = Environment(base_url="http://127.0.0.1:9")


@pytest.fixture
def context(tmp_path) -> Context:
    environments = {
        "lab": LAB,
        "play": Environment(base_url="http://127.0.0.1:9", real_money=False),
        "broken": Environment(base_url="http://example.com"),
        "live": Environment(),
    }
    places = folders(tmp_path / "config.toml", tmp_path / "data", None)
    return Context(places, Settings(environments=environments), read_only=False)


@pytest.fixture
def done(monkeypatch) -> list[tuple[object, ...]]:
    """What connecting did, with a key that is accepted."""
    kept: list[tuple[object, ...]] = []
    monkeypatch.setattr("tui.cli.keys_adding.add_key", lambda context, wanted, **_: kept.append(("add", wanted)))
    monkeypatch.setattr("tui.cli.keys_check.check_keys", lambda *_, **__: kept.append(("check",)) or 0)
    monkeypatch.setattr(
        "tui.cli.screen.run_environment", lambda context, name: kept.append(("run", name, context.account)) or 0
    )
    answers = iter(["swing"])
    monkeypatch.setattr(click, "prompt", lambda *_, **__: next(answers))
    return kept


def keys_for(name: str):
    return next(choice for choice in key_choices([OwnEnvironment("lab", True)]) if choice.name == name)


def test_exchanges_of_the_settings_were_missing_where_keys_are_connected(context) -> None:
    assert _own_environments(context) == [OwnEnvironment("lab", True), OwnEnvironment("play", False)]


def test_it_began_with_another_account_than_the_one_just_connected(context, done, monkeypatch) -> None:
    monkeypatch.setattr(click, "confirm", lambda *_, default, **__: default)
    assert _begin(context, keys_for("lab")) == 0
    assert [step[0] for step in done] == ["add", "check", "run"]
    assert (done[0][1].environment, done[0][1].account) == ("lab", "swing")
    assert done[-1] == ("run", "lab", "swing")


def test_a_key_that_is_not_accepted_is_begun_with_only_on_a_word(context, done, monkeypatch) -> None:
    monkeypatch.setattr("tui.cli.keys_check.check_keys", lambda *_, **__: 1)
    asked: list[str] = []
    monkeypatch.setattr(click, "confirm", lambda text, *, default: asked.append(text) or default)
    assert _begin(context, keys_for("lab")) == 0
    assert "was not accepted" in asked[0]
    assert "run" not in [step[0] for step in done]


def test_a_key_that_cannot_be_checked_is_a_sentence_for_the_start_screen(context, done, monkeypatch) -> None:
    def unreadable(*_, **__):
        raise KeysError("the keyring is locked")

    monkeypatch.setattr("tui.cli.keys_check.check_keys", unreadable)
    with pytest.raises(click.ClickException, match="the keyring is locked"):
        _begin(context, keys_for("lab"))


def test_the_passphrase_of_the_keyring_was_asked_for_at_each_step(context) -> None:
    assert context.keys() is context.keys()
    assert replace(context, account="other").keys() is context.keys()
