"""What a study is to be like, checked before any work is done."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from mindseye.api.studies.words import StudyWord
from mindseye.engine.errors import UsageError

Question = Literal["word", "image", "category"]
Confounders = Literal["random", "category"]
Pictures = Literal["imagined", "found"]
RATERS = 500  # links of one study at most
WORDS = 2000
ASKED = {
    "word": "Which word fits this picture better?",
    "image": "Which picture fits “{word}” better?",
    "category": "What does this picture show?",
}
_UNSURE = " The pictures may be blurred or strange: if you are not sure, go by your first impression."
INSTRUCTIONS = {
    "word": "You will see pictures, one at a time, each with two words. Choose the word that the picture fits better."
    + _UNSURE,
    "image": "You will see words, one at a time, each with two pictures. Choose the picture that fits the word better."
    + _UNSURE,
    "category": "You will see pictures, one at a time. Choose the kind of thing that each of them shows." + _UNSURE,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class StudyWish:
    """A study that is wished for.

    question: which word a picture is of, which picture a word is of, or of which category a picture is; confounders:
    any other word of the study, or one of the same category; attention: how many checks each rater meets;
    attention_limit: the share of them that an attentive rater gets right, named before anybody has answered; seed: of
    confounders, sides and order; method, size: of imagining.
    """

    name: str
    words: Sequence[StudyWord]
    question: Question = "word"
    confounders: Confounders = "random"
    raters: int = 10
    attention: int = 6
    attention_limit: float = 0.8
    seed: int = 0
    pictures: Pictures = "imagined"
    method: str | None = None
    size: int | None = None
    instructions: str | None = None
    consent: str | None = None

    def check(self) -> None:
        """Raise UsageError for what cannot be."""
        for value, kind, what in (
            (self.question, Question, "question"),
            (self.confounders, Confounders, "kind of confounders"),
            (self.pictures, Pictures, "kind of pictures"),
        ):
            if value not in get_args(kind):
                raise UsageError(f"there is no {what} {value!r}", f"choose {', '.join(get_args(kind))}")
        if not _NAME.fullmatch(self.name):
            hint = "take letters, digits, - and _: it is part of the links"
            raise UsageError(f"{self.name!r} cannot be the name of a study", hint)
        if not 2 <= len(self.words) <= WORDS:
            raise UsageError(f"a study is of 2 to {WORDS} words, not {len(self.words)}", "name them with --words")
        if not 1 <= self.raters <= RATERS:
            raise UsageError(f"a study is for 1 to {RATERS} raters, not {self.raters}")
        if not 0 <= self.attention_limit <= 1:
            raise UsageError(f"{self.attention_limit} is no share of attention checks", "choose 0 to 1")
        if self.seed < 0:
            raise UsageError(f"{self.seed} is no seed", "choose 0 or more")

    @property
    def needs_categories(self) -> bool:
        """Whether every word needs one."""
        return self.question == "category" or self.confounders == "category"
