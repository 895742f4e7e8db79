"""Captions: each searches its own picture among all, through `Mindseye.search`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mindseye.api.evaluation.product import bar, library
from mindseye.api.mindseye import Mindseye
from mindseye.api.pairs import read_pairs
from mindseye.engine import pocket
from mindseye.engine.errors import UsageError

KS = (1, 5, 10)


def evaluate_captions(
    captions: Sequence[Path], cache: Path, images: Path | None = None, space: str = pocket.NAME, own: Path = Path()
) -> dict[str, Any]:
    """Return how often a caption's own picture is among the first k found (recall@k, text to image).

    captions: files as `mindseye space fit --pairs` reads them; images: the folder that the pictures lie in, the
    captions' own when None. Only captioned pictures are indexed. Raises UsageError for files of no captions, or when
    a picture cannot be indexed.
    """
    named = read_pairs(captions, images)
    if not named.captioned:
        raise UsageError("these are folders, not captions", "name a CSV, JSON or JSON lines file of captions")
    files = [own[0].resolve() for own in named.files]
    with library(cache, space, own) as eye:
        report = eye.index(files)
        if report.skipped:
            raise UsageError(f"cannot measure with {report.skipped[0].path}", report.skipped[0].reason)
        asked = [(caption, file) for texts, file in zip(named.names, files, strict=True) for caption in texts]
        ranks = [_rank(eye, caption, file) for caption, file in bar(asked, "searching", "captions")]
    recall = {f"text_to_image_recall_at_{k}": round(sum(rank < k for rank in ranks) / len(ranks), 4) for k in KS}
    return {"pictures": len(files), "captions": len(ranks), **recall}


def _rank(eye: Mindseye, caption: str, file: Path) -> int:
    hits = eye.search(caption, max(KS)).hits
    return next((place for place, hit in enumerate(hits) if hit.path == file), max(KS))
