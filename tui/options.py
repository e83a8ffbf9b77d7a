"""The options of data and execution clients, as other programs for Binance have them; read from `config.toml`."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from tui.domain.product import Product, product_of

_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


def _check_one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{option} is {value!r}; choose one of {', '.join(name for name in known if name)}")


class DataOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the exchange is and how its markets are followed, `[data]`; `[environments.NAME.data]` overrides it."""

    #: The exchange's name: in what is exported, and behind the point of symbols in `load_ids` (`BTCUSDT.BINANCE`).
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
    #: Levels a side of books beside the one in focus, from the partial depth streams, which need no snapshot; 0 keeps
    #: them whole. The screen says where only the top of a book is followed.
    levels_beside: Literal[0, 5, 10, 20] = 0
    #: USD-M: the order book shows retail price improvement orders too, twice a second; the ladder and the guards keep
    #: to the ordinary book, which has none.
    rpi_book: bool = False
    #: How spot's market data is read: as JSON, the only way there is here.
    spot_market_data_mode: str = "JSON"
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
        _check_one_of("spot_market_data_mode", self.spot_market_data_mode.upper(), ("JSON",))
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
    #: Positions are the exchange's. False keeps long and short of our own over its one net position (virtual hedging,
    #: futures in one-way mode).
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
        if not (self.default_taker_fee.is_finite() and 0 <= self.default_taker_fee < 1):
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
    #: Seconds between two comparisons of the open orders of symbols that may have some (of all symbols: every five
    #: minutes, and after each break); 0 never compares.
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
    #: Do not compare the positions that the exchange states with the executions heard of.
    filter_position_reports: bool = False
    #: Take executions beyond an order's quantity.
    allow_overfills: bool = False


class Options(msgspec.Struct, frozen=True):
    """The options that hold in one environment."""

    data: DataOptions = DataOptions()
    execution: ExecutionOptions = ExecutionOptions()
    reconciliation: ReconciliationOptions = ReconciliationOptions()
