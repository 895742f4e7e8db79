"""The app: routes that answer JSON, pages that answer HTML, and what stands before them all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from mindseye.api.service import login
from mindseye.api.service.bodies import Bodies
from mindseye.api.service.capacity import Capacity
from mindseye.api.service.errors import ANSWERS, answer_errors
from mindseye.api.service.guard import Guard
from mindseye.api.service.observing import Metrics, Observed
from mindseye.api.service.service import Service
from mindseye.api.service.telling import Telling
from mindseye.api.web.page_routes import answer_people
from mindseye.api.web.uploads import Uploads
from mindseye.indexer.meta import VERSION

ROUTES = (  # of api/service/routes, one file a noun; uploads first: they leave to the others what is no form
    "uploads", "health", "search", "items", "collections", "imagine", "jobs", "library", "map", "gathering", "study",
    "places",
)  # fmt: skip
PAGES = ("assets", "search", "imagine", "item", "library", "status", "map", "study", "places")  # of api/web/pages


def create_app(service: Service) -> FastAPI:
    """Return the app that serves a library; it loads what a first search needs when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(service.warm)
        yield
        await anyio.to_thread.run_sync(service.stop)

    app = FastAPI(
        title="Mindseye", version=VERSION, description="Search pictures by meaning, and picture the words without any.",
        docs_url=None, redoc_url=None, lifespan=lifespan, responses=ANSWERS, default_response_class=Telling,
    )  # fmt: skip
    app.state.service, app.state.metrics, app.state.uploads = service, Metrics(), Uploads()
    answer_errors(app)
    answer_people(app)
    for name in ROUTES:
        app.include_router(_router("mindseye.api.service.routes", name))
    app.include_router(login.router)
    pages = [import_module(f"mindseye.api.web.pages.{name}") for name in PAGES]
    for each in pages:
        app.include_router(each.router)
    public = [path for each in pages for path in getattr(each, "PUBLIC", ())]
    app.add_middleware(Bodies, limits=service.limits)
    app.add_middleware(Capacity, limits=service.limits, public=[login.PATH, *public])
    app.add_middleware(Guard, host=service.host, names=service.names, token=service.token, public=public)
    app.add_middleware(Observed, metrics=app.state.metrics)  # the outermost: it sees what the others refuse
    return app


def _router(package: str, name: str) -> APIRouter:
    router = import_module(f"{package}.{name}").router
    assert isinstance(router, APIRouter)
    return router
