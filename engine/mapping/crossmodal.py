"""Both directions of cross-modal mapping over one classifier: its classes are the bridge between the halves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from mindseye.engine.mapping.conse import ConSE
from mindseye.engine.mapping.kernel_ridge import KernelRidge
from mindseye.engine.meanings import Meanings
from mindseye.engine.vectors import FloatArray, halves, unit

RECIPE = (
    "kernel ridge (rbf 2.5, ridge 0.5; to imagine with 1.0, 0.2) from class views to class coordinates; "
    "of a query's mean text and, by squared knowledge, of its texts; ConSE 10; 512 directions ^-0.5; "
    "targets of texts alone, sharpened ^1.3, less 0.6 of the tenth of classes that look most alike"
)
_DIRECTIONS = 512
_IMAGINING = {"gamma": 1.0, "alpha": 0.2}  # a wider kernel tells held-out classes apart better by full visual vectors
_SHARPNESS = 1.3  # power of the coordinates that a target is made of: what little it resembles is left out
_CONTRAST = 0.6  # share of what a target's nearest classes have in common that it leaves out
_PIECE = 1024  # queries mapped at once: each of their texts takes some 40 kB meanwhile
_WHITENING = 0.5  # 0 leaves the directions as they are, 1 makes the prototypes vary alike along each


def class_prototypes(weights: FloatArray) -> FloatArray:
    """Return the visual prototype of each class: its centred, unit classifier row; (c, p) to (c, p)."""
    return unit(weights - weights.mean(axis=0))


@dataclass(frozen=True)
class CrossModal:
    """The learned part of a joint space.

    Text → vision: kernel ridge gives a text its coordinates over the classes, and the classes' prototypes in any
    network make them a visual vector. Vision → text: ConSE.

    anchors (kc, ds), anchor_mean (ds,), coefficients (kc, c): the kernel ridge over k views of each class;
    imagining_coefficients (kc, c): the same with the kernel that imagining uses; class_embeddings (c, ds): mean view
    of each class; weights (c, p), bias (c,), feature_mean (p,): the indexing network's head; directions (p, dv):
    what the visual half is reduced to; classes (c,): their numbers among ImageNet's 1,000; own_prototypes (u, p),
    own_likeness (u, c): of the user's own classes (`mindseye.engine.mapping.adapt`), which come after ImageNet's
    wherever classes are counted.
    """

    anchors: FloatArray
    anchor_mean: FloatArray
    coefficients: FloatArray
    imagining_coefficients: FloatArray
    class_embeddings: FloatArray
    weights: FloatArray
    bias: FloatArray
    feature_mean: FloatArray
    directions: FloatArray
    classes: FloatArray
    own_prototypes: FloatArray
    own_likeness: FloatArray

    @classmethod
    def fit(
        cls,
        views: FloatArray,
        weights: FloatArray,
        bias: FloatArray,
        feature_mean: FloatArray,
        classes: FloatArray | None = None,
    ) -> Self:
        """Learn from the classes' texts and a classifier's head; no picture is needed.

        views (k, c, ds): unit embeddings of k texts of each class; weights (c, p), bias (c,), feature_mean (p,);
        classes: numbers of those to learn from, all when None (the others are held out of everything).
        """
        chosen = np.arange(views.shape[1]) if classes is None else np.sort(classes.astype(np.int64))
        views, weights, bias = views[:, chosen], weights[chosen], bias[chosen]
        texts, coordinates = (
            views.reshape(-1, views.shape[2]),
            np.tile(np.eye(len(chosen), dtype=np.float32), (len(views), 1)),
        )
        ridge = KernelRidge().fit(texts, coordinates)
        imagining = KernelRidge(**_IMAGINING).fit(texts, coordinates)
        _, values, vectors = np.linalg.svd(class_prototypes(weights), full_matrices=False)
        directions = (vectors[:_DIRECTIONS] * values[:_DIRECTIONS, None] ** -_WHITENING).T
        return cls(
            ridge.anchors_,
            ridge.mean_,
            ridge.coefficients_,
            imagining.coefficients_,
            unit(views.sum(axis=0)),
            weights,
            bias,
            feature_mean,
            np.ascontiguousarray(directions),
            chosen.astype(np.float32),
            np.zeros((0, weights.shape[1]), dtype=np.float32),
            np.zeros((0, len(chosen)), dtype=np.float32),
        )

    @cached_property
    def ridges(self) -> tuple[KernelRidge, KernelRidge]:
        """Texts to coordinates: for search, and to imagine."""
        ridges = KernelRidge(), KernelRidge(**_IMAGINING)
        for ridge, coefficients in zip(ridges, (self.coefficients, self.imagining_coefficients), strict=True):
            ridge.mean_, ridge.anchors_, ridge.coefficients_ = self.anchor_mean, self.anchors, coefficients
        return ridges

    @cached_property
    def _conse(self) -> ConSE:
        return ConSE(self.weights, self.bias, self.class_embeddings)

    @cached_property
    def _prototypes(self) -> FloatArray:
        return np.vstack([class_prototypes(self.weights[: len(self.classes)]), self.own_prototypes])

    def targets(self, meanings: Meanings, weights: FloatArray | None = None) -> FloatArray:
        """Return the unit visual vectors (n, p') that n queries are imagined by (decision 0012).

        They are more pointed than what search asks with: of the texts alone, sharpened, and less a share of what the
        classes that look most like them have in common. weights: as for `visual`.
        """
        coordinates = self._of_texts(self.ridges[1], meanings)
        sharpened = (np.sign(coordinates) * np.abs(coordinates) ** _SHARPNESS).astype(np.float32)
        looks = unit(self.visual(sharpened, weights))
        prototypes = self._prototypes if weights is None else self._prototypes_in(weights)
        alike = np.argsort(-looks @ prototypes.T, axis=1, kind="stable")[:, : len(prototypes) // 10]
        if not alike.size:
            return looks
        return unit(looks - np.float32(_CONTRAST) * prototypes[alike].mean(axis=1))

    def _of_texts(self, ridge: KernelRidge, meanings: Meanings) -> FloatArray:
        """Return the coordinates (n, c) of the texts of n queries, averaged by their squared knowledge."""
        each = ridge.transform(meanings.texts)
        if meanings.is_plain:
            return each
        knowledge = np.linalg.norm(self.visual(each), axis=1)
        return meanings.averaged(each, knowledge**2)

    def visual(self, coordinates: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        """Return imagined visual vectors (n, p'), not unit, in the network whose classifier rows are `weights`.

        weights: (1000, p') of any network of ImageNet's classes, in which the user's own look as their likeness says;
        the indexing network's own when None. The length of the indexing network's vector says how far a text is from
        what the mapping knows.
        """
        if weights is None:
            return coordinates @ self._prototypes
        known = len(self.classes)
        coordinates = coordinates[:, :known] + coordinates[:, known:] @ self.own_likeness
        return coordinates @ self._prototypes_in(weights)

    @cached_property
    def expansion(self) -> FloatArray:
        """What turns a reduced visual vector into the full one (dv, p) whose reduction it is."""
        return np.asarray(np.linalg.pinv(self.directions))

    def _prototypes_in(self, weights: FloatArray) -> FloatArray:
        return class_prototypes(weights[self.classes.astype(np.int64)])

    def image_rows(self, features: FloatArray) -> FloatArray:
        """Return rows [s; v] (n, ds + dv) of raw picture features (n, p): s by ConSE, v centred and reduced."""
        return halves(self._conse.transform(features), unit(self.reduced(features)))

    def posteriors(self, features: FloatArray) -> FloatArray:
        """Return the probabilities (n, c) of the classes for raw picture features (n, p)."""
        return self._conse.posteriors(features)

    def reduced(self, features: FloatArray) -> FloatArray:
        """Return raw picture features (n, p) centred and reduced (n, dv), not unit."""
        return np.asarray((features - self.feature_mean) @ self.directions, dtype=np.float32)

    def text_rows(self, meanings: Meanings) -> tuple[FloatArray, FloatArray]:
        """Return rows [s; v] (n, ds + dv) of n queries or texts, v imagined, and how far each is known (n,)."""
        return self.told_rows(meanings)[:2]

    def told_rows(self, meanings: Meanings) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what `text_rows` does, and how far each text (t,) that says what they mean is known by itself."""
        starts = range(0, max(len(meanings), 1), _PIECE)
        told = [self._told_rows(meanings[start : start + _PIECE]) for start in starts]
        rows, knowledge, of_texts = (np.concatenate(parts) for parts in zip(*told, strict=True))
        return rows, knowledge, of_texts

    def _told_rows(self, meanings: Meanings) -> tuple[FloatArray, FloatArray, FloatArray]:
        imagined, of_texts = self._imagined(meanings)
        rows = halves(meanings.semantic, unit(imagined @ self.directions))
        return rows, np.asarray(np.linalg.norm(imagined, axis=1)), of_texts

    def _imagined(self, meanings: Meanings) -> tuple[FloatArray, FloatArray]:
        """Return imagined visual vectors (n, p), not unit, of n queries, and how far each of their texts is known (t,).

        Half of it is what the mean of a query's texts looks like; the other half what each of them looks like by
        itself, each weighted by the square of how far the mapping knows it: a sense that can be pictured counts for
        more (decision 0010). All go through the mapping in one product, because a search waits for it.
        """
        ridge = self.ridges[0]
        if meanings.is_plain:
            imagined = self.visual(ridge.transform(meanings.semantic))
            return imagined, np.linalg.norm(imagined, axis=1)
        stacked = np.vstack([meanings.semantic, meanings.texts])
        numbers: dict[bytes, int] = {}  # the senses of a word share texts with the word itself
        places = [numbers.setdefault(row.tobytes(), len(numbers)) for row in stacked]
        distinct = np.frombuffer(b"".join(numbers), stacked.dtype).reshape(len(numbers), -1)
        looks = self.visual(ridge.transform(distinct))[places]
        whole, each = looks[: len(meanings)], looks[len(meanings) :]
        knowledge = np.linalg.norm(each, axis=1)
        return np.asarray((whole + meanings.averaged(each, knowledge**2)) / 2, dtype=np.float32), knowledge
