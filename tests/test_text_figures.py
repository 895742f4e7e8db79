"""The published figures of words and texts, measured through the command's own function. Minutes each."""

import pytest

from mindseye.api.evaluation.text import TextData, evaluate_text

pytestmark = pytest.mark.slow


def test_word_benchmarks(unpacked, cache, tmp_path):
    data = TextData(benchmarks=unpacked.file("word_benchmarks.tar.gz"))
    figures = evaluate_text(["pocket", "glove"], data, cache, tmp_path)
    pocket, bare, glove = (figures[name] for name in ("pocket", "pocket_without_dictionary", "glove"))
    assert (pocket["simlex_999"]["pairs"], pocket["wordsim_353"]["pairs"], pocket["rw"]["pairs"]) == (999, 352, 2034)
    for name, least in (("simlex_999", 0.49), ("wordsim_353", 0.75), ("rw", 0.51)):
        assert pocket[name]["spearman"] >= least and pocket[name]["covered"] == pocket[name]["pairs"]
        assert pocket[name]["spearman"] > bare[name]["spearman"] > glove[name]["spearman"]
    assert glove["rw"]["spearman"] > glove["rw"]["spearman_uncovered_as_mean"] > 0.29
    asked = pocket["google_analogies"]
    assert (asked["questions"], asked["covered"], len(asked["three_cos_add"]["sections"])) == (19544, 19544, 14)
    assert asked["three_cos_add"]["accuracy"] >= 0.60 and asked["three_cos_add"]["semantic"]["accuracy"] >= 0.69
    assert bare["google_analogies"]["three_cos_add"]["syntactic"]["accuracy"] >= 0.55
    own = glove["google_analogies_own_vocabulary"]
    assert own["vocabulary"] == 300_000 and own["three_cos_add"]["accuracy"] == pytest.approx(0.4637, abs=0.002)
    for name, words, least in (("ap", 402, 0.70), ("bless", 200, 0.75)):
        assert pocket[name]["words"] == words and pocket[name]["purity"] >= least > glove[name]["purity"]


def test_hidden_paragraphs(unpacked, cache, tmp_path):
    data = TextData(documents=unpacked.file("enwiki_docs.jsonl.gz"))
    found = evaluate_text(["pocket"], data, cache, tmp_path, seeds=1)["pocket"]["paragraph_to_document"]
    assert found["documents"] == 2000
    assert found["recall_at_10"] >= 0.90 and found["recall_at_1"] >= 0.77
