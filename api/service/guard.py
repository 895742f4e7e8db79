"""Who may ask: by which name, from which page, bearing what."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from fastapi import Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mindseye.api.service.errors import refusal

COOKIE = "mindseye"
PUBLIC = ("/health/", "/login", "/static/", "/favicon.ico")  # how paths begin that need no token
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
OWN_SITE = frozenset({"same-origin", "none"})  # `Sec-Fetch-Site` of this service's pages, addresses typed, programs
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_local(host: str) -> bool:
    """Whether an address is of this machine alone."""
    if host in LOCAL:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def cookie_of(token: str) -> str:
    """Return what a browser bears in place of a token: it cannot be turned back."""
    return hmac.new(token.encode(), b"mindseye cookie", hashlib.sha256).hexdigest()


def bears(headers: Mapping[str, str], token: str) -> bool:
    """Whether a request bears a token, or a browser's cookie for it; compared in constant time."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return is_token(given.strip(), token)
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return found is not None and is_token(found.value, cookie_of(token))


class Guard:
    """An app that answers only to its own names, its own pages and those who bear its token.

    A page of another site can make a browser send requests here, by a link, a form or a name that it lets point to this
    machine (DNS rebinding): names and origins tell them apart. Nothing is allowed across origins.
    """

    def __init__(
        self, app: ASGIApp, host: str, names: Sequence[str] = (), token: str = "", public: Sequence[str] = ()
    ) -> None:
        """host: the address listened on; names: further ones of this machine; token: empty for none.

        public: how paths begin that are for those without a token, too.
        """
        self._app = app
        self._names = LOCAL | {host.lower(), *map(str.lower, names)}
        self._any_address = host in ("0.0.0.0", "::")
        self._token = token
        self._public = (*PUBLIC, *public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope)
        await (refused or self._app)(scope, receive, marked)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_name(headers.get("host", "")):
            return refusal("forbidden", "the service does not answer to that host name", "use --name to add one", 403)
        if self._is_foreign(scope["method"], headers):
            return refusal("forbidden", "the request comes from another site's page", "ask from the service's own page")
        if self._token and not scope["path"].startswith(self._public) and not bears(headers, self._token):
            return _unauthorized(scope, headers)
        return None

    def _is_name(self, host: str) -> bool:
        name = _name(host)
        if name in self._names:
            return True
        return self._any_address and _is_address(name)  # nobody can let an address point elsewhere

    def _is_foreign(self, method: str, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != headers["host"].lower():
            return True
        return method not in _SAFE and headers.get("sec-fetch-site", "none") not in OWN_SITE


def _unauthorized(scope: Scope, headers: Headers) -> Response:
    if scope["method"] == "GET" and "text/html" in headers.get("accept", "") and not scope["path"].startswith("/v1/"):
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)
    told = "send it as `Authorization: Bearer TOKEN`, or sign in at /login"
    return refusal("unauthorized", "a token is needed", told, headers={"WWW-Authenticate": "Bearer"})


def _name(host: str) -> str:
    """Return a host's name without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:  # brackets that are no address
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_token(given: str, wanted: str) -> bool:
    """Whether what is given is the token, found out in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
