"""One address for two kinds of bodies: forms with a picture, and JSON."""

from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope


class Multipart(APIRoute):
    """A route for forms alone: another route at its address, that comes later, takes all other bodies."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any route, but only what says that it is a form."""
        match, found = super().matches(scope)
        if match is Match.FULL and not is_multipart(Headers(scope=scope)):
            return Match.NONE, {}
        return match, found


def is_multipart(headers: Headers) -> bool:
    """Whether a body says that it is a form."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"
