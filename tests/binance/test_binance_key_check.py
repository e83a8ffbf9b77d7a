"""Checking a key against an exchange that answers in every way."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from tui.binance.environment import ProductUrls
from tui.binance.key_check import KeyCheck, check_key
from tui.binance.reachability import reach
from tui.binance.signing import Credentials, signer_for
from tui.domain.product import Product

CREDENTIALS = Credentials("markedApiKey" * 5, signer_for("markedSecret" * 5))
RESTRICTIONS = "/sapi/v1/account/apiRestrictions"


@pytest.fixture
async def check() -> AsyncIterator[Callable[..., object]]:
    """Checks a key against a spot server with these answers; a path that has none is 404."""
    runners = []

    async def ask(answers: dict[str, tuple[int, object]]) -> KeyCheck:
        async def handle(request: web.Request) -> web.Response:
            if request.path == "/api/v3/time":
                return web.json_response({"serverTime": 1})
            status, body = answers.get(request.path, (404, "<html>"))
            return web.json_response(body, status=status)

        app = web.Application()
        app.router.add_get("/{path:.*}", handle)
        runners.append(web.AppRunner(app, access_log=None))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        port = runners[-1].addresses[0][1]
        urls = {Product.SPOT: ProductUrls(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}")}
        return await check_key(urls, {Product.SPOT: CREDENTIALS})

    yield ask
    for runner in runners:
        await runner.cleanup()


async def test_permissions_are_read(check) -> None:
    told = {"ipRestrict": True, "enableReading": True, "enableWithdrawals": True, "enableFutures": True, "new": 1}
    found = await check({"/api/v3/account": (200, {"canTrade": True}), RESTRICTIONS: (200, told)})
    assert found.is_accepted
    assert found.answers[0].can_trade
    assert (found.permissions.ip_restrict, found.permissions.enable_withdrawals) == (True, True)
    assert (found.permissions.enable_futures, found.permissions.enable_margin) == (True, False)


@pytest.mark.parametrize("told", [{}, {"ipRestrict": True, "enableReading": True}, {"ipRestrict": "yes"}, [], "no"])
async def test_permissions_that_are_not_told_whole_are_not_told(check, told: object) -> None:
    found = await check({"/api/v3/account": (200, {"canTrade": True}), RESTRICTIONS: (200, told)})
    assert found.is_accepted
    assert found.permissions is None
    assert "cannot be read" in found.untold


async def test_an_exchange_without_permissions_says_so(check) -> None:
    found = await check({"/api/v3/account": (200, {"canTrade": False})})
    assert found.is_accepted
    assert not found.answers[0].can_trade
    assert found.untold == "this exchange has no such address"


@pytest.mark.parametrize(
    ("status", "code", "is_refused"), [(401, -2015, True), (400, -1022, True), (500, -1000, False)]
)
async def test_a_refused_key_is_told_from_a_failing_host(check, status: int, code: int, is_refused: bool) -> None:
    found = await check({"/api/v3/account": (status, {"code": code, "msg": "words\x1b[2J"})})
    (answer,) = found.answers
    assert (answer.code, answer.is_key_refused, found.is_accepted) == (code, is_refused, False)
    assert "\x1b" not in answer.problem
    assert "marked" not in answer.problem
    assert found.permissions is None


async def test_a_product_without_a_key_is_not_asked() -> None:
    urls = {Product.SPOT: ProductUrls("http://127.0.0.1:9", "ws://127.0.0.1:9")}
    assert (await check_key(urls, {})).answers == ()


async def test_hosts_that_are_gone_are_told_each() -> None:
    answers = await reach(Product.SPOT, ProductUrls("http://127.0.0.1:9", "ws://127.0.0.1:9", "ws://127.0.0.1:9"))
    assert [answer.purpose for answer in answers] == ["REST", "streams", "WebSocket API"]
    assert all("connection refused" in answer.problem for answer in answers)
