"""How merged lists do, measured by the command that anyone can run. Minutes long."""

import pytest

from mindseye.api.evaluation.merge import evaluate_merge
from mindseye.api.evaluation.words import wordnet

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(wordnet() is None, reason="Debian's wordnet-base is not installed"),
]


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
