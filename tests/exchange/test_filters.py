from decimal import Decimal as D

import pytest
from venues import futures_venue, limit, market, spot_venue

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.exchange.catalogue import listings
from tui.exchange.filters import decimals
from tui.exchange.orders import OrderEntry
from tui.exchange.rejection import Rejection

BUY, SELL = Side.BUY, Side.SELL

SPOT = [
    (limit(BUY, "0.1", "90000.001"), -1013, "Filter failure: PRICE_FILTER"),
    (limit(BUY, "0.1", "0"), -1013, "Filter failure: PRICE_FILTER"),
    (limit(BUY, "0.1", "2000000"), -1013, "Filter failure: PRICE_FILTER"),
    (limit(BUY, "0.1", "900000"), -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    (limit(SELL, "0.1", "9000"), -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    (limit(BUY, "0.000001", "90000"), -1013, "Filter failure: LOT_SIZE"),
    (limit(BUY, "0", "90000"), -1013, "Filter failure: LOT_SIZE"),
    (limit(BUY, "9001", "90000"), -1013, "Filter failure: LOT_SIZE"),
    (market(BUY, "121"), -1013, "Filter failure: MARKET_LOT_SIZE"),
    (limit(BUY, "0.00005", "90000"), -1013, "Filter failure: NOTIONAL"),
    (market(BUY, "0.00005"), -1013, "Filter failure: NOTIONAL"),
    (OrderEntry("BTCUSDT", BUY, "MARKET", quote_quantity=D("4.99")), -1013, "Filter failure: NOTIONAL"),
    (limit(BUY, "0.1", "90000.000000001"), -1111, "Parameter 'price' has too much precision."),
    (limit(BUY, "0.123456789", "90000"), -1111, "Parameter 'quantity' has too much precision."),
    (OrderEntry("BTCUSDT", BUY, "LIMIT", None, D(1), None, D(1)), -1102, "Mandatory parameter 'timeInForce'"),
    (OrderEntry("BTCUSDT", BUY, "LIMIT", "GTC", D(1)), -1102, "Mandatory parameter 'price'"),
    (OrderEntry("BTCUSDT", BUY, "MARKET"), -1102, "Mandatory parameter 'quantity'"),
    (OrderEntry("BTCUSDT", BUY, "MARKET", "GTC", D(1)), -1106, "Parameter 'timeInForce' sent when not required."),
    (OrderEntry("BTCUSDT", BUY, "MARKET", None, D(1), None, D(1)), -1106, "Parameter 'price'"),
    (limit(BUY, "1", "90000", tif="GTX"), -1115, "Invalid timeInForce."),
    (OrderEntry("BTCUSDT", BUY, "NONSENSE", None, D(1)), -1116, "Invalid orderType."),
    (
        limit(BUY, "1", "90000", client_order_id="a b"),
        -1100,
        "Illegal characters found in parameter 'newClientOrderId'",
    ),
    (limit(BUY, "1", "90000", client_order_id="a" * 37), -1100, "Illegal characters found"),
    (limit(BUY, "1", "90000", self_trade_prevention="MAYBE"), -1013, "This symbol does not allow"),
]

FUTURES = [
    (limit(BUY, "0.1", "91000.05"), -4014, "Price not increased by tick size."),
    (limit(BUY, "0.1", "91000.001"), -1111, "Precision is over the maximum defined for this asset."),
    (limit(BUY, "0.0001", "91000"), -1111, "Precision is over the maximum defined for this asset."),
    (limit(BUY, "0.1", "0"), -4001, "Price less than 0."),
    (limit(BUY, "0.1", "9000001"), -4002, "Price greater than max price."),
    (limit(BUY, "0", "91000"), -4003, "Quantity less than or equal to zero."),
    (limit(BUY, "1001", "91000"), -4005, "Quantity greater than max quantity."),
    (market(BUY, "121"), -4005, "Quantity greater than max quantity."),
    (limit(BUY, "0.1", "96000"), -4016, "Limit price can't be higher than "),
    (limit(SELL, "0.1", "86000"), -4024, "Limit price can't be lower than "),
    (
        limit(BUY, "0.001", "49000"),
        -4164,
        "Order's notional must be no smaller than 50 (unless you choose reduce only)",
    ),
    (limit(BUY, "0.1", "91000", client_order_id="a b"), -4015, "Client order id is not valid."),
    (limit(BUY, "0.1", "91000", position_side="LONG"), -4061, "Order's position side does not match user's setting."),
    (limit(BUY, "0.1", "91000", reduce_only=True), -2022, "ReduceOnly Order is rejected."),
    (OrderEntry("BTCUSDT", BUY, "STOP_MARKET", None, D(1)), -4120, "Order type not supported for this endpoint."),
    (limit(BUY, "100", "91000"), -2019, "Margin is insufficient."),
]


@pytest.mark.parametrize(("entry", "code", "words"), SPOT)
def test_spot_refuses_in_binances_words(entry, code, words):
    venue, told = spot_venue()
    with pytest.raises(Rejection) as refused:
        venue.place("ann", entry)
    assert refused.value.code == code
    assert refused.value.msg.startswith(words)
    assert refused.value.http == 400
    assert told.orders == []


@pytest.mark.parametrize(("entry", "code", "words"), FUTURES)
def test_futures_refuse_in_binances_words(entry, code, words):
    venue, told = futures_venue()
    with pytest.raises(Rejection) as refused:
        venue.place("ann", entry)
    assert (refused.value.code, refused.value.msg[: len(words)]) == (code, words)
    assert told.orders == []


def test_step_size_of_a_contract_whose_precision_is_finer_than_its_step():
    venue, _ = futures_venue()
    with pytest.raises(Rejection, match="-1111"):
        venue.place("ann", limit(BUY, "1.5", "15", symbol="AVAXUSDT"))


def test_no_more_than_two_hundred_open_orders():
    venue, _ = spot_venue()
    for _ in range(200):
        venue.place("ann", limit(BUY, "0.0001", "90000"))
    with pytest.raises(Rejection, match="-1013 Filter failure: MAX_NUM_ORDERS"):
        venue.place("ann", limit(BUY, "0.0001", "90000"))
    venue.place("bob", limit(BUY, "0.0001", "90000"))


@pytest.mark.parametrize(("text", "places"), [("1", 0), ("100", 0), ("1.10", 1), ("0.00000001", 8), ("0", 0)])
def test_decimals_ignore_trailing_zeros(text, places):
    assert decimals(D(text)) == places


def test_the_catalogue_is_as_wide_as_promised_and_whole():
    spot, perpetuals = listings(Product.SPOT), listings(Product.USDM)
    assert len(spot) >= 12
    assert len(perpetuals) >= 8
    assert {"BTCUSDT", "ETHUSDT", "ETHBTC", "PEPEUSDT"} <= {listing.symbol for listing in spot}
    assert {"BTCUSDT", "ETHUSDT", "1000PEPEUSDT"} <= {listing.symbol for listing in perpetuals}
    for listing in spot + perpetuals:
        assert listing.tick.fits(listing.start_price)
        assert listing.step.fits(listing.min_quantity)
        assert listing.step.fits(listing.max_market_quantity)
        assert listing.tick.decimals <= listing.price_precision
        assert listing.min_price <= listing.start_price * listing.price_down
