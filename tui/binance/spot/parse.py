"""From payloads of the spot host to the domain: the one step where text becomes numbers and Binance's words ours.

Spot, cross and isolated margin share the payloads; `product` says whose order or asset it is.
"""

from decimal import Decimal

from tui.binance.errors import BALANCE_TOO_SMALL, REFUSED_WHEN_DUE, OutcomeUnknownError
from tui.binance.order_parameters import CONDITIONAL_TYPES
from tui.binance.spot.wire import (
    Account,
    AmendAnswer,
    OrderAnswer,
    OrderCommission,
    Rates,
    SymbolCommission,
    TradeFeeRow,
    TradeRow,
)
from tui.binance.wire import (
    name,
    number,
    order_status,
    order_type,
    positive,
    prevention_text,
    time_in_force,
    unfamiliar,
)
from tui.domain.account import Balance, Commission
from tui.domain.instrument import ContractKind, native_coin_symbol, program_symbol
from tui.domain.order import Fill, Order, OrderReport, OrderStatus
from tui.domain.order_terms import OrderType, PegPrice, SelfTradePrevention, Side, Terms, TimeInForce
from tui.domain.product import Product
from tui.domain.text import clean
from tui.keys.redaction import redact

ORDER_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.MARKET_IF_TOUCHED,
    "TAKE_PROFIT_LIMIT": OrderType.LIMIT_IF_TOUCHED,
}

#: Why an order ended or was refused, in words (spot API docs 2026-07-21, "expiryReason" and "Order Reject Reason").
_REASONS = {
    "OCO_TRIGGER": "cancelled by OCO",
    "OTO_PHASE_ONE_EXPIRED": "its entry ended unfilled",
    "REJECTED": REFUSED_WHEN_DUE,
    "EXCHANGE_CANCELED": "cancelled by the exchange",
    "UNFILLED_IOC_QUANTITY_EXPIRED": "the rest of an IOC order",
    "UNFILLED_FOK_ORDER_EXPIRED": "it could not be filled at once",
    "INSUFFICIENT_LIQUIDITY": "the book was too thin",
    "EXECUTION_RULE_PRICE_RANGE_EXCEEDED": "it would have traded outside the exchange's price range",
    "INSUFFICIENT_BALANCES": BALANCE_TOO_SMALL,
    "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY": "it would trigger at once",
    "WOULD_MATCH_IMMEDIATELY": "post-only, and it would have taken",
    "OCO_BAD_PRICES": "the prices of the OCO do not stand right to the market",
}


def symbol_of(product: Product, native: str) -> str:
    """The program's name of a symbol of the spot host."""
    return program_symbol(product, name(native), ContractKind.COIN)


def native_of(product: Product, symbol: str) -> str:
    """The exchange's name of a symbol of the program."""
    return native_coin_symbol(product, symbol)


def words(text: str) -> str:
    """Words of the exchange that may be shown."""
    return clean(redact(text), 300).strip()


def average(quote_quantity: str | None, filled: Decimal) -> Decimal | None:
    """Average price; None while nothing filled, and for very old orders, whose turnover is given as negative."""
    turnover = positive(quote_quantity)
    return turnover / filled if turnover and filled > 0 else None


def trader_type(raw: str, trailing_bps: int | None, stop_price: Decimal | None, price: Decimal | None) -> OrderType:
    """The exchange's type in the trader's words; the inverse of `order_fields.native_type`."""
    if trailing_bps and (raw, stop_price is None) in (("STOP_LOSS", True), ("TAKE_PROFIT", False)):
        return OrderType.TRAILING_STOP_MARKET
    return order_type(raw, ORDER_TYPES, price)


def terms_of(
    kind: OrderType,
    stop_price: Decimal | None,
    trailing_bps: int | None,
    display: Decimal | None,
    peg: str | None,
    peg_levels: int | None,
    prevention: str | None,
) -> Terms:
    """What the exchange says of an order beyond side, size and price; words not known here are left out."""
    trails = kind is OrderType.TRAILING_STOP_MARKET
    return Terms(
        trigger_price=None if trails else stop_price,
        activation_price=stop_price if trails else None,
        trailing_bps=trailing_bps or None,
        display_quantity=display,
        peg_price=PegPrice(peg) if peg in set(PegPrice) else None,
        peg_levels=peg_levels,
        self_trade_prevention=SelfTradePrevention(prevention) if prevention in set(SelfTradePrevention) else None,
    )


def status_of(raw: str, reason: str | None) -> OrderStatus:
    """The exchange's status; a leg that its sibling ended counts as cancelled, which nobody need worry about."""
    return OrderStatus.CANCELED if reason == "OCO_TRIGGER" else order_status(raw)


def report(answer: OrderAnswer, asked: Order | None = None, product: Product = Product.SPOT) -> OrderReport:
    """An answer about one order, under the client id that we gave it where we asked for it ourselves.

    A cancel changes the client id that the exchange keeps, so the order that was `asked` for decides. Raises ValueError
    for numbers that are none.
    """
    if answer.status and answer.executedQty is None:
        raise ValueError("executedQty is missing")
    filled, price, stop_price = number(answer.executedQty), positive(answer.price), positive(answer.stopPrice)
    raw_type = answer.type or ""
    is_told = bool(raw_type) or asked is None
    kind = trader_type(raw_type, answer.trailingDelta, stop_price, price) if is_told or asked is None else asked.type
    quantity = number(answer.origQty)
    if not quantity and asked is not None:
        quantity = asked.quantity
    told = terms_of(
        kind,
        stop_price,
        answer.trailingDelta,
        positive(answer.icebergQty),
        answer.pegPriceType,
        answer.pegOffsetValue,
        answer.selfTradePreventionMode,
    )
    return OrderReport(
        product=product,
        symbol=symbol_of(product, answer.symbol),
        client_order_id=asked.client_order_id if asked else name(answer.origClientOrderId or answer.clientOrderId),
        order_id=answer.orderId,
        # An acknowledgement has no status: the order was taken.
        status=status_of(answer.status, answer.expiryReason) if answer.status else OrderStatus.NEW,
        side=_side(answer.side, asked),
        type=kind,
        time_in_force=_life(answer.timeInForce, asked),
        quantity=quantity,
        filled=filled,
        price=positive(answer.peggedPrice) or price,
        average_price=average(answer.cummulativeQuoteQty, filled),
        time_ms=answer.updateTime or answer.transactTime or answer.time or 0,
        post_only=raw_type == "LIMIT_MAKER" or bool(asked and asked.post_only),
        terms=told if is_told or asked is None else asked.terms,
        reason=reason_text(answer.expiryReason) or prevention_text(answer.status),
        quote_quantity=positive(answer.origQuoteOrderQty),
        is_triggered=kind in CONDITIONAL_TYPES and bool(answer.isWorking or (answer.workingTime or 0) > 0),
        awaits_entry=answer.status == "PENDING_NEW",
        prevented=number(answer.preventedQuantity),
        list_id=answer.orderListId if answer.orderListId >= 0 else None,
        unfamiliar=unfamiliar(answer.status, answer.timeInForce, answer.type, ORDER_TYPES),
    )


def _side(raw: str | None, asked: Order | None) -> Side:
    if raw is None and asked is not None:
        return asked.side
    return Side(raw or "")


def _life(raw: str | None, asked: Order | None) -> TimeInForce:
    """GTD is kept by us alone: the exchange calls such an order GTC."""
    if asked is not None and (asked.time_in_force is TimeInForce.GTD or raw is None):
        return asked.time_in_force
    return time_in_force(raw)


def reason_text(*raw: str | None) -> str:
    """The first of these that says something, in words where they are known."""
    said = next((each for each in raw if each and each != "NONE"), "")
    return _REASONS.get(said, clean(said))


def cancel_report(
    answer: OrderAnswer, legs: list[OrderAnswer] | None, asked: Order, product: Product = Product.SPOT
) -> OrderReport:
    """What a cancel did to the order asked for; the answer names every leg where it belonged to a list."""
    if legs is None:
        return report(answer, asked, product)
    for leg in legs:
        if leg.orderId == asked.order_id or leg.origClientOrderId == asked.client_order_id:
            return report(leg, asked, product)
    raise OutcomeUnknownError("cancel: the answer does not name the order")


def amended_report(answer: AmendAnswer, asked: Order) -> OrderReport:
    """An order as an amendment left it."""
    order = answer.amendedOrder
    filled = number(order.executedQty)
    return OrderReport(
        product=asked.product,
        symbol=asked.symbol,
        client_order_id=asked.client_order_id,
        order_id=order.orderId,
        status=order_status(order.status) if order.status else OrderStatus.NEW,
        side=_side(order.side, asked),
        type=asked.type,
        time_in_force=asked.time_in_force,
        quantity=number(order.qty),
        filled=filled,
        price=positive(order.price) or asked.price,
        average_price=average(order.cumulativeQuoteQty, filled),
        time_ms=answer.transactTime,
        post_only=asked.post_only,
        terms=asked.terms,
        prevented=number(order.preventedQty),
        list_id=order.orderListId if order.orderListId >= 0 else asked.list_id,
        is_amendment=True,
    )


def fill(row: TradeRow, product: Product = Product.SPOT) -> Fill:
    """One of our executions; trade lists carry no client id, so it stays empty."""
    return Fill(
        product=product,
        symbol=symbol_of(product, row.symbol),
        trade_id=row.id,
        order_id=row.orderId,
        client_order_id="",
        side=Side.BUY if row.isBuyer else Side.SELL,
        price=number(row.price),
        quantity=number(row.qty),
        commission=number(row.commission),
        commission_asset=name(row.commissionAsset or ""),
        is_maker=row.isMaker,
        time_ms=row.time,
        is_estimated=row.commission is None,
    )


def balances(account: Account) -> list[Balance]:
    """All assets that are told, empty ones too."""
    return [
        Balance(Product.SPOT, name(row.asset), number(row.free), number(row.locked), account.updateTime)
        for row in account.balances
    ]


def commission(answer: SymbolCommission, symbol: str) -> Commission:
    """All that a trade costs: standard, tax and special, as fractions of what is received.

    `discount` is what paying in BNB leaves of the standard part.
    """
    return _commission(
        symbol,
        [answer.standardCommission, answer.taxCommission, answer.specialCommission],
        answer.discount.enabledForAccount and answer.discount.enabledForSymbol,
        answer.discount.discount,
    )


def order_commission(answer: OrderCommission, symbol: str) -> Commission | None:
    """What the tested order would cost; None where the exchange does not say."""
    standard = answer.standardCommissionForOrder
    if standard is None:
        return None
    return _commission(
        symbol,
        [standard, answer.taxCommissionForOrder, answer.specialCommissionForOrder],
        answer.discount.enabledForAccount and answer.discount.enabledForSymbol,
        answer.discount.discount,
    )


def _commission(symbol: str, kinds: list[Rates], is_discounted: bool, left: str | None) -> Commission:
    extra = sum((max(number(rates.buyer), number(rates.seller)) for rates in kinds), Decimal(0))
    maker = sum((number(rates.maker) for rates in kinds), extra)
    taker = sum((number(rates.taker) for rates in kinds), extra)
    remains = number(left)
    discount = 1 - remains if is_discounted and 0 < remains < 1 else Decimal(0)
    return Commission(symbol, maker, taker, discount)


def trade_fee(rows: list[TradeFeeRow], native: str, symbol: str) -> Commission:
    """The fee of one symbol; raises ValueError where it is not listed."""
    for row in rows:
        if row.symbol == native:
            return Commission(symbol, number(row.makerCommission), number(row.takerCommission))
    raise ValueError(f"no fee of {native} was told")
