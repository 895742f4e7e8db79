"""The form of a new study: what was typed into it, kept where it is refused."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mindseye.api.studies.wish import RATERS, Confounders, Pictures, Question, StudyWish
from mindseye.api.studies.words import words_in
from mindseye.engine.errors import UsageError

FRESH = {
    "name": "", "words": "", "question": "word", "confounders": "random", "pictures": "imagined", "raters": "10",
    "attention": "6", "instructions": "", "consent": "",
}  # fmt: skip


async def _typed(request: Request) -> dict[str, str]:
    sent = await request.form()
    return {name: str(sent.get(name, usual)) for name, usual in FRESH.items()}


Typed = Annotated[dict[str, str], Depends(_typed)]
"""What was typed into each field, as it was."""


class _Form(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: Annotated[str, Field(max_length=64)]
    words: Annotated[str, Field(max_length=100_000)]
    question: Question
    confounders: Confounders
    pictures: Pictures
    raters: Annotated[int, Field(ge=1, le=RATERS)]
    attention: Annotated[int, Field(ge=0, le=20)]
    instructions: Annotated[str, Field(max_length=2_000)]
    consent: Annotated[str, Field(max_length=2_000)]


def wish_of(typed: dict[str, str]) -> StudyWish:
    """Return the study that a form wishes for. Raises UsageError naming the first field that cannot be."""
    try:
        told: dict[str, Any] = _Form.model_validate(typed).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        what = f"the field “{first['loc'][0]}” cannot be taken: {first['msg'].lower()}"
        raise UsageError(what, "mend it below and make the study again") from None
    texts = {name: told[name] or None for name in ("instructions", "consent")}
    return StudyWish(**told | texts | {"words": words_in(told["words"])})
