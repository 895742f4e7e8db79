"""Captions and pictures: each searches the other among all, through `Mindseye`."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mindseye.api.evaluation.asking import plainly, rank_of
from mindseye.api.evaluation.product import bar, library
from mindseye.api.mindseye import Mindseye
from mindseye.api.pairs import read_pairs
from mindseye.engine import pocket
from mindseye.engine.errors import UsageError

KS = (1, 5, 10)


def evaluate_captions(
    captions: Sequence[Path], cache: Path, images: Path | None = None, space: str = pocket.NAME, own: Path = Path()
) -> dict[str, Any]:
    """Return how often a caption's own picture is among the first k found, and one of a picture's captions (recall@k).

    captions: files as `mindseye space fit --pairs` reads them; images: the folder that the pictures lie in, the
    captions' own when None. Only captioned pictures are indexed. Raises UsageError for files of no captions, or when
    a picture cannot be indexed.
    """
    named = read_pairs(captions, images)
    if not named.captioned:
        raise UsageError("these are folders, not captions", "name a CSV, JSON or JSON lines file of captions")
    files = [own[0].resolve() for own in named.files]
    with library(cache, space, own) as eye, TemporaryDirectory(prefix="mindseye-") as folder:
        report = eye.index(files)
        if report.skipped:
            raise UsageError(f"cannot measure with {report.skipped[0].path}", report.skipped[0].reason)
        lines = [(caption, file) for texts, file in zip(named.names, files, strict=True) for caption in texts]
        records = _index_captions(eye, [caption for caption, _ in lines], Path(folder) / "captions.jsonl")
        own_captions: dict[Path, set[str]] = {file: set() for file in files}
        for (_, file), record in zip(lines, records, strict=True):
            own_captions[file].add(record)
        pictures = [_picture_rank(eye, *asked) for asked in bar(lines, "searching pictures", "captions")]
        captioned = list(own_captions.items())
        texts_found = [_caption_rank(eye, *asked) for asked in bar(captioned, "searching captions", "pictures")]
    both = {**_recall("text_to_image", pictures), **_recall("image_to_text", texts_found)}
    return {"pictures": len(files), "captions": len(lines), **both}


def _index_captions(eye: Mindseye, captions: Sequence[str], file: Path) -> list[str]:
    """Index captions, a record each, and return each record (`uri#line=3`). Raises UsageError for a bad one."""
    file.write_text(
        "".join(json.dumps({"title": "", "text": caption}) + "\n" for caption in captions), encoding="utf-8"
    )
    report = eye.index([file])
    if report.skipped:
        raise UsageError(f"cannot measure with {report.skipped[0].path}", report.skipped[0].reason)
    return [f"{file.resolve().as_uri()}#line={line}" for line in range(1, len(captions) + 1)]


def _picture_rank(eye: Mindseye, caption: str, file: Path) -> int | None:
    hits = eye.search(plainly(caption), max(KS), modalities=("image",)).hits
    return next((rank for rank, hit in enumerate(hits) if hit.path == file), None)


def _caption_rank(eye: Mindseye, file: Path, own: Collection[str]) -> int | None:
    return rank_of(eye.search_picture(file, max(KS), modalities=("paragraph",)), own)


def _recall(direction: str, ranks: Sequence[int | None]) -> dict[str, float]:
    found = [rank for rank in ranks if rank is not None]
    return {f"{direction}_recall_at_{k}": round(sum(rank < k for rank in found) / len(ranks), 4) for k in KS}
