"""Candidates are ranked by a network that took no part: the one that shows the word comes first."""

from types import SimpleNamespace

import pytest
from PIL import Image

from mindseye.api.answers import ImaginedPicture
from mindseye.api.ranking import ranked
from mindseye.engine.mixture import alone

WORDS = ["coffee", "cat", "rocket"]


@pytest.fixture(scope="module")
def pictures(demo_manifest, tmp_path_factory):
    """Photographs in the place of imagined pictures: which word each shows is certain."""
    folder = tmp_path_factory.mktemp("candidates")
    for shown in demo_manifest.pictures:
        Image.open(shown.path).convert("RGB").resize((160, 160)).save(folder / f"{shown.word}.png")
    return [ImaginedPicture(SimpleNamespace(path=folder / f"{word}.png"), 0.5, "", None, "pocket") for word in WORDS]


@pytest.mark.parametrize("word", WORDS)
def test_the_candidate_that_shows_the_word_comes_first(eye, pictures, word):
    best, *others = ranked(eye.space, alone(eye.query(word)), pictures)
    assert best.path.stem == word
    assert [best.view, *(other.view for other in others)] == sorted((p.view for p in [best, *others]), reverse=True)
