"""Studies made: pictures imagined or found, confounders drawn, sides and order shuffled, all of it kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from mindseye.api.mindseye import Mindseye
from mindseye.api.questions import wording
from mindseye.api.studies.attention import checks
from mindseye.api.studies.wish import INSTRUCTIONS, StudyWish
from mindseye.api.studies.words import Categorise, StudyWord
from mindseye.engine.errors import NotFoundError, UnknownWordError, UsageError
from mindseye.engine.evaluation.counterbalance import confounders, order_of_list, order_of_pair
from mindseye.engine.mixture import alone
from mindseye.indexer.studies import Choice, NewStudy, NewTrial, Plan, Shown, Studies, Study, Trial
from mindseye.indexer.studies.records import JUDGED

Progress = Callable[[float, int], None]
_HITS = 20  # looked through for one that stands for no other word yet


@dataclass(frozen=True)
class LeftOut:
    """A word that takes no part, and why."""

    word: str
    reason: str


@dataclass(frozen=True)
class MadeStudy:
    """A study as it was made; left_out: words that could not take part."""

    study: Study
    left_out: tuple[LeftOut, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        told = [{"word": each.word, "reason": each.reason} for each in self.left_out]
        return {"study": study_as_dict(self.study), "left_out": told}


def study_as_dict(study: Study) -> dict[str, Any]:
    """Return what a study is, without its links."""
    names = (
        "name", "question", "confounders", "trials", "attention", "attention_limit", "raters", "finished", "judgments",
        "seed", "created", "instructions", "consent", "settings",
    )  # fmt: skip
    return {name: getattr(study, name) for name in names}


def make_study(
    eye: Mindseye,
    wish: StudyWish,
    categorise: Categorise | None = None,
    progress: Progress | None = None,
    may_show: Callable[[Path], bool] = Path.is_file,
) -> MadeStudy:
    """Make a study in the library of `eye`; pictures that are not stored yet are imagined.

    categorise: tells categories of words that bring none; progress: told as by `Mindseye.imagine_mixtures`;
    may_show: which found files raters may see. Words that cannot take part are left out with their reasons. Raises
    UsageError when fewer than two remain, for a taken name and as `StudyWish.check`; what was imagined is kept.
    """
    wish.check()
    making = _Making(eye, wish, may_show)
    studies = Studies.of(eye.library(create=True))
    if wish.name in {each.name for each in studies.all()}:
        raise UsageError(f"there is a study {wish.name!r} already", "choose another name")
    words = making.taking_part(wish.words, categorise)
    keep = partial(studies.keep, origin="shipped")
    attention = checks(wish.attention, wish.question, _options(words), wish.seed, keep)
    trials = (*making.trials(words, studies, progress), *attention)
    return MadeStudy(studies.create(_new(wish, trials, making.settings())), tuple(making.left_out))


def add_raters(studies: Studies, name: str, count: int) -> Study:
    """Make so many links more for a study. Raises NotFoundError, and UsageError for none."""
    study = studies.get(name)
    if count < 1:
        raise UsageError(f"{count} more raters cannot be", "ask for one at least")
    numbers = range(study.raters + 1, study.raters + count + 1)
    studies.add_raters(name, plans(studies.trials(study), study.question, study.seed, numbers))
    return studies.get(name)


def plans(trials: Sequence[NewTrial | Trial], question: str, seed: int, raters: Sequence[int]) -> tuple[Plan, ...]:
    """Return what each of some raters meets, by their numbers; see `mindseye.engine.evaluation.counterbalance`."""
    kinds, answers = [each.kind for each in trials], [each.answer for each in trials]
    if question == "category":
        orders = [order_of_list(len(trials[0].options), kinds, rater, seed) for rater in raters]
    else:
        orders = [order_of_pair(answers, kinds, rater, seed) for rater in raters]
    return tuple(tuple(Choice(*each) for each in order) for order in orders)


def _new(wish: StudyWish, trials: tuple[NewTrial, ...], settings: dict[str, Any]) -> NewStudy:
    return NewStudy(
        wish.name, wish.question, None if wish.question == "category" else wish.confounders, wish.seed,
        wish.attention_limit, wish.instructions or INSTRUCTIONS[wish.question], wish.consent, settings,
        trials, plans(trials, wish.question, wish.seed, range(1, wish.raters + 1)),
    )  # fmt: skip


def _options(words: Sequence[StudyWord]) -> list[str]:
    return sorted({each.category for each in words if each.category is not None})


@dataclass
class _Making:
    """A study while it is made."""

    eye: Mindseye
    wish: StudyWish
    may_show: Callable[[Path], bool]
    left_out: list[LeftOut] = field(default_factory=list)

    def taking_part(self, words: Sequence[StudyWord], categorise: Categorise | None) -> list[StudyWord]:
        """Return the words that can take part, with their categories."""
        known = [each for each in words if self._is_known(each.word)]
        if categorise:
            known = [StudyWord(each.word, each.category or categorise(each.word)) for each in known]
        if self.wish.needs_categories:
            known = self._without([each.category is None for each in known], known, "nobody knows its category")
        alone = [each is None for each in confounders(self._groups(known), self.wish.seed)]
        if self.wish.question != "category":
            known = self._without(alone, known, "no other word is of its category")
        elif len(_options(known)) < 2:
            raise UsageError("a choice of categories needs two", "name words of several, or other --categories")
        if len(known) < 2:
            reasons = ", ".join(f"{each.word}: {each.reason}" for each in self.left_out[:3])
            raise UsageError(f"fewer than two words can take part ({reasons})", "name more words, or their categories")
        return known

    def trials(self, words: Sequence[StudyWord], studies: Studies, progress: Progress | None) -> list[NewTrial]:
        """Return the trials that are judged, their pictures kept."""
        make = self._found if self.wish.pictures == "found" else self._imagined
        pictures = [
            studies.keep(path, self.wish.pictures, item) for path, item in make([each.word for each in words], progress)
        ]
        if self.wish.question == "category":
            options = tuple(_options(words))
            return [
                NewTrial(JUDGED, each.word, each.category, options, options.index(each.category or ""), (picture,))
                for each, picture in zip(words, pictures, strict=True)
            ]
        others = confounders(self._groups(words), self.wish.seed)
        return [self._pair(words, pictures, place, other) for place, other in enumerate(others) if other is not None]

    def settings(self) -> dict[str, Any]:
        """Return what else the study was made with, as JSON values."""
        wish = self.wish
        return {
            "pictures": wish.pictures, "method": wish.method, "size": wish.size, "space": self.eye.space.traits.name,
            "mapping": self.eye.space.mapping, "words": [each.word for each in wish.words], "command": self.eye.command,
            "left_out": {each.word: each.reason for each in self.left_out},
        }  # fmt: skip

    def _pair(self, words: Sequence[StudyWord], pictures: Sequence[Shown], own: int, other: int) -> NewTrial:
        both = (pictures[own], pictures[other])
        shown = both if self.wish.question == "image" else both[:1]
        options = (words[own].word, words[other].word)
        return NewTrial(JUDGED, words[own].word, words[own].category, options, 0, shown)

    def _groups(self, words: Sequence[StudyWord]) -> list[str | None]:
        return [each.category if self.wish.confounders == "category" else "" for each in words]

    def _is_known(self, word: str) -> bool:
        try:
            wording(self.eye.space, word)
        except (UnknownWordError, UsageError) as error:
            self.left_out.append(LeftOut(word, error.what))
            return False
        return True

    def _without(self, out: Sequence[bool], words: Sequence[StudyWord], reason: str) -> list[StudyWord]:
        pairs = list(zip(words, out, strict=True))
        self.left_out += [LeftOut(each.word, reason) for each, goes in pairs if goes]
        return [each for each, goes in pairs if not goes]

    def _imagined(self, words: Sequence[str], progress: Progress | None) -> list[tuple[Path, int]]:
        mixtures = [alone(query) for query in self.eye.queries(words)]
        seeds, wish = [0] * len(words), self.wish
        made = self.eye.imagine_mixtures(mixtures, seeds, size=wish.size, method=wish.method, progress=progress)
        return [(each.path, each.stored.item_id) for each in made]

    def _found(self, words: Sequence[str], progress: Progress | None) -> list[tuple[Path, int]]:
        """Return, for each word in turn, its best hit that stands for no word before it."""
        taken: dict[int, Path] = {}
        for number, word in enumerate(words):
            hits = self.eye.search(word, _HITS, modalities=["image"]).hits
            hit = next((each for each in hits if each.item_id not in taken and self.may_show(each.path)), None)
            if hit is None:
                raise NotFoundError(f"no picture is left for {word!r}", "index more pictures, or imagine them")
            taken[hit.item_id] = self.eye.thumbnail(hit.item_id) if hit.place else hit.path  # a tile is no file
            if progress:
                progress(number + 1, len(words))
        return [(path, item) for item, path in taken.items()]
