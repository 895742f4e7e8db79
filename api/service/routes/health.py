"""Whether the service lives and can answer, and what Prometheus asks."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mindseye.api.service.errors import refusal
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import Health

router = APIRouter(tags=["health"])
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "mindseye_requests_running 1.0\n"}}}
}


def _example(status: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": {"status": status}}}}}


@router.get("/health/live", responses=_example("live"))
async def live() -> Health:
    """Tell that the process answers."""
    return Health(status="live")


@router.get("/health/ready", response_model=Health, responses=_example("ready"))
async def ready(service: Served) -> Health | Response:
    """Tell whether searches can be answered: space, index, bank and encoders are loaded."""
    if service.is_ready:
        return Health(status="ready")
    return refusal("not_ready", "the library is being loaded, or the service stops", "ask again", 503)


@router.get("/metrics", response_class=Response, responses=_METRICS)
def metrics(request: Request) -> Response:
    """Tell Prometheus how the service does."""
    told: Any = request.app.state.metrics.registry
    return Response(generate_latest(told), media_type=CONTENT_TYPE_LATEST)
