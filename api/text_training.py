"""`text train`: a space of the user's own corpus."""

import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.api.spaces import save_space, space_folder
from mindseye.engine import pocket
from mindseye.engine.errors import UsageError
from mindseye.engine.text.corpus import Corpus
from mindseye.engine.text.documents import SUFFIXES, suffix_of
from mindseye.engine.text.tokens import tokens
from mindseye.engine.text.training import OF_PARAGRAPHS, Parameters, Trained, train
from mindseye.engine.text.vector_encoders import encoder_of
from mindseye.engine.vector_space import fit_vectors, known_classes
from mindseye.indexer.sources import find_sources


@dataclass(frozen=True)
class TrainedSpace:
    """What a training came to: the space and its folder, what was read, how long learning took in seconds.

    classes: of pictures whose names the corpus knows; skipped: what could not be read, each with its reason.
    """

    name: str
    folder: Path
    parameters: Parameters
    documents: int
    paragraphs: int
    words: int
    vocabulary: int
    classes: int
    seconds: float
    skipped: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"folder": str(self.folder), "repeatable": self.parameters.workers == 1}


def train_space(settings: Settings, paths: Sequence[Path], name: str, parameters: Parameters) -> TrainedSpace:
    """Train vectors on a corpus, fit pictures to them, and save the space below the library's folder.

    Pictures come in by the class texts, as in `space fit --vectors`. Until all is learned nothing is written, and a
    space of that name stays as it was. Raises UsageError for a corpus that nothing can be learned from.
    """
    space_folder(name, settings.library)  # refuses a bad name before any work
    corpus, started = _corpus(paths), time.monotonic()
    trained = _train(corpus, parameters)
    seconds = time.monotonic() - started
    with progress_bar("fitting the pocket space (once)", "texts") as tell:
        base = pocket.load_pocket(settings.cache, tell)
    space = fit_vectors(base, encoder_of(trained), name)
    folder = save_space(space, name, settings.library, {"text": _made(trained, paths), "seconds": round(seconds, 1)})
    return TrainedSpace(
        name, folder, parameters, trained.documents, trained.paragraphs, trained.read, len(trained.words),
        len(space.crossmodal.classes), round(seconds, 1), corpus.skipped,
    )  # fmt: skip


def _corpus(paths: Sequence[Path]) -> Corpus:
    """Return the texts that `index` would take below some paths. Raises UsageError where there are none."""
    found = find_sources(paths)
    files = [each.path for each in found.files if each.path in found.named or suffix_of(each.path.name) in SUFFIXES]
    if not files:
        below = ", ".join(map(str, paths))
        raise UsageError(f"no texts below {below}", f"texts are {', '.join(sorted(SUFFIXES))}")
    corpus = Corpus(files)
    corpus.skipped.update((str(each.path), each.reason) for each in found.skips)
    return corpus


def _train(corpus: Corpus, parameters: Parameters) -> Trained:
    with (
        progress_bar("reading the corpus", "paragraphs") as reading,
        progress_bar("training", "paragraphs") as training,
    ):
        try:
            return train(corpus, parameters, reading, training, _refuse_foreign)
        except UsageError as error:
            if not corpus.skipped:
                raise
            place, reason = next(iter(corpus.skipped.items()))
            what = f"{error.what}; {len(corpus.skipped)} files or records could not be read, the first {place}"
            raise UsageError(f"{what} ({reason})", error.hint) from error


def _refuse_foreign(vocabulary: Container[str]) -> None:
    """Raise UsageError, before hours of training, for words that no picture is known by."""
    known_classes(lambda name: any(word in vocabulary for word in tokens(name)))


def _made(trained: Trained, paths: Sequence[Path]) -> dict[str, Any]:
    kind = "paragraph vectors" if trained.parameters.method in OF_PARAGRAPHS else "word vectors"
    corpus = [str(path.resolve()) for path in paths]
    return {"kind": kind, "corpus": corpus, "words": len(trained.words), **trained.about()}


def report_lines(report: TrainedSpace) -> Iterator[str]:
    """Yield what was learned, for people."""
    parameters = report.parameters
    yield f"space {report.name!r}: {report.folder}; use it with --space {report.name}"
    yield f"read {report.documents:,} documents, {report.paragraphs:,} paragraphs, {report.words:,} words"
    yield f"learned {report.vocabulary:,} words by {parameters.method} in {report.seconds:,.0f} s"
    yield f"pictures: by the {report.classes:,} classes whose names the corpus knows"
    if parameters.workers > 1:
        yield f"{parameters.workers} threads took turns as it came: another training will differ a little"
