"""Whether the service lives and can answer, and what Prometheus asks."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mindseye.api.service.errors import refusal
from mindseye.api.service.service import Served

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "live"}


@router.get("/health/ready", response_model=None)
async def ready(service: Served) -> dict[str, str] | Response:
    """Tell whether searches can be answered: space, index, bank and encoders are loaded."""
    if service.is_ready:
        return {"status": "ready"}
    return refusal("not_ready", "the library is being loaded, or the service stops", "ask again", 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Tell Prometheus how the service does."""
    told: Any = request.app.state.metrics.registry
    return Response(generate_latest(told), media_type=CONTENT_TYPE_LATEST)
