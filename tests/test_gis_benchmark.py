"""Labelling by layers: how fast, and by how much memory, on a raster larger than any that fits a screen."""

import pytest

from benchmarks.gis import RULES, SIDES, figures, layers_in, made, measured

CACHE = 64  # MB of decoded blocks that GDAL may keep
STRIP = 48  # MB of masks, shapes and rows of a strip of tiles


@pytest.mark.slow
def test_labelling_is_fast_and_takes_no_more_memory_for_a_large_raster(unpacked, tmp_path):
    layers = layers_in(unpacked.file("gis_layers.tar.gz"), tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES)
    runs = [measured(made(tmp_path / f"{side}.tif", side), layers, tmp_path) for side in SIDES]
    told = figures(runs, {})
    assert runs[-1]["pixels"] == [20_000, 20_000] and runs[-1]["tiles"] > 4_000
    assert told["tiles_per_second"] >= 200, told
    assert told["more_peak_mb"] < CACHE + STRIP, told  # its pixels are 1,200 MB
