"""A joint space whose text side is word or paragraph vectors, as in the literature, without a dictionary."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.decision.bank import Bank
from mindseye.engine.errors import UsageError
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.meanings import Meanings
from mindseye.engine.space import JointSpace, Traits
from mindseye.engine.text.class_texts import ClassText, class_texts
from mindseye.engine.text.vector_encoders import VectorEncoder

_RECIPE = "views: name, all names; query: the word itself"
_LEAST = 50  # classes; with fewer a mapping means nothing


def fit_vectors(base: JointSpace, vectors: VectorEncoder, name: str) -> JointSpace:
    """Return the space of some vectors and the base space's pictures; no picture of its library is encoded again.

    base: fitted to all of ImageNet's classes. Classes without a known word are left out. Raises UsageError when
    nearly all are.
    """
    texts, known = class_texts(), known_classes(vectors.__contains__)
    views = np.zeros((2, len(texts), vectors.width), dtype=np.float32)
    views[:, known] = np.stack([vectors.encode([view(texts[n]) for n in known]) for view in _VIEWS])
    learned = base.crossmodal
    fitted = CrossModal.fit(views, learned.weights, learned.bias, learned.feature_mean, known.astype(np.float32))
    words = tuple(word for word in base.bank.words if word in vectors)
    return JointSpace(
        vectors, base.picture, base.lexicon, fitted, Bank(words, Meanings.plain(vectors.encode(words))),
        encoder=base.encoder, mapping=fingerprint(base.mapping, vectors.fingerprint, _RECIPE),
        traits=replace(Traits(), name=name, defined=False, calibrated=False),
    )  # fmt: skip


def known_classes(knows: Callable[[str], bool]) -> NDArray[np.int64]:
    """Return the numbers of the classes whose first name is known. Raises UsageError when nearly none is."""
    texts = class_texts()
    known = [number for number, text in enumerate(texts) if knows(text.names[0])]
    if len(known) < _LEAST:
        what = f"the vectors know {len(known)} of {len(texts)} class names"
        raise UsageError(what, "give vectors of English words, or a corpus that has more of them")
    return np.array(known, dtype=np.int64)


def _name(text: ClassText) -> str:
    return text.names[0]


def _all_names(text: ClassText) -> str:
    return " ".join(text.names)


_VIEWS = (_name, _all_names)
