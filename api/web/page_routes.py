"""Routes of pages: what goes wrong in them is told on a page, too."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from mindseye.api.service.errors import STATUS
from mindseye.api.web.rendering import is_fragment, page
from mindseye.engine.errors import MindseyeError, NotFoundError

BAD, NOT_THERE = 400, 404


class PageRoute(APIRoute):
    """A route whose errors are shown to people: `APIRouter(route_class=PageRoute, include_in_schema=False)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except MindseyeError as error:
                return self.refused(request, error)
            except RequestValidationError as error:
                return self.refused(request, self.misread(error))

        return told

    def refused(self, request: Request, error: MindseyeError) -> Response:
        """Return the page that tells of an error."""
        return error_page(request, error, STATUS.get(error.code, BAD))

    def misread(self, error: RequestValidationError) -> MindseyeError:
        """Return what is wrong with a request that could not be read."""
        first = error.errors()[0]
        return MindseyeError(f"{first['loc'][-1]}: {first['msg']}", "mend the address, or begin anew")


def error_page(request: Request, error: MindseyeError, status: int) -> Response:
    """Return a page, or the notice alone where a part of one was asked for, that tells of an error."""
    return page(request, "error_notice.html.j2" if is_fragment(request) else "error.html.j2", status, error=error)


def answer_people(app: FastAPI) -> None:
    """Let an app tell browsers of addresses that lead nowhere by a page, and programs as it does."""
    for_programs = app.exception_handlers[HTTPException]

    async def tell(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _is_for_people(request):
            return error_page(request, _in_words(error), error.status_code)
        answer: Response = await for_programs(request, error)  # type: ignore[misc]
        return answer

    app.exception_handler(HTTPException)(tell)


def _is_for_people(request: Request) -> bool:
    """Whether an error is to be told by a page: to a browser, and not below /v1, where programs ask."""
    wants_page = "text/html" in request.headers.get("accept", "") or is_fragment(request)
    return wants_page and not request.url.path.startswith("/v1/")


def _in_words(error: HTTPException) -> MindseyeError:
    if error.status_code == NOT_THERE:
        return NotFoundError("there is no such page", "the pages are named above")
    return MindseyeError(str(error.detail), "go back, and try another way")
