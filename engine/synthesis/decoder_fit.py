"""Training the decoder on pictures and their features: pixel, feature and adversarial loss.

Source: Dosovitskiy & Brox, Generating images with perceptual similarity metrics based on deep networks (NIPS 2016).
What it reads in the end are imagined targets, which know less than a picture's features do. So each picture is told
by a blend of its own features and of the prototypes of the classes that it looks like (ConSE, in visual space).
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.synthesis.checkpoint import keep, resume
from mindseye.engine.synthesis.critic import Critic
from mindseye.engine.synthesis.decoder import SIDE, UpConvolutions, save_decoder
from mindseye.engine.synthesis.objective import backbone_at_work, precision
from mindseye.engine.synthesis.target import ENSEMBLE
from mindseye.engine.synthesis.training_targets import TrainingTargets
from mindseye.engine.synthesis.transforms import Views
from mindseye.engine.vectors import FloatArray, rows
from mindseye.engine.vision.backbone import FEATURE_WIDTH

MINUTES = 45.0
FEWEST = 100  # pictures: from fewer it learns their average
_BATCH = 16
_SEEN = 96  # pixels, at which the networks look at what was decoded
_BLURRED = 0.2  # share of the time by pixels alone: cheap steps, which find layout and colours
_PIXELS, _FEATURES, _ADVERSARIAL = 10.0, 5.0, 0.05  # weights of the losses
_RATE, _CRITICS_RATE = 1e-3, 4e-4
_SECONDS_KEPT = 60.0  # between checkpoints
_STRIDE = 7919  # between the seeds of steps

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DecoderFit:
    """What a training came to: steps taken, seconds, mean squared error of pixels in 0..1 at first and at last."""

    steps: int
    seconds: float
    first_error: float
    last_error: float


def fit_decoder(
    pictures: NDArray[np.uint8],
    features: FloatArray,
    path: Path,
    *,
    minutes: float = MINUTES,
    seed: int = 0,
    progress: Progress | None = None,
) -> DecoderFit:
    """Train a decoder and write it to `path`; a training that was broken off goes on from its last checkpoint.

    pictures: (n, 64, 64, 3); features: (n, 2560) raw, lite0's beside lite1's; minutes: to train for; progress: told
    (seconds done, seconds in all). Raises UsageError for too few pictures, VectorError for arrays of other shapes.
    """
    _check(pictures, features)
    if not minutes > 0:
        raise UsageError(f"a decoder cannot be trained for {minutes} minutes", "give it ten minutes or more")
    training = _Training(pictures, features, path.with_suffix(".training.safetensors"), minutes, seed)
    training.run(progress)
    save_decoder(training.network, path, {"pictures": len(pictures), "minutes": minutes, "steps": training.step})
    training.checkpoint.unlink(missing_ok=True)
    return training.fit


def _check(pictures: NDArray[np.uint8], features: FloatArray) -> None:
    if len(pictures) < FEWEST:
        raise UsageError(f"{len(pictures)} pictures cannot train a decoder", f"index at least {FEWEST}")
    if pictures.shape != (len(features), SIDE, SIDE, 3) or pictures.dtype != np.uint8:
        what = f"{pictures.dtype} pictures {pictures.shape} for {len(features)} rows of features"
        raise VectorError(what, f"a decoder learns from uint8 (n, {SIDE}, {SIDE}, 3)")
    rows(features, FEATURE_WIDTH * len(ENSEMBLE))


class _Training:
    """A decoder in training, its critic, and how far it is."""

    def __init__(
        self, pictures: NDArray[np.uint8], features: FloatArray, checkpoint: Path, minutes: float, seed: int
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.checkpoint, self.budget, self._seed = checkpoint, 60 * minutes, seed
        self._inputs = _inputs(pictures, features, minutes, seed)
        self._pictures, self._targets = pictures, TrainingTargets(features, self.device)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.network, self.critic = UpConvolutions(), Critic()
        for module in (self.network, self.critic):
            module.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimiser = _adam(self.network, _RATE)
        self._critics = _adam(self.critic, _CRITICS_RATE)
        self._backbones = [backbone_at_work(name, self.device) for name in ENSEMBLE]
        self._views = Views()
        self.step, self.seconds = 0, 0.0
        self.errors: list[float] = []

    def run(self, progress: Progress | None) -> None:
        """Take steps until the time is used up, from the checkpoint on where there is one."""
        if (found := resume(self.checkpoint, self._inputs, self._tensors())) is not None:
            self.seconds, self.errors = found
            self.step = len(self.errors)
        kept = self.seconds
        while self.seconds < self.budget:
            began = perf_counter()
            self._take_step()
            self.seconds += perf_counter() - began
            if self.seconds - kept > _SECONDS_KEPT:
                keep(self.checkpoint, self._inputs, self._tensors(), self.seconds, self.errors)
                kept = self.seconds
            if progress is not None:
                progress(min(int(self.seconds), int(self.budget)), int(self.budget))

    @property
    def fit(self) -> DecoderFit:
        """What it came to."""
        tenth = max(1, len(self.errors) // 10)
        first, last = float(np.mean(self.errors[:tenth])), float(np.mean(self.errors[-tenth:]))
        return DecoderFit(self.step, self.seconds, first, last)

    def _take_step(self) -> None:
        # Drawn anew for each step, so that a resumed training goes on as it would have.
        generator = torch.Generator().manual_seed(self._seed + _STRIDE * self.step)
        share = self.seconds / self.budget
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * max(0.02, math.cos(share * math.pi / 2))
        chosen = torch.randint(len(self._pictures), (_BATCH,), generator=generator)
        real, targets = self._batch(chosen, generator), self._targets(chosen.to(self.device), generator)
        with self._lower_precision():
            made = self.network(targets).float()
        pixels = functional.mse_loss(made, real)
        loss = _PIXELS * pixels
        if share >= _BLURRED:
            loss = loss + _FEATURES * self._unlikeness(made, targets, generator)
            loss = loss - _ADVERSARIAL * self._judged(made, targets).mean()
        _descend(self._optimiser, loss)
        if share >= _BLURRED:
            wrong = functional.relu(1 - self._judged(real, targets)) + functional.relu(
                1 + self._judged(made.detach(), targets)
            )
            _descend(self._critics, wrong.mean())
        self.errors.append(pixels.item())
        self.step += 1

    def _batch(self, chosen: Tensor, generator: torch.Generator) -> Tensor:
        """Return pictures (n, 3, 64, 64) in 0..1, each mirrored or not."""
        real = torch.from_numpy(self._pictures[chosen.numpy()]).permute(0, 3, 1, 2).to(self.device) / 255
        mirrored = torch.rand(len(chosen), 1, 1, 1, generator=generator).to(self.device) < 0.5
        return torch.where(mirrored, real.flip(3), real)

    def _unlikeness(self, made: Tensor, targets: Tensor, generator: torch.Generator) -> Tensor:
        """Return how far decoded pictures are from the targets they were made of, in one network: they take turns."""
        network = self.step % len(ENSEMBLE)
        backbone = self._backbones[network]
        large = functional.interpolate(made, (_SEEN, _SEEN), mode="bilinear")
        seen = self._views(large, self.step, [generator] * len(made))
        # In full precision: the gradient of these networks' depthwise convolutions is faster so on a CPU.
        features = backbone.features(seen.contiguous(memory_format=torch.channels_last))
        centred = features - torch.from_numpy(backbone.head.feature_mean).to(self.device)
        return 1 - functional.cosine_similarity(centred, targets.chunk(len(ENSEMBLE), 1)[network]).mean()

    def _judged(self, pictures: Tensor, targets: Tensor) -> Tensor:
        with self._lower_precision():
            logits: Tensor = self.critic(pictures.contiguous(memory_format=torch.channels_last), targets)
        return logits.float()

    def _lower_precision(self) -> torch.autocast:
        lower = precision(self.device)
        return torch.autocast(self.device.type, lower, enabled=lower != torch.float32)

    def _tensors(self) -> dict[str, Tensor]:
        """Return all that training changes, by name."""
        found: dict[str, Tensor] = {}
        for name, module, optimiser in (
            ("decoder", self.network, self._optimiser),
            ("critic", self.critic, self._critics),
        ):
            found |= {f"{name}.{key}": tensor for key, tensor in module.state_dict().items()}
            for number, state in optimiser.state_dict()["state"].items():
                found |= {f"{name}.adam.{number}.{key}": tensor for key, tensor in state.items()}
        return found


def _inputs(pictures: NDArray[np.uint8], features: FloatArray, minutes: float, seed: int) -> str:
    hashes = [hashlib.sha256(array.tobytes()).hexdigest() for array in (pictures, features)]
    return fingerprint(hashes, minutes, seed)


def _adam(module: nn.Module, rate: float) -> torch.optim.Adam:
    optimiser = torch.optim.Adam(module.parameters(), rate, betas=(0.5, 0.99), fused=True)
    for parameter in module.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()  # changes nothing, but then there is a state that a checkpoint can be read into
    return optimiser


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
