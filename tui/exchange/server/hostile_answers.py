"""Answers of an exchange that has turned against its clients; see `tui.exchange.hostile`."""

import asyncio
import contextlib

import msgspec
from aiohttp import web

from tui.exchange.hostile import Attack, Hostility

_BYTE_EVERY_S = 0.1


async def as_meant(hostility: Hostility, request: web.Request, answer: web.Response) -> web.StreamResponse:
    """The answer as a hostile exchange gives it; the honest one's is left as it is."""
    attack = hostility.attack
    if attack is None or not isinstance(answer.body, bytes):
        return answer
    if attack is Attack.SLOW:
        return await _dribbled(request, answer.body)
    body = answer.body
    if attack is Attack.ECHO and answer.status >= 400:
        body = _echoing(hostility, request, body)
    headers = {name: value for name, value in answer.headers.items() if name.lower().startswith(("x-", "retry"))}
    return web.Response(
        body=hostility.twist(body), status=answer.status, headers=headers, content_type="application/json"
    )


def _echoing(hostility: Hostility, request: web.Request, body: bytes) -> bytes:
    refusal = msgspec.json.decode(body)
    told = f"{request.method} {request.raw_path} X-MBX-APIKEY: {request.headers.get('X-MBX-APIKEY', '')}"
    return msgspec.json.encode(refusal | {"msg": hostility.refusal_text(refusal["msg"], told)})


async def _dribbled(request: web.Request, body: bytes) -> web.StreamResponse:
    """One byte after the other, for as long as the client listens."""
    slow = web.StreamResponse(headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    with contextlib.suppress(ConnectionError):
        for number in range(len(body)):
            await slow.write(body[number : number + 1])
            await asyncio.sleep(_BYTE_EVERY_S)
    return slow
