"""How many requests are taken at once: searches, pictures and what anybody may ask, each apart from the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from mindseye.api.service.errors import refusal
from mindseye.api.service.limits import Limits

_SEARCHES = ("/v1/search", "/", "/more", "/v1/places/hits", "/v1/places/heat")
_LIKE = ("/similar", "/words")
_PICTURES = ("/thumbnail", "/original", ".png")


def kind_of(path: str) -> str | None:
    """Return what a request counts as: search, image, stream or other; None for what is always answered."""
    if path in _SEARCHES or path.endswith(_LIKE):
        return "search"
    if path.endswith(_PICTURES) or path.startswith("/static/"):
        return "image"
    if path.endswith("/events"):
        return "stream"
    return None if path.startswith("/health/") or path == "/metrics" else "other"


class Capacity:
    """An app that refuses with 429 what is more than it can soon answer."""

    def __init__(self, app: ASGIApp, limits: Limits, public: Sequence[str] = ()) -> None:
        """public: how paths begin that anybody may ask: those who do so take no room from others."""
        self._app = app
        self._public = tuple(public)
        self._most: Mapping[str, int] = {
            "search": limits.searches, "image": limits.images, "stream": limits.streams, "other": limits.others,
            "public": limits.public,
        }  # fmt: skip
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = self._kind_of(scope["path"]) if scope["type"] == "http" else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        if self._running[kind] >= self._most[kind]:
            await refusal("busy", f"too many requests at once ({kind})", "try again soon")(scope, receive, send)
            return
        self._running[kind] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running[kind] -= 1

    def _kind_of(self, path: str) -> str | None:
        return "public" if path.startswith(self._public) else kind_of(path)
