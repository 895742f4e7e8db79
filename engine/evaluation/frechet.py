"""How far a set of pictures is from real ones, as sets: the Fréchet distance of their features' Gaussians.

Source: Heusel et al., GANs trained by a two time-scale update rule (2017), whose FID this is, but for the network and
for few directions in place of all: hundreds of pictures do not tell the covariance of 1,280 features.
"""

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray

DIRECTIONS = 64
FEWEST = 2


def frechet_distance(features: FloatArray, reference: FloatArray, directions: int = DIRECTIONS) -> float:
    """Return the squared distance between Gaussians fitted to features (n, p) and to a reference (m, p).

    Taken in the reference's first principal directions. It shrinks as n grows: compare equal n only.
    Raises UsageError for fewer than two rows of either.
    """
    if min(len(features), len(reference)) < FEWEST:
        counts = f"{len(features)} and {len(reference)} pictures"
        raise UsageError(f"{counts} are too few for a distance of sets", f"give {FEWEST} of each at least")
    mean = reference.mean(axis=0)
    axes = np.linalg.svd(reference - mean, full_matrices=False)[2][:directions].T
    ours, theirs = (((rows - mean) @ axes).astype(np.float64) for rows in (features, reference))
    shift = ours.mean(axis=0) - theirs.mean(axis=0)
    ours_spread, theirs_spread = np.cov(ours, rowvar=False), np.cov(theirs, rowvar=False)
    overlap = _root_trace(np.atleast_2d(ours_spread), np.atleast_2d(theirs_spread))
    return float(shift @ shift + np.trace(np.atleast_2d(ours_spread + theirs_spread)) - 2 * overlap)


def _root_trace(first: FloatArray, second: FloatArray) -> float:
    """Return the trace of (first · second)^½ for covariances, by the symmetric form, which stays real."""
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    return float(np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum())
