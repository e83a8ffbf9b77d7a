"""What trading a coin costs the account: asked of the newest address that the host knows."""

import msgspec

from tui.binance.call import Call
from tui.binance.errors import BinanceError
from tui.binance.http import RestTransport
from tui.binance.spot import parse, wire
from tui.binance.wire import answered
from tui.domain.account import Commission
from tui.domain.instrument import Instrument

# Weights: spot API docs 2026-07-21; the older address: wallet docs, and those of Binance US.
_COMMISSION = Call("GET", "/api/v3/account/commission", weight=20, signed=True)
_TRADE_FEE = Call("GET", "/sapi/v1/asset/tradeFee", weight=1, signed=True)
_TRADING_FEE_US = Call("GET", "/sapi/v1/asset/query/trading-fee", weight=1, signed=True)
_NO_SUCH_ADDRESS = (404, 405, 410)

_COMMISSION_ANSWER = msgspec.json.Decoder(wire.SymbolCommission)
_FEES_ANSWER = msgspec.json.Decoder(list[wire.TradeFeeRow])


async def commission(rest: RestTransport, instrument: Instrument, *, is_us: bool) -> Commission:
    """The account's rates for one symbol, taxes included; raises RefusedError or OutcomeUnknownError."""
    parameters = {"symbol": instrument.native}
    if is_us:
        return await _fee(rest, _TRADING_FEE_US, instrument)
    try:
        body = await rest.request(_COMMISSION, parameters)
    except BinanceError as error:
        if error.http_status not in _NO_SUCH_ADDRESS:
            raise
        return await _fee(rest, _TRADE_FEE, instrument)
    return answered(_COMMISSION_ANSWER, body, _COMMISSION.path, lambda told: parse.commission(told, instrument.symbol))


async def _fee(rest: RestTransport, call: Call, instrument: Instrument) -> Commission:
    body = await rest.request(call, {"symbol": instrument.native})
    return answered(
        _FEES_ANSWER, body, call.path, lambda rows: parse.trade_fee(rows, instrument.native, instrument.symbol)
    )
