"""How much a request may send: counted as it comes, whatever length it tells."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mindseye.api.service.errors import refusal
from mindseye.api.service.limits import Limits
from mindseye.api.service.media import is_multipart

_AROUND = 10_000  # bytes of a form around its picture
_TOO_LARGE = 413


class Bodies:
    """An app that reads no more of a body than may be sent."""

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
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(_TOO_LARGE, _message(most))
            return message

        await self._app(scope, bounded, send)


def _message(most: int) -> str:
    return f"more was sent than {most:,} bytes"
