"""Settings: typed, with their defaults and their documentation in one place."""

import difflib
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from tui.domain.text import clean


class SettingsError(Exception):
    """Settings that cannot be used; the text names the file, the value and the remedy."""


class Hosts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one product of an environment lives; base addresses without a path."""

    rest: str
    ws: str
    ws_api: str = ""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exchange to connect to, written as a table `[environments.NAME]`."""

    spot: Hosts | None = None
    usdm: Hosts | None = None
    coinm: Hosts | None = None
    #: Whether orders move real money; shown in words in the header.
    real_money: bool = True


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Guards with a number; zero switches one off."""

    #: Largest value of one order in quote units.
    max_order_notional: Decimal = Decimal(50_000)
    #: Largest quantity of one order in base units.
    max_order_quantity: Decimal = Decimal(0)
    #: Farthest a limit price may be from the middle of the book, in percent.
    price_distance_percent: Decimal = Decimal(5)
    #: Equal orders (symbol, side, price, size) within this time are taken for a slip.
    duplicate_window_ms: int = 1_000
    #: A book or user link not heard of for this long is stale.
    stale_after_ms: int = 3_000
    #: ARMED falls back to LOCKED after this long without a trading key.
    armed_for_s: int = 300


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the screen behaves."""

    theme: str = "dark"
    #: Frames a second; 0 takes 10, or over SSH 4, which is kind to a slow link.
    frames_per_second: int = 0
    #: Symbols of the watchlist; empty takes the exchange's busiest.
    watchlist: tuple[str, ...] = ()
    #: The symbol shown at start; empty takes the first of the watchlist.
    symbol: str = ""
    #: Size presets on the ladder's digits, in quote units; each is turned into lots of the symbol.
    size_presets: tuple[Decimal, ...] = (Decimal(100), Decimal(500), Decimal(1000), Decimal(5000), Decimal(10000))


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
    environments: dict[str, Environment] = {}
    #: Milliseconds after which the exchange must ignore a request that arrives late.
    recv_window_ms: int = 5_000


def load_settings(path: Path) -> Settings:
    """Read settings; a missing file gives the defaults, a wrong one raises SettingsError naming what and where."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(clean(f"{path} is not valid TOML: {error}")) from error
    try:
        return msgspec.convert(raw, Settings, strict=True, dec_hook=_decimal)
    except msgspec.ValidationError as error:
        raise SettingsError(clean(f"{path}: {error}{_nearest(raw, Settings)}")) from error


def _decimal(type_: type, value: Any) -> Any:
    if type_ is Decimal and isinstance(value, int | float | str):
        return Decimal(str(value))
    raise ValueError(f"{value!r} is not a {type_.__name__}")


def _nearest(raw: dict[str, Any], model: type[msgspec.Struct]) -> str:
    """A hint naming the nearest known key for the first unknown one, at any depth."""
    known = {field.name: field.type for field in msgspec.structs.fields(model)}
    for key, value in raw.items():
        if key not in known:
            match = difflib.get_close_matches(key, known, n=1)
            return f" — did you mean {match[0]!r}?" if match else ""
        inner = known[key]
        if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            hint = _nearest(value, inner)
            if hint:
                return hint
    return ""
