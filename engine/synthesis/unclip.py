"""Imagining by diffusion, from a local folder that holds an unCLIP or Stable unCLIP pipeline of diffusers.

The pipeline's own prior is the mapping (text → CLIP picture vector), its decoder the inversion of that vector: Ramesh
et al., Hierarchical text-conditional image generation with CLIP latents (2022). Nothing is downloaded.
"""

import importlib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.fingerprints import fingerprint, sha256_of_file
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.synthesis.method import Imagined, OnStep, Recalled, Step, check_lengths
from mindseye.engine.synthesis.objective import similarities
from mindseye.engine.synthesis.settings import check_size
from mindseye.engine.synthesis.target import Target, feature_target, stack_targets
from mindseye.engine.vectors import FloatArray, rows

CLIP = "clip"
STEPS = 25
_ENLARGING = 7  # steps of unCLIP's super-resolution, as its authors take them
_PIPELINES = "UnCLIPPipeline", "StableUnCLIPPipeline"
_HINT = "name a folder that `save_pretrained` of diffusers' UnCLIPPipeline or StableUnCLIPPipeline wrote"


@dataclass(frozen=True)
class UnCLIP:
    """Imagining by a diffusion pipeline; targets hold its CLIP vector beside the ensemble's, to be compared by.

    prior: prompts to CLIP vectors; decoder: those to pictures; width: of the vectors; weights: what names the folder's
    files; size: side of the pictures in pixels, scaled from the pipeline's own; steps: of the decoder.
    """

    prior: Any = field(repr=False)
    decoder: Any = field(repr=False)
    width: int
    weights: str
    size: int = 160
    steps: int = STEPS
    name = "unclip"

    def __post_init__(self) -> None:
        check_size(self.size)
        if self.steps < 2:
            raise UsageError(f"diffusion takes at least two steps, not {self.steps}")

    @property
    def parameters(self) -> dict[str, Any]:
        return {"size": self.size, "steps": self.steps, "weights": self.weights}

    def target(self, space: JointSpace, query: Query) -> Target:
        """Return the CLIP picture vector of the query's words, by the prior, and the ensemble's own vectors."""
        text, meaning = query.wording.text, query.wording.definition
        # Two prompts, the empty one too, spare the picture encoder that the prior would fetch a zero vector from.
        made = self.prior(
            f"{text}: {meaning}" if meaning else text,
            negative_prompt="",
            num_inference_steps=self.steps,
            generator=torch.Generator().manual_seed(0),  # the seed is the picture's: a query has one target
        )
        return {CLIP: made.image_embeds[0].float().cpu().numpy(), **feature_target(space, query)}

    def __call__(
        self,
        targets: Sequence[Target],
        memory: Sequence[Sequence[Recalled]],
        seeds: Sequence[int],
        on_step: OnStep | None = None,
    ) -> list[Imagined]:
        check_lengths(targets, memory, seeds)
        vectors = [self._vector(number, target) for number, target in enumerate(targets)]
        compared = [{name: row for name, row in target.items() if name != CLIP} for target in targets]
        stack_targets(compared)  # a bad one is refused before the first picture is begun
        pictures = np.full((len(targets), self.size, self.size, 3), 128, np.uint8)  # grey until it is made
        for place, (vector, seed) in enumerate(zip(vectors, seeds, strict=True)):
            self.decoder.progress_bar = _counting(place, len(targets), self._steps(), lambda: pictures, on_step)
            pictures[place] = self._picture(vector, seed)
        return [
            Imagined(pictures[place], reached, self._steps(), None, seed)
            for place, (reached, seed) in enumerate(zip(similarities(pictures, compared), seeds, strict=True))
        ]

    def _vector(self, number: int, target: Target) -> FloatArray:
        if CLIP not in target or np.shape(target[CLIP]) != (self.width,):
            raise VectorError(f"target {number} holds no CLIP vector of {self.width} numbers", "use this method's own")
        vector = rows(target[CLIP][None], self.width)
        if not vector.any():
            raise VectorError(f"target {number} for {CLIP} is zero", "describe the query in other words")
        return vector

    def _picture(self, vector: FloatArray, seed: int) -> NDArray[np.uint8]:
        generator = torch.Generator().manual_seed(seed)
        made = self.decoder(**_asked(self.decoder, torch.from_numpy(vector), self.steps), generator=generator)
        fitted = made.images[0].convert("RGB").resize((self.size, self.size), Image.Resampling.BICUBIC)
        return np.asarray(fitted)

    def _steps(self) -> int:
        return self.steps + (_ENLARGING if hasattr(self.decoder, "super_res_first") else 0)


def load_unclip(folder: Path, size: int | None = None) -> UnCLIP:
    """Return the method that the pipeline in a local folder makes; on a GPU when there is one.

    Raises UsageError when diffusers is not installed, and when the folder holds no such pipeline, or pickled weights.
    """
    diffusers = _diffusers()
    kind = _check(folder)
    try:
        pipeline = _pipeline(getattr(diffusers, kind), folder)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise UsageError(f"{folder} cannot be read as a pipeline ({error})", _HINT) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    prior, decoder = (part(diffusers, pipeline).to(device) for part in (_prior, _decoder))
    for part in (prior, decoder):
        part.set_progress_bar_config(disable=True)
    made = UnCLIP(prior, decoder, int(pipeline.prior.config.embedding_dim), _weights(folder))
    return made if size is None else UnCLIP(prior, decoder, made.width, made.weights, size)


def _diffusers() -> Any:
    try:
        importlib.import_module("transformers")
        return importlib.import_module("diffusers")
    except ImportError as error:
        raise UsageError("imagining by diffusion needs diffusers", "pip install 'mindseye[diffusion]'") from error


def _check(folder: Path) -> str:
    """Return the class of the pipeline in a folder. Raises UsageError for another one, and for pickled weights."""
    try:
        kind = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} holds no diffusion pipeline ({error})", _HINT) from error
    if kind not in _PIPELINES:
        raise UsageError(f"{folder} holds a {kind}, none of {' and '.join(_PIPELINES)}", _HINT)
    for pickled in sorted(folder.rglob("*.bin")):
        if not list(pickled.parent.glob("*.safetensors")):
            hint = "convert them: load the pipeline where you trust it, `save_pretrained(…, safe_serialization=True)`"
            raise UsageError(f"{pickled.parent} holds pickled weights only, which could run code", hint)
    return str(kind)


def _pipeline(kind: Any, folder: Path) -> Any:
    told = {"local_files_only": True, "use_safetensors": True}
    components = inspect.signature(kind).parameters
    if "text_proj" not in components:
        return kind.from_pretrained(folder, **told)
    # Part by part: diffusers has moved the class of this one and no longer finds it by the name written in the folder.
    return kind(**{name: part.annotation.from_pretrained(folder / name, **told) for name, part in components.items()})


def _prior(diffusers: Any, pipeline: Any) -> Any:
    """Return the half that maps text to CLIP picture vectors, of either pipeline."""
    stable = hasattr(pipeline, "prior_tokenizer")
    return diffusers.KandinskyPriorPipeline(
        prior=pipeline.prior,
        image_encoder=None,
        text_encoder=pipeline.prior_text_encoder if stable else pipeline.text_encoder,
        tokenizer=pipeline.prior_tokenizer if stable else pipeline.tokenizer,
        scheduler=diffusers.UnCLIPScheduler.from_config(pipeline.prior_scheduler.config),
        image_processor=None,
    )


def _decoder(diffusers: Any, pipeline: Any) -> Any:
    """Return the half that makes pictures of CLIP vectors: the pipeline for variations of a picture, without one."""
    kinds = diffusers.StableUnCLIPImg2ImgPipeline, diffusers.UnCLIPImageVariationPipeline
    kind = kinds[hasattr(pipeline, "super_res_first")]
    parts = {name: getattr(pipeline, name, None) for name in inspect.signature(kind).parameters}
    # Given a vector, it asks its picture encoder for nothing but the type of its numbers.
    return kind(**parts | {"image_encoder": pipeline.text_encoder})


def _asked(decoder: Any, vector: torch.Tensor, steps: int) -> dict[str, Any]:
    vector = vector.to(decoder.device)
    if hasattr(decoder, "super_res_first"):
        told = {"decoder_num_inference_steps": steps, "super_res_num_inference_steps": _ENLARGING}
        return {"image_embeddings": vector, **told}
    return {"prompt": "", "image_embeds": vector, "num_inference_steps": steps}


def _counting(
    place: int, pictures: int, steps: int, look: Callable[[], NDArray[np.uint8]], on_step: OnStep | None
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return what stands in for a pipeline's progress bar: it tells each step, and lets `on_step` cancel."""
    done = place * steps

    def count(timesteps: Iterable[Any]) -> Iterator[Any]:
        nonlocal done
        for timestep in timesteps:
            yield timestep
            done += 1
            if on_step is not None:
                on_step(Step(done, pictures * steps, look))

    return count


def _weights(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors"))
    return fingerprint([(str(path.relative_to(folder)), sha256_of_file(path)) for path in files])
