import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mindseye.engine.synthesis import Recalled, Views, recollect
from mindseye.engine.synthesis.parameterisation import FourierPictures
from mindseye.engine.synthesis.recollection import as_square

CPU = torch.device("cpu")
STILL = Views(scale=(1.0, 1.0), rotation=0, shift=0, noise=0, blur=0)


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


# Parameterisation


@settings(max_examples=20, deadline=None)
@given(size=st.integers(32, 97), seed=st.integers(0, 1000))
def test_a_picture_survives_its_spectrum(size, seed):
    fourier = FourierPictures(size, 1.3, CPU)
    picture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))
    again = fourier.pictures(fourier.spectra(picture))
    torch.testing.assert_close(again, picture.clamp(0.02, 0.98), atol=1e-3, rtol=0)


def test_an_empty_spectrum_is_grey():
    fourier = FourierPictures(32, 1.3, CPU)
    grey = fourier.pictures(torch.zeros(1, 3, 32, 17, 2))
    torch.testing.assert_close(grey, torch.full((1, 3, 32, 32), 0.5))


def test_noise_has_the_spectrum_of_natural_pictures():
    fourier = FourierPictures(128, 1.3, CPU)
    pictures = fourier.pictures(0.01 * fourier.noise(generators(*range(30))))
    power = torch.fft.rfft2(pictures - 0.5).abs().square().mean((0, 1))
    along = power[0, [2, 4, 8, 16, 32]].log2()
    slopes = (along[:-1] - along[1:]).numpy()
    np.testing.assert_allclose(slopes.mean(), 2 * 1.3, atol=0.3)


def test_noise_is_the_generator_s_own():
    fourier = FourierPictures(32, 1.3, CPU)
    both, alone = fourier.noise(generators(1, 2)), fourier.noise(generators(2))
    torch.testing.assert_close(both[1:], alone, atol=0, rtol=0)
    assert not torch.equal(both[0], both[1])


# Views


def test_a_still_view_is_the_picture_or_its_mirror_image():
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    seen = [STILL(picture, 0, generators(seed)) for seed in range(20)]
    mirrored = [torch.allclose(view, picture.flip(-1), atol=1e-5) for view in seen]
    same = [torch.allclose(view, picture, atol=1e-5) for view in seen]
    assert all(one != other for one, other in zip(mirrored, same, strict=True))
    assert 4 <= sum(mirrored) <= 16


def test_views_differ_by_picture_and_not_by_company():
    views = Views()
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    together = views(picture.expand(2, -1, -1, -1), 5, generators(1, 2))
    alone = views(picture, 5, generators(2))
    torch.testing.assert_close(together[1:], alone)
    assert (together[0] - together[1]).abs().mean() > 0.02


def test_the_canvas_ranges_over_the_scales():
    views = Views(scale=(0.5, 1.5))
    picture = torch.zeros(1, 3, 160, 160)
    sides = [views(picture, step, generators(0)).shape[-1] for step in range(50)]
    assert min(sides) in range(80, 90) and max(sides) in range(230, 241)


def test_no_canvas_is_too_small_for_the_networks():
    assert Views()(torch.zeros(1, 3, 32, 32), 0, generators(0)).shape == (1, 3, 64, 64)


def test_the_asked_share_of_the_views_is_blurred():
    grain = torch.ones(1, 3, 64, 64)
    grain[..., ::2, ::2] = 0
    views = Views(scale=(1.0, 1.0), rotation=0, shift=0, noise=0, blur=0.25)
    spread = [float(views(grain, step, generators(0)).std()) for step in range(100)]
    blurred = [one < 0.9 * float(grain.std()) for one in spread]
    assert sum(blurred) == pytest.approx(25, abs=3)
    assert min(spread) < 0.1


# Recollection


def plain(grey: int, similarity: float, size: tuple[int, int] = (10, 10)) -> Recalled:
    return Recalled(Image.new("L", size, grey), similarity)


def test_a_recollection_is_the_mean_of_the_nearest_that_pass_the_limit():
    memory = [plain(100, 0.3), plain(10, 0.05), plain(200, 0.5), plain(250, 0.2)]
    two = recollect(memory, 8, nearest=2, limit=0.1)
    assert two is not None and two.places == (2, 0) and two.mean.shape == (3, 8, 8)
    torch.testing.assert_close(two.mean, torch.full((3, 8, 8), 150 / 255))
    many = recollect(memory, 8, nearest=12, limit=0.1)
    assert many is not None and many.places == (2, 0, 3)


def test_nothing_near_is_no_recollection():
    assert recollect([plain(100, 0.09)], 8, nearest=2, limit=0.1) is None
    assert recollect([], 8, nearest=2) is None


def test_pictures_become_squares_of_their_middle():
    wide = np.zeros((10, 30, 3), dtype=np.uint8)
    wide[:, 10:20] = 255
    for picture in (Image.fromarray(wide), wide, wide / 255, (wide / 255).astype(np.float32)):
        square = as_square(picture, 10)
        assert square.shape == (10, 10, 3) and square.dtype == np.float32
        np.testing.assert_array_equal(square, 1.0)


def test_of_a_large_picture_windows_are_seen_at_their_full_detail():
    """A grid of two pixels vanishes in the whole of 640 seen at 160, and shows in a window of a quarter."""
    rows = torch.arange(640) // 2 % 2
    picture = (rows[:, None] ^ rows[None]).float().expand(1, 3, -1, -1)
    views = Views(scale=(1.0, 1.0), rotation=0, shift=0, noise=0, blur=0)
    seen = [views(picture, step, generators(step)) for step in range(40)]
    assert {tuple(view.shape) for view in seen} == {(1, 3, 160, 160)}
    assert max(float(view.std()) for view in seen) > 0.3
