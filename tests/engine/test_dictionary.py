"""The paired dictionary: on planted atoms, on HOG of photographs as published, and as a file."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from skimage import color, data
from skimage.feature import hog
from skimage.transform import rescale

from mindseye.engine.errors import MindseyeError, SpaceMismatchError, UsageError, VectorError
from mindseye.engine.synthesis.dictionary import PairedDictionary, load_dictionary
from mindseye.engine.synthesis.dictionary_fit import drawn_pairs, fit_dictionary, learned_pairs
from mindseye.engine.vectors import unit
from mindseye.engine.vision.backbone import read_heads

WINDOW = 40  # pixels: five HOG cells, as in the authors' code


def standard(windows: np.ndarray) -> np.ndarray:
    return unit(windows - windows.mean(axis=1, keepdims=True))


def correlation(windows: np.ndarray, truth: np.ndarray) -> float:
    return float((standard(windows) * standard(truth)).sum(axis=1).mean())


# Codes


def test_codes_solve_the_lasso():
    """On orthonormal atoms the non-negative lasso is a soft threshold."""
    rng = np.random.default_rng(0)
    atoms = np.linalg.qr(rng.normal(size=(12, 8)))[0].T
    asked = unit(rng.normal(size=(5, 12)))
    products = asked @ atoms.T
    expected = (products - 0.3 * products.max(axis=1, keepdims=True)).clip(min=0)
    codes = PairedDictionary(np.eye(8, dtype=np.float32), atoms.astype(np.float32), 0.3).codes(asked)
    np.testing.assert_allclose(codes, expected, atol=1e-5)
    assert codes.dtype == np.float32 and (codes > 0).any(axis=1).all()


def test_a_code_s_scale_is_its_target_s_own():
    rng = np.random.default_rng(0)
    dictionary = PairedDictionary(unit(rng.normal(size=(9, 4))), unit(rng.normal(size=(9, 6))), 0.5)
    asked = rng.normal(size=(3, 6)).astype(np.float32)
    np.testing.assert_allclose(dictionary.invert(asked * 1e-3), dictionary.invert(asked) * 1e-3, rtol=1e-4, atol=1e-8)


def test_what_is_opposed_to_every_atom_has_no_code():
    atoms = np.eye(4, dtype=np.float32)
    assert not PairedDictionary(atoms, atoms, 0.5).codes(-np.ones((1, 4))).any()


def test_a_picture_that_is_there_twice_is_no_trouble():
    features = unit(np.random.default_rng(0).normal(size=(6, 5)))
    twice = PairedDictionary(np.eye(12, dtype=np.float32), np.vstack([features, features]), 0.02)
    assert np.isfinite(twice.codes(features)).all()


@pytest.mark.parametrize("make", [drawn_pairs, learned_pairs], ids=["pairs", "learned"])
def test_features_that_are_sums_of_atoms_give_the_sums_of_their_pixels(make):
    rng = np.random.default_rng(0)
    looks, says = standard(rng.normal(size=(6, 40))), unit(rng.normal(size=(6, 30)))
    mixed = rng.dirichlet(np.full(6, 0.2), 330).astype(np.float32)
    windows, features = mixed @ looks, mixed @ says
    dictionary = make(windows[:300], features[:300])
    assert correlation(dictionary.invert(unit(features[300:])), windows[300:]) > 0.95


def test_another_width_is_refused():
    with pytest.raises(VectorError, match="5 numbers wide where 4"):
        PairedDictionary(np.eye(4), np.eye(4), 0.5).invert(np.ones((1, 5)))


# HOG, as published (Vondrick et al. 2013)


def hog_windows(seed: int, half: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey windows (n, 1600) of the left (0) or right (1) halves of six photographs, and their HOG."""
    colour = [color.rgb2gray(rgb) for rgb in (data.astronaut(), data.coffee(), data.chelsea(), data.rocket())]
    photos = [data.camera() / 255, *colour, data.coins() / 255]
    photos = [np.array_split(rescale(photo, 0.5, anti_aliasing=True), 2, axis=1)[half] for photo in photos]
    rng, windows = np.random.default_rng(seed), []
    for number in range(count):
        photo = photos[number % len(photos)]
        top, left = (int(rng.integers(side - WINDOW)) for side in photo.shape)
        windows.append(photo[top : top + WINDOW, left : left + WINDOW])
    described = [hog(window, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2)) for window in windows]
    return np.reshape(windows, (count, -1)).astype(np.float32), np.array(described, dtype=np.float32)


@pytest.fixture(scope="module")
def hog_pairs():
    """Pairs to learn from, and pairs of the photographs' other halves."""
    return hog_windows(0, 0, 800), hog_windows(1, 1, 90)


@pytest.mark.slow
@pytest.mark.parametrize("make", [drawn_pairs, learned_pairs], ids=["pairs", "learned"])
def test_hog_of_photographs_is_inverted(hog_pairs, make):
    (windows, described), (truth, asked) = hog_pairs
    by_mean = correlation(np.repeat(windows.mean(axis=0, keepdims=True), len(truth), axis=0), truth)
    by_chance = correlation(windows[np.random.default_rng(2).integers(0, len(windows), len(truth))], truth)
    count = {"count": 128} if make is learned_pairs else {}
    recovered = correlation(make(windows, described, **count).invert(unit(asked)), truth)
    # HOG does not tell light from dark, so no inversion comes near 1.
    assert recovered > max(by_mean, by_chance) + 0.1


# Of pictures and features of networks


@pytest.fixture(scope="module")
def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Forty pictures, reddish ones and bluish ones, whose features lie in two directions accordingly."""
    rng = np.random.default_rng(0)
    colours = np.array([[200, 60, 50], [50, 70, 200]]).repeat(20, axis=0)[:, None, None]
    pictures = (colours + rng.normal(0, 10, (40, 64, 64, 3))).clip(0, 255).astype(np.uint8)
    directions = unit(rng.normal(size=(2, 2560))).repeat(20, axis=0)
    features = read_heads(("lite0", "lite1")).feature_mean + 10 * directions + rng.normal(0, 0.05, (40, 2560))
    return pictures, features.astype(np.float32)


def targets_of(features: np.ndarray) -> list[dict[str, np.ndarray]]:
    centred = features - read_heads(("lite0", "lite1")).feature_mean
    return [{"lite0": row[:1280], "lite1": row[1280:]} for row in centred]


@pytest.mark.parametrize("atoms", ["pairs", "learned"])
def test_a_target_is_pictured_as_pictures_like_it_look(pairs, tmp_path, atoms):
    path = tmp_path / "new" / "dictionary.safetensors"
    fit_dictionary(*pairs, path, atoms)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    red, blue = load_dictionary(path, 100)(targets_of(pairs[1][[3, 33]]), [[], []], [1, 2])
    assert red.picture.shape == (100, 100, 3) and (red.start, red.steps, red.recalled) == (None, 1, ())
    (r, _, b), (r2, _, b2) = red.picture.mean(axis=(0, 1)), blue.picture.mean(axis=(0, 1))
    assert r > b + 60 and b2 > r2 + 60


def test_a_file_is_named_by_what_it_holds(pairs, tmp_path):
    files = [tmp_path / name for name in ("one", "same", "other")]
    for path, seed in zip(files, (0, 0, 1), strict=True):
        fit_dictionary(*pairs, path, seed=seed)
    one, same, other = (load_dictionary(path).parameters for path in files)
    assert one == same and one["trained"] != other["trained"] and one["size"] == 160
    assert load_dictionary(files[0]).told["pictures"] == 40


def test_learning_tells_how_far_it_is(pairs, tmp_path):
    told = []
    fit_dictionary(*pairs, tmp_path / "d", "learned", progress=lambda *at: told.append(at))
    assert told == [(batch, len(told)) for batch in range(1, len(told) + 1)] and told


def test_what_cannot_be_learned_from_is_refused(pairs, tmp_path):
    pictures, features = pairs
    path = tmp_path / "d"
    with pytest.raises(UsageError, match="3 pictures make no dictionary; index at least 16"):
        fit_dictionary(pictures[:3], features[:3], path)
    with pytest.raises(VectorError, match="for 39 rows of features"):
        fit_dictionary(pictures, features[:39], path)
    with pytest.raises(VectorError, match="made of uint8"):
        fit_dictionary(pictures[:, :32], features, path)
    with pytest.raises(VectorError, match="1280 numbers wide where 2560"):
        fit_dictionary(pictures, features[:, :1280], path)
    with pytest.raises(VectorError, match="not finite"):
        fit_dictionary(pictures, np.full_like(features, np.nan), path)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_and_one_of_other_networks_are_refused(pairs, tmp_path):
    path, torn, other = tmp_path / "whole", tmp_path / "torn", tmp_path / "other"
    with pytest.raises(UsageError, match="no dictionary has been learned"):
        load_dictionary(path)
    fit_dictionary(*pairs, path)
    torn.write_bytes(path.read_bytes()[:500])
    with pytest.raises(MindseyeError, match=r"no usable dictionary in .*torn"):
        load_dictionary(torn)
    told = {"form": 1, "networks": "0" * 16, "penalty": 0.5}
    save_file(load_file(path), other, {"told": json.dumps(told)})
    with pytest.raises(SpaceMismatchError, match=r"of other networks.*space fit --dictionary"):
        load_dictionary(other)
