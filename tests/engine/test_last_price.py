"""The newest traded price of a market, of whichever source tells the latest."""

from dataclasses import replace
from decimal import Decimal as D

from fake_client import instrument

from tui.domain.market import Ticker, Trade
from tui.domain.order_terms import Side
from tui.engine.store import Market, Stamped


def market(ticker_ms: int) -> Market:
    shown = Market(instrument())
    shown.ticker = Stamped(Ticker(D(101), D(90), D(110), D(80), D(5), D(500), ticker_ms), 1, ticker_ms, 0)
    shown.trades.appendleft(Trade(1, D(100), D(1), Side.BUY, 5_000))
    return shown


def test_the_price_of_a_symbol_stood_still_after_it_had_been_in_focus() -> None:
    assert market(ticker_ms=60_000).last_price() == D(101)


def test_a_print_is_newer_than_the_ticker_before_it() -> None:
    assert market(ticker_ms=4_000).last_price() == D(100)
    assert replace(market(ticker_ms=4_000), ticker=None).last_price() == D(100)
