"""One list of several modalities: which hit comes where."""

import pytest

from mindseye.api.answers import Hits, RankedHit
from mindseye.api.paging import Page
from mindseye.api.searching import likelihoods, merged, turns


def part(modality, probabilities):
    hits = [RankedHit(n, n, modality, f"{modality} {n}", 0.0, each) for n, each in enumerate(probabilities, 1)]
    return Hits(tuple(hits), len(hits), 0)


PICTURES, WORDS, NOTHING = part("image", [0.3, 0.1, 0.2]), part("word", [0.9, 0.25]), part("document", [])


def uris(order, page):
    return [hit.uri for hit in merged([(hits, order(hits)) for hits in (PICTURES, NOTHING, WORDS)], page)]


def test_the_likeliest_hit_comes_first_and_each_modality_keeps_its_order():
    wanted = ["word 1", "image 1", "word 2", "image 2", "image 3"]
    assert uris(likelihoods, Page(10, 0, None)) == wanted
    assert uris(likelihoods, Page(2, 2, None)) == wanted[2:4]


def test_in_turns_each_modality_has_its_first_hit_before_any_has_its_second():
    wanted = ["image 1", "word 1", "image 2", "word 2", "image 3"]
    assert uris(turns, Page(10, 0, None)) == wanted


@pytest.mark.parametrize("order", [likelihoods, turns])
def test_hits_of_a_page_are_numbered_from_its_beginning(order):
    found = merged([(hits, order(hits)) for hits in (PICTURES, WORDS)], Page(3, 1, None))
    assert [hit.rank for hit in found] == [2, 3, 4]
