"""Refusals that are answered before any route, or for a websocket before there is one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from lodeline.web.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from litestar.types import Scope, Send


async def refuse(problem: Problem, headers: dict[str, str], scope: Scope, send: Send) -> None:
    """Answer with a problem document, a websocket's handshake too where the server can."""
    kind, of_socket = "http", str(scope["type"]) == "websocket"
    if of_socket:
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 4000 + problem.status, "reason": problem.code})
            return
        kind = "websocket.http"
    body = msgspec.json.encode(problem)
    lines = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **headers}
    start: Any = {
        "type": f"{kind}.response.start",
        "status": problem.status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()],
    }
    end: Any = {"type": f"{kind}.response.body", "body": body, "more_body": False}
    await send(start)
    await send(end)
    if of_socket:
        # The server takes a handshake for unanswered that ends before it could write the answer.
        await asyncio.sleep(0.01)
