"""The app: routes that answer JSON, pages that answer HTML, and what stands before them all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from mindseye.api.service.errors import ANSWERS, answer_errors
from mindseye.api.service.observing import Metrics, Observed
from mindseye.api.service.service import Service
from mindseye.indexer.meta import VERSION

ROUTES = ("health", "search", "items", "jobs", "study")  # of api/service/routes, one file a noun
PAGES = ("assets", "search", "study")  # of api/web/pages


def create_app(service: Service) -> FastAPI:
    """Return the app that serves a library; it loads what a first search needs when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(service.warm)
        yield
        await anyio.to_thread.run_sync(service.stop)

    app = FastAPI(
        title="Mindseye", version=VERSION, description="Search pictures by meaning, and picture the words without any.",
        docs_url=None, redoc_url=None, lifespan=lifespan, responses=ANSWERS, max_body_size=service.limits.body,
    )  # fmt: skip
    app.state.service, app.state.metrics = service, Metrics()
    answer_errors(app)
    for name in ROUTES:
        app.include_router(_router("mindseye.api.service.routes", name))
    for name in PAGES:
        app.include_router(_router("mindseye.api.web.pages", name))
    app.add_middleware(Observed, metrics=app.state.metrics)
    return app


def _router(package: str, name: str) -> APIRouter:
    router = import_module(f"{package}.{name}").router
    assert isinstance(router, APIRouter)
    return router
