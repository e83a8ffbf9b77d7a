"""Which exchange to connect to, with which keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tui.binance.environment import ENVIRONMENTS, AddressError, EnvironmentUrls, ProductUrls, environment_urls
from tui.binance.signing import Credentials, KeyFormatError, signer_for
from tui.cli.key_lock import KeyLock, by_key_passphrase, by_passphrase, by_tail
from tui.cli.key_passphrase import ask_key_passphrase
from tui.config import Settings
from tui.domain.product import Product
from tui.keys.environment_variables import KeyMissingError, KeyPair, key_from_variables
from tui.keys.key_material import KeyKind, KeyMaterialError, is_encrypted
from tui.keys.secret import Secret
from tui.keys.store import KeyStore
from tui.keys.stored_key import KeptIn, KeysError

#: The products that are opened unless `account_type` names others; margin is opened only when it is named, because not
#: every account has it.
PRODUCTS = (Product.SPOT, Product.USDM, Product.COINM)


class PlaceError(Exception):
    """An environment that cannot be used; the text names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """An environment with its addresses and keys; a product without keys shows market data only."""

    name: str
    real_money: bool
    urls: dict[Product, ProductUrls]
    credentials: dict[Product, Credentials]
    account: str
    #: Folder that keeps the journal and everything else of this place; the name, unless one name means several.
    folder: str = ""
    #: What locks and unlocks these keys; None where there are none, or only play money.
    lock: KeyLock | None = None


def place_of(
    name: str,
    settings: Settings,
    variables: Mapping[str, str],
    keys: KeyStore | None = None,
    account: str | None = None,
    ask: Callable[[], Secret] = ask_key_passphrase,
) -> Place:
    """The named environment, of the settings or of Binance, with the keys of an account.

    Keys are those of the named account, else of the stored default account of the environment, else those of the
    environment variables; never some of one and some of the other. `ask` gives the passphrase of an encrypted private
    key. Raises PlaceError for an unknown name, an unusable address, account or key.
    """
    try:
        known = addresses_of(name, settings)
        products = _products_of(name, settings)
        urls = {product: found for product in products if (found := known.of(product)) is not None}
        chosen = keys.account(name, account) if keys is not None else None
        if keys is not None and chosen is not None:
            pairs = _stored_pairs(keys, name, chosen, urls)
        else:
            pairs = {product: key_from_variables(name, variables, futures=product.is_futures) for product in urls}
        credentials = _credentials(pairs, settings.options_of(name).data.key_type, ask)
    except (AddressError, KeyFormatError, KeyMaterialError, KeyMissingError, KeysError) as error:
        raise PlaceError(f"environment {name}: {error}") from error
    masked = next((pair.masked for pair in pairs.values() if pair is not None), "no key")
    lock: KeyLock | None = None
    if credentials:
        load = partial(_credentials_of, name, settings, variables, keys, account)
        if keys is not None and chosen is not None and _is_in_file(keys, name, chosen, urls):
            lock = by_passphrase(keys.keyrings.file, credentials, load, (PlaceError,))
        else:
            secrets = [pair.secret for pair in pairs.values() if pair is not None]
            sealed = [secret for secret in secrets if is_encrypted(secret.reveal())]
            if sealed:
                lock = by_key_passphrase(sealed[0], credentials, load, (PlaceError,))
            else:
                lock = by_tail(secrets, credentials, load, (PlaceError,))
    shown = f"{chosen} {masked}" if chosen else masked
    return Place(name, known.real_money, urls, credentials, shown, lock=lock)


def _credentials_of(
    name: str,
    settings: Settings,
    variables: Mapping[str, str],
    keys: KeyStore | None,
    account: str | None,
    ask: Callable[[], Secret] = ask_key_passphrase,
) -> dict[Product, Credentials]:
    """The credentials alone, read afresh."""
    return place_of(name, settings, variables, keys, account, ask).credentials


def _is_in_file(keys: KeyStore, name: str, account: str, urls: Mapping[Product, ProductUrls]) -> bool:
    """Whether every key of an account is in the encrypted file."""
    stored = [keys.for_product(name, account, futures=product.is_futures) for product in urls]
    return all(key.kept_in is KeptIn.FILE for key in stored if key is not None)


def addresses_of(name: str, settings: Settings) -> EnvironmentUrls:
    """Where an environment lives; raises PlaceError for an unknown name, AddressError for an unusable address."""
    known = environment_urls(name, settings)
    if known is None:
        names = ", ".join(dict.fromkeys([*ENVIRONMENTS, *settings.environments]))
        raise PlaceError(
            f"there is no environment {name!r}; choose one of {names}, or add [environments.{name}] to the settings"
        )
    return known


def _products_of(name: str, settings: Settings) -> tuple[Product, ...]:
    """The products that the settings ask for, else those that every account may have."""
    return settings.options_of(name).data.products or PRODUCTS


def _stored_pairs(
    keys: KeyStore, name: str, account: str, urls: Mapping[Product, ProductUrls]
) -> dict[Product, KeyPair | None]:
    """The account's key of each product; one key that serves several products is taken out of its keyring once."""
    stored = {product: keys.for_product(name, account, futures=product.is_futures) for product in urls}
    read = {key.item: keys.read(key) for key in {each.item: each for each in stored.values() if each}.values()}
    return {product: read[key.item] if key else None for product, key in stored.items()}


def _credentials(
    pairs: Mapping[Product, KeyPair | None], key_type: str, ask: Callable[[], Secret]
) -> dict[Product, Credentials]:
    """The credentials of each product; one secret that serves several is read, and its passphrase asked for, once."""
    stated = KeyKind(key_type.lower()) if key_type else None
    made: dict[tuple[str, str], Credentials] = {}
    for pair in pairs.values():
        if pair is None or (key := (pair.api_key, pair.secret.reveal())) in made:
            continue
        made[key] = Credentials(pair.api_key, signer_for(pair.secret.reveal(), stated=stated, ask_passphrase=ask))
    return {product: made[pair.api_key, pair.secret.reveal()] for product, pair in pairs.items() if pair is not None}


def place_of_demo(ready: Mapping[str, Any], folder: str, products: Sequence[Product] = ()) -> Place:
    """The embedded exchange, from the line it prints when it is ready; its HMAC key is used for every product.

    `products` are those that the settings ask for, if any.
    """
    hosts = {product: product if product.is_futures else Product.SPOT for product in products or PRODUCTS}
    urls = {
        product: ProductUrls(ready[host]["rest"], ready[host]["ws"], ready[host]["ws_api"])
        for product, host in hosts.items()
        if host in ready
    }
    key = next(key for key in ready["keys"] if key["type"] == "HMAC")
    credentials = Credentials(key["api_key"], signer_for(key["api_secret"]))
    return Place("demo", False, urls, dict.fromkeys(urls, credentials), "play money", folder)
