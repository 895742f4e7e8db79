"""Inverting features by gradient descent on pixels, as first published: no view but the picture itself.

Source: Mahendran & Vedaldi, Understanding deep image representations by inverting them (CVPR 2015).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mindseye.engine.errors import UsageError
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, Step, check_lengths
from mindseye.engine.synthesis.objective import Ensemble
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import ENSEMBLE, Target, feature_target, stack_targets

_BATCH = 16
_RATES = 1.0, 0.1, 0.01  # of the learning rate, one for each phase
_ALPHA = 6


@dataclass(frozen=True)
class MahendranVedaldi:
    """Imagining by ‖Φ(x) − Φ₀‖² / ‖Φ₀‖² + mean |x|^α + mean ‖∇x / steepness‖², from noise; x: pixels in -1..1.

    Both regularisers are 1 for a picture whose pixels fill their range and whose gradients are as steep as told, which
    is how the paper balances them. Its α, β = 2, momentum, start and schedule are kept, on one network. Chosen on other
    classes for this network: the learning rate (the published 0.004 throws pixels out of range), the steepness (by the
    published 0.01 nothing is left but fog) and the spread.

    size: side of the pictures, pixels; steps: of each phase; deviation: of natural pixels about grey, and of the noise;
    spread: length of the features asked for, about their mean, in lengths of that mean. The last batch normalisation
    tells 3.8 for one place of a picture; pooled over a photograph, twice the mean is left.
    """

    size: int = 160
    steps: tuple[int, int, int] = (100, 200, 100)
    learning_rate: float = 1e-4
    momentum: float = 0.9
    steepness: float = 0.02
    deviation: float = 0.5
    spread: float = 4.0
    name = "mahendran_vedaldi"

    def __post_init__(self) -> None:
        check_size(self.size)
        if min(self.steps) < 0 or sum(self.steps) < 1:
            raise UsageError(f"imagining takes at least one step, not {self.steps}")

    @property
    def parameters(self) -> dict[str, Any]:
        return {**asdict(self), "steps": list(self.steps), "alpha": _ALPHA, "beta": 2}

    def target(self, space: JointSpace, query: Query) -> Target:
        return feature_target(space, query, ENSEMBLE[:1])

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        """As the contract says; a target of several networks asks for the mean of their distances."""
        check_lengths(targets, memory, seeds)
        stack_targets(targets)  # a bad one is refused before the first picture is begun
        imagined: list[Imagined] = []
        batches, steps = range(0, len(targets), _BATCH), sum(self.steps)
        for number, first in enumerate(batches):
            descent = _Descent(self, targets[first : first + _BATCH], seeds[first : first + _BATCH])
            for step in descent.steps():
                if on_step is not None:
                    on_step(Step(number * steps + step, len(batches) * steps, descent.look))
            imagined += descent.imagined()
        return imagined


class _Descent:
    """A batch of pictures on their way down."""

    def __init__(self, settings: MahendranVedaldi, targets: Sequence[Target], seeds: Sequence[int]) -> None:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._settings, self._seeds = settings, seeds
        self._distance = _Distance(stack_targets(targets), device, settings.spread)
        shape = (3, settings.size, settings.size)
        noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        self._pixels = (settings.deviation * torch.stack(noise)).to(device).requires_grad_()

    def steps(self) -> Iterator[int]:
        """Take all steps, yielding the number done."""
        # Pixels in units of a natural picture's norm, as in the paper: a step does not hang on the picture's size.
        scale = self._settings.deviation**2 * self._pixels[0].numel()
        numbers = count(1)
        for share, steps in zip(_RATES, self._settings.steps, strict=True):
            rate = share * self._settings.learning_rate * scale
            optimiser = torch.optim.SGD([self._pixels], lr=rate, momentum=self._settings.momentum)  # begins at rest
            for _ in range(steps):
                optimiser.zero_grad()
                self._loss().backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                yield next(numbers)

    def look(self) -> NDArray[np.uint8]:
        """Return the pictures (n, size, size, 3) as they are now."""
        return np.ascontiguousarray((self._shown() * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy())

    def imagined(self) -> list[Imagined]:
        """Return the pictures as they are now, and what they reached."""
        shown, pixels = self._shown(), self.look()
        with torch.no_grad():
            cosines = {name: self._distance(shown, name)[1] for name in self._distance.networks}
        return [
            Imagined(
                picture=pixels[place],
                similarity={name: float(values[place]) for name, values in cosines.items()},
                steps=sum(self._settings.steps),
                start="noise",
                seed=seed,
            )
            for place, seed in enumerate(self._seeds)
        ]

    def _shown(self) -> Tensor:
        return ((self._pixels.detach() + 1) / 2).clamp(0, 1)

    def _loss(self) -> Tensor:
        """Return the sum over pictures: with a mean, one's gradient would hang on the number of its neighbours."""
        names = self._distance.networks
        distance = torch.stack([self._distance((self._pixels + 1) / 2, name)[0] for name in names]).mean(0)
        bounded = self._pixels.pow(_ALPHA).mean((1, 2, 3))
        return (distance + bounded + _steepness(self._pixels / self._settings.steepness)).sum()


class _Distance(Ensemble):
    """How far pictures are from features that lie `spread` lengths of the mean from it, where the targets point."""

    def __init__(self, targets: dict[str, Tensor], device: torch.device, spread: float) -> None:
        super().__init__(targets, device)
        self._spread = spread

    def __call__(self, pictures: Tensor, network: str) -> tuple[Tensor, Tensor]:
        """Return the squared distance over the target's squared length, and the cosine, of pictures in 0..1: (n,)."""
        mean, target, centred = self.means[network], self.targets[network], self.centred(pictures, network)
        wanted = self._spread * mean.norm() * target
        distance = (centred - wanted).square().sum(1) / (mean + wanted).square().sum(1)
        return distance, functional.cosine_similarity(centred, target)


def _steepness(pixels: Tensor) -> Tensor:
    """Return the mean squared gradient (n,) of pictures (n, 3, h, w): TV^β with β = 2."""
    right = pixels[..., :-1, 1:] - pixels[..., :-1, :-1]
    down = pixels[..., 1:, :-1] - pixels[..., :-1, :-1]
    return (right.square() + down.square()).mean((1, 2, 3))
