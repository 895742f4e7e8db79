"""Errors as answers: `{"error": {"code", "message", "hint"}}`, whatever went wrong."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from mindseye.api.service.shapes import ErrorAnswer
from mindseye.api.service.telling import Telling
from mindseye.engine.errors import MindseyeError

STATUS = {  # by the code of an error
    "usage": 400, "unauthorized": 401, "forbidden": 403, "outside_roots": 403, "not_found": 404, "space_mismatch": 409,
    "too_large": 413, "unreadable_file": 422, "unknown_word": 422, "vector": 422, "busy": 429, "library": 503,
}  # fmt: skip
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "media_type",
}
RETRY = {"Retry-After": "1"}
ANSWERS: dict[int | str, dict[str, Any]] = {  # of every route
    each: {"model": ErrorAnswer, "description": "What was wrong, and what to do"} for each in ("4XX", "503")
}

log = logging.getLogger(__name__)


def refusal(
    code: str, message: str, hint: str = "", status: int | None = None, headers: Mapping[str, str] = {}
) -> Response:
    """Return the answer that an error is."""
    told = {"error": {"code": code, "message": message, "hint": hint}}
    status = status or STATUS.get(code, 400)
    more = RETRY if status in (429, 503) else {}
    return Telling(told, status, {**more, **(headers or {})})


def unexpected(request: Request) -> Response:
    """Log the exception at hand under an id, and return the answer that names it."""
    name = secrets.token_hex(4)
    log.exception("error %s in %s %s", name, request.method, request.url.path)
    return refusal("internal", f"something went wrong here (error {name})", "the server's log tells more", 500)


def answer_errors(app: FastAPI) -> None:
    """Let an app answer every error in the one shape."""
    app.exception_handler(MindseyeError)(_known)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)


async def _known(request: Request, error: MindseyeError) -> Response:
    return refusal(error.code, error.what, error.hint)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    told = [f"{'.'.join(map(str, each['loc'][1:])) or each['loc'][0]}: {each['msg']}" for each in error.errors()[:5]]
    return refusal("invalid", "; ".join(told), "GET /openapi.json tells what is taken", 422)


async def _http(request: Request, error: HTTPException) -> Response:
    code = _CODES.get(error.status_code, "error")
    return refusal(code, str(error.detail), "", error.status_code, error.headers or {})
