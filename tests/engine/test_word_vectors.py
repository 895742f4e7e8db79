"""Word vectors of every format give the same rows; what is no word vectors is refused, pickles above all."""

import gzip
import struct

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import save_facebook_model

from mindseye.engine.errors import UnknownWordError, UnreadableFileError, UsageError
from mindseye.engine.query import Wording
from mindseye.engine.text.glove import glove
from mindseye.engine.text.word_vectors import WordVectors
from mindseye.engine.vector_space import fit_vectors

WORDS = ["cat", "dog", "Paris", "new_york", "café"]
VECTORS = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def keyed() -> KeyedVectors:
    made = KeyedVectors(6)
    made.add_vectors(WORDS, VECTORS)
    return made


def written(keyed, folder, name):
    path = folder / name
    if name == "glove.txt":
        lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(WORDS, VECTORS.tolist(), strict=True)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        keyed.save_word2vec_format(str(path), binary=name.endswith(".bin"))
    return path


@pytest.mark.parametrize("name", ["word2vec.txt", "word2vec.bin", "fasttext.vec", "glove.txt"])
def test_every_format_gives_the_same_vectors(keyed, tmp_path, name):
    vectors = WordVectors.read(written(keyed, tmp_path, name))
    assert list(vectors.words) == WORDS and np.allclose(vectors.vectors, VECTORS, atol=1e-5)
    vectors.save(tmp_path / "space")
    loaded = WordVectors.load(tmp_path / "space")
    assert loaded.fingerprint == vectors.fingerprint and loaded.words == vectors.words


def test_fasttext_s_own_binary(tmp_path):
    model = FastText(vector_size=6, min_count=1, epochs=1, bucket=50, seed=1, workers=1)
    sentences = [["cat", "dog", "cat"], ["dog", "tree", "cat"]]
    model.build_vocab(sentences)
    model.train(sentences, total_examples=2, epochs=1)
    save_facebook_model(model, str(tmp_path / "model.bin"))
    vectors = WordVectors.read(tmp_path / "model.bin")
    assert set(vectors.words) == {"cat", "dog", "tree"}
    assert np.allclose(vectors.vectors[vectors.words["cat"]], model.wv["cat"], atol=1e-5)


def test_a_text_is_the_mean_of_its_known_words(keyed, tmp_path):
    vectors = WordVectors.read(written(keyed, tmp_path, "word2vec.txt"))
    rows = vectors.encode(["cat", "Paris", "New York", "a cat, a DOG?", "cat/dog", "wampimuk"])
    pair = (VECTORS[0] + VECTORS[1]) / np.linalg.norm(VECTORS[0] + VECTORS[1])
    expected = [VECTORS[i] / np.linalg.norm(VECTORS[i]) for i in (0, 2, 3)]
    assert np.allclose(rows, [*expected, pair, pair, np.zeros(6)], atol=1e-5)
    assert "new york" in vectors and "wampimuk" not in vectors


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.txt", b"Dear reader,\nthis is no vector file\n"),
        ("empty.txt", b""),
        ("cut.bin", b"5 6\ncat " + struct.pack("<3f", 1, 2, 3)),
        ("packed.txt", gzip.compress(b"cat 1 2 3")),
        ("nan.txt", b"cat nan 1\ndog 1 2\n"),
    ],
)
def test_what_is_no_word_vectors_is_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=name):
        WordVectors.read(tmp_path / name)


def test_pickles_are_never_read(keyed, tmp_path):
    keyed.save(str(tmp_path / "vectors.kv"))
    with pytest.raises(UsageError, match="save_word2vec_format"):
        WordVectors.read(tmp_path / "vectors.kv")
    (tmp_path / "vectors.kv").rename(tmp_path / "vectors.bin")  # under another name it is no vectors either
    with pytest.raises(UnreadableFileError):
        WordVectors.read(tmp_path / "vectors.bin")


def test_a_space_of_word_vectors_keeps_the_pictures_encoder(pocket):
    words = list(dict.fromkeys(["cat", "dog", *glove().words][:3]))
    few = WordVectors({word: row for row, word in enumerate(words)}, np.eye(3, dtype=np.float32))
    with pytest.raises(UsageError, match=r"know \d+ of 1000 class names"):
        fit_vectors(pocket, few, "few")
    space = fit_vectors(pocket, glove(), "glove")
    assert space.encoder == pocket.encoder and space.mapping != pocket.mapping
    assert space.wording("crane").texts == ("crane",) and len(pocket.wording("crane").texts) > 1
    with pytest.raises(UnknownWordError, match="zzzqq"):
        space.word_queries([Wording("zzzqq", ("zzzqq",))])
    target = space.target(space.word_query("okapi"))
    assert target.shape == (pocket.raw_width,) and np.isfinite(target).all()
