"""A key whose signature is refused: markets are shown, no account passes for live, and nothing is asked for ever."""

from exchange_process import ExchangeProcess
from trader import Trader, wait

from tui.domain.order_terms import Side
from tui.domain.product import Product
from tui.engine.commands.answers import Result
from tui.engine.commands.views import FocusSymbol
from tui.engine.store import Link

PRODUCTS = (Product.SPOT, Product.MARGIN, Product.USDM, Product.COINM)


def test_a_rejected_signature_is_told_of_every_product_and_no_account_is_live(tmp_path) -> None:
    exchange = ExchangeProcess(tmp_path / "exchange.sqlite")
    trader = Trader(
        exchange, tmp_path / "journal.sqlite", products=PRODUCTS, secret="not-the-secret-of-this-key-0123456789abcd"
    )
    store = trader.store
    trader.runtime.start()
    try:
        trader.wait_for_focus()

        def told(product):
            words = [one.text for one in store.messages if one.text.startswith(f"{product.label}: ")]
            return any("-1022" in text and "keys check" in text for text in words)

        def is_refused(product):
            link = store.links[product]
            return link.user is Link.DOWN and ("API key" in link.detail or "-1022" in link.detail)

        wait(lambda: all(is_refused(product) for product in PRODUCTS), timeout=30)
        wait(lambda: all(told(product) for product in PRODUCTS[1:]))
        assert trader.ask(FocusSymbol("BTCUSDT")).result is Result.DONE
        wait(lambda: store.market("BTCUSDT").book.is_live)
        reply = trader.submit(trader.limit("BTCUSDT", Side.BUY, "-0.02"))
        assert reply.refusal.rule == "stale-account"
        assert not store.orders
    finally:
        assert trader.runtime.stop()
        exchange.kill()
