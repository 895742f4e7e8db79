"""Sums and differences of words and photographs, in the spaces that ship."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from mindseye.engine.arithmetic import added, own_words
from mindseye.engine.errors import UsageError
from mindseye.engine.mixture import Mixture
from mindseye.engine.space import JointSpace
from mindseye.engine.terms import MOST_TERMS, read_terms
from mindseye.engine.text.glove import glove
from mindseye.engine.vector_space import fit_vectors

WORDS = (
    "king", "queen", "man", "woman", "boy", "girl", "prince", "princess", "brother", "sister", "uncle", "aunt",
    "france", "paris", "italy", "rome", "germany", "berlin", "japan", "tokyo",
    "dog", "puppy", "cat", "kitten", "cow", "calf", "castle", "crown", "river", "beach", "rocket",
)  # fmt: skip


@pytest.fixture(scope="module")
def vectors(pocket):
    return fit_vectors(pocket, glove(), "glove")


@pytest.fixture(scope="module")
def queries(pocket):
    return dict(zip(WORDS, pocket.word_queries([pocket.wording(word) for word in WORDS]), strict=True))


@pytest.fixture(scope="module")
def photographs(pocket):
    pictures = {"cat": data.chelsea(), "rocket": data.rocket(), "coffee": data.coffee(), "astronaut": data.astronaut()}
    features = pocket.encode_images([Image.fromarray(array) for array in pictures.values()])
    return {name: pocket.picture_query(row, name) for name, row in zip(pictures, features, strict=True)}


def total(space, text, queries, photographs=()):
    """Return a sum of words and photographs as one query."""
    terms = read_terms(text)
    parts = tuple((photographs if term.picture else queries)[term.text] for term in terms)
    mixture = Mixture(text, parts, tuple(term.weight for term in terms))
    return added(space, mixture)


def answers(space: JointSpace, text: str, n: int = 1) -> list[str]:
    """Return the nearest words to a sum of words, its own left out."""
    encoded = space.word_queries([space.wording(word) for word in WORDS])
    query = total(space, text, dict(zip(WORDS, encoded, strict=True)))
    rows = np.stack([each.unweighted for each in encoded])
    scores = rows @ space.weighted(query.unweighted[None], "text", "word")[0]
    own = own_words(space.lexicon, read_terms(text))
    return [word for word in (WORDS[i] for i in np.argsort(-scores)) if word not in own][:n]


ANALOGIES = [
    ("king - man + woman", "queen"),
    ("prince - boy + girl", "princess"),
    ("uncle - brother + sister", "aunt"),
    ("paris - france + italy", "rome"),
    ("tokyo - japan + germany", "berlin"),
]


@pytest.mark.parametrize(("text", "answer"), [*ANALOGIES, ("puppy - dog + cat", "kitten")])
def test_the_pocket_space_solves_analogies(pocket, text, answer):
    assert answers(pocket, text) == [answer]


@pytest.mark.parametrize(("text", "answer"), ANALOGIES)
def test_word_vectors_solve_analogies(vectors, text, answer):
    assert answers(vectors, text) == [answer]


def test_a_sum_of_texts_is_imagined_from_what_it_means(pocket, queries):
    query = total(pocket, "2*dog + beach", queries)
    summed = 2 * queries["dog"].semantic + queries["beach"].semantic
    assert query.semantic == pytest.approx(summed / np.linalg.norm(summed), abs=1e-5)
    imagined = pocket.passage_rows(query.semantic[None])[0]
    assert query.unweighted == pytest.approx(imagined, abs=1e-5)
    assert query.row == pytest.approx(pocket.weighted(imagined[None], "text")[0], abs=1e-5)
    assert 0 < query.knowledge < 1 and query.wording.text == "2*dog + beach" and query.kind == "text"
    assert "dog: a member of the genus Canis" in query.wording.definition


def test_photographs_are_added_half_by_half(pocket, photographs):
    query = total(pocket, "@cat + 3*@coffee", {}, photographs)
    stacked = photographs["cat"].unweighted + 3 * photographs["coffee"].unweighted
    for half in (slice(None, 384), slice(384, None)):
        assert query.unweighted[half] == pytest.approx(stacked[half] / np.linalg.norm(stacked[half]), abs=1e-5)
    assert query.row == pytest.approx(pocket.weighted(query.unweighted[None], "image")[0])
    assert query.knowledge == 1 and query.kind == "image"


def test_a_word_taken_from_a_photograph_and_another_given_leads_to_another_photograph(pocket, queries, photographs):
    query = total(pocket, "@cat - cat + rocket", queries, photographs)
    scores = {name: float(each.unweighted @ query.row) for name, each in photographs.items() if name != "cat"}
    assert max(scores, key=scores.__getitem__) == "rocket"


def test_one_term_is_its_own_query(pocket, queries):
    assert total(pocket, "2*king", queries) is queries["king"]


@pytest.mark.parametrize("text", ["king - king", "2*king - king - king", "@cat - @cat", "king + @cat - king - @cat"])
def test_what_cancels_out_is_refused(pocket, queries, photographs, text):
    with pytest.raises(UsageError, match="nothing is left of"):
        total(pocket, text, queries, photographs)


def test_own_words_are_what_was_written_and_its_lemma(pocket):
    own = own_words(pocket.lexicon, read_terms("Kings - red car + @photo.jpg"))
    assert own == {"kings", "king", "red car"}


TERMS = st.lists(
    st.tuples(st.sampled_from(["king", "dog", "beach", "@cat", "@rocket"]), st.integers(1, 40)),
    min_size=2, max_size=MOST_TERMS, unique_by=lambda term: term[0],
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(TERMS, st.randoms(use_true_random=False), st.floats(0.1, 10))
def test_neither_order_nor_scale_of_the_weights_matters(pocket, queries, photographs, terms, shuffled, scale):
    first, *rest = terms
    signed = [first, *((name, -weight if number % 2 else weight) for number, (name, weight) in enumerate(rest))]
    query = _sum(pocket, signed, queries, photographs)
    other = [(name, weight * scale) for name, weight in shuffled.sample(signed, len(signed))]
    assert _sum(pocket, other, queries, photographs).row == pytest.approx(query.row, abs=1e-4)


def _sum(space, terms, queries, photographs):
    parts = tuple(photographs[name[1:]] if name.startswith("@") else queries[name] for name, _ in terms)
    mixture = Mixture("", parts, tuple(weight for _, weight in terms))
    return added(space, mixture)
