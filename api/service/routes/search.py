"""Searches in words and sums, and words to ask with."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query

from mindseye.api.service.examples import example
from mindseye.api.service.guard import OWN_SITE
from mindseye.api.service.imagining import start_imagining
from mindseye.api.service.links import with_links
from mindseye.api.service.parameters import Question, Text
from mindseye.api.service.service import Served, Service
from mindseye.api.service.shapes import SearchAnswer, SuggestedSense, SuggestionTold
from mindseye.api.service.wish import Wish
from mindseye.api.web.suggestions import suggest

router = APIRouter(prefix="/v1", tags=["search"])


@router.get("/search", response_model=SearchAnswer, response_model_exclude_unset=True, responses=example("search"))
async def search(
    service: Served,
    asked: Annotated[Question, Query()],
    sec_fetch_site: Annotated[str, Header(include_in_schema=False)] = "none",
) -> dict[str, Any]:
    """Search by a word, a phrase, a sentence, or a sum like `king - man + woman` or `beach - people + @3`.

    With `imagine=auto` what no picture shows begins to be imagined; the answer does not wait, its `job` tells of it.
    Another site's page, which may link here, begins nothing: it is told in `to_imagine` what would be.
    """
    return await service.in_turn(lambda: _answer(service, asked, begin=sec_fetch_site in OWN_SITE))


@router.post("/search", response_model=SearchAnswer, response_model_exclude_unset=True, responses=example("search"))
async def search_and_imagine(
    service: Served, asked: Annotated[Question, Body(examples=[{"q": "zebra", "imagine": "auto"}])]
) -> dict[str, Any]:
    """Search as by GET, or by a picture sent as a form: `picture`, and the filters as fields."""
    return await service.in_turn(lambda: _answer(service, asked, begin=True))


@router.get("/suggestions", responses=example("suggestions"))
async def suggestions(
    service: Served, q: Annotated[Text, Query(description="What has been typed.", examples=["cra"])]
) -> list[SuggestionTold]:
    """Tell words that what is being typed may become, with their senses."""
    lexicon = service.eye.space.lexicon

    def senses(word: str) -> list[SuggestedSense]:
        return [SuggestedSense(number=each.number, definition=each.definition) for each in lexicon.senses(word)]

    def told() -> list[SuggestionTold]:
        return [
            SuggestionTold(word=each.word, text=each.text, gloss=each.gloss, senses=senses(each.word))
            for each in suggest(lexicon, q)
        ]

    return await service.in_turn(told)


def _answer(service: Service, asked: Question, begin: bool) -> dict[str, Any]:
    """Return the answer to a question; begin: whether what no picture shows is imagined, or only told."""
    answer = service.eye.search(
        asked.q, asked.limit, means=asked.means, sense=asked.sense, modalities=asked.modalities,
        apart=asked.by_modality, within=asked.within, offset=asked.offset, fold=asked.fold,
    )  # fmt: skip
    pictures = answer.decision.by_modality.get("image")
    unseen = asked.imagine == "auto" and pictures is not None and not pictures.matched
    if asked.imagine != "always" and not unseen:
        return with_links(answer, service.roots, asked.towns)
    wish = Wish(asked.q, asked.means, asked.sense, asked.seed)
    if begin:
        return with_links(answer, service.roots, asked.towns, job=start_imagining(service, wish))
    return with_links(answer, service.roots, asked.towns, to_imagine=wish)
