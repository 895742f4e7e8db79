"""Captions are searched through the product, each for its own picture."""

import csv

import pytest

from mindseye.api.evaluation.captions import evaluate_captions
from mindseye.engine.errors import UsageError


def test_captions_find_their_own_pictures(demo_manifest, cache, tmp_path):
    shown = [p for p in demo_manifest.pictures if p.word in demo_manifest.shown]
    captions = tmp_path / "captions.csv"
    with captions.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "caption"])
        rows.writerows([p.path, f"a photograph of a {p.word}"] for p in shown)
    figures = evaluate_captions([captions], cache)
    assert figures["pictures"] == figures["captions"] == len(shown)
    assert figures["text_to_image_recall_at_1"] >= 0.75 and figures["text_to_image_recall_at_10"] == 1
    assert figures["image_to_text_recall_at_1"] >= 0.5 and figures["image_to_text_recall_at_10"] == 1


def test_folders_are_no_captions(demo_manifest, cache):
    with pytest.raises(UsageError, match="not captions"):
        evaluate_captions([demo_manifest.pictures[0].path.parent], cache)
