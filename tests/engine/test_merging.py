import numpy as np
import pytest

from mindseye.engine.evaluation.merging import Found, by_probability, by_score, by_turns, merge_figures


def found(probabilities, scores, truths):
    return Found(np.array(probabilities, np.float32), np.array(scores, np.float32), np.array(truths), any(truths))


FOUND = {
    "image": found([0.9, 0.3], [0.2, 0.1], [True, False]),
    "paragraph": found([0.1, 0.8, 0.05], [0.7, 0.6, 0.5], [False, True, False]),
}


def modalities(placed):
    return [each.modality for each in placed]


def test_merging_by_probability_keeps_the_order_within_a_modality():
    placed = by_probability(FOUND)
    assert modalities(placed) == ["image", "image", "paragraph", "paragraph", "paragraph"]
    assert [each.right for each in placed] == [True, False, False, True, False]


def test_merging_by_score_drowns_pictures_and_by_turns_does_not():
    assert modalities(by_score(FOUND)) == ["paragraph"] * 3 + ["image"] * 2
    assert modalities(by_turns(FOUND)) == ["image", "paragraph", "image", "paragraph", "paragraph"]


def test_figures_of_a_merge():
    many = {"image": found([0.9] * 20, [0.1] * 20, [True] * 20), "word": found([0.1] * 20, [0.9] * 20, [False] * 20)}
    figures = merge_figures([many])
    assert figures["by_probability"] == {"precision_at_10": 1, "share_of_image": 1, "share_of_word": 0}
    assert figures["by_score"] == {"precision_at_10": 0, "share_of_image": 0, "share_of_word": 1}
    assert figures["by_turns"] == pytest.approx({"precision_at_10": 0.5, "share_of_image": 0.5, "share_of_word": 0.5})
