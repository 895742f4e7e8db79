import pytest

from mindseye.engine.evaluation.merging import Judged, by_score, by_turns, merge_figures


def hits(modality, scores, right):
    return [Judged(modality, score, None, score == right) for score in scores]


PARTS = {"image": hits("image", [0.2, 0.1], 0.2), "paragraph": hits("paragraph", [0.5, 0.7, 0.15], 0.7), "word": []}


def told(merged):
    return [(hit.modality, hit.score) for hit in merged]


def test_merging_by_score_keeps_the_order_within_a_modality():
    texts = [("paragraph", 0.5), ("paragraph", 0.7)]
    assert told(by_score(PARTS)) == [*texts, ("image", 0.2), ("paragraph", 0.15), ("image", 0.1)]


def test_merging_by_turns_takes_one_of_each():
    first = [("image", 0.2), ("paragraph", 0.5), ("image", 0.1), ("paragraph", 0.7)]
    assert told(by_turns(PARTS)) == [*first, ("paragraph", 0.15)]


def test_figures_of_a_merge():
    many = {"image": hits("image", [0.1] * 20, 0.1), "word": hits("word", [0.9] * 20, 0)}
    figures = merge_figures([many], [many["image"][:20]])
    assert figures["search"] == {"precision_at_10": 1, "share_of_image": 1, "share_of_word": 0}
    assert figures["by_score"] == {"precision_at_10": 0, "share_of_image": 0, "share_of_word": 1}
    assert figures["by_turns"] == pytest.approx({"precision_at_10": 0.5, "share_of_image": 0.5, "share_of_word": 0.5})


def test_no_queries_have_no_figures():
    assert merge_figures([], []) == {}
