"""Signing in: how a browser bears the token, which it can send with a page and a picture as with any request."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from mindseye.api.service.guard import COOKIE, cookie_of, is_token
from mindseye.api.service.service import Served
from mindseye.api.web.rendering import page

router = APIRouter(include_in_schema=False)
PATH = "/login"
_SEE_OTHER, _REFUSED = 303, 401
_LONGEST = 2_000  # characters
_KEPT = 30 * 24 * 3600  # seconds that a browser stays signed in

Address = Annotated[str, Query(alias="next", max_length=_LONGEST)]


@router.get(PATH)
def ask(request: Request, address: Address = "/") -> Response:
    """Ask for the token."""
    return page(request, "login.html.j2", next=_here(address), wrong=False)


@router.post(PATH)
def sign_in(
    request: Request,
    service: Served,
    token: Annotated[str, Form(max_length=_LONGEST)],
    address: Annotated[str, Form(alias="next", max_length=_LONGEST)] = "/",
) -> Response:
    """Give a browser that knows the token a cookie in its place, which scripts cannot read and other sites not send."""
    if not is_token(token.strip(), service.token):
        return page(request, "login.html.j2", _REFUSED, next=_here(address), wrong=True)
    answer = RedirectResponse(_here(address), _SEE_OTHER)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie_of(service.token), max_age=_KEPT, httponly=True, samesite="strict", secure=secure)
    return answer


def _here(address: str) -> str:
    """Return an address of this service's own, whatever was asked for."""
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if own else "/"
