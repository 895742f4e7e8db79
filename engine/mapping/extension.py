"""Classes joined to a fitted text → vision mapping without starting over: block elimination, exact."""

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.mapping.adapt import OwnClasses
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.vectors import FloatArray, unit


class Extension:
    """Kernel ridge regression over a mapping's texts and more; its centre stays where it was.

    learned: the mapping as fitted; texts (t, ds): unit embeddings of all texts that may join it. The large system is
    factored once, whatever part of the texts is then learned from (Golub & Van Loan, Matrix Computations, §3.2.6).
    """

    def __init__(self, learned: CrossModal, texts: FloatArray) -> None:
        self.learned = learned
        self.texts = unit(texts - learned.anchor_mean)
        self._between = cache(self._solved)

    def extended(self, own: OwnClasses, chosen: NDArray[np.bool_], *, to_imagine: bool = True) -> CrossModal:
        """Return the mappings with the classes that the chosen (t,) of the texts name.

        to_imagine: false leaves the kernel of imagined pictures out, which costs as much as the one for search.
        """
        learned = self.learned
        search = self._coefficients(own, chosen, False)
        embeddings = unit(own.coordinates.T @ own.texts)
        return replace(
            learned,
            anchors=np.vstack([learned.anchors, self.texts[chosen]]),
            coefficients=search,
            imagining_coefficients=self._coefficients(own, chosen, True) if to_imagine else search,
            class_embeddings=np.vstack([learned.class_embeddings, embeddings]),
            weights=np.vstack([learned.weights, own.weights]),
            bias=np.append(learned.bias, own.bias),
            own_prototypes=own.prototypes,
            own_likeness=own.likeness,
        )

    def _coefficients(self, own: OwnClasses, chosen: NDArray[np.bool_], to_imagine: bool) -> FloatArray:
        """Return the ridge's coefficients (a + t, c + u) over old and chosen texts."""
        ridge = self.learned.ridges[to_imagine]
        between, solved = (each[:, chosen] for each in self._between(to_imagine))
        texts = self.texts[chosen].astype(np.float64)
        inner = _kernel(texts, texts, ridge.gamma) + ridge.alpha * np.eye(len(texts)) - between.T @ solved
        truths = np.hstack([-between.T @ ridge.coefficients_, own.coordinates])
        new = np.linalg.solve(inner, truths)
        old = np.hstack([ridge.coefficients_, np.zeros((len(solved), own.coordinates.shape[1]))]) - solved @ new
        return np.vstack([old, new]).astype(np.float32)

    def _solved(self, to_imagine: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the kernel (a, t) between old texts and new, and the old texts' system solved for it."""
        from scipy.linalg import solve

        ridge, anchors = self.learned.ridges[to_imagine], self.learned.anchors.astype(np.float64)
        between = _kernel(anchors, self.texts.astype(np.float64), ridge.gamma)
        old = _kernel(anchors, anchors, ridge.gamma) + ridge.alpha * np.eye(len(anchors))
        return between, solve(old, between, assume_a="pos", overwrite_a=True)


def _kernel(X: NDArray[np.float64], Y: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    return np.asarray(np.exp(-2 * gamma * (1 - X @ Y.T)))
