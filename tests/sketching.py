"""A way of imagining without a network: it paints a picture of a few colours that target and seed decide."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis import Imagined, OnStep, Recalled, Step, Target
from mindseye.engine.synthesis.method import check_lengths
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import stack_targets
from mindseye.engine.vision.backbone import FEATURE_WIDTH

TILES = 4  # a side


@dataclass(frozen=True)
class Sketching:
    """The target's first numbers as colours of tiles, each a shade that the seed draws."""

    size: int = 48
    name = "sketching"

    def __post_init__(self) -> None:
        check_size(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    def target(self, space: JointSpace, query: Query) -> Target:
        return {"lite0": space.target(query)[:FEATURE_WIDTH]}

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        check_lengths(targets, memory, seeds)
        rows = stack_targets(targets)["lite0"].numpy()
        pictures = np.stack([self._painted(row, seed) for row, seed in zip(rows, seeds, strict=True)])
        if on_step:
            on_step(Step(1, 1, lambda: pictures))
        return [Imagined(picture, {"lite0": 0.5}, 1, None, seed) for picture, seed in zip(pictures, seeds, strict=True)]

    def _painted(self, row: np.ndarray, seed: int) -> np.ndarray:
        colours = (127 + 1500 * row[: 3 * TILES**2]).clip(0, 255).reshape(TILES, TILES, 3)
        shades = np.random.default_rng(seed).uniform(0.4, 1, size=(TILES, TILES, 1))
        tiles = np.arange(self.size) * TILES // self.size
        return (colours * shades)[tiles][:, tiles].astype(np.uint8)
