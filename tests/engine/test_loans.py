"""Loans and transfers: what is sent, what is not, and what is said of an answer that never came."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from tui.binance.errors import OutcomeUnknownError, RefusedError
from tui.domain.product import Product
from tui.engine.commands import Origin
from tui.engine.commands.account import Borrow, Repay, Transfer
from tui.engine.commands.answers import Result
from tui.engine.loans import Loans
from tui.engine.store import Session

D = Decimal


class Margin:
    """A margin account that keeps what it is asked."""

    def __init__(self, ends=None):
        self.asked, self._ends = [], ends

    def _note(self, *asked):
        self.asked.append(asked)
        if self._ends is not None:
            raise self._ends

    async def borrow(self, asset, amount, pair=""):
        self._note("borrow", asset, amount, pair)

    async def repay(self, asset, amount, pair=""):
        self._note("repay", asset, amount, pair)

    async def transfer(self, asset, amount, into_margin, pair=""):
        self._note("transfer", asset, amount, into_margin, pair)


def desk(margin, session=None, product=Product.MARGIN):
    """Loans of one margin account, what they wrote down, and which products were read again."""
    written, read, warned = [], [], []
    floor = SimpleNamespace(
        clients={product: SimpleNamespace(margin=margin)},
        store=SimpleNamespace(session=session or Session("demo", "main", False, False)),
        note_asked=written.append,
        messages=SimpleNamespace(warning=warned.append),
    )
    return Loans(floor, read.append), written, read, warned


@pytest.mark.parametrize(
    ("command", "asked", "words"),
    [
        (Borrow("USDT", D(500), reviewed=True), ("borrow", "USDT", 500, ""), "Borrow 500 USDT on cross margin: done"),
        (Repay("BTC", D("0.10"), reviewed=True), ("repay", "BTC", D("0.1"), ""), "Repay 0.1 BTC on cross margin: done"),
        (
            Transfer("USDT", D(1000), into_margin=True, reviewed=True),
            ("transfer", "USDT", 1000, True, ""),
            "Transfer 1000 USDT from spot into cross margin: done",
        ),
    ],
)
async def test_money_moves_once_is_written_down_and_read_again(command, asked, words):
    margin = Margin()
    loans, written, read, _ = desk(margin)
    outcome = await loans.handle(command, Origin.COMMAND_LINE)
    assert (outcome.result, outcome.text) == (Result.DONE, words)
    assert margin.asked == [asked]
    assert len(written) == 1
    assert read == [Product.MARGIN, Product.SPOT]


async def test_an_isolated_pair_is_another_account():
    margin = Margin()
    loans, _, read, _ = desk(margin, product=Product.ISOLATED_MARGIN)
    await loans.handle(Borrow("USDT", D(5), "BTCUSDT-I", reviewed=True), Origin.KEY)
    assert margin.asked == [("borrow", "USDT", 5, "BTCUSDT-I")]
    assert read[0] is Product.ISOLATED_MARGIN
    refused = await loans.handle(Borrow("USDT", D(5), reviewed=True), Origin.KEY)
    assert refused.refusal.rule == "no-margin"
    assert "account_type" in refused.refusal.text


@pytest.mark.parametrize(
    ("command", "session", "rule"),
    [
        (Borrow("USDT", D(5)), None, "review"),
        (Borrow("USDT", D(0), reviewed=True), None, "amount"),
        (Borrow("USDT", D("NaN"), reviewed=True), None, "amount"),
        (Borrow("USDT", D(5), reviewed=True), Session("live", "main", True, True), "read-only"),
        (
            Borrow("USDT", D(5), reviewed=True),
            Session("live", "main", True, False, awaits_confirmation=True),
            "unconfirmed",
        ),
    ],
)
async def test_what_may_not_be_sent_is_not(command, session, rule):
    margin = Margin()
    loans, written, read, _ = desk(margin, session)
    outcome = await loans.handle(command, Origin.KEY)
    assert (outcome.result, outcome.refusal.rule) == (Result.REFUSED, rule)
    assert margin.asked == written == read == []


async def test_an_answer_that_never_came_is_unknown_and_nothing_is_sent_again():
    margin = Margin(OutcomeUnknownError("no answer in time"))
    loans, _, read, warned = desk(margin)
    outcome = await loans.handle(Borrow("USDT", D(5), reviewed=True), Origin.KEY)
    assert outcome.result is Result.UNKNOWN
    assert len(margin.asked) == len(warned) == 1
    assert read == [Product.MARGIN, Product.SPOT]


async def test_a_refusal_is_told_in_the_exchanges_words():
    loans, *_ = desk(Margin(RefusedError("Your borrow amount has exceed maximum borrow amount.", -3006)))
    outcome = await loans.handle(Borrow("USDT", D(5), reviewed=True), Origin.KEY)
    assert outcome.result is Result.REFUSED
    assert "-3006" in outcome.text
