"""Settings: defaults, exact numbers, and errors that name the value and the remedy."""

from decimal import Decimal
from pathlib import Path

import pytest

from tui.config import DataOptions, ExecutionOptions, ReconciliationOptions, Settings, SettingsError, load_settings
from tui.domain.product import Product, product_of


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
        ("[data]\nuse_agg_trade_tick = true", "did you mean 'use_agg_trade_ticks'"),
        ("[environments.lab.execution]\nuse_gdt = true", "did you mean 'use_gtd'"),
        ("[environments.lab.spot]\nres = ''", "did you mean 'rest'"),
        ("[data]\napi_secret = 'x'", "binance-tui keys add"),
        ("[data]\nus = true\naccount_type = 'coin_future'", "Binance US has no futures"),
        ("[data]\ntestnet = true\nenvironment = 'LIVE'", "testnet is true"),
        ("[data]\ntestnet = false\nenvironment = 'TESTNET'", "testnet is false"),
        ("[data]\nus = true\nenvironment = 'DEMO'", "us is true"),
        ("[data]\naccount_type = 'options'", "choose one of SPOT, MARGIN, ISOLATED_MARGIN, USDT_FUTURES, COIN_FUTURES"),
        ("[data]\nkey_type = 'dsa'", "choose one of HMAC, RSA, ED25519"),
        ("[data]\nbook_interval_ms = 50", "book_interval_ms"),
        ("[data]\nfilter_callable = 'mine'", "module:function"),
        ("[data]\nproxy_url = 'socks5://127.0.0.1:1'", "begins with http://"),
        ("[data]\nproxy_url = 'http://me:secret@127.0.0.1:1'", "HTTPS_PROXY"),
        ("[execution]\nus = true\n[data]\nus = false", "one session has one connection"),
        ("[data.filters]\nprice = '1'", "filters is 'price'"),
        ("[execution]\nrecv_window_ms = 0", "recv_window_ms"),
        ("[execution]\nrecv_window_ms = 60001", "recv_window_ms"),
        ("[execution]\ndefault_taker_fee = 4", "default_taker_fee is 4"),
        ("[execution]\ndefault_taker_fee = nan", "default_taker_fee is NaN"),
        ("[execution]\nretry_delay_initial_ms = 20000", "retry_delay_max_ms is 10000"),
        ("[execution]\nlisten_key_ping_max_failures = 0", "listen_key_ping_max_failures"),
        ("[execution.futures_leverages]\nBTCUSDT-PERP = 126", "futures_leverages"),
        ("[execution.futures_margin_types]\nBTCUSDT-PERP = 'NONE'", "futures_margin_types"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert words in str(caught.value)
    assert "config.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[limits]\nmax_order_notional = 'NaN'", "max_order_notional is NaN: give a number of zero (off) or more"),
        ("[limits]\nmax_order_notional = nan", "max_order_notional is NaN"),
        ("[limits]\nmax_position_notional = inf", "max_position_notional is Infinity"),
        ("[limits]\nday_loss = -250", "day_loss is -250"),
        ("[limits]\nday_loss = '1e999999'", "day_loss is 1E+999999"),
        ("[limits]\nslippage_percent = -1", "slippage_percent is -1"),
        ("[limits]\nmax_open_orders = -1", "max_open_orders is -1"),
        ("[limits]\nstale_after_ms = -1", "stale_after_ms is -1"),
        ("[limits]\nrate_reserve_percent = 95", "rate_reserve_percent is 95: it is at most 90"),
        ("[limits]\narmed_for_s = 0", "armed_for_s is 0: it is at least 1"),
        ("[screen]\nsize_presets = []", "size_presets is empty: give one number above zero, or several"),
        ("[screen]\nsize_presets = [100, 0]", "size_presets holds 0: give one number above zero, or several"),
        ("[screen]\nsize_presets = ['NaN']", "size_presets holds NaN"),
        ("[screen.symbol_presets]\nBTCUSDT = [-1]", "symbol_presets of BTCUSDT holds -1"),
        ("[screen]\nframes_per_second = -3", "screen.frames_per_second is -3: it must be a whole number >= 0"),
        ("[screen]\nframes_per_second = 100000", "screen.frames_per_second is 100000"),
        ("[environments.lab.limits]\nday_loss = 5", "unknown field `limits`"),
    ],
)
def test_numbers_that_would_switch_a_guard_off_or_break_it_are_refused(tmp_path: Path, text: str, says: str) -> None:
    """A NaN made the guards fail, and a loss written as -250 refused everything without saying why."""
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[limits]\nmax_order_notional = 'abc'", "limits.max_order_notional is 'abc': it must be a number"),
        ("[limits]\nmax_open_orders = 1.5", "limits.max_open_orders is 1.5: it must be a whole number"),
        ("[screen]\nremote = 'maybe'", "screen.remote is 'maybe': choose one of 'auto', 'yes', 'no'"),
        ("[screen]\nwatchlist = 'BTCUSDT'", "screen.watchlist is 'BTCUSDT': it must be a list, as in ["),
        ("[data]\nbook_interval_ms = 99", "data.book_interval_ms is 99: choose one of 0, 100, 250, 500"),
        ("[safety]\nlock_after_minutes = 9999", "safety.lock_after_minutes is 9999: it must be a whole number <= 1440"),
        (
            "[execution.futures_leverages]\nETHUSDT-PERP = 5\nBTCUSDT-PERP = 500",
            "execution.futures_leverages.BTCUSDT-PERP is 500: it must be a whole number <= 125",
        ),
        ("[environments.lab.data]\nus = 1", "environments.lab.data.us is 1: it must be true or false"),
        ("[environments]\nlab = 'x'", "environments.lab is 'x': it must be a table"),
        ("[keys]\nladder.close = 5", "keys.ladder.close is 5: it must be text in quotes or a list"),
        ("environments = 'x'", "environments is 'x': it must be a table"),
        ("keys = 3", "keys is 3: it must be a table"),
        ("colours = 1", "known are limits, screen"),
        (f"[execution]\nrecv_window_ms = '{'k3Y' * 21}'", "execution.recv_window_ms is '[removed]'"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_it_may_be(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert says in str(caught.value)


@pytest.mark.parametrize("table", ["execution", "environments.testnet.execution"])
def test_positions_of_our_own_are_wanted_by_a_setting(tmp_path: Path, table: str) -> None:
    settings = load_settings(written(tmp_path, f"[{table}]\nuse_position_ids = false"))
    assert settings.options_of("testnet").execution.use_position_ids is False


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


def test_every_option_of_data_and_execution_clients_stands_with_its_default() -> None:
    data, execution, reconciliation = DataOptions(), ExecutionOptions(), ReconciliationOptions()
    assert (data.venue, data.products, data.us, data.testnet, data.environment_name) == ("BINANCE", (), False, None, "")
    assert (data.update_instruments_interval_mins, data.instrument_status_poll_secs) == (60, 3_600)
    assert (data.use_agg_trade_ticks, data.proxy_url, data.log_warnings, data.load_all) == (False, "", True, False)
    assert (execution.use_gtd, execution.use_reduce_only, execution.use_position_ids) == (True, True, True)
    assert (execution.use_trade_lite, execution.treat_expired_as_canceled, execution.use_ws_trading) == (False,) * 3
    assert (execution.recv_window_ms, execution.max_retries, execution.listen_key_ping_max_failures) == (5_000, 0, 3)
    assert (execution.retry_delay_initial_ms, execution.retry_delay_max_ms) == (1_000, 10_000)
    assert (execution.default_taker_fee, execution.bnfcr_currency) == (Decimal("0.0004"), "USDT")
    assert execution.log_rejected_due_post_only_as_warning
    assert (reconciliation.reconciliation, reconciliation.open_check_interval_secs) == (True, 15)


def test_an_environment_overrides_some_options_and_inherits_the_others(tmp_path: Path) -> None:
    text = """
[data]
use_agg_trade_ticks = true
[execution]
max_retries = 3
recv_window_ms = 2000
[environments.lab]
base_url = "http://127.0.0.1:1"
[environments.lab.execution]
recv_window_ms = 9000
"""
    settings = load_settings(written(tmp_path, text))
    lab, live = settings.options_of("lab"), settings.options_of("live")
    assert (lab.execution.recv_window_ms, lab.execution.max_retries, lab.data.use_agg_trade_ticks) == (9000, 3, True)
    assert live.execution.recv_window_ms == 2000


def test_what_the_execution_client_of_other_programs_repeats_is_taken_once(tmp_path: Path) -> None:
    text = """
[execution]
testnet = true
account_type = "usdt_future"
base_url_ws = "wss://user.example.com"
[environments.lab]
base_url = "http://127.0.0.1:1"
[environments.lab.execution]
proxy_url = "http://127.0.0.1:8080"
use_gtd = false
"""
    settings = load_settings(written(tmp_path, text))
    assert (settings.data.environment_name, settings.data.products) == ("testnet", (Product.USDM,))
    assert settings.execution.base_url_ws_user == "wss://user.example.com"
    lab = settings.options_of("lab")
    assert (lab.data.proxy_url, lab.execution.use_gtd, lab.data.testnet) == ("http://127.0.0.1:8080", False, True)


@pytest.mark.parametrize(
    ("spelling", "product"),
    [
        ("SPOT", Product.SPOT),
        ("spot", Product.SPOT),
        ("Margin", Product.MARGIN),
        ("ISOLATED_MARGIN", Product.ISOLATED_MARGIN),
        ("USDT_FUTURES", Product.USDM),
        ("usdt_future", Product.USDM),
        ("COIN_FUTURES", Product.COINM),
        ("coin_future", Product.COINM),
    ],
)
def test_account_types_are_read_in_every_spelling(spelling: str, product: Product) -> None:
    assert product_of(spelling) is product
    assert product_of(product.account_type) is product


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({}, ""),
        ({"testnet": True}, "testnet"),
        ({"environment": "LIVE"}, "live"),
        ({"environment": "Testnet", "testnet": True}, "testnet"),
        ({"environment": "DEMO"}, "demo-binance"),
        ({"environment": "lab"}, "lab"),
        ({"us": True}, "us"),
        ({"us": True, "environment": "LIVE"}, "us"),
    ],
)
def test_testnet_us_and_environment_name_one_place(data: dict[str, object], name: str) -> None:
    assert DataOptions(**data).environment_name == name
