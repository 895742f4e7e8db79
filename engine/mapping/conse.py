"""ConSE: a picture's meaning as the mixture of the classes it looks like (Norouzi et al., arXiv 1312.5650)."""

import numpy as np

from mindseye.engine.vectors import FloatArray, unit


class ConSE:
    """Convex combination of the embeddings of a classifier's T most probable classes.

    weights (c, p), bias (c,): the classifier's head; class_embeddings (c, q), unit; top: T, the paper's best is 10.
    """

    def __init__(self, weights: FloatArray, bias: FloatArray, class_embeddings: FloatArray, top: int = 10) -> None:
        self.weights = weights
        self.bias = bias
        self.class_embeddings = class_embeddings
        self.top = top

    def transform(self, features: FloatArray) -> FloatArray:
        """Return unit embeddings (n, q) of features (n, p)."""
        posteriors = self.posteriors(features)
        top = np.argpartition(-posteriors, self.top - 1, axis=1)[:, : self.top]
        weights = np.take_along_axis(posteriors, top, axis=1)
        return unit(np.einsum("nt,ntq->nq", weights, self.class_embeddings[top]))

    def posteriors(self, features: FloatArray) -> FloatArray:
        """Return class probabilities (n, c) of features (n, p)."""
        logits = features @ self.weights.T + self.bias
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)
