"""Classes of the user's own, learned from their pictures beside a classifier that never saw them.

No photograph of ImageNet is needed: pseudo-pictures made of its class prototypes stand for all that the user's classes
are not. Measured in decision 0009.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.mapping.crossmodal import CrossModal, class_prototypes
from mindseye.engine.vectors import FloatArray, unit

PSEUDO_COSINE = 0.3  # of a photograph's features to its class's prototype, about what real photographs reach
_PSEUDO_WEIGHT = 10.0  # all pseudo-pictures together, against all of the user's
_HEAD_PENALTY = 0.03
_STEPS = 100
_SEED = 0
Shown = NDArray[np.bool_]  # (n, u): which classes each picture shows


@dataclass(frozen=True)
class OwnClasses:
    """Classes of the user's, beside ImageNet's.

    texts (t, ds): unit embeddings of what they are called; text_classes (t,): the class of each text, 0 to u - 1;
    weights (u, p), bias (u,): rows for the classifier; prototypes (u, p), unit; likeness (u, c): each class as a
    mixture of all of ImageNet's, which is how it looks to a network that never saw its pictures.
    """

    texts: FloatArray
    text_classes: NDArray[np.int64]
    weights: FloatArray
    bias: FloatArray
    prototypes: FloatArray
    likeness: FloatArray

    @property
    def coordinates(self) -> FloatArray:
        """The class of each text as a row of zeros and a one (t, u)."""
        return np.eye(len(self.weights), dtype=np.float32)[self.text_classes]


@dataclass(frozen=True)
class Method:
    """How the user's classes are learned: their prototypes' kind, and the ridge penalty of that kind.

    mean: the mean picture of the class; ridge: the direction that tells it from the other classes and from
    pseudo-pictures, by ridge regression.
    """

    prototype: Literal["mean", "ridge"] = "ridge"
    penalty: float = 0.1


def pseudo_pictures(learned: CrossModal, length: float, seed: int) -> FloatArray:
    """Return features (c, p) that stand for one photograph of each of ImageNet's classes.

    Each leans to its class's prototype and is otherwise a random mixture of all; length: of features from their mean.
    """
    prototypes = class_prototypes(learned.weights[: len(learned.classes)])
    mixing = np.random.default_rng(seed).standard_normal((len(prototypes), len(prototypes)), dtype=np.float32)
    noise = unit(mixing @ prototypes)
    leaning = PSEUDO_COSINE * prototypes + (1 - PSEUDO_COSINE**2) ** 0.5 * noise
    return np.asarray(learned.feature_mean + length * unit(leaning), dtype=np.float32)


def typical_length(learned: CrossModal, features: FloatArray) -> float:
    """Return how far features (n, p) lie from the mean feature, on average."""
    return float(np.linalg.norm(features - learned.feature_mean, axis=1).mean())


def learn_classes(
    learned: CrossModal,
    texts: FloatArray,
    text_classes: NDArray[np.int64],
    features: FloatArray,
    shown: Shown,
    method: Method,
) -> OwnClasses:
    """Learn the user's classes 0 to u - 1, each of which has a text and a picture.

    learned: ImageNet's classes alone; texts (t, ds), text_classes (t,): what the classes are called; features (n, p),
    shown (n, u): pictures and which of the classes each shows; one that shows none is what they are told from.
    """
    pseudo = pseudo_pictures(learned, typical_length(learned, features), _SEED)
    weights, bias = _head(learned, features, shown, pseudo)
    prototypes = learn_prototypes(learned, features, shown, method)
    likeness = class_means(learned.posteriors(features), shown)
    return OwnClasses(texts, text_classes, weights, bias, prototypes, likeness)


def learn_prototypes(learned: CrossModal, features: FloatArray, shown: Shown, method: Method) -> FloatArray:
    """Return the classes' visual prototypes (u, p), unit; features (n, p), shown (n, u)."""
    own = unit(learned.reduced(features))
    if method.prototype == "mean":
        reduced = class_means(own, shown)
    else:
        pseudo = pseudo_pictures(learned, typical_length(learned, features), _SEED)
        others = unit(learned.reduced(pseudo)) * (len(own) / len(pseudo)) ** 0.5  # together they count as much
        gram = own.T @ own + others.T @ others + method.penalty * len(own) / 100 * np.eye(own.shape[1])
        reduced = np.linalg.solve(gram, own.T @ shown.astype(np.float32)).T
    # The visual vector whose reduction it is: a prototype is only looked at through the directions.
    return unit(reduced @ learned.expansion)


def class_means(values: FloatArray, shown: Shown) -> FloatArray:
    """Return the mean row (u, q) of each class's rows; values (n, q), shown (n, u), something in every column."""
    shares = shown.astype(np.float32)
    return np.asarray((shares / shares.sum(axis=0)).T @ values, dtype=np.float32)


def _head(learned: CrossModal, features: FloatArray, shown: Shown, pseudo: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rows (u, p) and biases (u,) that join the classifier, whose own rows stay as they are.

    Multinomial logistic regression in the reduced space, by L-BFGS: all old classes together are one more class, whose
    logit is given, so that a posterior of the user's classes is earned against all that the classifier knows. A picture
    of several classes is as much of each; one of none is of what the classifier knows.
    """
    from scipy.optimize import minimize

    every = np.vstack([features, pseudo])
    scale = typical_length(learned, features)
    inputs = (learned.reduced(every) / scale).astype(np.float64)
    truths = np.zeros((len(every), shown.shape[1] + 1))
    truths[: len(features), :-1] = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    truths[:, -1] = 1 - truths[:, :-1].sum(axis=1)
    shares = np.append(np.ones(len(features)), np.full(len(pseudo), _PSEUDO_WEIGHT * len(features) / len(pseudo)))
    known = _log_sum(every @ learned.weights.T + learned.bias)
    start = np.zeros((truths.shape[1] - 1) * (inputs.shape[1] + 1))
    loss = _HeadLoss(inputs, truths, shares, known)
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    rows = solved.reshape(-1, inputs.shape[1] + 1)
    weights = (rows[:, :-1] @ learned.directions.T / scale).astype(np.float32)
    return weights, (rows[:, -1] - weights @ learned.feature_mean).astype(np.float32)


class _HeadLoss:
    """Penalised cross-entropy of new rows beside one given logit, and its gradient."""

    def __init__(
        self, inputs: NDArray[np.float64], truths: NDArray[np.float64], shares: NDArray[np.float64], known: FloatArray
    ) -> None:
        self.inputs, self.truths, self.shares, self.known = inputs, truths, shares[:, None], known

    def __call__(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        rows = flat.reshape(-1, self.inputs.shape[1] + 1)
        logits = np.column_stack([self.inputs @ rows[:, :-1].T + rows[:, -1], self.known])
        logs = logits - _log_sum(logits)[:, None]
        penalty = 0.5 * _HEAD_PENALTY * (rows[:, :-1] ** 2).sum()
        errors = (self.shares * (np.exp(logs) - self.truths))[:, :-1]
        slopes = np.column_stack([errors.T @ self.inputs + _HEAD_PENALTY * rows[:, :-1], errors.sum(axis=0)])
        return penalty - float((self.shares * self.truths * logs).sum()), slopes.ravel()


def _log_sum(logits: FloatArray) -> FloatArray:
    top = logits.max(axis=1)
    return np.asarray(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))
