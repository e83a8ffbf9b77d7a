"""What an API key may do, asked of Binance with real signed requests that change nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from tui.binance.environment import ProductUrls
from tui.binance.errors import CREDENTIAL_CODES, BinanceError
from tui.binance.http import Call, RestTransport
from tui.binance.limits import RateLimits
from tui.binance.signing import Credentials
from tui.binance.wire import decode_answer
from tui.domain.product import Product

_ANSWER_S = 6.0
_WEIGHT_PER_MINUTE = 2_400
_KEY_STATUSES = (401, 403)


class KeyPermissions(msgspec.Struct, frozen=True, rename="camel"):
    """`GET /sapi/v1/account/apiRestrictions` (Binance wallet docs, "Get API Key Permission").

    An answer without the first three is no answer: nobody may be told that a key cannot withdraw when nobody knows.
    """

    ip_restrict: bool
    enable_reading: bool
    enable_withdrawals: bool
    enable_spot_and_margin_trading: bool = False
    enable_margin: bool = False
    enable_futures: bool = False
    enable_vanilla_options: bool = False
    enable_portfolio_margin_trading: bool = False
    enable_internal_transfer: bool = False
    permits_universal_transfer: bool = False
    #: Epoch milliseconds; only keys that are not limited to addresses lose the right to trade.
    trading_authority_expiration_time: int = 0


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """What one product said to the key; `problem` is empty when it accepted the signature.

    `can_trade` is the account's flag. `is_key_refused` tells a bad key from a host that did not answer.
    """

    product: Product
    can_trade: bool = False
    problem: str = ""
    code: int | None = None
    is_key_refused: bool = False
    clock_offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """All that was learned of a key; `permissions` is None where the exchange does not tell them."""

    answers: tuple[ProductAnswer, ...]
    permissions: KeyPermissions | None
    untold: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether every product accepted the key."""
        return bool(self.answers) and not any(answer.problem for answer in self.answers)


class _Flags(msgspec.Struct):
    canTrade: bool = False


@dataclass(frozen=True, slots=True)
class _Calls:
    time_path: str
    account: Call


_SPOT = _Calls("/api/v3/time", Call("GET", "/api/v3/account", weight=20, signed=True))
_CALLS = {
    Product.SPOT: _SPOT,
    Product.MARGIN: _SPOT,
    Product.ISOLATED_MARGIN: _SPOT,
    Product.USDM: _Calls("/fapi/v1/time", Call("GET", "/fapi/v1/accountConfig", weight=5, signed=True)),
    Product.COINM: _Calls("/dapi/v1/time", Call("GET", "/dapi/v1/account", weight=5, signed=True)),
}
_RESTRICTIONS = Call("GET", "/sapi/v1/account/apiRestrictions", weight=1, signed=True)
_FLAGS = msgspec.json.Decoder(_Flags)
_PERMISSIONS = msgspec.json.Decoder(KeyPermissions)


async def check_key(urls: Mapping[Product, ProductUrls], credentials: Mapping[Product, Credentials]) -> KeyCheck:
    """Ask each product that has a key; raises nothing: what failed stands in the answers."""
    answers = []
    permissions, untold = None, "permissions are told by spot only, and there is no spot key"
    for product, url in urls.items():
        if product not in credentials:
            continue
        calls = _CALLS[product]
        rest = RestTransport(
            url.rest, calls.time_path, RateLimits(_WEIGHT_PER_MINUTE), credentials[product], answer_s=_ANSWER_S
        )
        try:
            answer = await _ask(rest, product, calls.account)
            if product is Product.SPOT:
                permissions, untold = await _permissions(rest, answer)
        finally:
            await rest.close()
        answers.append(answer)
    return KeyCheck(tuple(answers), permissions, untold)


async def _ask(rest: RestTransport, product: Product, call: Call) -> ProductAnswer:
    try:
        await rest.measure_clock()
        flags = decode_answer(_FLAGS, await rest.request(call), call.path)
    except BinanceError as error:
        is_refused = error.code in CREDENTIAL_CODES or error.http_status in _KEY_STATUSES
        offset_ms = rest.clock.offset_ms
        return ProductAnswer(
            product, problem=str(error), code=error.code, is_key_refused=is_refused, clock_offset_ms=offset_ms
        )
    return ProductAnswer(product, flags.canTrade, clock_offset_ms=rest.clock.offset_ms)


async def _permissions(rest: RestTransport, answer: ProductAnswer) -> tuple[KeyPermissions | None, str]:
    if answer.problem:
        return None, "the key was not accepted"
    try:
        return decode_answer(_PERMISSIONS, await rest.request(_RESTRICTIONS), _RESTRICTIONS.path), ""
    except BinanceError as error:
        return None, "this exchange has no such address" if error.http_status == 404 else str(error)
