"""Settings: typed, with their defaults and their documentation in one place."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tui.config_faults import fault_words
from tui.domain.text import clean
from tui.options import DataOptions as DataOptions
from tui.options import ExecutionOptions as ExecutionOptions
from tui.options import Options as Options
from tui.options import ReconciliationOptions as ReconciliationOptions

#: The largest share of the exchange's limits that can be kept for cancels, in percent.
MOST_RESERVE = 90

#: Beyond this a number is a slip, not a limit.
_MOST = 10**15
_LONGEST = 600


class SettingsError(Exception):
    """Settings that cannot be used; the text names the file, the value and the remedy."""


class Hosts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one product of an environment lives; base addresses without a path. Those left out are Binance's own."""

    rest: str = ""
    ws: str = ""
    ws_api: str = ""
    #: Account streams of futures, and the risk stream of cross margin; empty takes `ws`.
    ws_user: str = ""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exchange to connect to, written as a table `[environments.NAME]`."""

    #: One address (`https://…`) that serves every product left out below; sockets are looked for at the same host.
    base_url: str = ""
    spot: Hosts | None = None
    usdm: Hosts | None = None
    coinm: Hosts | None = None
    #: Whether orders move real money; shown in words in the header. Left out, an environment of your own does.
    real_money: bool | None = None
    #: The options as they are here: those of `[data]`, `[execution]` and `[reconciliation]`, with what is overridden.
    data: DataOptions = DataOptions()
    execution: ExecutionOptions = ExecutionOptions()
    reconciliation: ReconciliationOptions = ReconciliationOptions()


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Guards with a number; zero switches one off."""

    #: Largest value of one order in dollars, whatever it is quoted in (1 BTC of ETHBTC counts as a bitcoin's price).
    max_order_notional: Decimal = Decimal(50_000)
    #: Largest quantity of one order in base units, in contracts on COIN-M.
    max_order_quantity: Decimal = Decimal(0)
    #: Largest value of a position in dollars, with all its entries filled; on spot, of the coins held.
    max_position_notional: Decimal = Decimal(0)
    #: Most entries that may work at a time, over all symbols; protective orders do not count.
    max_open_orders: int = 200
    #: Loss of one day (since midnight UTC, in USDT) after which only positions may be closed and coins sold. What other
    #: programs trade in coins counts once their symbol has been shown here.
    day_loss: Decimal = Decimal(0)
    #: Share of the exchange's order and weight limits that new orders leave to cancels, in percent.
    rate_reserve_percent: Decimal = Decimal(10)
    #: Farthest a limit price may be from the middle of the book, in percent.
    price_distance_percent: Decimal = Decimal(5)
    #: Farthest from the middle of the book that a market order may be expected to trade, in percent.
    slippage_percent: Decimal = Decimal(2)
    #: Equal orders (symbol, side, price, size) within this time are taken for a slip.
    duplicate_window_ms: int = 1_000
    #: A book or user link not heard of for this long is stale.
    stale_after_ms: int = 3_000
    #: ARMED falls back to LOCKED after this long without a trading key.
    armed_for_s: int = 300

    def __post_init__(self) -> None:
        for field in self.__struct_fields__:
            value = getattr(self, field)
            if not (Decimal(value).is_finite() and 0 <= value < _MOST):
                raise ValueError(f"{field} is {value}: give a number of zero (off) or more")
        if self.rate_reserve_percent > MOST_RESERVE:
            raise ValueError(f"rate_reserve_percent is {self.rate_reserve_percent}: it is at most {MOST_RESERVE}")
        if self.armed_for_s < 1:
            raise ValueError(f"armed_for_s is {self.armed_for_s}: it is at least 1")


def _check_presets(option: str, presets: tuple[Decimal, ...]) -> None:
    remedy = "give one number above zero, or several"
    if not presets:
        raise ValueError(f"{option} is empty: {remedy}")
    for preset in presets:
        if not (preset.is_finite() and 0 < preset < _MOST):
            raise ValueError(f"{option} holds {preset}: {remedy}")


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the screen behaves."""

    #: Colours: dark, light, high-contrast, deutan, tritan, red-up, ansi, or a theme of your own.
    theme: str = "dark"
    #: Frames a second; 0 takes 10, or over SSH 4, which is kind to a slow link.
    frames_per_second: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0
    #: Keys to begin with: default, scalper or vim; `[keys]` changes single ones.
    keymap: str = "default"
    #: Frames, candles, arrows and lights in plain ASCII; the Linux console has them so in any case.
    ascii: bool = False
    #: Whether the mouse is used: a click focuses, chooses a row, and on the ladder's cursor does what its key does.
    mouse: bool = True
    #: Spare a slow link: fewer frames, no mouse; `auto` looks whether this is SSH.
    remote: Literal["auto", "yes", "no"] = "auto"
    #: Symbols of the watchlist; empty takes the exchange's busiest.
    watchlist: tuple[str, ...] = ()
    #: The symbol shown at start; empty takes the first of the watchlist.
    symbol: str = ""
    #: Size presets on the ladder's digits, in dollars; each is turned into lots of the symbol.
    size_presets: tuple[Decimal, ...] = (Decimal(100), Decimal(500), Decimal(1000), Decimal(5000), Decimal(10000))
    #: Presets of single symbols in base units (contracts on COIN-M), in place of those above.
    symbol_presets: dict[str, tuple[Decimal, ...]] = {}

    def __post_init__(self) -> None:
        _check_presets("size_presets", self.size_presets)
        for symbol, presets in self.symbol_presets.items():
            _check_presets(f"symbol_presets of {symbol}", presets)


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the trader is told of alerts, besides the log."""

    #: Ring the terminal's bell.
    bell: bool = True
    #: Ask the terminal for a desktop notification (OSC 9); terminals that know none show nothing.
    notify: bool = True
    #: A program and its arguments, run without a shell; kind, symbol and text of the alert follow as arguments.
    command: tuple[str, ...] = ()
    #: Seconds after which that program is ended.
    command_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=300)] = 10


class Safety(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands between the program and somebody else at its keyboard."""

    #: Minutes without a key after which the screen locks and the secret is dropped; zero never locks.
    lock_after_minutes: Annotated[int, msgspec.Meta(ge=0, le=1_440)] = 15
    #: Whether open positions stay readable on a locked screen.
    show_positions_when_locked: bool = False
    #: Whether real money needs the environment's name typed once per start before anything can be sent.
    confirm_real_money: bool = True


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `config.toml`."""

    limits: Limits = Limits()
    screen: Screen = Screen()
    safety: Safety = Safety()
    alerts: Alerts = Alerts()
    data: DataOptions = DataOptions()
    execution: ExecutionOptions = ExecutionOptions()
    reconciliation: ReconciliationOptions = ReconciliationOptions()
    environments: dict[str, Environment] = {}
    #: Keys of your own: `"ladder.close" = "e"`, or a list; `none` takes the key away. `?` names the actions.
    keys: dict[str, str | tuple[str, ...]] = {}

    def options_of(self, environment: str) -> "Options":
        """What holds in one environment."""
        own = self.environments.get(environment)
        source = own if own is not None else self
        return Options(source.data, source.execution, source.reconciliation)


def load_settings(path: Path) -> Settings:
    """Read settings; a missing file gives the defaults, a wrong one raises SettingsError naming what and where."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """The settings that this text of a file holds; raises SettingsError naming what is wrong and where."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(clean(f"{path} is not valid TOML: {error}")) from error
    try:
        raw = _with_flat_keys(_with_inherited(_with_one_connection(raw)))
        return _converted(raw)
    except _TwoConnectionsError as error:
        raise SettingsError(clean(f"{path}: {error}")) from error
    except msgspec.ValidationError as error:
        raise SettingsError(clean(f"{path}: {fault_words(error, raw, Settings, _converted)}", _LONGEST)) from error


def _converted(raw: dict[str, Any]) -> Settings:
    return msgspec.convert(raw, Settings, strict=True, dec_hook=_decimal)


def _with_flat_keys(raw: dict[str, Any]) -> dict[str, Any]:
    """`[keys]` by whole action ids: TOML reads the point of a bare `ladder.close` as a table in a table."""
    keys = raw.get("keys")
    if not isinstance(keys, dict):
        return raw
    flat: dict[str, Any] = {}
    for name, value in keys.items():
        flat |= {f"{name}.{rest}": each for rest, each in value.items()} if isinstance(value, dict) else {name: value}
    return {**raw, "keys": flat}


#: Options that other programs have for the data client and the execution client each; one session has them once.
_SHARED = ("venue", "key_type", "account_type", "base_url_http", "us", "testnet", "environment", "proxy_url")
#: What is called otherwise in `[execution]` elsewhere: the address of the account's streams.
_ALIASES = {"base_url_ws": "base_url_ws_user", "base_url_ws_stream": "base_url_ws_user"}


class _TwoConnectionsError(ValueError):
    """`[data]` and `[execution]` name different exchanges."""


def _with_one_connection(raw: dict[str, Any]) -> dict[str, Any]:
    """The tables with what `[execution]` says of the connection moved to `[data]`, for each environment as well."""
    environments = raw.get("environments")
    if isinstance(environments, dict):
        moved = {name: _with_one_connection(table) for name, table in environments.items() if isinstance(table, dict)}
        raw = {**raw, "environments": {**environments, **moved}}
    execution, data = raw.get("execution"), raw.get("data", {})
    if not isinstance(execution, dict) or not isinstance(data, dict):
        return raw
    shared = {name: value for name, value in execution.items() if name in _SHARED}
    for name, value in shared.items():
        if data.get(name, value) != value:
            raise _TwoConnectionsError(
                f"{name} is {value!r} in [execution] and {data[name]!r} in [data]: one session has one connection"
            )
    own = {_ALIASES.get(name, name): value for name, value in execution.items() if name not in _SHARED}
    return {**raw, "data": {**shared, **data}, "execution": own} if shared or own != execution else raw


def _with_inherited(raw: dict[str, Any]) -> dict[str, Any]:
    """The file's tables with the general options filled in where an environment overrides only some of them."""
    environments = raw.get("environments")
    if not isinstance(environments, dict):
        return raw
    filled = {name: _filled(table, raw) if isinstance(table, dict) else table for name, table in environments.items()}
    return {**raw, "environments": filled}


def _filled(table: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    merged = dict(table)
    for name in ("data", "execution", "reconciliation"):
        general, own = raw.get(name, {}), table.get(name, {})
        if isinstance(general, dict) and isinstance(own, dict):
            merged[name] = {**general, **own}
    return merged


def _decimal(type_: type, value: Any) -> Any:
    if type_ is Decimal and isinstance(value, int | float | str):
        return Decimal(str(value))
    raise ValueError(f"{value!r} is not a {type_.__name__}")
