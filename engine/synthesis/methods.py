"""Every way of imagining, by name."""

from pathlib import Path

from mindseye.engine.errors import UsageError
from mindseye.engine.synthesis.decoder import load_decoder
from mindseye.engine.synthesis.dictionary import load_dictionary
from mindseye.engine.synthesis.inversion import EnsembleInversion
from mindseye.engine.synthesis.mahendran_vedaldi import MahendranVedaldi
from mindseye.engine.synthesis.method import Method
from mindseye.engine.synthesis.recollection import Recollecting
from mindseye.engine.synthesis.settings import InversionSettings
from mindseye.engine.synthesis.unclip import load_unclip

DEFAULT = "ensemble_inversion"
METHODS = (DEFAULT, "recollection", "paired_dictionary", "mahendran_vedaldi", "decoder", "unclip")


def load_method(
    name: str = DEFAULT, size: int | None = None, trained: Path | None = None, pipeline: Path | None = None
) -> Method:
    """Return a way of imagining, ready to be asked.

    size: side of its pictures in pixels, its own default when None; trained: folder of what the trained ways learned;
    pipeline: folder of a diffusion pipeline. Raises UsageError for an unknown name, a size out of range, a way that
    was not trained yet, and for diffusion without its packages or a pipeline.
    """
    if name == DEFAULT:
        return EnsembleInversion(InversionSettings() if size is None else InversionSettings(size=size))
    if name == "recollection":
        return Recollecting() if size is None else Recollecting(size=size)
    if name == "paired_dictionary":
        return load_dictionary(_trained(trained) / "dictionary.safetensors", size)
    if name == "mahendran_vedaldi":
        return MahendranVedaldi() if size is None else MahendranVedaldi(size=size)
    if name == "decoder":
        return load_decoder(_trained(trained) / "decoder.safetensors", size)
    if name == "unclip":
        return load_unclip(_pipeline(pipeline), size)
    raise UsageError(f"no way of imagining is called {name!r}", f"use one of {', '.join(METHODS)}")


def _trained(folder: Path | None) -> Path:
    if folder is None:
        raise UsageError("no folder of trained methods was given", "train one with `mindseye space fit`")
    return folder


def _pipeline(folder: Path | None) -> Path:
    if folder is None:
        raise UsageError("no diffusion pipeline was named", "set MINDSEYE_UNCLIP to the folder of an unCLIP pipeline")
    return folder
