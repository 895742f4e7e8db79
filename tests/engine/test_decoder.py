"""The decoder: trained on pictures whose colour their features tell, for ten steps."""

import itertools

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mindseye.engine.errors import MindseyeError, SpaceMismatchError, UsageError, VectorError
from mindseye.engine.synthesis import decoder_fit, load_method
from mindseye.engine.synthesis.decoder import UpConvolutions, load_decoder, noisy, save_decoder
from mindseye.engine.synthesis.decoder_fit import fit_decoder
from mindseye.engine.synthesis.target import side_by_side
from mindseye.engine.vision.backbone import read_head

RED, BLUE = (210, 40, 30), (30, 50, 200)
CLASSES = 340, 980  # zebras are red here, and volcanoes blue
STEPS = 10  # of a training, by the counted clock


def prototype(number: int) -> dict[str, np.ndarray]:
    weights = {name: read_head(name).weights for name in ("lite0", "lite1")}
    return {name: rows[number] - rows.mean(axis=0) for name, rows in weights.items()}


@pytest.fixture(scope="module")
def coloured() -> tuple[np.ndarray, np.ndarray]:
    """Sixty red and sixty blue pictures, with features that lie the way of two classes."""
    rng = np.random.default_rng(0)
    pictures, features = [], []
    for number, colour in zip(CLASSES, (RED, BLUE), strict=True):
        shade = rng.normal(0, 8, (60, 1, 1, 3)) + colour
        pictures.append(np.broadcast_to(shade, (60, 64, 64, 3)))
        mean = np.concatenate([read_head(name).feature_mean for name in ("lite0", "lite1")])
        way = np.concatenate(list(prototype(number).values()))
        features.append(mean + 3 * way + rng.normal(0, 0.1, (60, 2560)))
    return np.concatenate(pictures).clip(0, 255).astype(np.uint8), np.concatenate(features).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def counted():
    """A clock that goes on by a second each time it is asked: a step of training takes one, on any machine."""
    ticks = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoder_fit, "perf_counter", lambda: next(ticks))
        yield


@pytest.fixture(scope="module")
def trained(coloured, tmp_path_factory):
    """The folder of a trained decoder, what its training came to, and what was told meanwhile."""
    folder, told = tmp_path_factory.mktemp("methods"), []
    file = folder / "decoder.safetensors"
    fit = fit_decoder(*coloured, file, minutes=STEPS / 60, progress=lambda *at: told.append(at))
    return folder, fit, told


def test_training_lessens_the_loss_and_tells_how_far_it_is(trained):
    folder, fit, told = trained
    assert fit.last_error < fit.first_error / 2
    assert (fit.steps, fit.seconds) == (STEPS, STEPS)
    assert told == [(done, STEPS) for done in range(1, STEPS + 1)]
    assert [path.name for path in folder.iterdir()] == ["decoder.safetensors"]  # no checkpoint is left


def test_a_target_is_decoded_in_its_colour(trained):
    decoder = load_method("decoder", size=96, trained=trained[0])
    seen = []
    red, blue = decoder([prototype(number) for number in CLASSES], [[], []], [1, 2], seen.append)
    assert red.picture.shape == (96, 96, 3) and red.picture.dtype == np.uint8
    (r, _, b), (r2, _, b2) = red.picture.mean(axis=(0, 1)), blue.picture.mean(axis=(0, 1))
    assert r > b + 40 and b2 > r2 + 40
    assert (red.start, red.seed, red.steps, red.recalled) == (None, 1, 1, ())
    assert set(red.similarity) == {"lite0", "lite1"}
    assert [(step.done, step.total) for step in seen] == [(1, 1)] and seen[0].look().shape == (2, 96, 96, 3)


def test_a_picture_depends_on_its_seed_and_not_on_its_batch(trained):
    decoder = load_decoder(trained[0] / "decoder.safetensors", 64)
    zebra, volcano = (prototype(number) for number in CLASSES)
    one, _, other = decoder([zebra, volcano, zebra], [[]] * 3, [5, 5, 6])
    (alone,) = decoder([zebra], [[]], [5])
    assert np.abs(alone.picture.astype(int) - one.picture).max() <= 1
    assert not np.array_equal(other.picture, one.picture)
    assert decoder([], [], []) == []


def test_noise_keeps_targets_unit_and_mostly_where_they_were():
    targets = side_by_side([prototype(number) for number in CLASSES])
    joined = noisy(targets, torch.randn(targets.shape, generator=torch.Generator().manual_seed(0)))
    parts = joined.view(2, 2, 1280)
    torch.testing.assert_close(parts.norm(dim=2), torch.ones(2, 2))
    cosines = (parts * targets.view(2, 2, 1280)).sum(2)
    assert ((cosines > 0.93) & (cosines < 0.98)).all()  # 1 / √(1 + NOISE²) = 0.958


def test_what_is_saved_is_loaded_to_the_bit(tmp_path):
    network = UpConvolutions()
    save_decoder(network, tmp_path / "decoder.safetensors", {"pictures": 3})
    loaded = load_decoder(tmp_path / "decoder.safetensors")
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(loaded.network.state_dict()[name], tensor, rtol=0, atol=0)
    assert not loaded.network.training
    again = tmp_path / "again.safetensors"
    save_decoder(UpConvolutions(), again, {"pictures": 3})
    assert load_decoder(again).parameters != loaded.parameters


def test_a_file_that_is_no_decoder_of_these_networks_is_refused(trained, tmp_path):
    file = tmp_path / "decoder.safetensors"
    with pytest.raises(UsageError, match=r"space fit --decoder"):
        load_method("decoder", trained=tmp_path)
    tensors = load_file(trained[0] / "decoder.safetensors")
    save_file(tensors, file, {"format": "mindseye-decoder-1", "networks": "others"})
    with pytest.raises(SpaceMismatchError, match="other networks"):
        load_decoder(file)
    file.write_bytes((trained[0] / "decoder.safetensors").read_bytes()[:5000])
    with pytest.raises(MindseyeError, match="cannot be read as a decoder"):
        load_decoder(file)


@pytest.mark.parametrize("size", [7, 5000])
def test_a_size_out_of_range_is_refused(trained, size):
    with pytest.raises(UsageError, match=f"cannot be {size} pixels wide"):
        load_method("decoder", size=size, trained=trained[0])


def test_bad_targets_are_refused(trained):
    decoder, good = load_method("decoder", trained=trained[0]), prototype(340)
    with pytest.raises(VectorError, match="target 1 for lite0 is zero"):
        decoder([good, {**good, "lite0": np.zeros(1280)}], [[], []], [0, 1])
    with pytest.raises(VectorError, match=r"targets are for \['lite0'\]"):
        decoder([{"lite0": good["lite0"]}], [[]], [0])


@pytest.mark.slow
def test_a_training_that_was_broken_off_goes_on_as_it_would_have(trained, coloured, tmp_path, monkeypatch):
    monkeypatch.setattr(decoder_fit, "_SECONDS_KEPT", 3)
    file, checkpoint = tmp_path / "decoder.safetensors", tmp_path / "decoder.training.safetensors"

    def stop(done, total):
        if checkpoint.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_decoder(*coloured, file, minutes=STEPS / 60, progress=stop)
    assert not file.exists()
    later = []
    fit = fit_decoder(*coloured, file, minutes=STEPS / 60, progress=lambda *at: later.append(at))
    assert later == [(done, STEPS) for done in range(5, STEPS + 1)]  # four seconds were kept
    assert not checkpoint.exists()
    unbroken = load_file(trained[0] / "decoder.safetensors")
    for name, tensor in load_file(file).items():
        # A step moves a weight by a thousandth; processors may add in another order.
        assert (tensor - unbroken[name]).float().abs().mean() < 1e-5, name
    assert (fit.steps, fit.seconds, fit.first_error) == (STEPS, STEPS, trained[1].first_error)


def test_too_few_pictures_and_other_shapes_are_refused(coloured, tmp_path):
    pictures, features = coloured
    file = tmp_path / "decoder.safetensors"
    with pytest.raises(UsageError, match="99 pictures cannot train a decoder; index at least 100"):
        fit_decoder(pictures[:99], features[:99], file)
    with pytest.raises(VectorError, match="119 rows of features"):
        fit_decoder(pictures, features[1:], file)
    with pytest.raises(UsageError, match="for 0 minutes"):
        fit_decoder(pictures, features, file, minutes=0)
    assert not list(tmp_path.iterdir())
