"""Vectors of one's own corpus: they find their topic, come out the same again, and are read back as they were."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import doc2vec
from gensim.models.doc2vec import TaggedDocument

from mindseye.engine.errors import UsageError
from mindseye.engine.text.paragraph_vectors import ParagraphVectors
from mindseye.engine.text.tokens import tokens
from mindseye.engine.text.training import METHODS, OF_PARAGRAPHS, Parameters, gensim_model, train
from mindseye.engine.text.vector_encoders import encoder_of, load_vectors

TOPICS = [[f"{topic}{n}" for n in range(30)] for topic in ("sea", "law", "dog")]
SMALL = {"width": 16, "epochs": 20, "min_count": 2, "sample": 0.0, "seed": 3}


def text(rng: np.random.Generator, topic: int) -> str:
    return " ".join(rng.choice(TOPICS[topic], 40))


@pytest.fixture(scope="module")
def corpus() -> list[tuple[str, ...]]:
    """120 documents of three paragraphs, each of one of three topics that share no word."""
    rng = np.random.default_rng(0)
    return [tuple(text(rng, number % 3) for _ in range(3)) for number in range(120)]


@pytest.fixture(scope="module")
def encoders(corpus):
    return {method: encoder_of(train(corpus, Parameters(method=method, **SMALL))) for method in METHODS}


def topics_found(asked, seen, n: int) -> float:
    """Return the share of rows `asked` whose n nearest of `seen` are of their topic; both in order of topics."""
    nearest = np.argsort(-asked @ seen.T, axis=1)[:, 1 : n + 1]  # the first may be itself
    own = np.arange(len(asked)) * 3 // len(asked)
    return float((nearest * 3 // len(seen) == own[:, None]).mean())


@pytest.mark.parametrize("method", METHODS)
def test_words_are_near_words_of_their_topic(encoders, method):
    words = encoders[method].encode([word for topic in TOPICS for word in topic])
    assert topics_found(words, words, 5) > 0.9


@pytest.mark.parametrize("method", ["pv-dbow", "skip-gram", "cbow"])
def test_new_texts_are_near_texts_of_their_topic(encoders, method):
    """Not by PV-DM here: where each word tells the topic, contexts leave its tags nothing to learn."""
    rng = np.random.default_rng(1)
    texts = encoders[method].encode([text(rng, topic) for topic in range(3) for _ in range(20)])
    assert topics_found(texts, texts, 5) > 0.9


@pytest.mark.parametrize("method", OF_PARAGRAPHS)
def test_inference_is_gensim_s_own(corpus, encoders, method, monkeypatch):
    """From zeros rather than from a hash; the model that is made again has the tables of the one that was trained."""
    encoder, told = encoders[method], "sea1 law2 dog3 " * 20
    original = gensim_model(encoder.parameters)
    original.build_vocab([TaggedDocument(tokens(each), [0]) for document in corpus for each in document])
    again = encoder._model
    assert again.wv.index_to_key == original.wv.index_to_key
    assert np.array_equal(again.cum_table, original.cum_table)
    assert np.array_equal(again.wv.expandos["sample_int"], original.wv.expandos["sample_int"])
    monkeypatch.setattr(doc2vec, "pseudorandom_weak_vector", lambda size, **_: np.zeros(size, dtype=np.float32))
    again.random = np.random.RandomState(encoder.parameters.seed)
    expected = again.infer_vector(tokens(told), alpha=0.025, min_alpha=0.0001, epochs=50)
    assert np.allclose(encoder.encode([told])[0], expected / np.linalg.norm(expected), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_and_one_worker_give_the_same_numbers(corpus, method):
    first, again, other = (
        encoder_of(train(corpus, Parameters(method=method, **SMALL | {"epochs": 1, "seed": seed})))
        for seed in (3, 3, 4)
    )
    assert again.fingerprint == first.fingerprint != other.fingerprint
    assert np.array_equal(again.vectors, first.vectors)


def test_what_is_saved_encodes_the_same_in_another_process(encoders, tmp_path):
    """Where hashes of strings are others: gensim's own inference would start elsewhere."""
    asked = ["sea1 sea2 law3 unknown", "dog1", "nothing known", "Sea1, SEA2!"]
    for method, encoder in encoders.items():
        folder = tmp_path / method
        encoder.save(folder)
        loaded = load_vectors(folder)
        assert loaded.fingerprint == encoder.fingerprint and type(loaded) is type(encoder)
        assert np.array_equal(loaded.encode(asked), encoder.encode(asked)) and not encoder.encode(asked)[2].any()
        assert {path.suffix for path in folder.iterdir()} <= {".safetensors", ".json", ".npy", ".txt"}
    code = (
        "import sys, numpy as np; from pathlib import Path;"
        "from mindseye.engine.text.vector_encoders import load_vectors;"
        "[np.save(folder / 'there.npy', load_vectors(folder).encode(sys.argv[2:]))"
        " for folder in Path(sys.argv[1]).iterdir()]"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path), *asked], check=True, timeout=120)
    for method, encoder in encoders.items():
        assert np.array_equal(np.load(tmp_path / method / "there.npy"), encoder.encode(asked))


@pytest.mark.parametrize("method", OF_PARAGRAPHS)
def test_a_text_s_vector_depends_on_it_alone(encoders, method):
    encoder = encoders[method]
    texts = ["sea1 sea2 sea3", "law1 law2", "dog4 sea1 law3 dog5"]
    together = encoder.encode(texts)
    assert np.array_equal(np.vstack([encoder.encode([each]) for each in reversed(texts)])[::-1], together)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_a_damaged_model_is_not_read(encoders, tmp_path):
    encoders["pv-dm"].save(tmp_path)
    words = (tmp_path / "words.txt").read_text().split("\n")
    (tmp_path / "words.txt").write_text("\n".join(words[:-1]))
    with pytest.raises(ValueError, match="other lengths"):
        ParagraphVectors.load(tmp_path)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("texts", [[], [()], [("",)], [("one two three",) * 9]], ids=str)
def test_a_corpus_of_too_few_words_is_refused(method, texts):
    with pytest.raises(UsageError, match=r"has [03] words that come 5 times"):
        train(texts, Parameters(method=method))


def test_limits_and_counts_of_the_vocabulary(corpus):
    trained = train([*corpus, ("rare rare",)], Parameters(**SMALL | {"max_words": 60, "epochs": 1}))
    assert len(trained.words) <= 60 and list(trained.counts) == sorted(trained.counts, reverse=True)
    assert (trained.documents, trained.paragraphs, trained.read) == (121, 361, 120 * 3 * 40 + 2)
    counted = sum(tokens(" ".join(paragraphs)).count(trained.words[0]) for paragraphs in corpus)
    assert trained.counts[0] == counted
    assert "rare" not in train([*corpus, ("rare rare",)], Parameters(**SMALL | {"min_count": 3, "epochs": 1})).words


def test_progress_is_told_within_and_over_the_epochs(corpus):
    reading, training = [], []
    train(corpus, Parameters(**SMALL | {"epochs": 3}), lambda *t: reading.append(t), lambda *t: training.append(t))
    assert reading == [(100, 0), (200, 0), (300, 0)]
    assert [done for done, _ in training] == [360 * epoch + n for epoch in range(3) for n in (100, 200, 300)]
    assert {total for _, total in training} == {3 * 360}


def test_longer_paragraphs_than_gensim_takes_are_learned_whole():
    """It leaves out what comes after 10,000 words."""
    words = [f"w{n}" for n in range(60)]
    long = " ".join(["start"] * 10_000 + words * 5)
    trained = train([(long,)], Parameters(method="pv-dbow", width=4, epochs=1))
    assert set(words) < set(trained.words)


def test_an_error_of_the_corpus_is_raised(tmp_path: Path):
    def broken():
        yield ("a text",)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        train(broken(), Parameters())


def test_words_are_split_alike_everywhere():
    assert tokens("The U.S.S. Enterprise (CVN-65), 1961–2012: Čeština!") == [
        "the", "u", "s", "s", "enterprise", "cvn", "65", "1961", "2012", "čeština"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("维基百科是自由的百科全书。北京", ["维基百科是自由的百科全书", "北京"]),  # no word is told from its sentence
        ("ต้นไม้ใหญ่", ["ต", "นไม", "ใหญ"]),  # cut at its marks
        ("مرحبا بالعالم، ١٩٩٩", ["مرحبا", "بالعالم", "١٩٩٩"]),
        ("Привет, МИР!", ["привет", "мир"]),
    ],
)
def test_words_of_other_scripts_are_what_spaces_and_signs_part(text, words):
    assert tokens(text) == words


def test_a_vocabulary_may_be_refused_before_anything_is_learned(corpus, monkeypatch):
    def refuse(words):
        assert "sea1" in words and "cat" not in words
        raise UsageError("other words are wanted")

    monkeypatch.setattr("gensim.models.Doc2Vec.train", lambda *_, **__: pytest.fail("it was trained"))
    with pytest.raises(UsageError, match="other words are wanted"):
        train(corpus, Parameters(**SMALL), accept=refuse)
