"""Flags and variables over settings: what they set, and where the settings screen says it comes from."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tui.cli import screen, start
from tui.cli.main import cli
from tui.cli.options import Context


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs the command line and gives the context that a screen would have got."""
    got: list[Context] = []
    monkeypatch.setattr(screen, "run_environment", lambda context, name: got.append(context) or 0)
    monkeypatch.setattr(start, "run_start", lambda context: got.append(context) or 0)

    def run(*words: str, **variables: str) -> Context:
        (tmp_path / "config.toml").write_text('[screen]\ntheme = "light"\n')
        (tmp_path / "config.toml").chmod(0o600)
        options = ["--config", str(tmp_path / "config.toml"), "--data-dir", str(tmp_path / "data")]
        result = CliRunner().invoke(cli, [*words, *options], env={"TERM": "xterm", **variables}, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return got.pop()

    return run


def test_without_flags_the_file_stands(seen) -> None:
    context = seen("run", "--env", "testnet")
    assert context.settings.screen.theme == "light"
    assert not context.origins


def test_a_flag_stands_over_a_variable_and_the_file(seen) -> None:
    context = seen(
        "run", "--env", "testnet", "--theme", "dark", "--ascii", "--no-mouse", "--ssh", BINANCE_TUI_THEME="x"
    )
    looks = context.settings.screen
    assert (looks.theme, looks.ascii, looks.mouse, looks.remote) == ("dark", True, False, "yes")
    assert context.origins == {
        "screen.theme": "--theme",
        "screen.ascii": "--ascii",
        "screen.mouse": "--no-mouse",
        "screen.remote": "--ssh",
    }
    assert not screen.uses_mouse(context)


def test_a_variable_is_named_as_origin(seen) -> None:
    context = seen("run", "--env", "testnet", BINANCE_TUI_THEME="deutan", BINANCE_TUI_SSH="0")
    assert context.settings.screen.theme == "deutan"
    assert context.settings.screen.remote == "no"
    assert context.origins["screen.theme"] == "$BINANCE_TUI_THEME"


def test_the_console_of_linux_has_letters_only(seen) -> None:
    context = seen("run", "--env", "testnet", TERM="linux")
    assert (context.settings.screen.ascii, context.origins) == (True, {"screen.ascii": "$TERM"})
    assert not seen("run", "--env", "testnet", "--no-ascii", TERM="linux").settings.screen.ascii
    assert not seen("run", "--env", "testnet", TERM="xterm").settings.screen.ascii


def test_without_a_command_there_is_the_start_screen_with_its_options(seen) -> None:
    assert seen("--theme", "tritan").settings.screen.theme == "tritan"


def test_help_and_version_still_answer() -> None:
    for word in ("--help", "--version"):
        assert CliRunner().invoke(cli, [word]).exit_code == 0


def test_a_terminal_that_cannot_draw_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    with pytest.raises(click.ClickException, match="export TERM=xterm-256color"):
        screen.check_terminal()
