"""`space fit`: a space of the user's own, from word vectors, from pairs, or from both."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mindseye.api.labelled import Labelled, labelled_pairs
from mindseye.api.pairs import EncodedPairs, alike, encode_pairs, read_pairs
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.api.spaces import GLOVE, made_of, open_space, save_space, space_folder
from mindseye.engine import pocket
from mindseye.engine.adaptation import Adaptation, adapt
from mindseye.engine.errors import UsageError
from mindseye.engine.held_out import Figures, ToldApart
from mindseye.engine.space import JointSpace
from mindseye.engine.text.word_vectors import WordVectors
from mindseye.engine.vector_space import fit_vectors
from mindseye.indexer.records import Skip

_NAME = "own"


@dataclass(frozen=True)
class FitReport:
    """What a fit came to: where the space is (None when it is kept back), and what held-out pictures said."""

    name: str
    folder: Path | None
    adaptation: Adaptation | None
    skipped: tuple[Skip, ...] = ()
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"name": self.name, "folder": str(self.folder) if self.folder else None}
        if fit := self.adaptation:
            told |= {
                "kept_back": fit.reason or None, "before": asdict(fit.before), "after": asdict(fit.after),
                "told_apart": asdict(fit.told_apart) if fit.told_apart else None,
                "prototype": fit.method.prototype, "penalty": fit.method.penalty, "weights": list(fit.weights),
            }  # fmt: skip
        return told | {"skipped": [asdict(skip) for skip in self.skipped], "notes": list(self.notes)}


@dataclass(frozen=True)
class TextSide:
    """What a space's texts are encoded by: word vectors of a file or `glove`, or those of a space that is there.

    trust: whether the file of vectors may be a pickle; with neither vectors nor base, the pocket space's own encoder.
    """

    vectors: str | None = None
    base: str | None = None
    trust: bool = False


def fit_space(
    settings: Settings,
    paths: Sequence[Path],
    images: Path | None,
    side: TextSide,
    name: str | None,
    seed: int = 0,
    labelled: Labelled | None = None,
) -> FitReport:
    """Fit a space and save it below the library's folder, unless held-out pictures say that it does not help.

    paths: as `read_pairs` takes them, none for word vectors alone; labelled: what to learn from in their place. Raises
    UsageError for what cannot be fitted to, and as `labelled_pairs` does.
    """
    name = name or (Path(side.vectors).stem if side.vectors and side.vectors != GLOVE else _NAME)
    space_folder(name, settings.library)  # refuses a bad name before any work
    named = read_pairs(paths, images) if paths else None
    space, made = _base(settings, side, name)
    if labelled is not None:
        encoded = labelled_pairs(settings.library, space, labelled, seed)
        made |= {"collection": labelled.collection, "words": list(encoded.words)}
    elif named is not None:
        with progress_bar("encoding pictures", "pictures") as tell:
            encoded = encode_pairs(named, space, tell)
        encoded.pairs = replace(encoded.pairs, groups=alike(encoded.pairs.features, space))
        made |= {"pairs": [str(path.resolve()) for path in paths]}
    else:
        return FitReport(name, save_space(space, name, settings.library, made), None)
    return _adapted(settings, space, encoded, name, seed, made)


def _adapted(
    settings: Settings, space: JointSpace, encoded: EncodedPairs, name: str, seed: int, made: dict[str, Any]
) -> FitReport:
    with progress_bar("fitting and measuring", "folds") as tell:
        adaptation = adapt(space, encoded.pairs, encoded.words, seed, tell)
    made |= {"pictures": len(encoded.pairs.features)}
    folder = save_space(adaptation.space, name, settings.library, made) if adaptation.space else None
    return FitReport(name, folder, adaptation, tuple(encoded.skipped), encoded.notes)


def _base(settings: Settings, side: TextSide, name: str) -> tuple[JointSpace, dict[str, Any]]:
    """Return the space that pictures are fitted to, and what it is made of."""
    base = GLOVE if side.vectors == GLOVE else side.base
    if base:
        space = open_space(base, settings.library, settings.cache)
        if space.traits.words:
            raise UsageError(
                f"the space {base!r} has words of its own already", "fit all pairs to another space at once"
            )
        return space, {**made_of(base, settings.library, settings.cache), "base": base}
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        space = pocket.load_pocket(settings.cache, tell)
    if not side.vectors:
        return space, {"base": pocket.NAME}
    vectors = WordVectors.read(Path(side.vectors), side.trust)
    read = {"kind": "word vectors", "file": str(Path(side.vectors).resolve()), "words": len(vectors.words)}
    return fit_vectors(space, vectors, name), {"text": read}


def report_lines(report: FitReport) -> list[str]:
    kept = f"space {report.name!r}: {report.folder}; use it with --space {report.name}"
    if report.adaptation is None:
        return [kept]
    fit = report.adaptation
    semantic, visual = (round(weight**2, 2) for weight in fit.weights)
    return [
        f"kept back, nothing is saved: {fit.reason}" if fit.reason else kept,
        "held-out pictures, among pseudo-pictures of ImageNet's classes:",
        *_figure_lines(fit.before, fit.after),
        *_apart_lines(fit.told_apart),
        f"chosen: prototype {fit.method.prototype}, penalty {fit.method.penalty}, halves {semantic} : {visual}",
    ]


def _figure_lines(before: Figures, after: Figures) -> list[str]:
    names = {"fitted": "words of the pairs", "other": "words left out of them", "known": "ImageNet's words"}
    told = {names[name]: (value, asdict(after)[name]) for name, value in asdict(before).items() if value is not None}
    return [f"  {name:<24}{was:.3f} before, {now:.3f} after" for name, (was, now) in told.items() if now is not None]


def _apart_lines(apart: ToldApart | None) -> list[str]:
    if apart is None:
        return []
    sure = "too few to tell" if apart.p is None else f"p = {apart.p:.3f}"
    figures = f"{apart.before:.3f} before, {apart.after:.3f} after; chance {apart.chance:.3f} ({sure})"
    return [
        f"words told apart among these {apart.pictures:,} pictures alone:",
        f"  {'words of the pairs':<24}{figures}",
    ]
