"""Word vectors of every format give the same rows; what is no word vectors is refused, pickles above all."""

import gzip
import os
import pickle
import struct

import numpy as np
import pytest
from gensim.models import Doc2Vec, FastText, KeyedVectors, Word2Vec
from gensim.models.doc2vec import TaggedDocument
from gensim.models.fasttext import save_facebook_model

from mindseye.engine.errors import UnknownWordError, UnreadableFileError, UsageError
from mindseye.engine.query import Wording
from mindseye.engine.text.glove import glove
from mindseye.engine.text.word_vectors import WordVectors, smooth_inverse_frequency
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


CAT = struct.pack("<3f", 1, 2, 3)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("letter.txt", b"Dear reader,\nthis is no vector file\n", ""),
        ("empty.txt", b"", "empty"),
        ("packed.txt", gzip.compress(b"cat 1 2 3", mtime=0), ""),
        ("nan.txt", b"cat nan 1\ndog 1 2\n", "'cat' is not finite"),
        ("endless.txt", b"cat 1 2\ndog 1 inf\n", "'dog' is not finite"),
        ("uneven.txt", b"cat 1 2 3\ndog 1 2\n", "row 2 has 2 numbers, 3 are due"),
        ("single.txt", b"cat 1 2 3\ndog 1\n", "row 2 has 1 numbers, 3 are due"),
        ("width.vec", b"2 4\ncat 1 2 3\ndog 1 2 3\n", "row 1 has 3 numbers, 4 are due"),
        ("fewer.vec", b"3 3\ncat 1 2 3\ndog 1 2 3\n", "tells of 3 rows, it has 2"),
        ("more.vec", b"2 3\ncat 1 2 3\ndog 1 2 3\nsea 1 2 3\n", "tells of 2 rows, it has 3"),
        ("cut.bin", b"5 6\ncat " + CAT, "it is too short"),
        ("cut2.bin", b"2 3\ncat " + CAT + b"dog " + CAT[:5], ""),
        ("narrow.bin", b"2 2\ncat " + CAT + b"dog " + CAT, "goes on|unreadable|decode|row"),
        ("longer.bin", b"2 3\ncat " + CAT + b"dog " + CAT + b"sea " + CAT, "goes on after the 2 rows"),
        ("huge.bin", b"900000000 900000\ncat " + CAT, "it is too short"),
        ("one.txt", b"cat 1 2 3\n", "1 words"),
    ],
)
def test_what_is_no_word_vectors_is_told(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFileError, match=f"{name}.*{reason}"):
        WordVectors.read(tmp_path / name)


@pytest.mark.parametrize("binary", [False, True])
def test_a_word_that_comes_twice_keeps_its_first_vector(tmp_path, caplog, binary):
    path = tmp_path / "twice"
    rows = [("cat", 1.0), ("dog", 2.0), ("cat", 3.0)]
    told = [b"%s %s" % (w.encode(), struct.pack("<2f", x, x) if binary else b"%g %g" % (x, x)) for w, x in rows]
    path.write_bytes(b"3 2\n" + (b"" if binary else b"\n").join(told) + (b"" if binary else b"\n"))
    vectors = WordVectors.read(path)
    assert list(vectors.words) == ["cat", "dog"] and vectors.vectors.tolist() == [[1, 1], [2, 2]]
    assert "1 words twice" in caplog.text


def test_the_fingerprint_names_every_number(keyed, tmp_path):
    many = np.random.default_rng(0).normal(size=(5000, 4)).astype(np.float32)
    words = {f"w{n}": n for n in range(5000)}
    named = WordVectors(words, many).fingerprint
    for row in (0, 1, 4999):
        changed = many.copy()
        changed[row, 3] = np.nextafter(changed[row, 3], 9)
        assert WordVectors(words, changed).fingerprint != named
    assert WordVectors({f"w{n}" if n != 4321 else "other": n for n in range(5000)}, many).fingerprint != named
    assert WordVectors(dict(words), many.copy()).fingerprint == named
    assert WordVectors(words, many, np.ones(5000, dtype=np.float32)).fingerprint != named


def test_rare_words_count_for_more(keyed):
    weights = smooth_inverse_frequency(np.array([999_900, 100]))
    assert weights[0] == pytest.approx(1e-4 / (1e-4 + 0.9999)) and weights[1] == pytest.approx(0.5)
    vectors = WordVectors({"the": 0, "okapi": 1}, np.eye(2, dtype=np.float32), weights)
    assert np.allclose(vectors.encode(["the", "okapi", "the okapi"])[:2], np.eye(2))
    assert vectors.encode(["the okapi"])[0, 1] > 0.999


@pytest.mark.parametrize("name", ["vectors.kv", "word2vec.model", "doc2vec.model"])
@pytest.mark.parametrize("beside", [False, True], ids=["in one file", "arrays beside"])
def test_gensim_s_pickles_are_read_when_trusted(keyed, tmp_path, name, beside):
    sentences = [["cat", "dog", "cat"], ["dog", "tree", "cat"]]
    models = {
        "vectors.kv": lambda: keyed,
        "word2vec.model": lambda: Word2Vec(sentences, vector_size=6, min_count=1, epochs=1, workers=1),
        "doc2vec.model": lambda: Doc2Vec([TaggedDocument(s, [0]) for s in sentences], vector_size=6, min_count=1),
    }
    model = models[name]()
    model.save(str(tmp_path / name), sep_limit=0 if beside else 10**9)
    with pytest.raises(UsageError, match="--trust"):
        WordVectors.read(tmp_path / name)
    vectors, expected = WordVectors.read(tmp_path / name, trust=True), getattr(model, "wv", model)
    assert list(vectors.words) == expected.index_to_key and np.array_equal(vectors.vectors, expected.vectors)


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("content", ["evil", "text", "cut", "list"])
def test_nothing_in_a_trusted_pickle_runs(keyed, tmp_path, content):
    keyed.save(str(tmp_path / "whole.kv"))
    contents = {
        "evil": pickle.dumps(Evil(tmp_path / "made")),
        "text": b"cat 1 2 3",
        "cut": (tmp_path / "whole.kv").read_bytes()[:-20],
        "list": pickle.dumps([1, 2]),
    }
    (tmp_path / "vectors.kv").write_bytes(contents[content])
    with pytest.raises(UnreadableFileError, match=r"vectors\.kv"):
        WordVectors.read(tmp_path / "vectors.kv", trust=True)
    assert not (tmp_path / "made").exists()


def test_a_pickle_under_another_name_is_no_vectors(keyed, tmp_path):
    keyed.save(str(tmp_path / "vectors.bin"))
    with pytest.raises(UnreadableFileError):
        WordVectors.read(tmp_path / "vectors.bin")


def test_a_space_of_word_vectors_keeps_the_pictures_encoder(pocket):
    words = list(dict.fromkeys(["cat", "dog", *glove().words][:3]))
    few = WordVectors({word: row for row, word in enumerate(words)}, np.eye(3, dtype=np.float32))
    with pytest.raises(UsageError, match="know 11 of 1000 class names"):
        fit_vectors(pocket, few, "few")
    space = fit_vectors(pocket, glove(), "glove")
    assert space.encoder == pocket.encoder and space.mapping != pocket.mapping
    assert space.wording("crane").texts == ("crane",) and len(pocket.wording("crane").texts) > 1
    with pytest.raises(UnknownWordError, match="zzzqq"):
        space.word_queries([Wording("zzzqq", ("zzzqq",))])
    target = space.target(space.word_query("okapi"))
    assert target.shape == (pocket.raw_width,) and np.isfinite(target).all()
