"""Options by their path: documentation, origin, masking, and a file that keeps what its owner wrote."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tui.config import Settings, SettingsError, load_settings, parse_settings
from tui.config_options import _shown, options_of, write_option

FILE = """# my settings
[screen] # how it looks
theme = "light" # for the day
keymap = "vim"

[keys]
ladder.close = "e" # mine
"rows.up" = ["up", "w"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    return path


def option(path: Path, name: str, origins=None):
    return next(each for each in options_of(load_settings(path), path, origins or {}) if each.path == name)


def test_every_option_that_can_be_changed_is_documented_and_reads_back(file: Path) -> None:
    for each in options_of(Settings(), None, {}):
        if each.can_edit:
            assert each.text or each.path == "environments", each.path
            assert each.kind, each.path
            if each.value:
                write_option(file, each.path, each.value)
    changed = load_settings(file)
    assert msgspec.structs.replace(changed, keys={}) == Settings()


def test_where_a_value_comes_from(file: Path) -> None:
    assert option(file, "screen.theme").origin == "file config.toml"
    assert option(file, "screen.ascii").origin == "default"
    assert option(file, "screen.ascii", {"screen.ascii": "--ascii"}).origin == "--ascii"


def test_writing_keeps_comments_and_order(file: Path) -> None:
    write_option(file, "screen.theme", "dark")
    write_option(file, "limits.max_order_notional", "250.5")
    text = file.read_text()
    assert text.startswith(FILE.replace('"light"', '"dark"'))
    assert load_settings(file).limits.max_order_notional == Decimal("250.5")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    write_option(path, "screen.size_presets", "10, 20.5")
    assert load_settings(path).screen.size_presets == (Decimal(10), Decimal("20.5"))


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("limits.armed_for_s", "soon", "whole number"),
        ("limits.max_order_notional", "-5", "number"),
        ("limits.max_order_notional", "1e3", "number"),
        ("screen.ascii", "maybe", "yes or no"),
        ("screen.remote", "perhaps", "screen.remote"),
        ("safety.lock_after_minutes", "99999", "lock_after_minutes"),
        ("screen.nothing", "1", "no option"),
        ("screen.theme", "a\u202eb", "invisible"),
        ("screen.size_presets", "1, x", "number"),
    ],
)
def test_what_the_settings_refuse_is_not_written(file: Path, name: str, written: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        write_option(file, name, written)
    assert file.read_text() == FILE


def test_a_file_that_is_broken_already_is_left_alone(file: Path) -> None:
    file.write_text("[screen\n")
    with pytest.raises(SettingsError, match="TOML"):
        write_option(file, "screen.theme", "dark")
    assert file.read_text() == "[screen\n"


def test_text_is_written_as_text_whatever_it_holds(file: Path) -> None:
    write_option(file, "data.venue", 'x"\n[safety]\nconfirm_real_money = false'.replace("\n", " "))
    assert load_settings(file).safety.confirm_real_money


def test_passwords_in_addresses_and_whatever_is_named_a_secret_are_masked() -> None:
    assert _shown("data.base_url_http", "http://me:hunter2@127.0.0.1:1080") == "http://me:••••@127.0.0.1:1080"
    assert _shown("somewhere.api_secret", "hunter2") == "••••"


def test_keys_are_written_with_or_without_quotes(file: Path) -> None:
    assert load_settings(file).keys == {"ladder.close": "e", "rows.up": ("up", "w")}
    with pytest.raises(SettingsError, match="keys"):
        parse_settings("[keys]\nladder.close = 5", file)
