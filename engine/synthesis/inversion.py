"""The loop: raise a picture's likeness to its target, step by step, from noise or from a recollection.

Large pictures are begun small, where whole things form, and grow: each stage doubles them at most.

Source: Mahendran & Vedaldi, Understanding deep image representations by inverting them (2015), with the
parameterisation and the transforms of Olah et al. (2017).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torchvision.transforms.v2.functional import gaussian_blur

from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, Start, Step, check_lengths
from mindseye.engine.synthesis.objective import Likeness
from mindseye.engine.synthesis.parameterisation import FourierPictures
from mindseye.engine.synthesis.recollection import Recollection, recollect
from mindseye.engine.synthesis.settings import InversionSettings
from mindseye.engine.synthesis.target import Target, feature_target, stack_targets

_BATCH = 8  # pictures at a time: sixteen are no faster and take 0.7 GB more


@dataclass(frozen=True)
class EnsembleInversion:
    """Imagining by inverting several networks at once: the default way."""

    settings: InversionSettings = field(default_factory=InversionSettings)
    name = "ensemble_inversion"

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(self.settings)

    def target(self, space: JointSpace, query: Query) -> Target:
        return feature_target(space, query)

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        check_lengths(targets, memory, seeds)
        stack_targets(targets)  # a bad one is refused before the first picture is begun
        imagined: list[Imagined] = []
        batches, steps = range(0, len(targets), _BATCH), sum(count for _, count in self.settings.stages)
        for number, first in enumerate(batches):
            part = slice(first, first + _BATCH)
            inversion = _Inversion(targets[part], memory[part], self.settings, seeds[part])
            for step in inversion.steps():
                if on_step is not None:
                    on_step(Step(number * steps + step, len(batches) * steps, inversion.look))
            imagined += inversion.imagined()
        return imagined


class _Inversion:
    """A batch of pictures on their way to their targets."""

    def __init__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        settings: InversionSettings,
        seeds: Sequence[int],
    ) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._settings, self._seeds = settings, seeds
        self._likeness = Likeness(stack_targets(targets), self._device)
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._recollections = [_recollection(recalled, settings) for recalled in memory]
        self._starts = [_start(settings, found) for found in self._recollections]
        self._fourier = FourierPictures(settings.stages[0][0], settings.decay, self._device)
        self._begin(self._first_spectra())
        self._taken = torch.zeros(len(seeds), dtype=torch.int64)

    def steps(self) -> Iterator[int]:
        """Take the steps of every stage, yielding the number done."""
        before = 0
        for size, count in self._settings.stages:
            if size != self._fourier.size:
                self._grow(size)
            for done in self._gain(count):
                yield before + done
            before += count

    def _gain(self, count: int) -> Iterator[int]:
        """Take steps, yielding the number done, until every picture has stopped gaining."""
        reached = []
        gaining = torch.ones(len(self._seeds), dtype=torch.bool)
        for step in range(count):
            reached.append(self._step(step))
            self._kept[gaining] = self._spectra.detach()[gaining]
            self._taken += gaining
            gaining &= _still_gaining(reached, self._settings)
            yield step + 1
            if not gaining.any():
                return

    def _begin(self, spectra: Tensor) -> None:
        self._spectra = spectra.requires_grad_()
        self._optimiser = torch.optim.Adam([self._spectra], lr=self._settings.learning_rate)
        self._kept = spectra.detach().clone()  # each picture as it was when it stopped gaining

    def _grow(self, size: int) -> None:
        """Go on with the same pictures, larger: what has formed stays, detail is added."""
        with torch.no_grad():
            pictures = self._fourier.pictures(self._kept)
            larger = functional.interpolate(pictures, (size, size), mode="bicubic", align_corners=False)
        self._fourier = FourierPictures(size, self._settings.decay, self._device)
        self._begin(self._fourier.spectra(larger))

    def imagined(self) -> list[Imagined]:
        """Return the pictures as they are now, and what they reached."""
        pictures = self._finished()
        with torch.no_grad():
            cosines = {name: self._likeness(pictures, name).cosine for name in self._likeness.networks}
        pixels = _pixels(pictures)
        return [
            Imagined(
                picture=pixels[place],
                similarity={name: float(values[place]) for name, values in cosines.items()},
                steps=int(self._taken[place]),
                start=self._starts[place],
                seed=self._seeds[place],
                recalled=_places(self._recollections[place], self._starts[place]),
            )
            for place in range(len(pixels))
        ]

    def look(self) -> NDArray[np.uint8]:
        """Return the pictures (n, size, size, 3) as they are now, unfinished perhaps."""
        return _pixels(self._finished())

    def _finished(self) -> Tensor:
        with torch.no_grad():
            pictures = self._fourier.pictures(self._kept)
        first = self._settings.stages[0][0]  # the grain of a grown picture is as fine as before it grew
        return _softened(pictures, self._settings.softness * first)

    def _step(self, step: int) -> Tensor:
        """Take one step and return the similarity that each picture's view had, in one network."""
        pictures = self._fourier.pictures(self._spectra)
        # The networks take turns: each step costs one of them, and the picture still has to please them all.
        network = self._likeness.networks[step % len(self._likeness.networks)]
        views = self._settings.views(pictures, step, self._generators)
        seen = self._likeness(views, network)
        unlike = self._settings.smoothness * _roughness(pictures) + self._settings.naturalness * seen.unnatural
        # A sum: with a mean, the gradient of one picture would hang on the number of its neighbours.
        loss = (unlike - seen.objective).sum()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return seen.cosine.detach().cpu()

    def _first_spectra(self) -> Tensor:
        noise = self._fourier.noise(self._generators)
        spectra = self._settings.grain * noise
        for place, (start, found) in enumerate(zip(self._starts, self._recollections, strict=True)):
            if found is not None and start != "noise":
                blended = self._settings.blend_grain if start == "blend" else 0.0
                spectra[place] = self._fourier.spectra(found.mean[None])[0] + blended * noise[place]
        return spectra


def _recollection(memory: Sequence[Recalled], settings: InversionSettings) -> Recollection | None:
    if settings.start != "auto":
        return recollect(memory, settings.stages[0][0], settings.nearest)
    found = recollect(memory, settings.stages[0][0], settings.nearest, settings.limit)
    return found if found is not None and len(found.places) >= settings.fewest else None


def _start(settings: InversionSettings, found: Recollection | None) -> Start:
    if found is None:
        return "noise"
    return "recollection" if settings.start == "auto" else settings.start


def _places(found: Recollection | None, start: Start) -> tuple[int, ...]:
    return found.places if found is not None and start != "noise" else ()


def _still_gaining(reached: Sequence[Tensor], settings: InversionSettings) -> Tensor:
    """Tell which pictures were more similar in the last `patience` steps than in as many before."""
    if len(reached) < 2 * settings.patience:
        return torch.ones_like(reached[0], dtype=torch.bool)
    before = torch.stack(list(reached[-2 * settings.patience : -settings.patience])).mean(0)
    lately = torch.stack(list(reached[-settings.patience :])).mean(0)
    return lately - before >= settings.least_gain


def _pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """Return pictures (n, 3, h, w) in 0..1 as (n, h, w, 3)."""
    pixels = (pictures * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return np.ascontiguousarray(pixels)


def _softened(pictures: Tensor, deviation: float) -> Tensor:
    """Blur pictures by some pixels: the finest grain is the networks' taste, not the target's."""
    reach = 2 * math.ceil(3 * deviation) + 1
    softened: Tensor = gaussian_blur(pictures, [reach, reach], [deviation, deviation])
    return softened


def _roughness(pictures: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels, (n,), of pictures (n, 3, h, w)."""
    right = pictures[..., 1:] - pictures[..., :-1]
    down = pictures[..., 1:, :] - pictures[..., :-1, :]
    return right.square().mean((1, 2, 3)) + down.square().mean((1, 2, 3))
