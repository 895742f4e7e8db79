"""Pictures with what they are called, as the user has them: labelled folders, or a file of captions."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.api.evaluation.folders import folder_word, pictures
from mindseye.api.progress import Progress
from mindseye.engine.duplicates import NEAR, leaders
from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.mapping.adapt import Shown
from mindseye.engine.pairs import Labels, Pairs, one_each
from mindseye.engine.query import Wording, encode_wordings
from mindseye.engine.space import JointSpace
from mindseye.engine.text.lexicon import normalised
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.records import Skip

_BATCH = 32
_CAPTIONS = (".csv", ".json", ".jsonl")


@dataclass(frozen=True)
class Named:
    """Picture files by what they are called; captioned: each file is a class and its captions name it.

    names: a word, or captions, for each class; files: each class's; notes: what was odd and how it was taken.
    """

    names: tuple[tuple[str, ...], ...]
    files: tuple[tuple[Path, ...], ...]
    captioned: bool
    notes: tuple[str, ...] = ()


@dataclass
class EncodedPairs:
    """Pairs ready to learn from, their classes' words, the files that could not be read, and what was odd."""

    pairs: Pairs
    words: tuple[str, ...]
    skipped: list[Skip] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def read_pairs(paths: Sequence[Path], images: Path | None = None) -> Named:
    """Read labelled folders, or files of captions (CSV, JSON or JSON lines: `file` and `caption` or `captions`).

    images: the folder that captioned files lie in, the captions' own when None. Raises UsageError for what is missing,
    is of mixed kinds, or names no picture.
    """
    files = [path for path in paths if path.suffix.lower() in _CAPTIONS]
    if files and len(files) < len(paths):
        raise UsageError("folders and files of captions cannot be mixed", "fit them one after the other")
    named = _captioned(files, images) if files else _labelled(paths)
    if not named.names:
        raise UsageError(f"no pictures in {', '.join(map(str, paths))}", "name a folder of pictures for each word")
    return named


def _labelled(paths: Sequence[Path]) -> Named:
    found: dict[str, tuple[str, list[Path]]] = {}
    notes = []
    for path in paths:
        for folder in _folders(path):
            word, files = folder_word(folder), pictures(folder)
            if not files or not word:
                notes.append(f"{folder} holds no pictures" if word else f"{folder} names no word")
            elif normalised(word) in found:
                found[normalised(word)][1].extend(files)
                notes.append(f"{folder} joins another folder of {word!r}")
            else:
                found[normalised(word)] = (word, list(files))
    names = tuple((word,) for word, _ in found.values())
    return Named(names, tuple(tuple(files) for _, files in found.values()), False, tuple(notes))


def _folders(path: Path) -> list[Path]:
    """Return the folders that name classes: the path itself when it holds pictures, else those below it."""
    if not path.is_dir():
        raise UsageError(f"{path} is no folder and no file of captions", f"captions end in {', '.join(_CAPTIONS)}")
    if pictures(path):
        return [path]
    below = [folder for folder in sorted(path.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
    if below and not any(pictures(folder) for folder in below):  # an archive's own top folder
        below = [folder for top in below for folder in sorted(top.iterdir()) if folder.is_dir()] or below
    return below


def _captioned(files: Sequence[Path], images: Path | None) -> Named:
    captions: dict[Path, list[str]] = {}
    for path in files:
        try:
            for entry in _entries(path):
                told = entry.get("captions") or [entry["caption"]]
                place = (images or path.parent) / entry["file"]
                captions.setdefault(place, []).extend(text for text in map(str.strip, told) if text)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
            raise UsageError(f"{path} holds no captions ({error!r})", "give `file` and `caption` for each") from error
    told = {place: tuple(texts) for place, texts in captions.items() if texts}
    notes = tuple(f"{place} has no caption" for place in captions if place not in told)
    return Named(tuple(told.values()), tuple((place,) for place in told), True, notes)


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".csv":
        yield from csv.DictReader(text.splitlines())
    elif path.suffix.lower() == ".jsonl":
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        yield from json.loads(text)


def encode_pairs(named: Named, space: JointSpace, progress: Progress | None = None) -> EncodedPairs:
    """Encode pairs in a space; progress is told (done, total) of the pictures. Files that cannot be read are skipped.

    Raises UsageError when none can be read, or the space knows nothing of a class's name.
    """
    features, labels, skipped = _encoded(
        [(p, n) for n, files in enumerate(named.files) for p in files], space, progress
    )
    if not len(labels):
        raise UsageError("none of the pictures can be read", f"the first: {skipped[0].path} {skipped[0].reason}")
    kept, labels = np.unique(labels, return_inverse=True)
    names = [named.names[number] for number in kept]
    learned = named_pairs(names, features, one_each(labels), space, captioned=named.captioned)
    return EncodedPairs(learned, () if named.captioned else tuple(name[0] for name in names), skipped, named.notes)


def named_pairs(
    names: Sequence[tuple[str, ...]],
    features: FloatArray,
    shown: Shown,
    space: JointSpace,
    *,
    captioned: bool = False,
    groups: Labels | None = None,
) -> Pairs:
    """Return pairs of pictures and classes (see `Pairs`), whose names are encoded in a space.

    names: a word, or captions, of each class. Raises UsageError when the space knows nothing of one.
    """
    queries, query_classes = _queries(names, space)
    texts, text_classes = _texts(names, space)
    known = queries.semantic.any(axis=1)
    if not known.all():
        lost = names[int(query_classes[np.flatnonzero(~known)[0]])][0]
        raise UsageError(f"the space's word vectors know no word of {lost!r}", "call it by another name")
    taught = texts.any(axis=1)
    texts, text_classes = texts[taught], text_classes[taught]
    return Pairs(features, shown, texts, text_classes, queries, query_classes, captioned, groups)


def alike(features: FloatArray, space: JointSpace) -> Labels:
    """Return a number for each picture (n,), the same for near duplicates, as `Pairs.groups` has it."""
    return leaders(space.image_rows(features)[:, space.text.width :], NEAR)


def _queries(names: Sequence[tuple[str, ...]], space: JointSpace) -> tuple[Any, Any]:
    asked = [(space.wording(text), number) for number, texts in enumerate(names) for text in texts]
    return encode_wordings(space.text, [wording for wording, _ in asked]), np.array([n for _, n in asked])


def _texts(names: Sequence[tuple[str, ...]], space: JointSpace) -> tuple[Any, Any]:
    """Return the views of each class: as it is asked for, its name alone, its name with what it means."""
    views = []
    for number, texts in enumerate(names):
        for text in texts:
            wording = space.wording(text)
            views += [(wording, number), (Wording(text, (text,)), number)]
            if wording.definition and space.traits.defined:
                views.append((Wording(text, (f"{text}: {wording.definition}",)), number))
    distinct = list({(wording.texts, number): (wording, number) for wording, number in views}.values())
    return encode_wordings(space.text, [wording for wording, _ in distinct]).semantic, np.array(
        [n for _, n in distinct]
    )


def _encoded(
    files: Sequence[tuple[Path, int]], space: JointSpace, progress: Progress | None
) -> tuple[Any, Any, list[Skip]]:
    """Return features (n, p), rounded as a library keeps them, their classes (n,), and what could not be read."""
    features, labels, skipped = [np.zeros((0, space.raw_width), np.float32)], [], []
    for start in range(0, len(files), _BATCH):
        images = []
        for path, number in files[start : start + _BATCH]:
            try:
                images.append(read_picture(path.read_bytes(), str(path)).image)
                labels.append(number)
            except OSError as error:
                skipped.append(Skip(path.absolute().as_uri(), f"cannot be read ({error.strerror})", "unreadable_file"))
            except UnreadableFileError as error:
                skipped.append(Skip(path.absolute().as_uri(), error.what.removeprefix(f"{path} "), error.code))
        features.append(space.encode_images(images))
        if progress:
            progress(min(start + _BATCH, len(files)), len(files))
    stored = np.concatenate(features).astype(np.float16).astype(np.float32)
    return stored, np.array(labels, dtype=np.int64), skipped
