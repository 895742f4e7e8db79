"""What every way of imagining must do: one suite over all that work on visual vectors of the ensemble."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mindseye.engine.errors import MindseyeError, UsageError, VectorError
from mindseye.engine.synthesis import METHODS, EnsembleInversion, InversionSettings, Recalled, load_method
from mindseye.engine.synthesis.decoder import UpConvolutions, save_decoder
from mindseye.engine.synthesis.dictionary_fit import fit_dictionary
from mindseye.engine.synthesis.mahendran_vedaldi import MahendranVedaldi
from mindseye.engine.synthesis.method import Method
from mindseye.engine.vision.backbone import read_head, read_heads

SIZE = 64
NETWORKS = "lite0", "lite1"
TRAINED = "paired_dictionary", "decoder"
# Diffusion is asked with words' own vectors and needs a pipeline: tests/engine/test_unclip.py.
NAMES = [name for name in METHODS if name != "unclip"]
everyone = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny dictionary and a decoder that learned nothing."""
    folder, rng = tmp_path_factory.mktemp("trained"), np.random.default_rng(0)
    pictures = rng.integers(0, 256, (30, 8, 8, 3), dtype=np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    features = read_heads(NETWORKS).feature_mean + rng.normal(size=(30, 2560)).astype(np.float32)
    fit_dictionary(pictures, features, folder / "dictionary.safetensors")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_decoder(UpConvolutions(), folder / "decoder.safetensors", {})
    return folder


@pytest.fixture
def method(name: str, trained: Path) -> Method:
    """The method of that name, taking few steps where it takes steps."""
    loaded = load_method(name, SIZE, trained)
    if isinstance(loaded, EnsembleInversion):
        return EnsembleInversion(InversionSettings(size=SIZE, steps=4))
    return replace(loaded, steps=(2, 1, 1)) if isinstance(loaded, MahendranVedaldi) else loaded


def target(number: int) -> dict[str, np.ndarray]:
    weights = {name: read_head(name).weights for name in NETWORKS}
    return {name: rows[number] - rows.mean(axis=0) for name, rows in weights.items()}


def remembered(colour: str) -> list[Recalled]:
    return [Recalled(Image.new("RGB", (40, 30), colour), 0.9)] * 4


ZEBRA, VOLCANO = target(340), target(980)
MEMORIES = [remembered("red"), remembered("blue")]


def difference(one, other) -> float:
    return float(np.abs(one.picture.astype(int) - other.picture).mean())


@everyone
def test_each_target_gets_its_picture(method, name):
    imagined = method([ZEBRA, VOLCANO], MEMORIES, [3, 4])
    assert [one.seed for one in imagined] == [3, 4]
    for one in imagined:
        assert one.picture.shape == (SIZE, SIZE, 3) and one.picture.dtype == np.uint8
        assert set(one.similarity) == set(NETWORKS) and all(-1 <= cosine <= 1 for cosine in one.similarity.values())
        assert one.steps >= 1
    assert difference(*imagined) > 0.1  # little, for a decoder that learned nothing


@everyone
def test_its_name_and_parameters_tell_how_to_make_the_picture_again(method, name):
    assert method.name == name
    assert "size" in json.dumps(method.parameters) and str(SIZE) in json.dumps(method.parameters)


@everyone
def test_the_same_seed_gives_the_same_picture(method):
    first, again = (method([ZEBRA], MEMORIES[:1], [7])[0] for _ in range(2))
    np.testing.assert_array_equal(first.picture, again.picture)
    assert first.similarity == again.similarity


@everyone
def test_a_picture_does_not_depend_on_its_neighbours(method):
    (alone,) = method([VOLCANO], MEMORIES[1:], [5])
    _, among, _ = method([ZEBRA, VOLCANO, ZEBRA], [MEMORIES[0], MEMORIES[1], MEMORIES[0]], [1, 5, 2])
    assert difference(alone, among) < 2  # a processor may add in another order for another batch


@everyone
def test_another_s_memory_never_leaks(method):
    _, first = method([ZEBRA, VOLCANO], [remembered("red"), MEMORIES[1]], [1, 2])
    _, second = method([ZEBRA, VOLCANO], [remembered("green"), MEMORIES[1]], [1, 2])
    np.testing.assert_array_equal(first.picture, second.picture)


@everyone
@pytest.mark.parametrize("bad", [np.zeros(1280), np.full(1280, np.nan), np.ones(384)], ids=["zero", "nan", "narrow"])
def test_a_bad_target_is_refused(method, bad):
    with pytest.raises(VectorError):
        method([ZEBRA, {**ZEBRA, "lite1": bad}], MEMORIES, [0, 1])


@everyone
def test_targets_of_other_networks_are_refused(method):
    with pytest.raises(VectorError, match="lite0"):
        method([ZEBRA, {"lite0": ZEBRA["lite0"]}], MEMORIES, [0, 1])
    with pytest.raises(MindseyeError, match="lite9"):
        method([{"lite9": ZEBRA["lite0"]}], MEMORIES[:1], [0])


@everyone
def test_memories_and_seeds_must_match_the_targets(method):
    for memory, seeds in ((MEMORIES, [0]), (MEMORIES[:1], [0, 1]), ([], [0])):
        with pytest.raises(UsageError, match="do not match"):
            method([ZEBRA], memory, seeds)


@everyone
@pytest.mark.parametrize("size", [7, 5000])
def test_a_size_out_of_range_is_refused(name, size, trained):
    with pytest.raises(UsageError, match=f"cannot be {size} pixels wide; ask for 32 to 512"):
        load_method(name, size, trained)


@everyone
def test_each_step_is_told_and_can_be_looked_at(method):
    told = []
    method([ZEBRA, VOLCANO], MEMORIES, [0, 1], lambda step: told.append((step.done, step.total, step.look().shape)))
    assert [done for done, _, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total, _ in told} == {told[-1][0]}
    assert {shape for _, _, shape in told} == {(2, SIZE, SIZE, 3)}


@everyone
def test_it_can_be_cancelled(method):
    steps = []

    def cancel(step):
        steps.append(step.done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        method([ZEBRA], MEMORIES[:1], [0], cancel)
    assert steps == [1]


@pytest.mark.parametrize("name", TRAINED)
def test_what_was_not_trained_says_how(name, tmp_path):
    with pytest.raises(UsageError, match=r"mindseye space fit"):
        load_method(name)
    with pytest.raises(UsageError, match=r"mindseye space fit --(dictionary|decoder)"):
        load_method(name, trained=tmp_path)


def test_an_unknown_way_is_refused():
    with pytest.raises(UsageError, match="no way of imagining is called 'dream'; use one of ensemble_inversion"):
        load_method("dream")
