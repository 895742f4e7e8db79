"""Searches by a picture that is sent."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from pydantic import Field

from mindseye.api.service.examples import example
from mindseye.api.service.links import with_links
from mindseye.api.service.media import Multipart
from mindseye.api.service.parameters import Look
from mindseye.api.service.pictures import as_file, read_upload
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import SearchAnswer

router = APIRouter(prefix="/v1", tags=["search"], route_class=Multipart)


class PictureForm(Look):
    """A picture, and what to look among."""

    picture: Annotated[UploadFile, Field(description="A JPEG, PNG, WebP, GIF, TIFF or BMP.")]


@router.post("/search", response_model=SearchAnswer, responses=example("similar"), include_in_schema=False)
async def search_by_picture(service: Served, form: Annotated[PictureForm, Form()]) -> dict[str, Any]:
    """Search by a picture that need not be indexed; it is not kept."""

    def find() -> dict[str, Any]:
        within, modalities = form.within, form.modalities
        data = read_upload(form.picture, service.limits)
        with as_file(data, form.picture.filename) as file:
            answer = service.eye.search_picture(
                file, form.limit, modalities=modalities, apart=form.by_modality, within=within, offset=form.offset,
                fold=form.fold,
            )  # fmt: skip
        return with_links(answer, service.roots, form.towns)

    return await service.in_turn(find)
