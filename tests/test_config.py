"""Settings: defaults, exact numbers, and errors that name the value and the remedy."""

from decimal import Decimal
from pathlib import Path

import pytest

from tui.config import Settings, SettingsError, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == Settings()


def test_numbers_are_exact(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "[limits]\nmax_order_notional = 0.1\nmax_order_quantity = '2.5'\n"))
    assert settings.limits.max_order_notional == Decimal("0.1")
    assert settings.limits.max_order_quantity == Decimal("2.5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[screen]\nthem = 'dark'", "did you mean 'theme'"),
        ("[limit]\nstale_after_ms = 1", "did you mean 'limits'"),
        ("[limits]\nstale_after_ms = 'soon'", "stale_after_ms"),
        ("[limits]\nmax_order_notional = true", "max_order_notional"),
        ("screen = [", "not valid TOML"),
        ("[environments.lab.spot]\nrest = 'http://127.0.0.1:1'", "ws"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert words in str(caught.value)
    assert "config.toml" in str(caught.value)


def test_undecodable_file_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path)


def test_environment_of_ones_own(tmp_path: Path) -> None:
    text = "[environments.lab]\nreal_money = false\n[environments.lab.spot]\nrest = 'http://127.0.0.1:1'\nws = 'ws://127.0.0.1:1'"
    lab = load_settings(written(tmp_path, text)).environments["lab"]
    assert lab.spot is not None
    assert lab.spot.rest == "http://127.0.0.1:1"
    assert lab.usdm is None
    assert not lab.real_money
