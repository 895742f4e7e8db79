"""The critic of a decoder in training: it learns to tell photographs from what was decoded.

Source: Miyato & Koyama, cGANs with projection discriminator (2018), with spectral normalisation.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from mindseye.engine.synthesis.target import ENSEMBLE
from mindseye.engine.vision.backbone import FEATURE_WIDTH

_CHANNELS = 3, 32, 64, 128, 256


class Critic(nn.Module):
    """Tells photographs from decoded pictures: (n, 3, 64, 64) and the targets they show, (n, 2560), to logits (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = nn.Sequential(*(_down(*pair) for pair in pairwise(_CHANNELS)))
        self.real = nn.Linear(_CHANNELS[-1], 1)
        self.shows = nn.Linear(FEATURE_WIDTH * len(ENSEMBLE), _CHANNELS[-1], bias=False)

    def forward(self, pictures: Tensor, targets: Tensor) -> Tensor:
        seen = self.looks(2 * pictures - 1).mean((2, 3))
        logits: Tensor = self.real(seen)[:, 0] + (seen * self.shows(targets)).sum(1)
        return logits


def _down(channels: int, to: int) -> nn.Sequential:
    down = spectral_norm(nn.Conv2d(channels, to, 4, stride=2, padding=1))
    return nn.Sequential(down, nn.LeakyReLU(0.2))
