"""What a picture is to look like: one visual vector for each network of the ensemble."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from mindseye.engine.errors import VectorError
from mindseye.engine.fingerprints import fingerprint, sha256_of_file
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.vectors import FloatArray, rows, unit
from mindseye.engine.vision.backbone import BACKBONES, FEATURE_WIDTH, read_head, weights_path

ENSEMBLE = ("lite0", "lite1")
Target = Mapping[str, FloatArray]
"""Network name → the query's visual vector (1280,): a direction from the network's mean feature."""


def feature_target(space: JointSpace, query: Query, networks: Sequence[str] = ENSEMBLE) -> Target:
    """Return the visual vector that a text query maps to in each of several networks."""
    return {name: space.target(query, read_head(name).weights) for name in networks}


def stack_targets(targets: Sequence[Target]) -> dict[str, Tensor]:
    """Return, for each network that the targets name, their unit vectors as rows (n, 1280).

    Raises VectorError when the targets name different or unknown networks, and when a vector has another width,
    holds numbers that are not finite, or is zero.
    """
    names = list(targets[0]) if targets else []
    for number, target in enumerate(targets):
        if set(target) != set(names) or not names:
            theirs, ours = sorted(target), sorted(names)
            raise VectorError(f"target {number} is for the networks {theirs}, the first one for {ours}")
    if unknown := sorted(set(names) - set(BACKBONES)):
        raise VectorError(f"targets are for {', '.join(unknown)}, which is no network here")
    return {name: torch.from_numpy(_unit_rows(name, [target[name] for target in targets])) for name in names}


def side_by_side(targets: Sequence[Target]) -> Tensor:
    """Return targets of the ensemble as rows (n, 2560), each network's part unit.

    Raises VectorError as `stack_targets`, and for targets of other networks.
    """
    stacked = stack_targets(targets)
    if set(stacked) != set(ENSEMBLE):
        raise VectorError(f"targets are for {sorted(stacked)}, and {list(ENSEMBLE)} are asked")
    return torch.cat([stacked[name] for name in ENSEMBLE], dim=1)


def ensemble_fingerprint() -> str:
    """Return the fingerprint of the ensemble's weights: what is trained on their features depends on them."""
    return fingerprint(ENSEMBLE, [sha256_of_file(weights_path(name)) for name in ENSEMBLE])


def _unit_rows(name: str, vectors: Sequence[FloatArray]) -> FloatArray:
    for number, vector in enumerate(vectors):
        shape = np.shape(vector)
        if shape != (FEATURE_WIDTH,):
            raise VectorError(f"target {number} for {name} has shape {shape}, not ({FEATURE_WIDTH},)")
    values = rows(np.stack(vectors), FEATURE_WIDTH)
    zero = np.flatnonzero(~values.any(axis=1))
    if zero.size:
        raise VectorError(f"target {zero[0]} for {name} is zero", "describe the query in other words")
    return unit(values)
