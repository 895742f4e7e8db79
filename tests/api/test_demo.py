"""The demo page: found and imagined side by side, one file, nothing loaded from elsewhere."""

import re

import pytest

from mindseye.api import imagining
from mindseye.api.cli import app
from mindseye.api.demo import run_demo
from mindseye.engine.errors import UsageError
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings


@pytest.fixture(scope="module")
def page(tmp_path_factory, cache):
    small = EnsembleInversion(InversionSettings(size=48, steps=15))  # how well the pictures look is measured elsewhere
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imagining, "load_method", lambda **_: small)
        return run_demo(tmp_path_factory.mktemp("page") / "demo.html", cache).read_text(encoding="utf-8")


def card(page: str, word: str) -> str:
    return next(each for each in page.split("<figure>") if f'<span class="word">{word}</span>' in each)


@pytest.mark.parametrize(
    ("word", "credit"),
    [("cat", "Stefan van der Walt"), ("coffee", "Rachel Michetti"), ("rocket", "SpaceX"), ("motorcycle", "Middlebury")],
)
def test_words_with_a_photograph_are_found_with_its_credit(page, word, credit):
    assert "found</span>" in card(page, word) and credit in card(page, word) and "SHA-256" in card(page, word)


@pytest.mark.parametrize("word", ["okapi", "grasshopper", "violin", "volcano"])
def test_words_without_one_are_imagined_with_their_provenance(page, word):
    assert "imagined</span>" in card(page, word) and "ensemble_inversion" in card(page, word)


def test_all_are_decided_rightly(page):
    assert "8 of 8 were decided rightly" in page


def test_the_page_needs_nothing_else(page):
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) == 8 + 13 and all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_a_page_that_cannot_be_written_is_refused_first(tmp_path, cache):
    for target in (tmp_path, tmp_path / "nowhere" / "demo.html"):
        with pytest.raises(UsageError):
            run_demo(target, cache)
    assert any(command.callback.__name__ == "demo" for command in app.registered_commands)
