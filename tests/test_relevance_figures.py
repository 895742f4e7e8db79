"""What P(relevance) ships and how merged lists do, measured by the commands that anyone can run. Minutes each."""

import json
from importlib.resources import files

import pytest

from mindseye.api.evaluation.merge import evaluate_merge
from mindseye.api.evaluation.relevance import evaluate_relevance
from mindseye.api.evaluation.words import wordnet

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(wordnet() is None, reason="Debian's wordnet-base is not installed"),
]


def test_what_ships_is_what_the_command_prints(unpacked, cache):
    shipped = json.loads((files("mindseye.engine.decision") / "relevance.json").read_text(encoding="utf-8"))
    images = [unpacked.folder("imagenet_sample_1k"), unpacked.folder("tiny_imagenet_10k")]
    told = evaluate_relevance(images, unpacked.file("enwiki_docs.jsonl.gz"), cache)
    assert told["fitted"]["command"] == shipped["fitted"]["command"]
    for pair, model in shipped["models"].items():
        assert told["models"][pair] == pytest.approx(model, abs=0.3)  # machines round differently
        told_figures, shipped_figures = (each["held_out"][pair]["by_query"] for each in (told, shipped))
        assert told_figures["auroc"] == pytest.approx(shipped_figures["auroc"], abs=0.02)
        assert told_figures["expected_calibration_error"] < 0.02


def test_merging_by_probability_beats_scores_and_turns(unpacked, cache):
    figures = evaluate_merge(unpacked.folder("caltech101_78"), unpacked.file("enwiki_docs.jsonl.gz"), cache)
    by_text, by_image = (
        {order: figures[kind][order]["precision_at_10"] for order in ("search", "by_score", "by_turns")}
        for kind in ("text", "image")
    )
    assert by_text["search"] > max(by_text["by_score"], by_text["by_turns"]) + 0.05
    assert by_image["search"] > by_image["by_turns"] + 0.3
    nothing = figures["text"]["nothing_about_it"]
    assert nothing["queries"] > 50
    assert all(nothing[name][0] < 0.2 for name in ("image", "paragraph", "document"))  # medians of the best hits
