"""Small studies for tests: painted pictures, two words a choice."""

from pathlib import Path

from mindseye.engine.evaluation.counterbalance import order_of_pair
from mindseye.indexer.library import Library
from mindseye.indexer.studies import Choice, NewStudy, NewTrial, Rater, Studies, Study
from tests.pictures import paint

WORDS = ("ape", "bat", "cat", "dog", "eel")
PICTURES = len(WORDS) + 1  # that a study keeps


def new_study(
    studies: Studies,
    folder: Path,
    name: str = "pilot",
    question: str = "word",
    raters: int = 2,
    consent: str | None = None,
) -> NewStudy:
    """Return a study of five words and one check of attention, its pictures kept."""
    kept = [studies.keep(paint(folder / f"{word}.png", 400 + n), "found", n + 1) for n, word in enumerate(WORDS)]
    photo = studies.keep(paint(folder / "photo.png", 410), "shipped")
    trials = []
    for place, word in enumerate(WORDS):
        other = (place + 1) % len(WORDS)
        shown = (kept[place], kept[other]) if question == "image" else (kept[place],)
        trials.append(NewTrial("judged", word, None, (word, WORDS[other]), 0, shown))
    shown = (photo, kept[0]) if question == "image" else (photo,)
    trials.append(NewTrial("attention", "photo", None, ("photo", "ape"), 0, shown))
    kinds = [each.kind for each in trials]
    plans = tuple(
        tuple(Choice(*each) for each in order_of_pair([0] * len(trials), kinds, rater, 0))
        for rater in range(1, raters + 1)
    )
    settings = {"pictures": "found", "space": "tiny"}
    return NewStudy(name, question, "random", 0, 0.8, "Choose.", consent, settings, tuple(trials), plans)


def made(library: Library, folder: Path, **about: object) -> tuple[Studies, Study]:
    """Make such a study in a library and return it."""
    studies = Studies.of(library)
    return studies, studies.create(new_study(studies, folder, **about))


def first_rater(studies: Studies, study: Study) -> Rater:
    """Return the first rater, who has agreed."""
    token = studies.raters(study)[0].token
    studies.begin(study.name, token)
    return studies.raters(study)[0]


def lived_study(library: Library, folder: Path) -> None:
    """Make a study, half answered by one of two raters."""
    studies, study = made(library, folder)
    rater = first_rater(studies, study)
    for position in range(3):
        studies.answer(study.name, rater.token, position, position % 2, 1000 + position)
