"""A library whose studies share their pictures, quickly sketched."""

import pytest

from mindseye.api import imagining, mindseye
from mindseye.api.studies.making import make_study
from mindseye.api.studies.wish import StudyWish
from mindseye.api.studies.words import read_words
from mindseye.indexer.studies import Studies
from tests.api.studies.judging import WORDS
from tests.sketching import Sketching


@pytest.fixture(autouse=True)
def quick(monkeypatch, pocket):
    """Sketches for pictures, in a space that is open already."""
    monkeypatch.setattr(imagining, "load_method", lambda size=None, **_: Sketching(size or 48))
    monkeypatch.setattr(mindseye, "open_space", lambda *_: pocket)


@pytest.fixture(scope="module")
def shared(pocket, tmp_path_factory):
    """A library whose studies share their pictures."""
    with mindseye.Mindseye(tmp_path_factory.mktemp("studies") / "library", pocket, "pytest") as opened:
        yield opened


@pytest.fixture
def study(shared):
    """Make a study called "pilot" and return its `Studies` and what was made."""
    studies = Studies.of(shared.library(create=True))

    def make(question="word", words=WORDS, categorise=None, attention=0, **about):
        for each in studies.all():
            studies.remove(each.name)
        wish = StudyWish("pilot", read_words([words]), question, attention=attention, **about)
        return studies, make_study(shared, wish, categorise)

    return make
