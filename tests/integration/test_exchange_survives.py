"""What the exchange has answered, it still knows after it was killed."""

from decimal import Decimal
from pathlib import Path

from exchange_process import ExchangeProcess

from tui.binance.environment import ProductUrls
from tui.binance.products import open_client
from tui.binance.signing import Credentials, signer_for
from tui.domain.order import OrderRequest, OrderStatus, order_from_request
from tui.domain.order_terms import OrderType, Side
from tui.domain.product import Product


async def test_an_order_lost_when_the_exchange_was_killed_right_after_its_answer(tmp_path: Path) -> None:
    exchange = ExchangeProcess(tmp_path / "exchange.sqlite")
    try:
        key = next(key for key in exchange.ready["keys"] if key["type"] == "HMAC")
        credentials = Credentials(key["api_key"], signer_for(key["api_secret"]))
        client = open_client(Product.USDM, ProductUrls(**exchange.ready["usdm"]), credentials)
        await client.open()
        request = OrderRequest("BTCUSDT-PERP", Side.BUY, OrderType.MARKET, Decimal("0.010"))
        await client.instruments()
        for number in range(5):
            order = order_from_request(request, Product.USDM, f"survivor-{number}", 0)
            report = await client.place(order)
            exchange.kill()
            assert report.status is OrderStatus.FILLED
            exchange.start()
            found = await client.find_order(order)
            assert found is not None
            assert found.filled == Decimal("0.010")
        positions = (await client.account()).positions
        assert [position.quantity for position in positions] == [Decimal("0.050")]
        await client.close()
    finally:
        exchange.kill()
