"""How a picture is looked at in one step: a little nearer, turned, shifted, mirrored, blurred, with noise.

A picture that keeps its meaning under all of these cannot live from adversarial grain.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_LEAST_CANVAS = 64  # pixels; the networks' deepest maps are 32 times coarser and need a few of their own
_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2
_PLASTIC_RATIO = 0.5698402909980532  # the second root in the plane; Roberts, quasirandom sequences (2018)


@dataclass(frozen=True)
class Views:
    """Random views of pictures, (n, 3, s, s) → (n, 3, c, c) with c the step's canvas.

    The canvas grows with the picture up to `whole` pixels; of larger pictures the views are windows, from the whole,
    reduced, down to a part at its full detail.

    Canvas and blur follow a low-discrepancy sequence over the steps, the same for every picture; turn, shift,
    mirror and noise come from the picture's own generator, so no picture depends on its batch.
    """

    scale: tuple[float, float] = (0.85, 1.2)  # canvas over picture
    rotation: float = 15.0  # degrees to either side
    shift: float = 0.15  # of the half side, to either side
    noise: float = 0.03
    whole: int = 160  # pixels a side from which on parts are looked at
    blur: float = 0.5  # share of the steps that look through a low-pass
    coarsest: float = 4.0  # pixels that the strongest low-pass joins, a side

    def __call__(self, pictures: Tensor, step: int, generators: Sequence[torch.Generator]) -> Tensor:
        side = pictures.shape[-1]
        canvas = self._canvas(min(side, self.whole), step)
        smallest = min(1.0, self.whole / side)
        turns = torch.stack([self._turn(generator, smallest) for generator in generators]).to(pictures)
        shape = [len(pictures), 3, canvas, canvas]
        grid = functional.affine_grid(turns, shape, align_corners=False)
        seen = self._blurred(pictures, step)
        seen = functional.grid_sample(seen, grid, padding_mode="reflection", align_corners=False)
        grain = torch.stack([torch.randn(3, canvas, canvas, generator=generator) for generator in generators])
        return seen + self.noise * grain.to(pictures)

    def _canvas(self, side: int, step: int) -> int:
        low, high = self.scale
        return max(_LEAST_CANVAS, int(side * (low + (high - low) * (step * _GOLDEN_RATIO % 1))))

    def _blurred(self, pictures: Tensor, step: int) -> Tensor:
        position = (0.5 + step * _PLASTIC_RATIO) % 1
        if position >= self.blur:
            return pictures
        side = pictures.shape[-1]
        coarse = round(side / self.coarsest ** (position / self.blur))
        small = functional.interpolate(pictures, (coarse, coarse), mode="area")
        return functional.interpolate(small, (side, side), mode="bilinear", align_corners=False)

    def _turn(self, generator: torch.Generator, smallest: float) -> Tensor:
        """Return an affine map (2, 3) from the view to the picture; smallest: share of its side that a window shows."""
        angle, right, down, mirror, zoom = (2 * torch.rand(5, generator=generator) - 1).tolist()
        radians = math.radians(self.rotation) * angle
        share = smallest + (1 - smallest) * (zoom + 1) / 2
        reach = self.shift + 1 - share
        sign = 1.0 if mirror < 0 else -1.0
        cos, sin = share * math.cos(radians), share * math.sin(radians)
        return torch.tensor([[sign * cos, -sin, reach * right], [sign * sin, cos, reach * down]])
