"""API keys from environment variables, the last place to look."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui.keys.secret import Secret


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One API key; the secret is an HMAC secret or a private key in PEM."""

    api_key: str
    secret: Secret

    @property
    def masked(self) -> str:
        """The API key as it may be shown: first and last four characters."""
        return f"{self.api_key[:4]}…{self.api_key[-4:]}" if len(self.api_key) > 12 else "…"


_OUTDATED = re.compile(r"BINANCE_(?:FUTURES_)?(?:TESTNET_)?ED25519_API_(?:KEY|SECRET)")


class KeyMissingError(Exception):
    """No usable key where one is needed; the text names the variables and what to do."""


# Names per environment; live variables are never used for another environment, nor the reverse.
_PREFIXES = {
    ("live", False): "BINANCE",
    ("live", True): "BINANCE",
    ("us", False): "BINANCE",
    ("testnet", False): "BINANCE_TESTNET",
    ("testnet", True): "BINANCE_FUTURES_TESTNET",
    ("demo-binance", False): "BINANCE_DEMO",
    ("demo-binance", True): "BINANCE_DEMO",
}


def variable_names(environment: str, *, futures: bool) -> tuple[str, str]:
    """The variables that hold key and secret; an environment of the settings called `lab` reads `BINANCE_LAB_…`."""
    prefix = _PREFIXES.get((environment, futures))
    if prefix is None:
        prefix = "BINANCE_" + "".join(ch if ch.isalnum() else "_" for ch in environment.upper())
    return f"{prefix}_API_KEY", f"{prefix}_API_SECRET"


def key_from_variables(environment: str, variables: Mapping[str, str], *, futures: bool) -> KeyPair | None:
    """The key pair of an environment, None when neither variable is set; raises KeyMissingError when one is missing."""
    key_name, secret_name = variable_names(environment, futures=futures)
    key, secret_is_set = variables.get(key_name, "").strip(), bool(variables.get(secret_name, "").strip())
    if not key and not secret_is_set:
        return None
    if not key or not secret_is_set:
        missing = secret_name if key else key_name
        raise KeyMissingError(f"{missing} is not set, its partner is: set both or neither")
    return KeyPair(key, Secret(variables[secret_name].strip().replace("\\n", "\n")))


def outdated_names(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Variables with a name of the time when Ed25519 keys had names of their own, each with the name that is read."""
    return [(name, name.replace("_ED25519", "")) for name in sorted(variables) if _OUTDATED.fullmatch(name)]


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that is not to have our keys."""
    return {name: value for name, value in variables.items() if not name.startswith("BINANCE_")}
