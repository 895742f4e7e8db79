"""Texts as they are asked through the product, and which answers are right."""

from collections.abc import Collection

from mindseye.api.answers import Answer
from mindseye.engine.query import MAX_CHARACTERS
from mindseye.engine.terms import is_mixture


def plainly(text: str) -> str:
    """Return a text as it must be asked to be taken for words: one with signs of arithmetic is quoted whole."""
    text = text[: MAX_CHARACTERS - 2]
    return '"{}"'.format(text.replace('"', "'")) if is_mixture(text) else text


def rank_of(answer: Answer, records: Collection[str]) -> int | None:
    """Return the rank, from 0, of the first hit in one of the records (`uri#line=3`), None when none is."""
    places = ((f"{hit.uri}#{hit.place}", *hit.also) for hit in answer.hits)
    found = ({place.split("&")[0] for place in each} for each in places)
    return next((rank for rank, each in enumerate(found) if not each.isdisjoint(records)), None)
