"""How much a request may send, counted as it comes whatever length it tells, and how long it may take."""

from time import monotonic

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mindseye.api.service.errors import refusal
from mindseye.api.service.limits import Limits
from mindseye.api.service.media import is_multipart

_AROUND = 10_000  # bytes of a form around its picture
_TOO_SLOW, _TOO_LARGE = 408, 413


class Bodies:
    """An app that reads no more of a body than may be sent, and waits no longer for it than it may take."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = self._limits.upload + _AROUND if is_multipart(headers) else self._limits.body
        told = headers.get("content-length", "0")
        if told.isdecimal() and int(told[:20]) > most:
            await refusal("too_large", _message(most), "send less")(scope, receive, send)
            return
        began, taken, is_whole = monotonic(), 0, False

        async def bounded() -> Message:
            nonlocal taken, is_whole
            if is_whole:  # what comes now is only that the other side is gone
                return await receive()
            message = await self._in_time(receive, began, taken)
            taken += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if taken > most:
                raise HTTPException(_TOO_LARGE, _message(most))
            return message

        await self._app(scope, bounded, send)

    async def _in_time(self, receive: Receive, began: float, taken: int) -> Message:
        left = began + self._limits.patience + taken / self._limits.steadily - monotonic()
        try:
            with anyio.fail_after(max(0.0, left)):
                return await receive()
        except TimeoutError as error:
            told = "what was to be sent did not come in time"
            raise HTTPException(_TOO_SLOW, told, {"Connection": "close"}) from error


def _message(most: int) -> str:
    return f"more was sent than {most:,} bytes"
