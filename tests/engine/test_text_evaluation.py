"""The metrics of words and texts against what they must be on examples made by hand."""

import io
import tarfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation import analogies as protocol
from mindseye.engine.evaluation.analogies import analogy_figures
from mindseye.engine.evaluation.clustering import clustering_figures, purity
from mindseye.engine.evaluation.hidden_paragraphs import hide, over_seeds, rank_figures
from mindseye.engine.evaluation.word_benchmarks import Analogy, Categorised, Pair, read_word_benchmarks
from mindseye.engine.evaluation.word_similarity import similarity_figures
from mindseye.engine.vectors import unit

FILES = {
    "word-similarity/monolingual/en/simlex999.csv": ",word1,word2,similarity\n0,old,new,1.5\n1,smart,clever,9.2\n",
    "word-similarity/monolingual/en/wordsim353-sim.csv": ",word1,word2,similarity\n0,tiger,cat,7\n1,cup,dog,2\n2,,,\n",
    "word-similarity/monolingual/en/wordsim353-rel.csv": ",word1,word2,similarity\n0,cup,dog,2.0\n1,cup,tea,8\n",
    "word-similarity/monolingual/en/rw.csv": ",word1,word2,similarity\n0,undated,undatable,5.8\n",
    "word-analogy/monolingual/en/google-analogies.csv": ",type,word1,word2,word3,target\n0,f,boy, girl ,king,queen\n",
    "word-categorization/monolingual/en/ap.csv": ",category,word\n0,illness,acne\n1,illness,\n",
    "word-categorization/monolingual/en/bless.csv": ",category,word\n0,bird,crow\n",
}


def written(folder, files=FILES):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def packed(path, files=FILES):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"benchmarks/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_benchmarks_are_read_without_their_blank_rows_and_doubles(tmp_path, kind):
    read = read_word_benchmarks(written(tmp_path) if kind == "folder" else packed(tmp_path / "b.tar.gz"))
    assert read.similarity["simlex_999"] == (Pair("old", "new", 1.5), Pair("smart", "clever", 9.2))
    assert read.similarity["wordsim_353"] == (Pair("tiger", "cat", 7), Pair("cup", "dog", 2), Pair("cup", "tea", 8))
    assert read.analogies == (Analogy("f", "boy", "girl", "king", "queen"),)
    assert read.categories == {"ap": (Categorised("acne", "illness"),), "bless": (Categorised("crow", "bird"),)}
    assert "undatable" in read.words and len(set(read.words)) == len(read.words) == 17


@pytest.mark.parametrize("missing", [*FILES])
def test_a_missing_benchmark_is_named(tmp_path, missing):
    with pytest.raises(UsageError, match=missing.split("/")[-1]):
        read_word_benchmarks(written(tmp_path, {name: text for name, text in FILES.items() if name != missing}))


@pytest.mark.parametrize("text", ["", ",word1,word2\n0,a,b\n", ",word1,word2,similarity\n0,a,b,high\n"])
def test_a_benchmark_that_is_something_else_is_refused(tmp_path, text):
    with pytest.raises(UsageError, match="does not hold the word benchmarks"):
        read_word_benchmarks(written(tmp_path, FILES | {"word-similarity/monolingual/en/rw.csv": text}))


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, None])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "b.tar.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read as word benchmarks"):
        read_word_benchmarks(path)


def rows(*numbers):
    return unit(np.array(numbers, dtype=np.float32))


def test_similarity_is_spearmans_over_covered_pairs_and_over_all():
    first = rows((1, 0), (1, 0), (1, 0), (0, 0))
    second = rows((1, 0), (1, 1), (0, 1), (1, 0))  # cosines 1, .71, 0, unknown
    told = similarity_figures(first, second, np.array([9.0, 5.0, 1.0, 2.0]))
    assert (told["pairs"], told["covered"], told["spearman"]) == (4, 3, 1.0)
    # The unknown pair gets the mean, .57: third of four, where people put it third as well.
    assert told["spearman_uncovered_as_mean"] == 1.0
    worse = similarity_figures(first, second, np.array([9.0, 5.0, 1.0, 0.0]))
    assert worse["spearman"] == 1.0 and worse["spearman_uncovered_as_mean"] == pytest.approx(0.8)


def test_tied_cosines_share_their_rank():
    told = similarity_figures(rows((1, 0), (1, 0), (1, 0)), rows((1, 0), (1, 0), (0, 1)), np.array([3.0, 2.0, 1.0]))
    assert told["spearman"] == pytest.approx(spearmanr([1, 1, 0], [3, 2, 1]).statistic, abs=1e-4) == 0.866


@pytest.mark.parametrize("known", [0, 1])
def test_where_nothing_can_be_ordered_there_is_no_rho(known):
    first = rows((1, 0), (1, 0)) * (np.arange(2) < known)[:, None]
    told = similarity_figures(first, rows((1, 0), (0, 1)), np.array([1.0, 2.0]))
    assert told["covered"] == known and told["spearman"] is None and told["spearman_uncovered_as_mean"] is None


WORDS = {"boy": (1, 0, 0), "girl": (1, 1, 0), "king": (1, 0, 1), "queen": (1, 1, 1), "rock": (0, -1, 0.2)}
VOCABULARY = {word: row for row, word in enumerate(WORDS)}


def test_an_analogy_is_answered_by_addition_and_by_multiplication_without_its_own_words():
    asked = [Analogy("family", "Boy", "girl", "king", "queen"), Analogy("gram1", "boy", "girl", "king", "rock")]
    told = analogy_figures(asked, VOCABULARY, rows(*WORDS.values()))
    for rule in ("three_cos_add", "three_cos_mul"):
        assert told[rule]["accuracy"] == 0.5
        assert told[rule]["semantic"]["accuracy"] == 1 and told[rule]["syntactic"]["accuracy"] == 0
        assert list(told[rule]["sections"]) == ["family", "gram1"]
    # Not left out, "king" would be nearer to king − boy + boy than queen.
    own = analogy_figures([Analogy("family", "boy", "boy", "king", "queen")], VOCABULARY, rows(*WORDS.values()))
    assert own["three_cos_add"]["accuracy"] == 1


def test_questions_with_unknown_words_are_left_out_or_wrong():
    asked = [Analogy("family", "boy", "girl", "king", "queen"), Analogy("family", "boy", "girl", "prince", "princess")]
    told = analogy_figures(asked, VOCABULARY, rows(*WORDS.values()))
    assert (told["questions"], told["covered"], told["vocabulary"]) == (2, 1, 5)
    figures = told["three_cos_add"]
    assert figures["accuracy"] == 1 and figures["accuracy_uncovered_wrong"] == 0.5
    assert figures["syntactic"] == {"accuracy": None, "accuracy_uncovered_wrong": None}
    nothing = analogy_figures(asked[1:], VOCABULARY, rows(*WORDS.values()))["three_cos_mul"]
    assert nothing["accuracy"] is None and nothing["accuracy_uncovered_wrong"] == 0


def test_a_tie_is_no_right_answer_and_an_own_word_none_at_all():
    twins = rows((1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1), (1, 1, 1))
    vocabulary = {"boy": 0, "girl": 1, "king": 2, "queen": 3, "empress": 4}
    asked = [Analogy("family", "boy", "girl", "king", "queen"), Analogy("family", "boy", "girl", "king", "king")]
    assert analogy_figures(asked, vocabulary, twins)["three_cos_add"]["accuracy"] == 0


@given(st.integers(0, 2**32 - 1), st.integers(8, 40))
def test_analogies_in_blocks_are_those_of_the_whole_matrix(seed, count):
    rng = np.random.default_rng(seed)
    embeddings = unit(rng.normal(size=(count, 3)).astype(np.float32))
    asked = np.array([rng.choice(count, 4, replace=False) for _ in range(15)])
    words = [f"w{row}" for row in range(count)]
    cosines = np.float64(embeddings) @ np.float64(embeddings).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "_QUESTIONS", 4)
        patch.setattr(protocol, "_ANSWERS", 7)
        questions = [Analogy("s", *(words[row] for row in each)) for each in asked]
        told = analogy_figures(questions, {word: row for row, word in enumerate(words)}, embeddings)
    a, b, c = (cosines[asked[:, column]] for column in range(3))
    moved = [(each + 1) / 2 for each in (a, b, c)]
    for rule, scores in (("three_cos_add", b - a + c), ("three_cos_mul", moved[1] * moved[2] / (moved[0] + 1e-3))):
        np.put_along_axis(scores, asked[:, :3], -np.inf, axis=1)
        assert told[rule]["accuracy"] == pytest.approx((scores.argmax(axis=1) == asked[:, 3]).mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("clusters", "categories", "expected"),
    [
        ([0, 0, 1, 1], [5, 5, 2, 2], 1.0),
        ([0, 0, 0, 0], [0, 0, 0, 1], 0.75),  # one cluster: the share of the largest category
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 0], 4 / 6),
        ([0, 1, 2, 3], [0, 0, 0, 0], 1.0),
    ],
)
def test_purity_is_the_share_of_each_clusters_largest_category(clusters, categories, expected):
    assert purity(np.array(clusters), np.array(categories)) == pytest.approx(expected)


def test_clusters_of_what_lies_apart_are_the_categories_and_unknown_words_take_no_part():
    rng = np.random.default_rng(1)
    centres = np.eye(4)[:3].repeat(6, axis=0)
    embeddings = unit((centres + rng.normal(scale=0.05, size=centres.shape)).astype(np.float32))
    categories = ["bird", "tool", "fruit"]
    told = clustering_figures(
        np.vstack([embeddings, np.zeros((2, 4), np.float32)]), [*np.repeat(categories, 6), "tool", "mood"]
    )
    assert told == {"words": 20, "covered": 18, "categories": 4, "purity": 1.0, "purity_range": [1.0, 1.0]}
    mixed = clustering_figures(embeddings, categories * 6)
    assert mixed["purity"] == pytest.approx(1 / 3, abs=0.01)


def test_one_category_is_one_pure_cluster_and_too_few_words_are_no_figure():
    assert clustering_figures(rows((1, 0), (0, 1)), ["bird", "bird"])["purity"] == 1.0
    assert clustering_figures(rows((1, 0), (1, 0)), ["bird", "tool"])["purity"] is None
    assert clustering_figures(np.zeros((2, 2), np.float32), ["bird", "tool"])["purity"] is None


def test_one_paragraph_of_each_drawn_document_is_hidden():
    paragraphs = [1, 2, 7, 3, 1, 4]
    hidden = hide(paragraphs, seed=3)
    assert sorted(each.document for each in hidden) == [1, 2, 3, 5]
    assert all(0 <= each.paragraph < paragraphs[each.document] for each in hidden)
    assert hide(paragraphs, 3) == hidden and len(hide(paragraphs, 3, documents=2)) == 2
    draws = [hide([2] * 500, seed, documents=200) for seed in (0, 1)]
    assert draws[0] != draws[1] and {each.paragraph for each in draws[0]} == {0, 1}


def test_recall_and_reciprocal_rank_of_ranks():
    figures = rank_figures([0, 9, 10, None])
    assert figures["recall_at_1"] == 0.25 and figures["recall_at_10"] == 0.5
    assert figures["mean_reciprocal_rank_at_10"] == pytest.approx((1 + 1 / 10) / 4)


def test_the_interval_over_seeds_is_students():
    told = over_seeds([{"recall_at_1": 0.4}, {"recall_at_1": 0.5}, {"recall_at_1": 0.6}])
    assert told["recall_at_1"] == 0.5  # ± 4.303 · 0.1 / √3
    assert told["recall_at_1_interval"] == pytest.approx([0.2516, 0.7484], abs=1e-4)
    assert over_seeds([{"recall_at_1": 0.4}]) == {"recall_at_1": 0.4}
