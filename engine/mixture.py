"""What a picture is asked of: one query, several in a weighted sum, or a place on the way from one to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.space import Query
from mindseye.engine.terms import read_terms
from mindseye.engine.vectors import FloatArray, unit

_NOTHING = 1e-3  # length of a sum of unit vectors that points nowhere


@dataclass(frozen=True)
class Mixture:
    """Queries and their weights; text: what it is called.

    spherical: whether the weights, two that sum to one, are places on the arc between two unit vectors (Shoemake,
    Animating rotation with quaternion curves, 1985), which is travelled evenly, and not factors of a sum.
    """

    text: str
    queries: tuple[Query, ...]
    weights: tuple[float, ...] = (1.0,)
    spherical: bool = False

    @property
    def knowledge(self) -> float:
        """How far the mapping knows the least known of them."""
        return min(query.knowledge for query in self.queries)

    @property
    def definition(self) -> str | None:
        """What its words were taken to mean; None when no dictionary said anything."""
        wordings = [query.wording for query in self.queries]
        if len(wordings) == 1:
            return wordings[0].definition
        return "; ".join(f"{each.text}: {each.definition}" for each in wordings if each.definition) or None

    def mixed(self, vectors: FloatArray) -> FloatArray:
        """Return the unit vector (d,) that mixes one vector of each query (n, d).

        Raises UsageError when they cancel out; of a single query its unit vector comes back, zero if it is zero.
        """
        directions = unit(vectors)
        if len(self.queries) == 1:
            return np.asarray(directions[0])
        weights = _arc(directions, self.weights) if self.spherical else np.array(self.weights)
        total = weights.astype(np.float32) @ directions
        if np.linalg.norm(total) < _NOTHING:
            raise UsageError(f"nothing is left of {self.text!r}", "mix words that differ")
        return np.asarray(unit(total[None])[0])


def mixture_terms(text: str) -> tuple[tuple[float, str], ...]:
    """Return the weights and words of a mixture of words alone, which is what can be imagined.

    Raises UsageError as `read_terms`, and for a picture.
    """
    terms = read_terms(text)
    for term in terms:
        if term.picture:
            raise UsageError(f"the picture {term.text} cannot be part of what is imagined", "mix words alone")
    return tuple((term.weight, term.text) for term in terms)


def on_the_way(start: Query, end: Query, count: int) -> list[Mixture]:
    """Return `count` even places on the way from one query to another; the first and the last are the two themselves.

    Raises UsageError for fewer than two.
    """
    if count < 2:
        raise UsageError(f"{count} frames lead nowhere", "ask for at least 2")
    name = f"{start.wording.text} → {end.wording.text}"
    shares = [number / (count - 1) for number in range(1, count - 1)]
    between = [
        Mixture(f"{name} {number}/{count}", (start, end), (1 - share, share), spherical=True)
        for number, share in enumerate(shares, 2)
    ]
    return [alone(start), *between, alone(end)]


def alone(query: Query) -> Mixture:
    """Return the mixture of one query."""
    return Mixture(query.wording.text, (query,))


def mixed_target(mixture: Mixture, targets: Sequence[Mapping[str, FloatArray]]) -> dict[str, FloatArray]:
    """Return, for each network, the mixture of its queries' visual vectors (d,), as long as these are on the mean.

    Length counts where vectors are not unit: a diffusion decoder is fed with CLIP vectors as they are.
    """
    if len(targets) == 1:
        return dict(targets[0])
    vectors = {name: np.stack([target[name] for target in targets]) for name in targets[0]}
    return {name: mixture.mixed(rows) * np.linalg.norm(rows, axis=1).mean() for name, rows in vectors.items()}


def _arc(directions: FloatArray, places: Sequence[float]) -> FloatArray:
    """Return the factors of two unit vectors that give a place on the arc between them."""
    angle = np.arccos(np.clip(directions[0] @ directions[1], -1, 1))
    if np.sin(angle) < _NOTHING:  # the same direction: any sum of them lies on the arc
        return np.array(places)
    return np.asarray(np.sin(np.array(places) * angle) / np.sin(angle))
