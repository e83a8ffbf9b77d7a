"""Settings: typed, with their defaults and their documentation in one place."""

import difflib
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from tui.domain.product import Product, product_of
from tui.domain.text import clean

_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class SettingsError(Exception):
    """Settings that cannot be used; the text names the file, the value and the remedy."""


def _check_one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{option} is {value!r}; choose one of {', '.join(name for name in known if name)}")


class DataOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the exchange is and how its markets are followed, `[data]`; `[environments.NAME.data]` overrides it."""

    #: The venue's name in front of messages and in what is exported.
    venue: str = "BINANCE"
    #: HMAC, RSA or ED25519; empty tells it from the secret. Needed only for a bare Ed25519 seed.
    key_type: str = ""
    #: What to trade, side by side: SPOT, MARGIN, ISOLATED_MARGIN, USDT_FUTURES, COIN_FUTURES; empty is all but margin.
    account_type: str | tuple[str, ...] = ()
    #: Takes the place of the REST addresses of every product.
    base_url_http: str = ""
    #: Takes the place of the market stream addresses of every product.
    base_url_ws: str = ""
    #: Binance US; the same as the environment `us`.
    us: bool = False
    #: The same as the environment `testnet`.
    testnet: bool | None = None
    #: LIVE, TESTNET or DEMO, or a name of `[environments]`; what `run` takes when it is told no other.
    environment: str = ""
    #: Minutes between two readings of the instruments; 0 reads them once.
    update_instruments_interval_mins: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 60
    #: Seconds between two looks at whether symbols trade; 0 looks only when the instruments are read.
    instrument_status_poll_secs: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 3_600
    #: Spot prints from `@aggTrade` instead of `@trade`; futures have only aggregate ones.
    use_agg_trade_ticks: bool = False
    #: Every HTTP request and every socket goes through this proxy (http:// or https://), this machine apart.
    proxy_url: str = ""
    #: Milliseconds between two changes of a futures book; 0 sends each at once. Spot has 100 at the fastest.
    book_interval_ms: Literal[0, 100, 250, 500] = 100
    #: Levels a side of a book's snapshot.
    book_levels: Literal[100, 500, 1_000, 5_000] = 1_000
    #: Load every instrument, whatever `load_ids` and `filters` say.
    load_all: bool = False
    #: The only instruments to load, by symbol (`BTCUSDT-PERP`), with or without the venue behind a point.
    load_ids: tuple[str, ...] = ()
    #: Load only instruments whose `quote`, `base`, `margin_asset`, `kind` or `status` is this.
    filters: dict[str, str] = {}
    #: `module:function` of your own that takes an instrument and says whether to load it.
    filter_callable: str = ""
    #: Warn of instruments that cannot be read; they are left out either way.
    log_warnings: bool = True
    #: Ask for the fee rates of each futures symbol, 20 of weight a symbol, instead of the table of the fee tier.
    query_commission_rates: bool = False

    def __post_init__(self) -> None:
        _check_one_of("key_type", self.key_type.upper(), ("", "HMAC", "RSA", "ED25519"))
        for name in self.filters:
            _check_one_of("filters", name, ("quote", "base", "margin_asset", "kind", "status"))
        if self.proxy_url and not self.proxy_url.startswith(("http://", "https://")):
            raise ValueError(f"proxy_url is {self.proxy_url!r}; it begins with http:// or https://")
        if "@" in self.proxy_url:
            raise ValueError("proxy_url holds a password, which this file is no place for: set HTTPS_PROXY instead")
        if self.filter_callable and self.filter_callable.count(":") != 1:
            raise ValueError(f"filter_callable is {self.filter_callable!r}; write it as module:function")
        products = self.products
        name = self.environment_name
        if name == "us" and (wrong := [product for product in products if product.is_futures]):
            raise ValueError(f"Binance US has no futures: take {wrong[0].account_type} out of account_type")

    @property
    def products(self) -> tuple[Product, ...]:
        """The products of `account_type`, in order; none stands for all. Raises ValueError for an unknown one."""
        names = (self.account_type,) if isinstance(self.account_type, str) else self.account_type
        return tuple(dict.fromkeys(product_of(name) for name in names))

    @property
    def environment_name(self) -> str:
        """The environment meant by `environment`, `testnet` and `us`, empty for none; raises ValueError for two."""
        stated = {"live": "live", "testnet": "testnet", "demo": "demo-binance"}
        named = stated.get(self.environment.lower(), self.environment)
        if self.testnet and named not in ("", "testnet"):
            raise ValueError(f"testnet is true, yet environment is {self.environment!r}: keep one of them")
        if self.testnet is False and named == "testnet":
            raise ValueError(f"testnet is false, yet environment is {self.environment!r}: keep one of them")
        named = named or ("testnet" if self.testnet else "")
        if self.us and named not in ("", "live", "us"):
            raise ValueError(f"us is true, yet the environment is {named}: Binance US has only the real one")
        return "us" if self.us else named


class ExecutionOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How orders are sent and the account is followed, `[execution]`; `[environments.NAME.execution]` overrides it."""

    #: Address of the WebSocket API, path included.
    base_url_ws_api: str = ""
    #: Address of the futures account streams; empty takes the market streams' (`/private` where they are split).
    base_url_ws_user: str = ""
    #: Futures only: GTD is kept by the exchange; false sends GTC and cancels here when the time is up.
    use_gtd: bool = True
    #: Futures only: false never asks for reduce-only, which hedge mode needs.
    use_reduce_only: bool = True
    #: Positions are the exchange's; false keeps long and short apart here (virtual hedging).
    use_position_ids: bool = True
    #: USD-M: take executions from `TRADE_LITE`, which comes sooner and says less.
    use_trade_lite: bool = False
    #: Show what expired as cancelled, in all products and from all sources.
    treat_expired_as_canceled: bool = False
    #: Milliseconds after which the exchange must ignore a request that arrives late.
    recv_window_ms: Annotated[int, msgspec.Meta(ge=1, le=60_000)] = 5_000
    #: How often a request is tried again that certainly was not executed; 0 never.
    max_retries: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    #: Milliseconds before the first retry; each further one waits twice as long.
    retry_delay_initial_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 1_000
    #: Milliseconds that no retry waits longer than.
    retry_delay_max_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 10_000
    #: Leverage by futures symbol, set when the account is first read.
    futures_leverages: dict[str, Annotated[int, msgspec.Meta(ge=1, le=125)]] = {}
    #: CROSS or ISOLATED by futures symbol, set when the account is first read.
    futures_margin_types: dict[str, Literal["CROSS", "ISOLATED", "CROSSED"]] = {}
    #: Dead-man switch by futures symbol, begun at start: milliseconds of silence after which the exchange cancels all
    #: orders of the symbol, exits too.
    countdown_cancel_ms: dict[str, Annotated[int, msgspec.Meta(ge=5_000, le=86_400_000)]] = {}
    #: Failed renewals of a listen key in a row after which a new one is made.
    listen_key_ping_max_failures: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    #: A post-only order that would have taken is a warning; false makes it an error.
    log_rejected_due_post_only_as_warning: bool = True
    #: Place and cancel over the WebSocket API where there is one (spot, USD-M); REST before it is connected.
    use_ws_trading: bool = False
    #: Futures: conditional orders go to the service of their own that Binance has since December 2025; false sends them
    #: as ordinary orders, for exchanges that still want that.
    use_algo_service: bool = True
    #: Taker fee as a fraction, to estimate the fee of executions that state none.
    default_taker_fee: Decimal = Decimal("0.0004")
    #: What BNFCR, the credits of European accounts, count as.
    bnfcr_currency: str = "USDT"

    def __post_init__(self) -> None:
        if not 0 <= self.default_taker_fee < 1:
            raise ValueError(f"default_taker_fee is {self.default_taker_fee:f}; it is a fraction, 0.0004 is 0.04 %")
        if self.retry_delay_max_ms < self.retry_delay_initial_ms:
            raise ValueError(
                f"retry_delay_max_ms is {self.retry_delay_max_ms}, less than the first of {self.retry_delay_initial_ms}"
            )


class ReconciliationOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the account is compared with the exchange, `[reconciliation]`; `[environments.NAME.reconciliation]`."""

    #: Compare with the exchange at start and after each break.
    reconciliation: bool = True
    #: Minutes to look back at start; 0 as far as the exchange allows.
    reconciliation_lookback_mins: Annotated[int, msgspec.Meta(ge=0)] = 0
    #: Seconds after the start before anything is compared regularly.
    reconciliation_startup_delay_secs: Annotated[int, msgspec.Meta(ge=0, le=600)] = 10
    #: Milliseconds between two looks for orders without an answer; 0 never looks.
    inflight_check_interval_ms: _Milliseconds = 2_000
    #: An order without an answer for this long is asked about.
    inflight_check_threshold_ms: _Milliseconds = 5_000
    #: How often it is asked about.
    inflight_check_retries: _Count = 5
    #: Seconds between two comparisons of the open orders; 0 never compares.
    open_check_interval_secs: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 15
    #: Compare open orders only, not those that closed lately.
    open_check_open_only: bool = True
    #: Minutes that closed orders are looked back at.
    open_check_lookback_mins: Annotated[int, msgspec.Meta(ge=1)] = 60
    #: An order that changed less than this ago is left alone.
    open_check_threshold_ms: _Milliseconds = 5_000
    #: How often an order must be missing at the exchange before it is believed.
    open_check_missing_retries: _Count = 5
    #: Orders asked about one by one in a comparison.
    max_single_order_queries_per_cycle: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 10
    #: Milliseconds between two of them.
    single_order_query_delay_ms: _Milliseconds = 100
    #: Seconds between two comparisons of the positions; 0 never compares.
    position_check_interval_secs: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 60
    #: Minutes of executions that may explain a difference.
    position_check_lookback_mins: Annotated[int, msgspec.Meta(ge=1)] = 60
    #: A position that changed less than this ago is left alone.
    position_check_threshold_ms: _Milliseconds = 5_000
    #: How often a difference must be seen before it is believed.
    position_check_retries: _Count = 3
    #: Make up orders and executions that explain what the exchange reports.
    generate_missing_orders: bool = True
    #: Leave out orders that this program did not place.
    filter_unclaimed_external_orders: bool = False
    #: Leave out what the exchange says of positions.
    filter_position_reports: bool = False
    #: Take executions beyond an order's quantity.
    allow_overfills: bool = False


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

    #: Largest value of one order in quote units.
    max_order_notional: Decimal = Decimal(50_000)
    #: Largest quantity of one order in base units.
    max_order_quantity: Decimal = Decimal(0)
    #: Largest value of a position in quote units, with all its entries filled; on spot, of the coins held.
    max_position_notional: Decimal = Decimal(0)
    #: Most entries that may work at a time, over all symbols; protective orders do not count.
    max_open_orders: int = 200
    #: Loss of one day (since midnight UTC, in USDT) after which only positions may be closed.
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


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the screen behaves."""

    #: Colours: dark, light, high-contrast, deutan, tritan, red-up, ansi, or a theme of your own.
    theme: str = "dark"
    #: Frames a second; 0 takes 10, or over SSH 4, which is kind to a slow link.
    frames_per_second: int = 0
    #: Keys to begin with: default, scalper or vim; `[keys]` changes single ones.
    keymap: str = "default"
    #: Frames, candles, arrows and lights in plain ASCII.
    ascii: bool = False
    #: Whether the mouse is used: a click focuses and chooses a row, the wheel scrolls. It never sends an order.
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


class Safety(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands between the program and somebody else at its keyboard."""

    #: Minutes without a key after which the screen locks and the secret is dropped; zero never locks.
    lock_after_minutes: Annotated[int, msgspec.Meta(ge=0, le=1_440)] = 15
    #: Whether open positions stay readable on a locked screen.
    show_positions_when_locked: bool = False
    #: Whether real money needs the environment's name typed once per start before anything can be sent.
    confirm_real_money: bool = True


class Options(msgspec.Struct, frozen=True):
    """The options that hold in one environment."""

    data: DataOptions = DataOptions()
    execution: ExecutionOptions = ExecutionOptions()
    reconciliation: ReconciliationOptions = ReconciliationOptions()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `config.toml`."""

    limits: Limits = Limits()
    screen: Screen = Screen()
    safety: Safety = Safety()
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
        return msgspec.convert(_with_flat_keys(_with_inherited(raw)), Settings, strict=True, dec_hook=_decimal)
    except msgspec.ValidationError as error:
        raise SettingsError(clean(f"{path}: {error}{_nearest(raw, Settings)}")) from error


def _with_flat_keys(raw: dict[str, Any]) -> dict[str, Any]:
    """`[keys]` by whole action ids: TOML reads the point of a bare `ladder.close` as a table in a table."""
    keys = raw.get("keys")
    if not isinstance(keys, dict):
        return raw
    flat: dict[str, Any] = {}
    for name, value in keys.items():
        flat |= {f"{name}.{rest}": each for rest, each in value.items()} if isinstance(value, dict) else {name: value}
    return {**raw, "keys": flat}


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


_SECRETS = ("api_key", "api_secret", "private_key", "passphrase")


def _nearest(raw: dict[str, Any], model: Any) -> str:
    """A hint for the first unknown key, at any depth: the nearest known one."""
    struct = _struct_in(model)
    if struct is None:
        return ""
    known = {field.name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in raw.items():
        if key not in known:
            if key in _SECRETS:
                return " — keys and secrets are not kept in this file: binance-tui keys add"
            match = difflib.get_close_matches(key, known, n=1)
            return f" — did you mean {match[0]!r}?" if match else ""
        inner = known[key]
        tables = value.values() if getattr(inner, "__origin__", None) is dict else [value]
        for table in tables if isinstance(value, dict) else ():
            if isinstance(table, dict) and (hint := _nearest(table, inner)):
                return hint
    return ""


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    """The struct that a table is read into: itself, the one of `X | None`, or the values of a dict."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    found = [_struct_in(argument) for argument in getattr(annotation, "__args__", ())]
    return next((one for one in found if one is not None), None)
