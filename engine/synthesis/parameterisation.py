"""A picture as a spectrum: natural statistics come for free, so gradients shape objects before grain.

Source: Olah, Mordvintsev & Schubert, Feature Visualization (Distill 2017), "preconditioning".
"""

from collections.abc import Sequence

import torch
from torch import Tensor

# Square root of the colour covariance of natural pictures; columns are the decorrelated channels.
_COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
_DARKEST = 0.02  # the sigmoid reaches neither black nor white: a picture is pulled in from both ends


class FourierPictures:
    """Square pictures of one size, kept as amplitudes over the 1/f^decay spectrum of natural pictures.

    Spectra are real tensors (n, 3, size, size // 2 + 1, 2), the last axis real and imaginary parts;
    pictures are (n, 3, size, size) in 0..1.
    """

    def __init__(self, size: int, decay: float, device: torch.device) -> None:
        self.size = size
        rows, columns = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
        cycles = torch.hypot(rows, columns).clamp(min=1 / size) * size
        self._amplitude = (0.5 * size / cycles**decay).to(device)
        self._colours = (_COLOURS / _COLOURS.norm(dim=0).max()).to(device)

    def noise(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Return one random spectrum, of deviation 1, for each generator."""
        shape = (3, *self._amplitude.shape, 2)
        drawn = torch.stack([torch.randn(shape, generator=generator) for generator in generators])
        return drawn.to(self._amplitude.device)

    def spectra(self, pictures: Tensor) -> Tensor:
        """Return the spectra whose pictures are the given ones, but for black and white pulled in."""
        inside = pictures.to(self._amplitude.device).clamp(_DARKEST, 1 - _DARKEST)
        channels = torch.einsum("ndhw,cd->nchw", torch.logit(inside), torch.linalg.inv(self._colours))
        return torch.view_as_real(torch.fft.rfft2(channels, norm="ortho") / self._amplitude).contiguous()

    def pictures(self, spectra: Tensor) -> Tensor:
        """Return the pictures of spectra; differentiable."""
        scaled = torch.view_as_complex(spectra) * self._amplitude
        channels = torch.fft.irfft2(scaled, s=(self.size, self.size), norm="ortho")
        return torch.einsum("nchw,dc->ndhw", channels, self._colours).sigmoid()
